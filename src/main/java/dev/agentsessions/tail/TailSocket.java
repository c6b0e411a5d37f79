package dev.agentsessions.tail;

import java.nio.charset.StandardCharsets;
import java.util.List;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

/**
 * Writes the body of an answer as chunks of HTTP/1.1 that need no encoder: most of the
 * CPU of a delivery would be spent on the way there. Where the answer is not chunked, or
 * compressed, it takes that way. On the channel's event loop.
 */
final class TailSocket {

	/** The length of a chunk in hexadecimal digits, and two ends of lines. */
	private static final int FRAMING = 12;

	private static final byte[] LINE_END = { '\r', '\n' };

	private final Channel channel;

	/** Below it are the bytes of the connection; null if the answer has to pass it. */
	private final @Nullable ChannelHandlerContext codec;

	/**
	 * Makes a writer for an answer that has begun.
	 * @param headers those that were sent
	 */
	TailSocket(Channel channel, HttpHeaders headers) {
		this.channel = channel;
		ChannelPipeline pipeline = channel.pipeline();
		boolean chunked = headers.contains(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED, true)
				&& pipeline.get(NettyPipeline.CompressionHandler) == null;
		this.codec = chunked ? pipeline.context(NettyPipeline.HttpCodec) : null;
	}

	Channel channel() {
		return this.channel;
	}

	/**
	 * Writes one chunk.
	 * @param frames what is in it; not empty
	 */
	ChannelFuture write(List<byte[]> frames) {
		return (this.codec != null) ? this.codec.writeAndFlush(chunk(frames)) : this.channel
			.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(frames.toArray(byte[][]::new))));
	}

	private ByteBuf chunk(List<byte[]> frames) {
		int length = length(frames);
		ByteBuf chunk = this.channel.alloc().directBuffer(length + FRAMING);
		chunk.writeCharSequence(Integer.toHexString(length), StandardCharsets.US_ASCII);
		chunk.writeBytes(LINE_END);
		frames.forEach(chunk::writeBytes);
		return chunk.writeBytes(LINE_END);
	}

	private static int length(List<byte[]> frames) {
		int length = 0;
		for (byte[] frame : frames) {
			length += frame.length;
		}
		return length;
	}

}
