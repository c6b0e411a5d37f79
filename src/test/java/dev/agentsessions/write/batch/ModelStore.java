package dev.agentsessions.write.batch;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

import dev.agentsessions.agent.NewSwitch;
import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.message.LogRange;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.session.DetailsChange;
import dev.agentsessions.session.DetailsChange.Field;
import dev.agentsessions.session.SessionDetails;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.write.ContextChange;
import dev.agentsessions.write.IdempotencyKey;
import dev.agentsessions.write.KeptAnswer;
import dev.agentsessions.write.Write;
import dev.agentsessions.write.Write.Fate;
import dev.agentsessions.write.Write.Target;
import org.jspecify.annotations.Nullable;

/**
 * A store that does one write after the other to rows in memory, as plainly as can be:
 * what the contract says, step by step.
 */
final class ModelStore {

	final Map<SessionKey, Session> sessions = new TreeMap<>(
			(one, other) -> one.sessionId().compareTo(other.sessionId()));

	/** Those that were removed, whose rows are still there. */
	final List<Session> removed = new ArrayList<>();

	/** How often a session of each name was created. */
	private final Map<SessionKey, Long> created = new HashMap<>();

	/** Does a write, and says what came of it. */
	String write(Write write, Instant now) {
		Session session = this.sessions.get(write.session());
		boolean isLifeOrDeath = write.fate() == Fate.RESTORED || write.fate() == Fate.REMOVED;
		if (session != null && session.deletedAt != null && !isLifeOrDeath) {
			return "session-deleted";
		}
		Kept kept = (session != null && write.key() != null) ? session.keys.get(write.key().key()) : null;
		if (kept != null) {
			return kept.fingerprint.equals(write.key().fingerprint()) ? "again " + kept.answer
					: "idempotency-key-reused";
		}
		int skipped = stored(session, write);
		if (skipped > 0 && skipped == write.messages().size()) {
			String answer = session.seq(write.messages().get(0)) + "-" + session.seq(write.messages().get(skipped - 1));
			session.keep(write.key(), answer);
			return "again " + answer;
		}
		String refusal = isOutdated(session, write) ? "busy"
				: hasKnown(session, write, skipped) ? "message-exists" : refusal(session, write);
		if (refusal != null) {
			return refusal;
		}
		if (session == null) {
			session = create(write.session(), now);
		}
		return session.write(write, skipped, now);
	}

	/** How many of the messages are not written, for they are there. */
	private static int stored(@Nullable Session session, Write write) {
		List<NewMessage> messages = write.messages();
		if (session == null || write.replacesLog() || write.known() == Write.Known.REFUSED) {
			return 0;
		}
		int stored = 0;
		boolean neighbours = true;
		while (stored < messages.size() && messages.get(stored).id() != null
				&& messages.get(stored).equals(session.bodies.get(session.seq(messages.get(stored))))) {
			neighbours &= session.seq(messages.get(stored)) == session.seq(messages.get(0)) + stored;
			stored++;
		}
		return (write.known() == Write.Known.SKIPPED || (stored == messages.size() && neighbours)) ? stored : 0;
	}

	private static boolean isOutdated(@Nullable Session session, Write write) {
		LogRange log = (session != null) ? new LogRange(session.id, session.first, session.last) : LogRange.NONE;
		return write.expectedLog() != null && !write.expectedLog().equals(log);
	}

	private static boolean hasKnown(@Nullable Session session, Write write, int skipped) {
		List<String> ids = write.messages()
			.subList(skipped, write.messages().size())
			.stream()
			.map(NewMessage::id)
			.filter(Objects::nonNull)
			.toList();
		return !write.replacesLog() && session != null
				&& session.bodies.values()
					.stream()
					.anyMatch((message) -> message.id() != null && ids.contains(message.id()));
	}

	private static @Nullable String refusal(@Nullable Session session, Write write) {
		if (session == null && write.target() == Target.EXISTING) {
			return "session-not-found";
		}
		if (session != null && write.target() == Target.NEW) {
			return "session-exists";
		}
		if (write.fate() == Fate.RESTORED && session != null && session.deletedAt == null) {
			return "session-not-deleted";
		}
		long last = (session != null) ? session.last : 0;
		if (write.expectedLast() != null && write.expectedLast() != last) {
			return "sequence-conflict";
		}
		Context context = (session != null) ? session.context : null;
		NewSwitch wanted = write.agentSwitch();
		if (wanted != null && context != null && wanted.fromAgent() != null
				&& !wanted.fromAgent().equals(context.agent)) {
			return "agent-conflict";
		}
		ContextChange change = write.context();
		if (change != null && change.currentAgent() == null && wanted == null && context == null) {
			return "agent-context-not-found";
		}
		return (change != null && change.compared() != null && session != null
				&& (change.compared().sessionDbId() != session.id
						|| change.compared().lastSwitchNo() != session.lastSwitchNo)) ? "busy" : null;
	}

