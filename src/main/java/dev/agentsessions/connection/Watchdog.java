package dev.agentsessions.connection;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import dev.agentsessions.problem.UnexpectedErrors;
import dev.agentsessions.schedule.Lifecycle;
import io.netty.util.concurrent.EventExecutor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.resources.LoopResources;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;

/**
 * Finds out when a thread that serves everybody no longer turns: an event loop, or one of
 * the threads that keep time. All of them have short tasks only; one that takes seconds
 * is a bug that no request survives, so a process that cannot be saved makes room for one
 * that works. It looks from a thread of its own, which waits for nobody.
 * <p>
 * Time is counted in looks, so that a process that was stopped as a whole, and goes on
 * later, has lost nothing.
 */
@Component
final class Watchdog extends Lifecycle {

	/** After as many looks, a second each, its stack is logged and liveness is broken. */
	static final int BROKEN = 10;

	/** After as many the process ends. */
	static final int HOPELESS = 30;

	private static final Logger log = LoggerFactory.getLogger(Watchdog.class);

	private final ApplicationEventPublisher events;

	private final Runnable end;

	private final List<Watched> all = new ArrayList<>();

	private volatile @Nullable ScheduledExecutorService looks;

	/** Used by the one thread that looks. */
	private boolean broken;

	@Autowired
	Watchdog(LoopResources loops, ApplicationEventPublisher events) {
		// not exit(), which would wait for what hangs
		this(loops, events, () -> Runtime.getRuntime().halt(1));
	}

	/**
	 * Makes a watchdog of these event loops and of Reactor's timers.
	 * @param end what ends the process
	 */
	Watchdog(LoopResources loops, ApplicationEventPublisher events, Runnable end) {
		super(Phase.WATCHDOG);
		this.events = events;
		this.end = end;
		for (EventExecutor loop : loops.onServer(LoopResources.DEFAULT_NATIVE)) {
			this.all.add(new Watched(loop));
		}
		for (int i = 0; i < Schedulers.DEFAULT_POOL_SIZE; i++) {
			// each worker belongs to the next thread
			this.all.add(new Watched(Schedulers.parallel().createWorker()::schedule));
		}
	}

	@Override
	protected void begin() {
		ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor((task) -> {
			Thread thread = new Thread(task, "watchdog");
			thread.setDaemon(true);
			return thread;
		});
		looks.scheduleWithFixedDelay(this::lookSafely, 1, 1, TimeUnit.SECONDS);
		this.looks = looks;
	}

	@Override
	protected Mono<Void> end() {
		ScheduledExecutorService last = this.looks;
		if (last != null) {
			last.shutdownNow();
		}
		return Mono.empty();
	}

	private void lookSafely() {
		try {
			look();
		}
		catch (Throwable ex) {
			UnexpectedErrors.report("the watchdog", ex);
		}
	}

	/** One look at each. */
	void look() {
		int longest = 0;
		for (Watched each : this.all) {
			int missed = each.look();
			if (missed == BROKEN) {
				log.error("{} has not turned for {} s; it is at{}", each.name(), BROKEN, each.stack());
			}
			longest = Math.max(longest, missed);
		}
		if (longest >= HOPELESS) {
			log.error("a thread has not turned for {} s: the process ends", HOPELESS);
			this.end.run();
		}
		if (this.broken != longest >= BROKEN) {
			this.broken = !this.broken;
			AvailabilityChangeEvent.publish(this.events, this,
					this.broken ? LivenessState.BROKEN : LivenessState.CORRECT);
		}
	}

	/** A thread that has to come to a task that it is given. */
	private static final class Watched {

		private final Executor executor;

		private volatile @Nullable Thread thread;

		private volatile boolean turned = true;

		private int missed;

		Watched(Executor executor) {
			this.executor = executor;
		}

		/** Returns how many looks ago it was given a task that it has not come to. */
		int look() {
			if (!this.turned) {
				return ++this.missed;
			}
			this.missed = 0;
			this.turned = false;
			try {
				this.executor.execute(this::turn);
			}
			catch (RejectedExecutionException ex) {
				// it was ended, as at a shutdown
				this.turned = true;
			}
			return 0;
		}

		private void turn() {
			this.thread = Thread.currentThread();
			this.turned = true;
		}

		String name() {
			Thread known = this.thread;
			return (known != null) ? known.getName() : "a thread";
		}

		String stack() {
			Thread known = this.thread;
			StringBuilder stack = new StringBuilder();
			for (StackTraceElement element : (known != null) ? known.getStackTrace() : new StackTraceElement[0]) {
				stack.append("\n\tat ").append(element);
			}
			return stack.toString();
		}

	}

}
