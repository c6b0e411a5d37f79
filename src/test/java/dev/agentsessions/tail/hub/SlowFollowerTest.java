package dev.agentsessions.tail.hub;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.stream.IntStream;

import dev.agentsessions.agent.LoggedSwitch;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionState;
import dev.agentsessions.tail.event.OpenTail;
import dev.agentsessions.tail.event.Position;
import dev.agentsessions.tail.event.SessionList;
import dev.agentsessions.tail.event.TailEvent;
import dev.agentsessions.tail.event.TailReader;
import dev.agentsessions.tail.event.TailStep;
import dev.agentsessions.view.View;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a stream of many sessions holds of what they have to tell, while its follower
 * takes nothing.
 */
class SlowFollowerTest {

	private static final int SESSIONS = 100;

	private static final int EVENTS = 3;

	private static final int LARGE = 3 * Subscription.CHUNK;

	/** What the follower has not taken yet. */
	private final Queue<ChannelPromise> writes = new ArrayDeque<>();

	private final StringBuilder written = new StringBuilder();

	private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelOutboundHandlerAdapter() {
		@Override
		public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
			HttpContent part = (HttpContent) message;
			SlowFollowerTest.this.written.append(part.content().toString(StandardCharsets.UTF_8));
			part.release();
			SlowFollowerTest.this.writes.add(promise);
		}
	});

	private final Log log = new Log();

	private final List<Subscription> subscriptions = IntStream.range(0, SESSIONS).mapToObj(this::subscription).toList();

	private final Tail tail = TestTail.open(this.channel, this.subscriptions,
			SessionList.of(IntStream.range(0, SESSIONS).mapToObj((n) -> "s" + n).toList()), this.log, () -> {
			});

	@AfterEach
	void close() {
		this.channel.finishAndReleaseAll();
	}

	@Test
	void itHoldsNoMoreThanAChunkAndAnEvent() {
		this.log.size = LARGE;
		this.tail.pump();
		this.log.answerAll();
		assertThat(this.writes).as("the follower has taken nothing").hasSize(1);
		assertThat(held()).isPositive().isLessThanOrEqualTo(LARGE + 100 + Subscription.CHUNK);
		while (!this.writes.isEmpty()) {
			takeOne();
			this.log.answerAll();
			assertThat(held()).isLessThanOrEqualTo(LARGE + 100 + Subscription.CHUNK);
		}
		assertEachWasToldOnceInOrder();
	}

	@ParameterizedTest
	@ValueSource(ints = { 100, 10_000, 50_000 })
	void whatItLeavesOutIsReadAgain(int size) {
		this.log.size = size;
		this.tail.pump();
		for (this.log.answerAll(); !this.writes.isEmpty(); this.log.answerAll()) {
			assertThat(held()).isLessThanOrEqualTo(size + 100 + Subscription.CHUNK);
			takeOne();
		}
		assertEachWasToldOnceInOrder();
	}

	@Test
	void smallEventsAreReadOfManySessionsTogether() {
		this.log.size = 100;
		this.tail.pump();
		assertThat(this.log.waiting).hasSize(SESSIONS);
		this.log.answerAll();
		int together = 0;
		while (!this.writes.isEmpty()) {
			takeOne();
			together = Math.max(together, this.log.waiting.size());
			this.log.answerAll();
		}
		assertThat(together).isGreaterThan(SESSIONS / 4);
		// the first of all were read, of which some were too many to hold
		assertThat(this.log.reads).isLessThan(4 * SESSIONS);
	}

	@Test
	void largeEventsAreReadOfOneSessionAfterAnother() {
		this.log.size = LARGE;
		this.tail.pump();
		this.log.answerAll();
		while (!this.writes.isEmpty()) {
			takeOne();
			assertThat(this.log.waiting).hasSizeLessThanOrEqualTo(1);
			this.log.answerAll();
		}
		assertThat(this.log.reads).isLessThan((EVENTS + 2) * SESSIONS);
	}

	private int held() {
		return this.subscriptions.stream().mapToInt(Subscription::held).sum();
	}

	private void takeOne() {
		this.writes.remove().setSuccess();
		this.channel.runPendingTasks();
	}

	private void assertEachWasToldOnceInOrder() {
		List<String> told = this.written.toString()
			.lines()
			.filter((line) -> line.startsWith("data: "))
			.map((line) -> line.replaceAll(".*\"session_id\":\"(.*?)\",\"no\":(\\d+),.*", "$1 $2"))
			.toList();
		for (int n = 0; n < SESSIONS; n++) {
			String session = "s" + n;
			assertThat(told).filteredOn((event) -> event.startsWith(session + " "))
				.containsExactlyElementsOf(
						IntStream.rangeClosed(1, EVENTS).mapToObj((seq) -> session + " " + seq).toList());
		}
	}

	private Subscription subscription(int number) {
		SessionKey key = new SessionKey("default", "s" + number);
		SessionState state = new SessionState(key, number + 1, 1, 0, EVENTS, EVENTS, false, View.numbered(0));
		FollowedSession session = new FollowedSession(state, (known) -> Mono.empty(), this.log, new HashSet<>());
		return new Subscription(session, new OpenTail.Start(state, Position.of(0, 0, state.id(), 0)), SESSIONS, null);
	}

	/** Events of one size, each read one at a time when the test says so. */
	private static final class Log extends TailReader {

		private final Queue<Sinks.Empty<Void>> waiting = new ArrayDeque<>();

		private int reads;

		private int size;

		Log() {
			super(null, null);
		}

		void answerAll() {
			while (!this.waiting.isEmpty()) {
				this.waiting.remove().tryEmitEmpty().orThrow();
			}
		}

		@Override
		public Mono<TailStep> read(Position position, SessionState state, int limit) {
			this.reads++;
			Sinks.Empty<Void> wait = Sinks.empty();
			this.waiting.add(wait);
			return wait.asMono().then(Mono.fromSupplier(() -> step(position, state)));
		}

		private TailStep step(Position position, SessionState state) {
			long no = position.switchNo() + 1;
			Position after = Position.of(0, no, state.id(), 0);
			byte[] json = ("{\"no\":" + no + ",\"reason\":\"" + "x".repeat(this.size - 30) + "\"}")
				.getBytes(StandardCharsets.US_ASCII);
			return new TailStep(List.of(TailEvent.agentSwitch(new LoggedSwitch(no, 0, json), after)), after);
		}

	}

}