	/** The row that a session will have which is created next under this name. */
	long nextId(SessionKey key) {
		return 1 + this.created.getOrDefault(key, 0L) * 1000 + key.sessionId().charAt(1);
	}

	Session create(SessionKey key, Instant now) {
		Session session = new Session(nextId(key), now);
		this.created.merge(key, 1L, Long::sum);
		if (this.sessions.put(key, session) != null) {
			throw new IllegalStateException("a second session");
		}
		return session;
	}

	/** All that there is, but for the numbers of rows. */
	String dump() {
		StringBuilder dump = new StringBuilder();
		this.sessions.forEach((key, session) -> dump.append(key.sessionId()).append(' ').append(session).append('\n'));
		return dump.append("removed ").append(this.removed).toString();
	}

	/** What was answered under a key. */
	record Kept(String fingerprint, String answer) {
	}

	/** One change of hands. */
	record Switch(@Nullable String from, String to, long atSeq, Instant at) {
	}

	/** The context of a session. */
	static final class Context {

		long id;

		String agent = "";

		long count;

		Instant createdAt = Instant.EPOCH;

		Instant updatedAt = Instant.EPOCH;

		@Nullable JsonText metadata;

		final TreeMap<Long, Switch> switches = new TreeMap<>();

		@Override
		public String toString() {
			return this.agent + " " + this.count + " " + this.createdAt + " " + this.updatedAt + " " + this.metadata
					+ " " + this.switches;
		}

	}

	/** A session with all that belongs to it. */
	final class Session {

		final long id;

		Instant createdAt;

		Instant activity;

		@Nullable Instant messageAt;

		@Nullable Instant deletedAt;

		SessionDetails details = SessionDetails.NONE;

		long first = 1;

		long last;

		long lastSwitchNo;

		long tokens;

		final TreeMap<Long, String> messages = new TreeMap<>();

		final TreeMap<Long, NewMessage> bodies = new TreeMap<>();

		final Map<String, Kept> keys = new HashMap<>();

		/** The same as it is kept. */
		final Map<String, KeptAnswer> answers = new HashMap<>();

		@Nullable Context context;

		Session(long id, Instant now) {
			this.id = id;
			this.createdAt = now;
			this.activity = now;
		}

		/** Where there is a message with the id of this one; 0 for nowhere. */
		long seq(NewMessage message) {
			return this.bodies.entrySet()
				.stream()
				.filter((entry) -> message.id().equals(entry.getValue().id()))
				.map(Map.Entry::getKey)
				.findFirst()
				.orElse(0L);
		}

		private static SessionDetails changed(SessionDetails old, DetailsChange change) {
			Map<String, Object> fields = new TreeMap<>();
			put(fields, change, Field.METADATA, "m", old.metadata(), change.metadata());
			put(fields, change, Field.OWNER, "o", old.owner(), change.owner());
			put(fields, change, Field.TITLE, "t", old.title(), change.title());
			put(fields, change, Field.EXPIRES_AT, "e", old.expiresAt(), change.expiresAt());
			SortedMap<String, String> labels = new TreeMap<>(old.labels());
			if (change.named().contains(Field.LABELS) && change.labels() == null) {
				labels.clear();
			}
			if (change.named().contains(Field.LABELS) && change.labels() != null) {
				for (Map.Entry<String, @Nullable String> label : change.labels().entrySet()) {
					if (label.getValue() != null) {
						labels.merge(label.getKey(), label.getValue(),
								(before, after) -> change.onlyMissing() ? before : after);
					}
					else {
						labels.remove(label.getKey());
					}
				}
			}
			return new SessionDetails((JsonText) fields.get("m"), (String) fields.get("o"), (String) fields.get("t"),
					labels, (Instant) fields.get("e"));
		}

		private static void put(Map<String, Object> fields, DetailsChange change, Field field, String name,
				@Nullable Object before, @Nullable Object after) {
			boolean stays = !change.named().contains(field) || (change.onlyMissing() && before != null);
			fields.put(name, stays ? before : after);
		}

