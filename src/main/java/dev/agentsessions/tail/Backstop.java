package dev.agentsessions.tail;

import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Looks at all followed sessions from time to time, so that a lost wake-up only costs
 * time. While the database says that nothing at all was written to it, there is nothing
 * to look at, and ten thousand idle tails cost nothing.
 */
@Component
final class Backstop implements SmartLifecycle {

	/**
	 * A commit moves the log a little before it can be seen, so more than one round looks
	 * after it.
	 */
	private static final int ROUNDS = 3;

	private final TailHub hub;

	private final TailSettings settings;

	private @Nullable String written;

	/** Whether the database said since the last round that nothing was written. */
	private boolean quiet;

	/** How many rounds still have to look. */
	private int rounds = ROUNDS;

	private volatile @Nullable Disposable running;

	Backstop(TailHub hub, TailSettings settings) {
		this.hub = hub;
		this.settings = settings;
	}

	/** It is not known what was missed: the next round looks, whatever is heard. */
	synchronized void unsure() {
		this.rounds = ROUNDS;
	}

	/**
	 * Says how far the database has come.
	 * @param position any text that differs when something was written in between
	 */
	synchronized void writtenUpTo(@Nullable String position) {
		this.quiet = position != null;
		if (position == null || !position.equals(this.written)) {
			this.rounds = ROUNDS;
		}
		this.written = position;
	}

	@Override
	public void start() {
		this.running = Flux.interval(this.settings.backstop())
			.onBackpressureDrop()
			.concatMap((tick) -> round(), 1)
			.subscribe();
	}

	@Override
	public void stop() {
		Disposable last = this.running;
		this.running = null;
		if (last != null) {
			last.dispose();
		}
	}

	@Override
	public boolean isRunning() {
		return this.running != null;
	}

	/** Stops after the web server: what it has accepted is still told. */
	@Override
	public int getPhase() {
		return 1;
	}

	/** One look at everything that is followed; never fails. */
	Mono<Void> round() {
		boolean quiet = isQuiet();
		return Flux.fromIterable(this.hub.followed())
			.filter((session) -> !quiet || session.hasFailed())
			.flatMap(FollowedSession::lookForMissed, TailHub.CONCURRENCY)
			.then()
			.onErrorComplete();
	}

	private synchronized boolean isQuiet() {
		boolean nothing = this.quiet && this.rounds == 0;
		this.quiet = false;
		this.rounds = Math.max(0, this.rounds - 1);
		return nothing;
	}

}
