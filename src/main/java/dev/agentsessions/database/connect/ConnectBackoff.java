package dev.agentsessions.database.connect;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryMetadata;
import io.r2dbc.spi.R2dbcNonTransientResourceException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Keeps a replica from storming a database that takes no connections: each one that it
 * refuses costs it a process, while it recovers. After one that could not be opened none
 * is tried for a while, which doubles each time up to a quarter of a second, and then
 * another one; whoever asks for one in between gets the error of the last. Once one is
 * open any number may be.
 */
final class ConnectBackoff {

	private static final long SHORTEST = Duration.ofMillis(20).toNanos();

	private static final long LONGEST = Duration.ofMillis(250).toNanos();

	private final LongSupplier nanoTime;

	/** Null while connections can be opened. */
	private final AtomicReference<@Nullable Refusal> refusal = new AtomicReference<>();

	ConnectBackoff(LongSupplier nanoTime) {
		this.nanoTime = nanoTime;
	}

	/** These connections, opened when it is time to. */
	ConnectionFactory guard(ConnectionFactory connections) {
		return new ConnectionFactory() {

			@Override
			public Mono<Connection> create() {
				return guard(Mono.from(connections.create()));
			}

			@Override
			public ConnectionFactoryMetadata getMetadata() {
				return connections.getMetadata();
			}

		};
	}

	<T> Mono<T> guard(Mono<T> connect) {
		return Mono.defer(() -> {
			Refusal last = this.refusal.get();
			if (last != null && !isTime(last)) {
				return Mono.error(last.error());
			}
			AtomicBoolean opened = new AtomicBoolean();
			return connect.doOnNext((connection) -> {
				opened.set(true);
				this.refusal.set(null);
			}).doOnError((error) -> failed(last, error)).doOnCancel(() -> {
				if (!opened.get()) {
					failed(last, new TimeoutException());
				}
			});
		});
	}

	/** For one that asks; the next has to wait as long again. */
	private boolean isTime(Refusal last) {
		return this.nanoTime.getAsLong() - last.until >= 0
				&& this.refusal.compareAndSet(last, refusal(last.cause, last.pause));
	}

	/** Of those that began when nothing had failed only the first counts. */
	private void failed(@Nullable Refusal before, Throwable cause) {
		Refusal next = refusal(cause, (before != null) ? Math.min(LONGEST, 2 * before.pause) : SHORTEST);
		this.refusal.updateAndGet((now) -> (before == null && now != null) ? now : next);
	}

	private Refusal refusal(Throwable cause, long pause) {
		long jittered = ThreadLocalRandom.current().nextLong(pause / 2, pause);
		return new Refusal(cause, pause, this.nanoTime.getAsLong() + jittered);
	}

	/**
	 * A connection that could not be opened.
	 *
	 * @param pause after it, at most
	 * @param until when no other is tried; both in nanoseconds
	 */
	private record Refusal(Throwable cause, long pause, long until) {

		R2dbcNonTransientResourceException error() {
			return new R2dbcNonTransientResourceException("The last connection could not be opened: " + this.cause,
					this.cause);
		}

	}

}
