package dev.agentsessions.connection.http;

import java.util.List;

import dev.agentsessions.connection.Closing;
import dev.agentsessions.connection.ConnectionCounts;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;

/**
 * Stands right behind the codec of a connection. What cannot be read as HTTP goes on as a
 * request that says so and holds nothing of what was sent: the server behind it writes
 * such requests to the log, and a client that counts its body wrongly sends the rest of
 * it as the next request line. A request without <code>Host</code> is one of these, as
 * HTTP/1.1 demands, and one whose transfer coding is not chunks alone. Clients of
 * HTTP/1.0 get answers without chunks.
 */
final class HttpRules extends ChannelInboundHandlerAdapter {

	private final ConnectionCounts counts;

	/** Nothing that follows is meant as what it looks like. */
	private boolean broken;

	HttpRules(ConnectionCounts counts) {
		this.counts = counts;
	}

	@Override
	public void channelRead(ChannelHandlerContext context, Object message) {
		if (this.broken) {
			ReferenceCountUtil.release(message);
		}
		else if (message instanceof HttpObject object && isAgainstTheRules(object)) {
			this.broken = true;
			this.counts.closed(Closing.UNREADABLE);
			HttpObject instead = unreadable(object);
			ReferenceCountUtil.release(message);
			context.fireChannelRead(instead);
		}
		else {
			if (message instanceof HttpRequest request && request.protocolVersion().equals(HttpVersion.HTTP_1_0)
					&& context.pipeline().get(CloseDelimited.class) == null) {
				context.pipeline().addAfter(context.name(), "closeDelimited", new CloseDelimited());
			}
			context.fireChannelRead(message);
		}
	}

	private static boolean isAgainstTheRules(HttpObject object) {
		return object.decoderResult().isFailure()
				|| (object instanceof HttpRequest request && ((request.protocolVersion().equals(HttpVersion.HTTP_1_1)
						&& request.headers().getAll(HttpHeaderNames.HOST).size() != 1) || isCodedOtherwise(request)));
	}

	private static boolean isCodedOtherwise(HttpRequest request) {
		List<String> codings = request.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
		return !codings.isEmpty()
				&& (codings.size() > 1 || !HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(codings.get(0).trim()));
	}

	private static HttpObject unreadable(HttpObject object) {
		HttpObject instead = (object instanceof HttpRequest)
				? new DefaultFullHttpRequest(HttpVersion.HTTP_1_0, HttpMethod.GET, "/") : new DefaultLastHttpContent();
		instead.setDecoderResult(DecoderResult.failure(withoutMessage(object.decoderResult().cause())));
		return instead;
	}

	/** By its class the server knows the status. */
	private static Throwable withoutMessage(Throwable cause) {
		if (cause instanceof TooLongHttpLineException) {
			return new TooLongHttpLineException();
		}
		if (cause instanceof TooLongHttpHeaderException) {
			return new TooLongHttpHeaderException();
		}
		return (cause instanceof TooLongFrameException) ? new TooLongFrameException() : new IllegalArgumentException();
	}

}
