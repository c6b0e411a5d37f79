package dev.agentsessions.connection.exchange;

import java.nio.charset.StandardCharsets;
import java.time.Duration;

import dev.agentsessions.connection.ConnectionCounts;
import dev.agentsessions.connection.ConnectionTimes;
import dev.agentsessions.connection.Refusals;
import dev.agentsessions.problem.ProblemException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What is found at a stream of events, and at lines that stand still.
 */
class ConnectionWatchTest {

	private static final Duration SHORT = Duration.ofMillis(100);

	private final ConnectionTimes times = new ConnectionTimes(SHORT, SHORT, SHORT, SHORT, Duration.ofMillis(800));

	private final MeterRegistry meters = new SimpleMeterRegistry();

	private final ConnectionWatch watch = new ConnectionWatch(this.times, new Refusals(JsonMapper.shared()),
			new ConnectionRounds(this.times), new ConnectionCounts(this.meters));

	/** What is below a stream: its chunks pass by the watch. */
	private final ChannelOutboundHandlerAdapter codec = new ChannelOutboundHandlerAdapter();

	private final EmbeddedChannel channel = new EmbeddedChannel(this.codec, this.watch);

	@BeforeEach
	void streamThatHasNothingToSend() {
		request();
		DefaultHttpResponse answer = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
		answer.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream");
		this.channel.writeOutbound(answer);
		this.watch.check();
	}

	@AfterEach
	void close() {
		this.channel.finishAndReleaseAll();
	}

	@Test
	void aClientThatTakesNothingOfItIsFound() {
		below().write(Unpooled.wrappedBuffer(new byte[] { 1 }));
		awaitClosed("answer");
	}

	@Test
	void itsEndIsFound() {
		this.channel.writeOutbound(new DefaultLastHttpContent());
		Awaitility.await().pollDelay(SHORT).until(() -> true);
		this.watch.check();
		assertThat(this.channel.isActive()).isFalse();
		assertThat(closed("idle")).isEqualTo(1);
	}

	/** What it has to write takes as long as a body may stand still. */
	@Test
	void aReaderThatDoesNotAnswerForItsLinesIsAnsweredFor() {
		ConnectionWatch other = new ConnectionWatch(this.times, new Refusals(JsonMapper.shared()),
				new ConnectionRounds(this.times), new ConnectionCounts(new SimpleMeterRegistry()));
		EmbeddedChannel lines = new EmbeddedChannel(other);
		DefaultHttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST,
				"/v1/sessions/drafts/messages");
		request.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/x-ndjson");
		lines.writeInbound(request);
		Awaitility.await().until(() -> {
			other.check();
			return !lines.isActive();
		});
		assertThatExceptionOfType(ProblemException.class).isThrownBy(lines::checkException)
			.withMessageStartingWith("request-timeout");
		FullHttpResponse answer = lines.readOutbound();
		assertThat(answer.status().code()).isEqualTo(503);
		assertThat(answer.content().toString(StandardCharsets.UTF_8)).contains("/problems/outcome-unknown");
		answer.release();
	}

	private void request() {
		this.channel.writeInbound(new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/"));
		this.channel.releaseInbound();
	}

	private void awaitClosed(String reason) {
		Awaitility.await().until(() -> {
			this.watch.check();
			return !this.channel.isActive();
		});
		assertThat(closed(reason)).isEqualTo(1);
	}

	private double closed(String reason) {
		return this.meters.get("store.connections.closed").tag("reason", reason).counter().count();
	}

	private ChannelHandlerContext below() {
		return this.channel.pipeline().context(this.codec);
	}

}
