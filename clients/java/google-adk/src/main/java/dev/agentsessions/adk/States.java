package dev.agentsessions.adk;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

import dev.agentsessions.client.SessionClient;
import dev.agentsessions.client.StoreException;
import dev.agentsessions.client.agent.Turn;
import dev.agentsessions.client.message.Message;
import dev.agentsessions.client.message.MessageQuery;
import dev.agentsessions.client.session.Session;
import dev.agentsessions.client.session.SessionDetails;
import dev.agentsessions.client.session.SessionUpdate;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Logs whose messages change a state: what it is, is what all of them together make of
 * it, so that writers who know nothing of each other lose no change. What it was at some
 * message is kept beside the log from time to time, and is right whoever writes it last.
 */
final class States {

	private static final String SNAPSHOT = "adk_state";

	private static final String DELTA = "adk_delta";

	/** How many messages are read again rather than what they made kept. */
	private static final int MOST_BEHIND_A_SNAPSHOT = 100;

	/** A log that has no time to leave is taken for idle after a day. */
	private static final Instant NEVER = Instant.parse("9999-12-31T00:00:00Z");

	private States() {
	}

	/** A state as it was at a message. */
	record Snapshot(long seq, Map<String, Object> state) {

		static Snapshot of(Session session) {
			if (session.metadata().get(SNAPSHOT) instanceof Map<?, ?> kept && kept.get("seq") instanceof Number seq
					&& kept.get("state") instanceof Map<?, ?> state) {
				return new Snapshot(seq.longValue(), changed(Map.of(), Json.plain(state)));
			}
			return new Snapshot(0, new ConcurrentHashMap<>());
		}

		Snapshot after(Message message, Map<String, @Nullable Object> delta) {
			long at = (message.seq() != null) ? message.seq() : 0;
			return (at > this.seq) ? new Snapshot(at, delta.isEmpty() ? this.state : changed(this.state, delta)) : this;
		}

		private static Map<String, Object> changed(Map<String, Object> state, Map<String, @Nullable Object> delta) {
			Map<String, Object> changed = new ConcurrentHashMap<>(state);
			delta.forEach((key, value) -> {
				if (value != null) {
					changed.put(key, value);
				}
				else {
					changed.remove(key);
				}
			});
			return changed;
		}

		/** As metadata of the session, beside what others have there. */
		Map<String, Object> besides(Map<String, @Nullable Object> metadata) {
			Map<String, @Nullable Object> all = new LinkedHashMap<>(metadata);
			all.put(SNAPSHOT, Map.of("seq", this.seq, "state", this.state));
			return all;
		}

	}

	/** The state of a log that has nothing else; empty if there is no such log. */
	static Mono<Map<String, Object>> read(SessionClient log) {
		return log.get()
			.flatMap((session) -> now(log, session, States::delta))
			.map(Snapshot::state)
			.onErrorResume(StoreException.NotFound.class, (missing) -> Mono.just(Map.of()));
	}

	/**
	 * The state of a log as it is now.
	 * @param delta what a message changes
	 */
	static Mono<Snapshot> now(SessionClient log, Session session,
			Function<Message, Map<String, @Nullable Object>> delta) {
		Snapshot kept = Snapshot.of(session);
		if (session.lastSeq() <= kept.seq()) {
			return Mono.just(kept);
		}
		return log.messages(MessageQuery.ALL.after(kept.seq()))
			.reduce(kept, (state, message) -> state.after(message, delta.apply(message)))
			.flatMap((state) -> keep(log, session, state).thenReturn(state));
	}

	/** Keeps a state if many messages would have to be read again for it. */
	static Mono<Void> keep(SessionClient log, Session session, Snapshot state) {
		if (!session.isActive() || state.seq() - Snapshot.of(session).seq() < MOST_BEHIND_A_SNAPSHOT) {
			return Mono.empty();
		}
		return log.update(SessionUpdate.NONE.metadata(state.besides(session.metadata())))
			.onErrorComplete(StoreException.class) // too large, say: it is read again
			.then();
	}

	/** Changes a state; null removes a key. */
	static Mono<Void> change(SessionClient log, SessionDetails details, Map<String, @Nullable Object> delta) {
		if (delta.isEmpty()) {
			return Mono.empty();
		}
		Message message = Message.of(Map.of("type", DELTA, "delta", delta));
		return log.turn(Turn.of(message).session(details.expiresAt(NEVER))).then();
	}

	private static Map<String, @Nullable Object> delta(Message message) {
		return (message.fields().get("delta") instanceof Map<?, ?> delta) ? Json.plain(delta) : Map.of();
	}

}