		private String write(Write write, int skipped, Instant clock) {
			Instant now = (this.messageAt != null && this.messageAt.isAfter(clock)) ? this.messageAt : clock;
			if (write.replacesLog()) {
				this.messages.clear();
				this.bodies.clear();
				this.tokens = 0;
				this.messageAt = null;
				this.last++;
				this.first = this.last + 1;
			}
			List<NewMessage> messages = write.messages().subList(skipped, write.messages().size());
			Long firstOfThese = messages.isEmpty() ? null
					: (skipped > 0) ? Long.valueOf(seq(write.messages().get(0))) : this.last + 1;
			for (NewMessage message : messages) {
				this.last++;
				this.bodies.put(this.last, message);
				this.messages.put(this.last, message.content() + " at " + now);
				this.tokens += message.tokens();
				this.messageAt = now;
			}
			String made = (write.agentSwitch() != null) ? switchTo(write.agentSwitch(), now) : "";
			if (write.context() != null) {
				change(write.context(), now);
			}
			if (write.details() != null) {
				this.details = changed(this.details, write.details());
			}
			if (write.fate() == Fate.RESTORED && this.details.expiresAt() != null
					&& !this.details.expiresAt().isAfter(now)) {
				this.details = new SessionDetails(this.details.metadata(), this.details.owner(), this.details.title(),
						this.details.labels(), null);
			}
			boolean leaves = write.fate() == Fate.DELETED || write.fate() == Fate.REMOVED;
			if (!leaves) {
				this.activity = (write.lastActivity() != null) ? write.lastActivity() : now;
				this.deletedAt = null;
			}
			else if (this.deletedAt == null) {
				this.deletedAt = now;
			}
			if (write.fate() == Fate.REMOVED) {
				ModelStore.this.sessions.remove(write.session());
				ModelStore.this.removed.add(this);
			}
			String answer = firstOfThese + "-" + this.last + made;
			keep(write.key(), answer);
			return "done " + answer;
		}

		void keep(@Nullable IdempotencyKey key, String answer) {
			if (key != null) {
				this.keys.put(key.key(), new Kept(key.fingerprint(), answer));
			}
		}

		private String switchTo(NewSwitch wanted, Instant now) {
			String from = (this.context != null) ? this.context.agent : wanted.fromAgent();
			Context held = context(wanted.toAgent(), now);
			this.lastSwitchNo++;
			held.switches.put(this.lastSwitchNo, new Switch(from, wanted.toAgent(), this.last, now));
			held.agent = wanted.toAgent();
			held.count++;
			held.updatedAt = now;
			return " switch " + this.lastSwitchNo + " from " + from;
		}

		private void change(ContextChange change, Instant now) {
			if (change.removes()) {
				this.context = null;
				this.lastSwitchNo++;
				return;
			}
			Context held = context(String.valueOf(change.currentAgent()), now);
			held.agent = Objects.requireNonNullElse(change.currentAgent(), held.agent);
			held.updatedAt = now;
			held.metadata = (change.metadata() != null) ? change.metadata() : held.metadata;
			held.createdAt = Objects.requireNonNullElse(change.createdAt(), held.createdAt);
			if (change.switches() != null && change.compared() != null) {
				if (change.compared().replaced()) {
					held.switches.clear();
					this.lastSwitchNo++;
				}
				for (NewSwitch each : change.switches()) {
					this.lastSwitchNo++;
					held.switches.put(this.lastSwitchNo, new Switch(each.fromAgent(), each.toAgent(), this.last,
							Objects.requireNonNullElse(each.switchedAt(), now)));
				}
				held.count = held.switches.size();
			}
			held.count = Objects.requireNonNullElse(change.switchCount(), held.count);
		}

		private Context context(String agent, Instant now) {
			Context held = this.context;
			if (held == null) {
				held = new Context();
				held.agent = agent;
				held.createdAt = now;
				this.context = held;
			}
			return held;
		}

		@Override
		public String toString() {
			return this.createdAt + " " + this.activity + " " + this.messageAt + " " + this.deletedAt + " "
					+ this.details + " " + this.first + "-" + this.last + " " + this.lastSwitchNo + " " + this.tokens
					+ " " + this.messages + " " + new TreeMap<>(this.keys) + " " + this.context;
		}

	}

}
