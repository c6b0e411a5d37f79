package dev.agentsessions.tail.hub;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionState;
import dev.agentsessions.tail.draft.hub.TestDrafts;
import dev.agentsessions.tail.event.OpenTail;
import dev.agentsessions.tail.event.Position;
import dev.agentsessions.tail.event.TailEvent;
import dev.agentsessions.tail.event.TailReader;
import dev.agentsessions.tail.event.TailStep;
import dev.agentsessions.view.View;
import io.netty.channel.embedded.EmbeddedChannel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How a followed session tells of appends, and what it keeps of them.
 */
class FollowedSessionTest {

	private final EmbeddedChannel channel = new EmbeddedChannel();

	private final Log log = new Log();

	private final Set<FollowedSession> upkeep = new HashSet<>();

	private final FollowedSession session = new FollowedSession(state(0), (key) -> this.log.look(), this.log,
			this.upkeep);

	@AfterEach
	void close() {
		this.channel.finishAndReleaseAll();
	}

	@Test
	void whatIsAtHandIsToldWithoutARead() {
		Subscription subscription = join(0);
		append(1, 2);
		assertThat(taken(subscription)).containsExactly("1-0-1", "2-0-1");
		append(3, 3);
		assertThat(taken(subscription)).containsExactly("3-0-1");
		assertThat(this.log.reads).isEmpty();
	}

	@Test
	void whatIsNotAtHandIsRead() {
		Subscription subscription = join(0);
		this.log.atHand = false;
		this.log.stored = state(1);
		append(1, 1);
		assertThat(taken(subscription)).containsExactly("1-0-1");
		assertThat(this.log.reads).containsExactly(1L);
	}

	/** Later messages must not be told before it is known what is between. */
	@Test
	void whatFollowsWhatIsBeingReadWaitsForIt() {
		Subscription subscription = join(0);
		this.log.atHand = false;
		this.log.pause = Sinks.one();
		this.log.stored = state(1);
		append(1, 1);
		this.log.atHand = true;
		this.log.stored = state(2);
		append(2, 2);
		assertThat(taken(subscription)).isEmpty();
		this.log.pause.tryEmitEmpty().orThrow();
		assertThat(taken(subscription)).containsExactly("1-0-1", "2-0-1");
	}

	@Test
	void whatTheOnlyFollowerHasTakenIsNotKept() {
		Subscription subscription = join(0);
		Subscription later = subscription(0);
		append(1, 1);
		assertThat(taken(subscription)).containsExactly("1-0-1");
		assertThat(this.session.fill(later)).isEqualTo(state(1));
	}

	@Test
	void whatOneOfSeveralHasTakenIsKeptForTheOthers() {
		Subscription subscription = join(0);
		Subscription other = join(0);
		append(1, 1);
		assertThat(taken(subscription)).containsExactly("1-0-1");
		assertThat(taken(other)).containsExactly("1-0-1");
	}

	@Test
	void aSessionWithoutEventsNeedsNoUpkeep() {
		join(0);
		this.session.look().block();
		assertThat(this.upkeep).isEmpty();
	}

	@Test
	void eventsAreForgottenTheSecondTime() {
		append(1, 1);
		append(2, 2);
		assertThat(this.upkeep).containsExactly(this.session);
		this.session.forget();
		assertThat(this.upkeep).containsExactly(this.session);
		assertThat(taken(subscription(1))).containsExactly("2-0-1");
		append(3, 3);
		append(4, 4);
		this.session.forget();
		this.session.forget();
		assertThat(this.upkeep).isEmpty();
		assertThat(this.session.fill(subscription(3))).as("what it has to read of").isEqualTo(state(4));
	}

	@Test
	void newEventsAreKeptAsLongAgain() {
		append(1, 1);
		this.session.forget();
		append(2, 2);
		this.session.forget();
		assertThat(this.upkeep).containsExactly(this.session);
		this.session.forget();
		append(3, 3);
		assertThat(this.upkeep).containsExactly(this.session);
	}

	@Test
	void aSessionWhoseLastLookFailedIsComeBackToUntilItIsKnownWhatIsNew() {
		this.log.answered = Mono.error(new IllegalStateException("away"));
		this.session.look().block();
		this.session.forget();
		assertThat(this.upkeep).containsExactly(this.session);
		assertThat(this.session.hasFailed()).isTrue();
		this.log.answered = Mono.empty();
		this.session.look().block();
		assertThat(this.session.hasFailed()).isFalse();
		this.session.forget();
		assertThat(this.upkeep).isEmpty();
	}

	/** Such as a new title. */
	@Test
	void whatTellsFollowersNothingTakesNothingFromThem() {
		Subscription subscription = join(0);
		Subscription other = join(0);
		append(1, 1);
		assertThat(taken(subscription)).containsExactly("1-0-1");
		append(2, 1);
		assertThat(taken(other)).containsExactly("1-0-1");
		assertThat(this.log.reads).isEmpty();
	}

	/** Somebody read its row before it was removed, and says so after that was told. */
	@Test
	void aRowThatIsGoneIsNotTakenForANewOne() {
		join(0);
		this.log.stored = SessionState.none(state(0).key());
		this.session.look().block();
		this.session.advanceAtLeastTo(state(0));
		assertThat(this.session.state().exists()).isFalse();
		this.session.advanceAtLeastTo(new SessionState(state(0).key(), 2, 1, 1, 0, 0, false, View.numbered(0)));
		assertThat(this.session.state().id()).isEqualTo(2);
	}

