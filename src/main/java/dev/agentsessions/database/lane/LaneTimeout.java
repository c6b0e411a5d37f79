package dev.agentsessions.database.lane;

import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * Bounds what a lane waits for, one thing at a time. It has no timer, which would wake up
 * another thread for each batch: {@link Lanes} have each lane look at it now and then.
 */
final class LaneTimeout {

	private final Duration timeout;

	private final AtomicReference<@Nullable Wait> wait = new AtomicReference<>();

	LaneTimeout(Duration timeout) {
		this.timeout = timeout;
	}

	/** An error once something that begins now has taken too long; else it never ends. */
	<T> Mono<T> expiry() {
		return Mono.create((sink) -> {
			Wait begun = new Wait(System.nanoTime() + this.timeout.toNanos(), sink);
			this.wait.set(begun);
			sink.onDispose(() -> this.wait.compareAndSet(begun, null));
		});
	}

	/** Ends what has taken too long. */
	void tick(long now) {
		Wait late = this.wait.get();
		if (late != null && now - late.end() >= 0) {
			late.sink().error(new TimeoutException("no answer within " + this.timeout));
		}
	}

	private record Wait(long end, MonoSink<?> sink) {
	}

}
