package dev.agentsessions.access.filter;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.AsciiString;
import reactor.netty.NettyPipeline;
import reactor.netty.http.server.HttpServer;

import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import org.springframework.stereotype.Component;

/**
 * Headers that every answer has, problems and what Netty itself refuses included: no
 * guessing at content types, no shared cache, nothing of an answer carried out or framed
 * if a browser shows it as a page.
 */
@Component
class SecurityHeaders implements NettyServerCustomizer {

	private static final AddHeaders ADD_HEADERS = new AddHeaders();

	@Override
	public HttpServer apply(HttpServer server) {
		return server.doOnChannelInit((observer, channel, address) -> {
			if (channel.pipeline().get(NettyPipeline.HttpCodec) != null) {
				channel.pipeline().addAfter(NettyPipeline.HttpCodec, "securityHeaders", ADD_HEADERS);
			}
		});
	}

	@Sharable
	private static final class AddHeaders extends ChannelOutboundHandlerAdapter {

		private static final AsciiString CONTENT_TYPE_OPTIONS = AsciiString.cached("X-Content-Type-Options");

		private static final AsciiString NOSNIFF = AsciiString.cached("nosniff");

		private static final AsciiString CONTENT_SECURITY_POLICY = AsciiString.cached("Content-Security-Policy");

		private static final AsciiString NOTHING = AsciiString.cached("default-src 'none'; frame-ancestors 'none'");

		private static final AsciiString CACHE_CONTROL = AsciiString.cached("Cache-Control");

		/** The caller's own cache may keep an answer, and asks before it uses it. */
		private static final AsciiString PRIVATE = AsciiString.cached("private, no-cache");

		@Override
		public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
			if (message instanceof HttpResponse response && response.status().code() >= 200) {
				HttpHeaders headers = response.headers();
				headers.set(CONTENT_TYPE_OPTIONS, NOSNIFF);
				addIfAbsent(headers, CONTENT_SECURITY_POLICY, NOTHING);
				addIfAbsent(headers, CACHE_CONTROL, PRIVATE);
			}
			context.write(message, promise);
		}

		private static void addIfAbsent(HttpHeaders headers, AsciiString name, AsciiString value) {
			if (!headers.contains(name)) {
				headers.add(name, value);
			}
		}

	}

}
