package dev.agentsessions.connection.http;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;

/**
 * Stands behind the codec of a connection whose client speaks HTTP/1.0, which knows no
 * chunks: where the length of an answer is not known beforehand, it ends with the
 * connection.
 */
final class CloseDelimited extends ChannelOutboundHandlerAdapter {

	private boolean closes;

	@Override
	public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
		if (message instanceof HttpResponse response && HttpUtil.isTransferEncodingChunked(response)) {
			response.headers()
				.remove(HttpHeaderNames.TRANSFER_ENCODING)
				.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
			this.closes = true;
		}
		ChannelPromise written = promise.unvoid();
		if (this.closes && message instanceof LastHttpContent) {
			written.addListener(ChannelFutureListener.CLOSE);
		}
		context.write(message, written);
	}

}
