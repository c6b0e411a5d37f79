package dev.agentsessions.schedule;

import java.util.ArrayList;
import java.util.List;

import reactor.core.publisher.Mono;

import org.springframework.context.SmartLifecycle;

/**
 * A part of the service that works in the background from the start to the stop. Parts
 * are started in the order of their {@link Phase}, and stopped in the opposite order.
 */
public abstract class Lifecycle implements SmartLifecycle {

	private final Phase phase;

	private final List<RecurringJob> jobs = new ArrayList<>(2);

	private volatile boolean running;

	protected Lifecycle(Phase phase) {
		this.phase = phase;
	}

	/** Has a job begin and end with this part. */
	protected final RecurringJob runs(RecurringJob job) {
		this.jobs.add(job);
		return job;
	}

	/** Begins to work, without waiting for anything. */
	protected void begin() {
		this.jobs.forEach(RecurringJob::start);
	}

	/**
	 * Begins no more work. Called once for each stop, also without a start.
	 * @return completes, in bounded time, when nothing is under way any longer
	 */
	protected Mono<Void> end() {
		return Mono.when(this.jobs.stream().map(RecurringJob::stop).toList());
	}

	@Override
	public final void start() {
		this.running = true;
		begin();
	}

	@Override
	public final void stop(Runnable callback) {
		Mono.defer(this::end).onErrorComplete().doFinally((signal) -> {
			this.running = false;
			callback.run();
		}).subscribe();
	}

	@Override
	public final void stop() {
		stop(() -> {
		});
	}

	@Override
	public final boolean isRunning() {
		return this.running;
	}

	@Override
	public final int getPhase() {
		return this.phase.number();
	}

	/**
	 * What has to run for what: each phase is started after those before it, and stopped
	 * before them. The web server comes after all of them, so it is stopped first.
	 */
	public enum Phase {

		/** Watches over all others: a shutdown may hang as well. */
		WATCHDOG(Integer.MIN_VALUE),

		/** The lanes, which finish what was accepted, and what needs nothing else. */
		DATABASE(0),

		/** Tells of what was written, also of the last that the web server accepted. */
		WAKE_UPS(1),

		/** Works on the database by itself. */
		CLEAN_UP(100);

		private final int number;

		Phase(int number) {
			this.number = number;
		}

		int number() {
			return this.number;
		}

	}

}
