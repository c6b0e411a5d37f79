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

	private final TailHub hub;

	private final TailSettings settings;

	private @Nullable String written;

	/** Whether the database said since the last round that nothing was written. */
	private boolean quiet;

	private boolean changed = true;

	private volatile @Nullable Disposable running;

	Backstop(TailHub hub, TailSettings settings) {
		this.hub = hub;
		this.settings = settings;
	}

	/** It is not known what was missed: the next round looks, whatever is heard. */
	synchronized void unsure() {
		this.changed = true;
	}

	/**
	 * Says how far the database has come.
	 * @param position any text that differs when something was written in between
	 */
	synchronized void writtenUpTo(@Nullable String position) {
		this.quiet = position != null;
		this.changed |= position == null || !position.equals(this.written);
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

	/** One look at everything that is followed; never fails. */
	Mono<Void> round() {
		return isQuiet() ? Mono.empty()
				: Flux.fromIterable(this.hub.followed())
					.flatMap(FollowedSession::lookForMissed, TailHub.CONCURRENCY)
					.then()
					.onErrorComplete();
	}

	private synchronized boolean isQuiet() {
		boolean nothing = this.quiet && !this.changed;
		this.quiet = false;
		this.changed = false;
		return nothing;
	}

}
