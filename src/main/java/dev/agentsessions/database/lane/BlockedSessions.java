package dev.agentsessions.database.lane;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sessions whose rows somebody else may be holding, as an administrator who forgot to
 * commit does: known since a lane waited for a lock as long as it may. Until one is free
 * again, its requests run apart from all others and hardly wait, so that it holds up
 * nobody else.
 */
final class BlockedSessions {

	private static final long MEMORY = Duration.ofSeconds(10).toNanos();

	private final Map<Object, Long> since = new ConcurrentHashMap<>();

	/** From now on these count as blocked. */
	void add(Iterable<Object> sessions, long now) {
		sessions.forEach((session) -> this.since.put(session, now));
	}

	/** Something was done in this session: it is free. */
	void remove(Object session) {
		this.since.remove(session);
	}

	/**
	 * What of a batch can run together, in this order: first all that is not blocked,
	 * then what is, each session by itself.
	 */
	<Q, A> List<BatchPart<Q, A>> parts(List<PendingRequest<Q, A>> batch, long now) {
		this.since.values().removeIf((added) -> now - added > MEMORY);
		if (this.since.isEmpty()) {
			return List.of(new BatchPart<>(batch, false));
		}
		List<PendingRequest<Q, A>> free = new ArrayList<>();
		Map<Object, List<PendingRequest<Q, A>>> blocked = new LinkedHashMap<>();
		for (PendingRequest<Q, A> request : batch) {
			Object session = request.session();
			if (session != null && this.since.containsKey(session)) {
				blocked.computeIfAbsent(session, (first) -> new ArrayList<>()).add(request);
			}
			else {
				free.add(request);
			}
		}
		List<BatchPart<Q, A>> parts = new ArrayList<>();
		if (!free.isEmpty()) {
			parts.add(new BatchPart<>(free, false));
		}
		blocked.values().forEach((requests) -> parts.add(new BatchPart<>(requests, true)));
		return parts;
	}

	/**
	 * Requests that run together.
	 *
	 * @param blocked whether all of them are for one session that is blocked
	 */
	record BatchPart<Q, A>(List<PendingRequest<Q, A>> requests, boolean blocked) {
	}

}
