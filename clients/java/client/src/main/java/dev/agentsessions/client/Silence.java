package dev.agentsessions.client;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/**
 * Takes a stream for lost if nothing comes although it is asked for. A reader that asks
 * for nothing may take as long as it likes.
 */
final class Silence {

	private final AtomicLong asked = new AtomicLong();

	private volatile long since;

	private Silence() {
	}

	/** Errors: {@link TimeoutException}. */
	static <T> Flux<T> watch(Flux<T> stream, Duration longest) {
		return Flux.defer(() -> {
			Silence silence = new Silence();
			Flux<Object> lost = Flux.interval(longest.dividedBy(3))
				.filter((tick) -> silence.lasts(longest))
				.next()
				.flatMapMany((tick) -> Flux.error(new TimeoutException("silence")));
			return stream.doOnRequest(silence::asked).doOnNext((each) -> silence.came()).takeUntilOther(lost);
		});
	}

	private void asked(long more) {
		this.since = now();
		this.asked.accumulateAndGet(more, (before, added) -> (before + added < 0) ? Long.MAX_VALUE : before + added);
	}

	private void came() {
		this.since = now();
		this.asked.updateAndGet((before) -> (before == Long.MAX_VALUE) ? before : before - 1);
	}

	private boolean lasts(Duration longest) {
		return this.asked.get() > 0 && now() - this.since > longest.toMillis();
	}

	private static long now() {
		return Schedulers.parallel().now(TimeUnit.MILLISECONDS);
	}

}
