package dev.agentsessions.web;

import java.util.ArrayList;
import java.util.List;

import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerResponse;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseCookie;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.ServerWebExchange;

/**
 * An answer of JSON that is there as bytes. It goes to the server as one buffer: the
 * steps through which a body of any kind goes, and the copies that headers take, cost a
 * tenth of a whole request.
 */
public final class JsonAnswer implements ServerResponse {

	private final HttpStatus status;

	private final byte[] body;

	/** Names and values in turn. */
	private final List<String> headers = new ArrayList<>(6);

	private JsonAnswer(HttpStatus status, byte[] body) {
		this.status = status;
		this.body = body;
	}

	public static JsonAnswer ok(byte[] body) {
		return new JsonAnswer(HttpStatus.OK, body);
	}

	static JsonAnswer created(byte[] body) {
		return new JsonAnswer(HttpStatus.CREATED, body);
	}

	/** Adds a header, unless it has no value. */
	public JsonAnswer header(String name, @Nullable String value) {
		if (value != null) {
			this.headers.add(name);
			this.headers.add(value);
		}
		return this;
	}

	@Override
	public Mono<Void> writeTo(ServerWebExchange exchange, Context context) {
		ServerHttpResponse response = exchange.getResponse();
		response.setStatusCode(this.status);
		addTo(response.getHeaders());
		Mono<Void> headersAreSet = response.setComplete();
		if (exchange.getRequest().getMethod() == HttpMethod.HEAD) {
			return headersAreSet;
		}
		HttpServerResponse server = ServerHttpResponseDecorator.getNativeResponse(response);
		return headersAreSet.then(Mono.defer(() -> server.sendObject(Unpooled.wrappedBuffer(this.body)).then()));
	}

	private void addTo(HttpHeaders target) {
		target.set(HttpHeaders.CONTENT_TYPE, MediaType.APPLICATION_JSON_VALUE);
		target.set(HttpHeaders.CONTENT_LENGTH, Integer.toString(this.body.length));
		for (int i = 0; i < this.headers.size(); i += 2) {
			target.set(this.headers.get(i), this.headers.get(i + 1));
		}
	}

	@Override
	public HttpStatusCode statusCode() {
		return this.status;
	}

	@Override
	public HttpHeaders headers() {
		HttpHeaders all = new HttpHeaders();
		addTo(all);
		return all;
	}

	@Override
	public MultiValueMap<String, ResponseCookie> cookies() {
		return new LinkedMultiValueMap<>();
	}

}
