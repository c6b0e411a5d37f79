package dev.agentsessions.tail.hub;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;

import dev.agentsessions.agent.LoggedSwitch;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionState;
import dev.agentsessions.tail.event.OpenTail;
import dev.agentsessions.tail.event.Position;
import dev.agentsessions.tail.event.SessionList;
import dev.agentsessions.tail.event.TailMerge;
import dev.agentsessions.tail.event.TailReader;
import dev.agentsessions.tail.event.TailStep;
import dev.agentsessions.view.View;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * When a stream of two sessions ends, step by step: <code>a</code> exists and
 * <code>b</code> may come.
 */
class TailEndTest {

	private final EmbeddedChannel channel = new EmbeddedChannel();

	/** What a look finds that is not known yet. */
	private final Map<String, SessionState> stored = new HashMap<>();

	private final LogOfSwitches log = new LogOfSwitches();

	private final FollowedSession a = followed(state("a", 1, 0, false));

	private final FollowedSession b = followed(SessionState.none(key("b")));

	private final List<Subscription> subscriptions = new ArrayList<>();

	private boolean ended;

	private Tail tail = open();

	/** Two rounds, so that it is a's turn again. */
	@BeforeEach
	void nothingIsTold() {
		this.tail.pump();
		this.tail.pump();
		assertThat(told()).isEmpty();
	}

	@AfterEach
	void close() {
		this.channel.finishAndReleaseAll();
	}

	@Test
	void itEndsWhenAllThatExistHaveEnded() {
		advance(this.a, state("a", 1, 1, true));
		assertThat(told()).containsExactly("a agent_switch", "a session_deleted");
		assertThat(this.ended).isTrue();
	}

	@Test
	void itGoesOnWhereSomethingIsKnownThatWasNotReadYet() {
		this.b.advanceAtLeastTo(state("b", 2, 1, false));
		advance(this.a, state("a", 1, 1, true));
		assertThat(told()).containsExactly("a agent_switch", "a session_deleted", "b agent_switch");
		assertThat(this.ended).isFalse();
		advance(this.b, state("b", 2, 2, true));
		assertThat(told()).containsExactly("b agent_switch", "b session_deleted");
		assertThat(this.ended).isTrue();
	}

	@Test
	void itGoesOnWhileSomethingIsRead() {
		Sinks.One<Boolean> found = this.log.pause("b");
		advance(this.b, state("b", 2, 1, true));
		advance(this.a, state("a", 1, 1, true));
		assertThat(told()).containsExactly("a agent_switch", "a session_deleted");
		assertThat(this.ended).isFalse();
		found.tryEmitValue(true).orThrow();
		assertThat(told()).containsExactly("b agent_switch", "b session_deleted");
		assertThat(this.ended).isTrue();
	}

	@Test
	void itEndsWhenWhatWasReadTurnsOutToBeNothing() {
		advance(this.b, state("b", 2, 1, true));
		assertThat(told()).containsExactly("b agent_switch", "b session_deleted");
		Sinks.One<Boolean> found = this.log.pause("b");
		advance(this.b, state("b", 2, 2, true));
		advance(this.a, state("a", 1, 1, true));
		assertThat(told()).containsExactly("a agent_switch", "a session_deleted");
		assertThat(this.ended).isFalse();
		found.tryEmitValue(false).orThrow();
		assertThat(told()).isEmpty();
		assertThat(this.ended).isTrue();
	}

	/** It became known later than what was written to the other one after it. */
	@Test
	void itGoesOnWhereOneHasBeenRestored() {
		advance(this.b, state("b", 2, 1, true));
		assertThat(told()).containsExactly("b agent_switch", "b session_deleted");
		this.stored.put("b", state("b", 2, 1, false));
		advance(this.a, state("a", 1, 1, true));
		assertThat(told()).containsExactly("a agent_switch", "a session_deleted");
		assertThat(this.ended).isFalse();
		this.tail.pump();
		assertThat(told()).isEmpty();
		this.stored.put("b", state("b", 2, 2, true));
		advance(this.b, state("b", 2, 2, true));
		assertThat(told()).containsExactly("b agent_switch", "b session_deleted");
		assertThat(this.ended).isTrue();
	}

