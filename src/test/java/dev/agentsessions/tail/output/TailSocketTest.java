package dev.agentsessions.tail.output;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.netty.NettyPipeline;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a tail keeps of an event that its reader does not take.
 */
class TailSocketTest {

	private static final int MOST_KEPT = 128 * 1024;

	private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

	private final BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();

	private final Socket reader = new Socket();

	private Channel channel;

	private TailSocket socket;

	@BeforeEach
	void connect() throws IOException, InterruptedException {
		Channel server = new ServerBootstrap().group(this.loops)
			.channel(NioServerSocketChannel.class)
			.childOption(ChannelOption.SO_SNDBUF, 32 * 1024)
			.childHandler(new ChannelInitializer<>() {
				@Override
				protected void initChannel(Channel channel) {
					channel.pipeline().addLast(NettyPipeline.HttpCodec, new HttpServerCodec());
					TailSocketTest.this.accepted.add(channel);
				}
			})
			.bind(InetAddress.getLoopbackAddress(), 0)
			.sync()
			.channel();
		this.reader.setReceiveBufferSize(16 * 1024);
		this.reader.setSoTimeout(20_000);
		this.reader.connect(server.localAddress());
		this.channel = this.accepted.poll(10, TimeUnit.SECONDS);
		this.socket = new TailSocket(this.channel, new DefaultHttpHeaders().set("Transfer-Encoding", "chunked"));
	}

	@AfterEach
	void close() throws IOException {
		this.reader.close();
		this.loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
	}

	@Test
	void aReaderThatStallsKeepsLittleOfALargeEventInTheBuffersOfTheSocket() throws IOException {
		byte[] event = new byte[5_000_000];
		Arrays.fill(event, (byte) 'x');
		event[event.length - 1] = '!';
		Future<Void> taken = write(List.of("first".getBytes(StandardCharsets.US_ASCII), event));
		Awaitility.await("the reader takes nothing more").during(Duration.ofMillis(300)).until(() -> pending() > 0);
		assertThat(pending()).isLessThan(MOST_KEPT);
		assertThat(taken.isDone()).isFalse();
		byte[] read = read(event.length + 5);
		assertThat(new String(read, 0, 5, StandardCharsets.US_ASCII)).isEqualTo("first");
		assertThat(Arrays.equals(read, 5, read.length, event, 0, event.length)).isTrue();
		Awaitility.await().until(taken::isSuccess);
	}

	@Test
	void whatCannotBeWrittenEndsTheConnection() {
		Future<Void> taken = write(Arrays.asList((byte[]) null));
		Awaitility.await().until(() -> taken.isDone() && !this.channel.isActive());
		assertThat(taken.isSuccess()).isFalse();
	}

	@Test
	void aReaderThatGoesAwayEndsTheWrite() throws IOException {
		Future<Void> taken = write(List.of(new byte[5_000_000]));
		Awaitility.await().until(() -> pending() > 0);
		this.reader.close();
		Awaitility.await().until(taken::isDone);
		assertThat(taken.isSuccess()).isFalse();
	}

	private Future<Void> write(List<byte[]> frames) {
		return this.channel.eventLoop().submit(() -> this.socket.write(frames)).syncUninterruptibly().getNow();
	}

	private long pending() {
		return this.channel.eventLoop().submit(() -> {
			ChannelOutboundBuffer buffer = this.channel.unsafe().outboundBuffer();
			return (buffer != null) ? buffer.totalPendingWriteBytes() : 0;
		}).syncUninterruptibly().getNow();
	}

	/** What is in the chunks of the answer. */
	private byte[] read(int length) throws IOException {
		DataInputStream in = new DataInputStream(this.reader.getInputStream());
		ByteArrayOutputStream read = new ByteArrayOutputStream();
		while (read.size() < length) {
			byte[] chunk = new byte[Integer.parseInt(line(in), 16)];
			in.readFully(chunk);
			read.writeBytes(chunk);
			assertThat(line(in)).isEmpty();
		}
		return read.toByteArray();
	}

	private static String line(DataInputStream in) throws IOException {
		StringBuilder line = new StringBuilder();
		while (line.indexOf("\r\n") < 0) {
			line.append((char) in.readByte());
		}
		return line.substring(0, line.length() - 2);
	}

}
