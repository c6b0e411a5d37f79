package dev.agentsessions.web.answer;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultHttpContent;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
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
 * An answer of JSON that is there as bytes, at once or in parts. It goes to the server as
 * it is: the steps through which a body of any kind goes, and the copies that headers
 * take, cost a tenth of a whole request. A part is asked for when the client has taken
 * the one before it, where the server would ask for a hundred of any stream.
 */
public final class JsonAnswer implements ServerResponse {

	private static final int MOST_WRITTEN = 64 * 1024;

	private final HttpStatus status;

	private final String type;

	private final byte @Nullable [] body;

	private final Flux<ByteBuffer> parts;

	/** Names and values in turn. */
	private final List<String> headers = new ArrayList<>(6);

	private JsonAnswer(HttpStatus status, String type, byte @Nullable [] body, Flux<ByteBuffer> parts) {
		this.status = status;
		this.type = type;
		this.body = body;
		this.parts = parts;
	}

	public static JsonAnswer ok(byte[] body) {
		return new JsonAnswer(HttpStatus.OK, MediaType.APPLICATION_JSON_VALUE, body, Flux.empty());
	}

	static JsonAnswer created(byte[] body) {
		return new JsonAnswer(HttpStatus.CREATED, MediaType.APPLICATION_JSON_VALUE, body, Flux.empty());
	}

	/**
	 * An answer of any length.
	 * @param parts are asked for as the client takes them; an error in the middle cuts
	 * the answer off, and a client that hangs up cancels them
	 */
	public static JsonAnswer ok(MediaType type, Flux<ByteBuffer> parts) {
		return new JsonAnswer(HttpStatus.OK, type.toString(), null, parts);
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
		byte[] body = this.body;
		return headersAreSet.then(Mono
			.defer(() -> (body != null) ? server.sendObject(Unpooled.wrappedBuffer(body)).then() : sendParts(server)));
	}

	/** Past the server's own way, which would ask for a hundred parts at once. */
	private Mono<Void> sendParts(HttpServerResponse server) {
		return server.sendHeaders()
			.then()
			.then(Mono.<Channel>create((sink) -> server.withConnection((to) -> sink.success(to.channel()))))
			.flatMapMany((channel) -> this.parts.concatMap((part) -> write(channel, part), 0)
				.onErrorComplete((error) -> !channel.isActive()))
			.then();
	}

	/** Ends when the socket has taken it. */
	private static Mono<Void> write(Channel channel, ByteBuffer part) {
		return Mono.create((sink) -> write(channel, part, part.position(), sink));
	}

	/** The socket copies what waits for it, so it gets little at a time. */
	private static void write(Channel channel, ByteBuffer part, int from, MonoSink<Void> sink) {
		int to = Math.min(from + MOST_WRITTEN, part.limit());
		channel.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(part.slice(from, to - from))))
			.addListener((sent) -> {
				if (!sent.isSuccess()) {
					sink.error(sent.cause());
				}
				else if (to < part.limit()) {
					write(channel, part, to, sink);
				}
				else {
					sink.success();
				}
			});
	}

	private void addTo(HttpHeaders target) {
		target.set(HttpHeaders.CONTENT_TYPE, this.type);
		if (this.body != null) {
			target.set(HttpHeaders.CONTENT_LENGTH, Integer.toString(this.body.length));
		}
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
