package dev.agentsessions.tail.wakeup;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;

import dev.agentsessions.Api;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionReads;
import dev.agentsessions.session.SessionState;
import dev.agentsessions.tail.hub.FollowedSession;
import dev.agentsessions.tail.hub.TailHub;
import dev.agentsessions.tail.output.TailMetrics;
import dev.agentsessions.tail.time.TailTimes;
import dev.agentsessions.write.Commits;
import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a round looks at, also when the database cannot say which sessions have moved.
 */
class ReconcilerIT {

	// its own reconciler must not find what this one has to
	private final TailTimes times = new TailTimes(Duration.ofSeconds(15), Duration.ofHours(1), Duration.ofSeconds(1),
			Duration.ofDays(1));

	private final TestStore store = TestStore.start(List.of(this.times), TestStore.newDatabase(Engine.H2),
			"management.server.port=0");

	private final TailHub hub = this.store.bean(TailHub.class);

	/** What comparisons answer, in turn. */
	private final Queue<Flux<SessionKey>> answers = new ArrayDeque<>();

	/** Ends when the hints that were under way have arrived. */
	private final Sinks.Empty<Void> grace = Sinks.empty();

	private final Reconciler reconciler = new Reconciler(this.hub, (known) -> this.answers.remove(), this.times,
			this.store.bean(TailMetrics.class), this.grace.asMono());

	private final FollowedSession session = follow();

	@AfterEach
	void stop() {
		this.store.close();
	}

	@Test
	void aLookThatHasBegunEndsWhateverBecomesOfOtherSessions() throws SQLException {
		for (int i = 0; i < 500; i++) {
			this.hub.follow(SessionState.none(new SessionKey("default", "other-" + i)));
		}
		this.grace.tryEmitEmpty();
		// one of those that are compared first
		FollowedSession first = this.hub.followed()
			.stream()
			.filter((each) -> each != this.session)
			.findFirst()
			.orElseThrow();
		unheard("insert into sessions (tenant, session_id) values ('default', '%s')", first);
		this.answers.add(Flux.just(first.key()));
		this.answers.add(Flux.error(new IllegalStateException("the database is away")));
		this.reconciler.round().block();
		assertThat(this.answers).isEmpty();
		assertThat(first.state().exists()).isTrue();
	}

	@Test
	void aRoundThatWasToldNothingIsMadeAgainThoughNothingElseWasWritten() throws SQLException {
		this.grace.tryEmitEmpty();
		this.reconciler.sees("a");
		this.answers.add(Flux.error(new IllegalStateException("the database is away")));
		deleteUnheard();
		this.reconciler.round().block();
		assertThat(this.session.state().deleted()).isFalse();
		this.answers.add(Flux.just(this.session.key()));
		this.reconciler.sees("a");
		this.reconciler.round().block();
		assertThat(this.session.state().deleted()).isTrue();
		// now it is sure, and asks nothing
		this.reconciler.sees("a");
		this.answers.add(Flux.empty());
		this.reconciler.round().block();
		assertThat(this.answers).hasSize(1);
	}

	@Test
	void whatIsToldOfInTimeIsNoMissedWakeUp() throws SQLException {
		deleteUnheard();
		this.answers.add(Flux.just(this.session.key()));
		StepVerifier.create(this.reconciler.round()).expectSubscription().then(() -> {
			assertThat(this.answers).isEmpty();
			assertThat(this.session.state().deleted()).as("a hint may be under way").isFalse();
			this.session.look().block();
			this.grace.tryEmitEmpty();
		}).verifyComplete();
		assertThat(this.session.state().deleted()).isTrue();
		assertThat(missed()).isZero();
	}

	@Test
	void whatNobodyTellsOfIsAMissedWakeUp() throws SQLException {
		this.grace.tryEmitEmpty();
		deleteUnheard();
		this.answers.add(Flux.just(this.session.key()));
		this.reconciler.round().block();
		assertThat(this.session.state().deleted()).isTrue();
		assertThat(missed()).isOne();
	}

	/** What is told of it meanwhile need not be what was not heard of. */
	@Test
	void aSessionThatMovesOnIsLookedAtAllTheSame() throws SQLException {
		SessionState known = this.session.state();
		deleteUnheard();
		this.answers.add(Flux.just(this.session.key()));
		StepVerifier.create(this.reconciler.round()).expectSubscription().then(() -> {
			this.session.advanceAtLeastTo(known.appendedUpTo(2));
			this.grace.tryEmitEmpty();
		}).verifyComplete();
		assertThat(this.session.state().deleted()).isTrue();
	}

	private double missed() {
		return this.store.bean(MeterRegistry.class)
			.get("store.tails.wake.ups")
			.tag("outcome", "missed")
			.counter()
			.count();
	}

	/**
	 * A session that nothing makes anybody look at: its callers hear of a commit first.
	 */
	private FollowedSession follow() {
		Sinks.Empty<Void> told = Sinks.empty();
		this.store.bean(Commits.class).listen((commit) -> told.tryEmitEmpty());
		SessionKey key = new SessionKey("default", Api.on(this.store).sessionOf(1));
		told.asMono().block(Duration.ofSeconds(10));
		return this.hub.follow(Objects.requireNonNull(this.store.bean(SessionReads.class).state(key).block()));
	}

	private void deleteUnheard() throws SQLException {
		unheard("update sessions set deleted_at = now() where session_id = '%s'", this.session);
	}

	/** Nobody is told of it. */
	private void unheard(String sql, FollowedSession session) throws SQLException {
		try (Connection connection = DriverManager.getConnection("jdbc:" + this.store.databaseUrl(), "", "")) {
			connection.createStatement().executeUpdate(sql.formatted(session.key().sessionId()));
		}
	}

}
