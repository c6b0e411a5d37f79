package dev.agentsessions.database.lane;

import java.time.Duration;
import java.util.function.Supplier;

import dev.agentsessions.database.lane.operation.LaneConnection;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * What connects a lane to the database: its connection, or the next one.
 */
final class LaneLink {

	private static final Logger log = LoggerFactory.getLogger(LaneLink.class);

	private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);

	private final Supplier<Mono<LaneConnection>> connect;

	/** Used by one batch at a time. */
	private volatile @Nullable LaneConnection connection;

	private volatile long lastLogged = System.nanoTime() - LOG_INTERVAL.toNanos() - 1;

	/**
	 * Makes a link that connects when it is used.
	 * @param connect opens a connection
	 */
	LaneLink(Supplier<Mono<LaneConnection>> connect) {
		this.connect = connect;
	}

	/**
	 * The connection, a new one if need be.
	 * @param expiry an error when connecting has taken too long; subscribed to first, so
	 * that it comes whatever becomes of the connecting
	 */
	Mono<LaneConnection> connected(Mono<LaneConnection> expiry) {
		LaneConnection last = this.connection;
		return (last == null) ? connect(expiry)
				: last.isOpen().flatMap((open) -> open ? Mono.just(last) : Mono.defer(() -> connect(expiry)));
	}

	private Mono<LaneConnection> connect(Mono<LaneConnection> expiry) {
		return expiry.or(Mono.defer(this.connect)).doOnNext((opened) -> this.connection = opened);
	}

	/** How long the batch that ran last has waited for locks, in nanoseconds. */
	long lockWait() {
		LaneConnection last = this.connection;
		return (last != null) ? last.lockWait() : 0;
	}

	/** Gives the connection up, if there is one. */
	void disconnect() {
		LaneConnection last = this.connection;
		this.connection = null;
		if (last != null) {
			last.discard();
		}
	}

	/** Gives up this connection, and leaves alone one that took its place. */
	void discard(LaneConnection broken) {
		if (this.connection == broken) {
			this.connection = null;
		}
		broken.discard();
	}

	/** At most once in a while, for every request that comes runs into it. */
	void logUnreachable(Throwable error) {
		long now = System.nanoTime();
		if (now - this.lastLogged > LOG_INTERVAL.toNanos()) {
			this.lastLogged = now;
			log.warn("a lane can't connect to the database: {}", error.toString());
		}
	}

}
