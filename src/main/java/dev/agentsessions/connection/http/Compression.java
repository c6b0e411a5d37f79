package dev.agentsessions.connection.http;

import java.util.Locale;
import java.util.regex.Pattern;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
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

	private static final Pattern NEVER = Pattern.compile("\\s*q\\s*=\\s*0(\\.0*)?\\s*");

	@Override
	public HttpServer apply(HttpServer server) {
		return server.compress(Compression::isWanted);
	}

	private static boolean isWanted(HttpServerRequest request, HttpServerResponse response) {
		String accepted = request.requestHeaders().get(HttpHeaderNames.ACCEPT_ENCODING);
		if (accepted == null) {
			return false;
		}
		HttpHeaders headers = response.responseHeaders();
		String type = headers.get(HttpHeaderNames.CONTENT_TYPE);
		if (type == null || type.startsWith(MediaType.TEXT_EVENT_STREAM_VALUE)
				|| headers.getInt(HttpHeaderNames.CONTENT_LENGTH, Integer.MAX_VALUE) < LEAST) {
			return false;
		}
		headers.add(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT_ENCODING);
		if (!acceptsGzip(accepted)) {
			return false;
		}
		// of several Netty takes others, of which some are not for HTTP
		request.requestHeaders().set(HttpHeaderNames.ACCEPT_ENCODING, HttpHeaderValues.GZIP);
		return true;
	}

	/**
	 * Whether it is named, or any coding is, and not with a weight of 0 (RFC 9110,
	 * 12.5.3).
	 */
	private static boolean acceptsGzip(String accepted) {
		Boolean any = null;
		for (String each : accepted.toLowerCase(Locale.ROOT).split(",")) {
			String[] parts = each.split(";");
			String coding = parts[0].strip();
			boolean isAccepted = parts.length == 1 || !NEVER.matcher(parts[1]).matches();
			if (coding.equals("gzip") || coding.equals("x-gzip")) {
				return isAccepted;
			}
			if (coding.equals("*")) {
				any = isAccepted;
			}
		}
		return Boolean.TRUE.equals(any);
	}

}
