package dev.agentsessions.client;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Takes a stream for lost if nothing comes although it is asked for, or nothing is taken
 * although it is there. Who asks for nothing, or has nothing, may take as long as it
 * likes.
 */
final class Silence {

	private final AtomicLong asked = new AtomicLong();

	private volatile long since;

	/** Errors: {@link TimeoutException}. */
	static <T> Flux<T> watch(Flux<T> stream, Duration longest) {
		return Flux.defer(() -> {
			Silence silence = new Silence();
			Mono<Object> lost = silence.tooLong(longest).flatMap((tick) -> Mono.error(new TimeoutException("silence")));
			return stream.doOnRequest(silence::asked).doOnNext((each) -> silence.came()).takeUntilOther(lost);
		});
	}

	/** Fires when it has been waited for so long. */
	Mono<Long> tooLong(Duration longest) {
		return Flux.interval(longest.dividedBy(3)).filter((tick) -> lasts(longest)).next();
	}

	/** There is something more to wait for. */
	void asked(long more) {
		if (this.asked.get() == 0) {
			this.since = now();
		}
		this.asked.accumulateAndGet(more, (before, added) -> (before + added < 0) ? Long.MAX_VALUE : before + added);
	}

	/** One of what was waited for. */
	void came() {
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