	@Test
	void whoComesLaterIsNotToldOfAnEndThatWasNone() {
		Subscription subscription = join(0);
		join(0);
		append(1, 1);
		this.log.stored = deleted(1);
		this.session.look().block();
		Subscription later = subscription(1);
		assertThat(taken(later)).as("while it is deleted").containsExactly("1-0-1");
		this.log.stored = state(2);
		this.session.look().block();
		assertThat(this.session.fill(subscription(1))).as("what it has to read of").isEqualTo(state(2));
		assertThat(taken(later)).containsExactly("2-0-1");
		// who was too slow to be told of the end is told what happened since he looked
		assertThat(this.session.fill(subscription)).isEqualTo(state(2));
	}

	/** It was restored elsewhere, which this replica finds out when it looks. */
	@Test
	void whoComesAfterItWasRestoredIsNotToldOfItsEnd() {
		join(0);
		join(0);
		this.log.stored = deleted(0);
		this.session.look().block();
		this.log.stored = state(0);
		Subscription later = subscription(0);
		this.session.advanceAtLeastTo(state(0));
		Sinks.Empty<Void> answered = Sinks.empty();
		this.log.answered = answered.asMono();
		this.session.look().subscribe();
		assertThat(taken(later)).as("while it looks").isEmpty();
		assertThat(later.isWaiting()).isTrue();
		answered.tryEmitError(new IllegalStateException("away"));
		assertThat(taken(later)).as("when it could not look").isEmpty();
		this.log.answered = Mono.empty();
		this.session.look().block();
		assertThat(this.session.state()).isEqualTo(state(0));
		assertThat(taken(later)).isEmpty();
		assertThat(later.isWaiting()).isFalse();
	}

	/** Other sessions of the tail may be read first. */
	@Test
	void aDraftIsToldAfterTheMessagesThatAreNotReadYet() {
		this.session.advanceAtLeastTo(state(1));
		Subscription subscription = new Subscription(this.session,
				new OpenTail.Start(state(0), Position.endOf(state(0))), 1, TestDrafts.ofOne(state(0).key()));
		assertThat(this.session.fill(subscription)).as("what it has to read of").isEqualTo(state(1));
		assertThat(subscription.pollDraft()).isNull();
		subscription.take(Log.step(subscription.position(), state(1)));
		assertThat(subscription.pollDraft()).isNull();
		assertThat(subscription.poll()).isNotNull();
		assertThat(subscription.pollDraft()).isNotNull();
	}

	/** Its number in the session before says nothing of the one that is there. */
	@Test
	void aDraftIsToldAfterTheNewsThatItsSessionWasMadeAnew() {
		this.session.advanceAtLeastTo(state(1));
		Subscription subscription = new Subscription(this.session,
				new OpenTail.Start(state(1), Position.of(9, 0, 7, 0)), 1, TestDrafts.ofOne(state(0).key()));
		assertThat(subscription.pollDraft()).isNull();
		subscription.take(new TailStep(List.of(), Position.endOf(state(1))));
		assertThat(subscription.pollDraft()).isNotNull();
	}

	private void append(long firstSeq, long lastSeq) {
		this.session.committed(TestTail.append(firstSeq, lastSeq, this.log.atHand));
	}

	private Subscription join(long seq) {
		Subscription subscription = subscription(seq);
		this.session.join(TestTail.open(this.channel, List.of(subscription), null, this.log, () -> {
		}));
		assertThat(taken(subscription)).isEmpty();
		return subscription;
	}

	private Subscription subscription(long seq) {
		return new Subscription(this.session, new OpenTail.Start(state(seq), Position.endOf(state(seq))), 1, null);
	}

	/** The ids of what a subscription gets without a read of its own. */
	private List<String> taken(Subscription subscription) {
		assertThat(this.session.fill(subscription)).isNull();
		List<String> ids = new ArrayList<>();
		for (TailEvent event = subscription.poll(); event != null; event = subscription.poll()) {
			ids.add(new String(event.bytes(TestTail.ROWS), StandardCharsets.UTF_8).lines()
				.findFirst()
				.orElseThrow()
				.substring(4)
				.replace("-" + TestTail.ROWS.seal(1), "-1"));
		}
		return ids;
	}

	private static SessionState state(long lastSeq) {
		return new SessionState(new SessionKey("default", "a"), 1, 1, lastSeq, 0, 0, false, View.numbered(0));
	}

	private static SessionState deleted(long lastSeq) {
		return new SessionState(state(0).key(), 1, 1, lastSeq, 0, 0, true, View.numbered(0));
	}

	/** Messages, all of which can be read. */
	private static final class Log extends TailReader {

		private final List<Long> reads = new ArrayList<>();

		private boolean atHand = true;

		private SessionState stored = state(0);

		private Mono<Void> answered = Mono.empty();

		private Sinks.@Nullable Empty<Void> pause;

		Log() {
			super(null, null);
		}

		Mono<SessionState> look() {
			return this.answered.then(Mono.fromSupplier(() -> this.stored));
		}

		@Override
		public Mono<TailStep> read(Position position, SessionState state, int limit) {
			this.reads.add(state.lastSeq());
			Mono<TailStep> step = Mono.just(step(position, state));
			Sinks.Empty<Void> pausing = this.pause;
			return (pausing != null) ? step.delayUntil((read) -> pausing.asMono()) : step;
		}

		private static TailStep step(Position position, SessionState state) {
			List<TailEvent> events = new ArrayList<>();
			for (long seq = position.seq() + 1; seq <= state.lastSeq(); seq++) {
				events.add(TailEvent.agentHistoryReplaced(position.withSeq(seq)));
			}
			if (!state.exists() || state.deleted()) {
				events.add(TailEvent.sessionDeleted(Position.endOf(state)));
			}
			return new TailStep(events, Position.endOf(state));
		}

	}

}
