package dev.agentsessions.write.batch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.agentsessions.message.NewMessage;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.write.IdempotencyKey;
import dev.agentsessions.write.Write;

/**
 * What the writes of a batch have to know of one session.
 *
 * @param mayBeNew whether it may be created
 * @param agents whether they ask who holds it
 * @param whole whether they answer what only they can change
 * @param keys the idempotency keys with which they come
 * @param messageIds the ids of their messages, and how many bytes the one that is sent
 * with each may have as it is stored
 */
record Wanted(SessionKey session, boolean mayBeNew, boolean agents, boolean whole, List<String> keys,
		Map<String, Long> messageIds) {

	/** Each session of these writes once, in the order of its first. */
	static List<Wanted> of(List<Write> writes) {
		Map<SessionKey, Wanted> wanted = new LinkedHashMap<>();
		for (Write write : writes) {
			wanted.merge(write.session(), of(write), Wanted::and);
		}
		return List.copyOf(wanted.values());
	}

	/** Whether anything is asked for that is not in the session's row. */
	boolean needsRelated() {
		return this.agents || !this.keys.isEmpty();
	}

	private static Wanted of(Write write) {
		IdempotencyKey key = write.key();
		return new Wanted(write.session(), write.target() != Write.Target.EXISTING, write.needsContext(),
				write.needsWholeRows(), (key != null) ? List.of(key.key()) : List.of(), messageIds(write));
	}

	private Wanted and(Wanted other) {
		List<String> all = new ArrayList<>(this.keys);
		other.keys.stream().filter((key) -> !all.contains(key)).forEach(all::add);
		return new Wanted(this.session, this.mayBeNew || other.mayBeNew, this.agents || other.agents,
				this.whole || other.whole, all, both(this.messageIds, other.messageIds));
	}

	private static Map<String, Long> messageIds(Write write) {
		if (!write.hasIds()) {
			return Map.of();
		}
		Map<String, Long> sizes = new HashMap<>();
		for (NewMessage message : write.messages()) {
			if (message.id() != null) {
				sizes.merge(message.id(), message.mostStoredBytes(), Math::max);
			}
		}
		return sizes;
	}

	private static Map<String, Long> both(Map<String, Long> some, Map<String, Long> others) {
		if (some.isEmpty() || others.isEmpty()) {
			return some.isEmpty() ? others : some;
		}
		Map<String, Long> all = new HashMap<>(some);
		others.forEach((id, size) -> all.merge(id, size, Math::max));
		return all;
	}

}
