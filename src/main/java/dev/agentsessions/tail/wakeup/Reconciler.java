package dev.agentsessions.tail.wakeup;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

import dev.agentsessions.schedule.Lifecycle;
import dev.agentsessions.schedule.RecurringJob;
import dev.agentsessions.schedule.Timing;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionReads;
import dev.agentsessions.session.SessionState;
import dev.agentsessions.tail.hub.FollowedSession;
import dev.agentsessions.tail.hub.TailHub;
import dev.agentsessions.tail.output.TailMetrics;
import dev.agentsessions.tail.time.TailTimes;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Looks from time to time at all followed sessions that have moved, so that a lost
 * wake-up only costs time. While the database says that nothing at all was written to it,
 * there is nothing to look at, and ten thousand idle tails cost nothing.
 */
@Component
final class Reconciler extends Lifecycle {

	/** How many sessions the database compares in one statement. */
	private static final int TOGETHER = 500;

	/** In this time a hint arrives, if it does at all. */
	private static final Duration GRACE = Duration.ofMillis(100);

	private final TailHub hub;

	private final Function<List<SessionState>, Flux<SessionKey>> comparison;

	private final TailMetrics metrics;

	private final Mono<?> grace;

	private @Nullable String snapshot;

	/** Whether the database said since the last round that nothing was written. */
	private boolean quiet;

	/** Whether the next round has to look, whatever the database says. */
	private boolean unsure = true;

	private final RecurringJob job;

	@Autowired
	Reconciler(TailHub hub, SessionReads sessions, TailTimes times, TailMetrics metrics) {
		this(hub, sessions::moved, times, metrics, Mono.delay(GRACE));
	}

	/**
	 * Makes one that has not begun.
	 * @param comparison which of some sessions may be somewhere else now
	 * @param grace ends when the hints that were under way have arrived
	 */
	Reconciler(TailHub hub, Function<List<SessionState>, Flux<SessionKey>> comparison, TailTimes times,
			TailMetrics metrics, Mono<?> grace) {
		super(Phase.WAKE_UPS);
		this.hub = hub;
		this.comparison = comparison;
		this.metrics = metrics;
		this.grace = grace;
		this.job = runs(new RecurringJob("the look at followed sessions", Timing.steady(times.reconciliation()),
				Mono.defer(this::roundUnlessStopped)));
	}

	/** It is not known what was missed: the next round looks, whatever is heard. */
	synchronized void unsure() {
		this.unsure = true;
	}

	/**
	 * Says what can be seen in the database.
	 * @param snapshot any text that differs when a write was committed in between, and
	 * not before its rows can be seen
	 * @return whether nothing was written since the last one
	 */
	synchronized boolean sees(@Nullable String snapshot) {
		boolean same = snapshot != null && snapshot.equals(this.snapshot);
		this.quiet = snapshot != null;
		this.unsure |= !same;
		this.snapshot = snapshot;
		return same;
	}

	private Mono<Void> roundUnlessStopped() {
		return round().takeUntilOther(this.job.stopping());
	}

	/** One look at everything that is followed and has moved; never fails. */
	Mono<Void> round() {
		return (takeQuiet() ? Flux.<SessionState>empty() : moved())
			.concatWith(Flux.defer(() -> Flux.fromIterable(this.hub.failed())).map(FollowedSession::state))
			.flatMap(this::look, TailHub.CONCURRENCY)
			.then()
			.onErrorComplete();
	}

	/**
	 * Where sessions are known to be that are somewhere else, a moment after that was
	 * seen: of most a hint was under way. Never fails: an error would cancel the looks
	 * that have begun, and a session whose look never ends is not looked at again. The
	 * next round makes up for it.
	 */
	private Flux<SessionState> moved() {
		return Flux.fromIterable(this.hub.followed())
			.buffer(TOGETHER)
			.concatMapDelayError((sessions) -> moved(sessions.stream().map(FollowedSession::state).toList()))
			.doOnError((error) -> unsure())
			.onErrorComplete()
			.collectList()
			.delayUntil((moved) -> moved.isEmpty() ? Mono.empty() : this.grace)
			.flatMapIterable((moved) -> moved);
	}

	private Flux<SessionState> moved(List<SessionState> known) {
		Map<SessionKey, SessionState> states = new HashMap<>();
		known.forEach((state) -> states.put(state.key(), state));
		return this.comparison.apply(known).mapNotNull(states::get);
	}

	/** What is found now, and nothing of it in the meantime, was not heard of. */
	private Mono<Void> look(SessionState known) {
		FollowedSession session = this.hub.followed(known.key());
		if (session == null) {
			return Mono.empty();
		}
		boolean unheard = session.isAt(known);
		return session.look().doOnSuccess((looked) -> {
			if (unheard && !session.isAt(known)) {
				this.metrics.missedWakeUp();
			}
		});
	}

	private synchronized boolean takeQuiet() {
		boolean nothing = this.quiet && !this.unsure;
		this.quiet = false;
		this.unsure = false;
		return nothing;
	}

}