	/**
	 * However many look at once, as many tails of the same sessions do that end together.
	 */
	@Test
	void whoLooksAgainWaitsForTheNextLookAndForNoOther() {
		List<Sinks.Empty<SessionState>> looks = new ArrayList<>();
		FollowedSession session = new FollowedSession(state("a", 1, 0, true), (known) -> {
			looks.add(Sinks.empty());
			return looks.get(looks.size() - 1).asMono();
		}, this.log, new HashSet<>());
		long first = session.lookAgain();
		long second = session.lookAgain();
		assertThat(session.lookAgain()).isEqualTo(second);
		looks.get(0).tryEmitEmpty().orThrow();
		assertThat(session.hasLooked(first)).isTrue();
		assertThat(session.hasLooked(second)).isFalse();
		looks.get(1).tryEmitEmpty().orThrow();
		assertThat(session.hasLooked(second)).isTrue();
		assertThat(looks).hasSize(2);
	}

	private void advance(FollowedSession session, SessionState state) {
		session.advanceAtLeastTo(state);
		this.tail.pump();
	}

	private Tail open() {
		for (FollowedSession each : List.of(this.a, this.b)) {
			SessionState state = each.key().sessionId().equals("a") ? state("a", 1, 0, false)
					: SessionState.none(each.key());
			this.subscriptions.add(new Subscription(each, new OpenTail.Start(state, Position.endOf(state)), 2, null));
		}
		return TestTail.open(this.channel, this.subscriptions, SessionList.of(List.of("a", "b")), this.log,
				() -> this.ended = true);
	}

	/** What has come out since the last time: sessions and names of events. */
	private List<String> told() {
		this.channel.runPendingTasks();
		StringBuilder text = new StringBuilder();
		for (HttpContent part = this.channel.readOutbound(); part != null; part = this.channel.readOutbound()) {
			ByteBuf bytes = part.content();
			text.append(bytes.toString(StandardCharsets.UTF_8));
			part.release();
		}
		return text.toString()
			.lines()
			.filter((line) -> line.startsWith("event: ") || line.startsWith("data: "))
			.reduce("",
					(all, line) -> all + (line.startsWith("event: ") ? "\n" + line.substring(7)
							: line.replaceAll(".*\"session_id\":\"(.)\".*", " $1")))
			.lines()
			.filter((line) -> !line.isEmpty())
			.map((line) -> line.split(" ")[1] + " " + line.split(" ")[0])
			.toList();
	}

	private FollowedSession followed(SessionState state) {
		return new FollowedSession(state, (known) -> Mono.justOrEmpty(this.stored.get(known.key().sessionId())),
				this.log, new HashSet<>());
	}

	private static SessionKey key(String session) {
		return new SessionKey("default", session);
	}

	private static SessionState state(String session, long id, long lastSwitchNo, boolean deleted) {
		return new SessionState(key(session), id, 1, 0, lastSwitchNo, lastSwitchNo, deleted, View.numbered(0));
	}

	/**
	 * Sessions that have switches and no messages; read at once unless told otherwise.
	 */
	private static final class LogOfSwitches extends TailReader {

		private final Map<String, Sinks.One<Boolean>> pauses = new ConcurrentHashMap<>();

		LogOfSwitches() {
			super(null, null);
		}

		/**
		 * The next read of this session takes until it is said whether it finds anything.
		 */
		Sinks.One<Boolean> pause(String session) {
			return this.pauses.computeIfAbsent(session, (key) -> Sinks.one());
		}

		@Override
		public Mono<TailStep> read(Position position, SessionState state, int limit) {
			if (!state.exists()) {
				return Mono.just(TailStep.removed(position));
			}
			TailMerge merge = new TailMerge(position, state);
			List<LoggedSwitch> switches = LongStream.rangeClosed(merge.position().switchNo() + 1, state.lastSwitchNo())
				.mapToObj((no) -> new LoggedSwitch(no, 0, new byte[] { '{', '}' }))
				.toList();
			TailStep step = merge.with(List.of(), switches, state.lastSwitchNo());
			Sinks.One<Boolean> pause = this.pauses.remove(state.key().sessionId());
			return (pause != null)
					? pause.asMono().map((found) -> found ? step : new TailStep(List.of(), step.reached()))
					: Mono.just(step);
		}

	}

}
