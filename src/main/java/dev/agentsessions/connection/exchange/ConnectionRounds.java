package dev.agentsessions.connection.exchange;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import dev.agentsessions.connection.ConnectionTimes;
import io.netty.util.concurrent.EventExecutor;

/**
 * Looks at the connections of each event loop every few seconds, all of them in one go:
 * with a timer for each, ten thousand that do nothing would cost more than those that do.
 */
public final class ConnectionRounds {

	private final long tick;

	private final Map<EventExecutor, Set<ConnectionWatch>> watched = new ConcurrentHashMap<>();

	public ConnectionRounds(ConnectionTimes times) {
		this.tick = times.tick().toNanos();
	}

	/** From now on this connection is looked at. On its event loop. */
	void join(EventExecutor loop, ConnectionWatch watch) {
		this.watched.computeIfAbsent(loop, this::begin).add(watch);
	}

	/** From now on this connection is left alone. On its event loop. */
	void leave(EventExecutor loop, ConnectionWatch watch) {
		this.watched.getOrDefault(loop, Set.of()).remove(watch);
	}

	private Set<ConnectionWatch> begin(EventExecutor loop) {
		scheduleRound(loop);
		return Collections.newSetFromMap(new IdentityHashMap<>());
	}

	private void scheduleRound(EventExecutor loop) {
		loop.schedule(() -> goRound(loop), this.tick, TimeUnit.NANOSECONDS);
	}

	/** An event loop without connections is left alone, until there is one again. */
	private void goRound(EventExecutor loop) {
		Set<ConnectionWatch> watches = this.watched.getOrDefault(loop, Set.of());
		if (watches.isEmpty()) {
			this.watched.remove(loop);
			return;
		}
		scheduleRound(loop);
		// a copy, since those that are closed leave
		List.copyOf(watches).forEach(ConnectionWatch::check);
	}

}
