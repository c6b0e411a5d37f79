package dev.agentsessions.connection.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;

/**
 * Compresses answers for clients that ask for it, but for streams of events, whose events
 * would wait for each other. One that does not ask costs a look at its headers.
 */
@Component
class Compression implements NettyServerCustomizer {

	/** What is smaller fits into a packet or two anyway. */
	private static final int LEAST = 1024;

	@Override
	public HttpServer apply(HttpServer server) {
		return server.compress(Compression::isWanted);
	}

	private static boolean isWanted(HttpServerRequest request, HttpServerResponse response) {
		if (!request.requestHeaders().contains(HttpHeaderNames.ACCEPT_ENCODING)) {
			return false;
		}
		HttpHeaders headers = response.responseHeaders();
		String type = headers.get(HttpHeaderNames.CONTENT_TYPE);
		if (type == null || type.startsWith(MediaType.TEXT_EVENT_STREAM_VALUE)
				|| headers.getInt(HttpHeaderNames.CONTENT_LENGTH, Integer.MAX_VALUE) < LEAST) {
			return false;
		}
		headers.add(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT_ENCODING);
		return true;
	}

}
