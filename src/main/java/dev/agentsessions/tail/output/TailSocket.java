package dev.agentsessions.tail.output;

import java.nio.charset.StandardCharsets;
import java.util.List;

import dev.agentsessions.problem.UnexpectedErrors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

/**
 * Writes the body of an answer as chunks of HTTP/1.1 that need no encoder: most of the
 * CPU of a delivery would be spent on the way there. Where the answer is not chunked, or
 * compressed, it takes that way. On the channel's event loop.
 */
public final class TailSocket {

	/** The length of a chunk in hexadecimal digits, and two ends of lines. */
	private static final int FRAMING = 12;

	/** A usual chunk goes at once, a large event in several steps. */
	private static final int MOST_WRITTEN = 64 * 1024;

	private static final byte[] LINE_END = { '\r', '\n' };

	private final Channel channel;

	/** Below it are the bytes of the connection; null if the answer has to pass it. */
	private final @Nullable ChannelHandlerContext codec;

	/**
	 * Makes a writer for an answer that has begun.
	 * @param headers those that were sent
	 */
	public TailSocket(Channel channel, HttpHeaders headers) {
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
	 * Writes frames, as many chunks as it takes: the socket has a copy of what waits for
	 * it, so it gets little at a time. Never fails; what can't be written ends the
	 * connection.
	 * @param frames not empty
	 * @return ends when all of it was taken, or the connection has ended
	 */
	Future<Void> write(List<byte[]> frames) {
		ChannelPromise taken = this.channel.newPromise();
		try {
			write((frames.size() == 1) ? Unpooled.wrappedBuffer(frames.get(0))
					: Unpooled.wrappedBuffer(frames.toArray(byte[][]::new)), taken);
		}
		catch (Throwable ex) {
			fail(ex, taken);
		}
		return taken;
	}

	private void write(ByteBuf rest, ChannelPromise taken) {
		if (rest.readableBytes() <= MOST_WRITTEN) {
			writeSome(rest, taken);
		}
		else {
			writeSome(rest.readSlice(MOST_WRITTEN), this.channel.newPromise())
				.addListener((sent) -> written(rest, sent, taken));
		}
	}

	private void written(ByteBuf rest, Future<? super Void> sent, ChannelPromise taken) {
		if (!sent.isSuccess()) {
			taken.tryFailure(sent.cause());
			return;
		}
		try {
			write(rest, taken);
		}
		catch (Throwable ex) {
			fail(ex, taken);
		}
	}

	private void fail(Throwable error, ChannelPromise taken) {
		UnexpectedErrors.report("a tail", error);
		this.channel.close();
		taken.tryFailure(error);
	}

	/** The shared bytes are copied once, into what goes to the socket. */
	private ChannelFuture writeSome(ByteBuf some, ChannelPromise sent) {
		return (this.codec != null) ? this.codec.writeAndFlush(chunk(some), sent)
				: this.channel.writeAndFlush(new DefaultHttpContent(some.retain()), sent);
	}

	private ByteBuf chunk(ByteBuf some) {
		ByteBuf chunk = this.channel.alloc().directBuffer(some.readableBytes() + FRAMING);
		chunk.writeCharSequence(Integer.toHexString(some.readableBytes()), StandardCharsets.US_ASCII);
		return chunk.writeBytes(LINE_END).writeBytes(some).writeBytes(LINE_END);
	}

}
