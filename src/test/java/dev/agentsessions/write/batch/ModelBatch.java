package dev.agentsessions.write.batch;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.session.SessionDetails;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.view.View;
import dev.agentsessions.write.HeldContext;
import dev.agentsessions.write.KeptAnswer;
import dev.agentsessions.write.LockedSession;
import dev.agentsessions.write.LockedSession.KnownMessage;
import dev.agentsessions.write.Write;
import dev.agentsessions.write.Written;
import dev.agentsessions.write.batch.Rows.Changed;
import dev.agentsessions.write.batch.Rows.ContextRow;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The rows of a {@link ModelStore}, locked and written to as a batch does it.
 */
final class ModelBatch {

	private final ModelStore tables;

	private long contextIds;

	ModelBatch(ModelStore tables) {
		this.tables = tables;
	}

	/** Decides on the writes, writes what comes of them, and says what that is. */
	List<String> write(List<Write> writes, Instant now) {
		Map<SessionKey, LockedSession> sessions = new HashMap<>();
		Wanted.of(writes).forEach((wanted) -> sessions.put(wanted.session(), lock(wanted)));
		Rows rows = new Rows();
		List<String> outcomes = new ArrayList<>();
		for (Write write : writes) {
			LockedSession session = sessions.get(write.session());
			Decision decision = Decision.of(session, write, now);
			if (decision.after() != session) {
				rows.add(session, write, decision);
			}
			sessions.put(write.session(), decision.after());
			outcomes.add(outcome(decision));
		}
		write(rows);
		return outcomes;
	}

	private static String outcome(Decision decision) {
		Written written = decision.written();
		if (written == null) {
			return decision.refusal().problem().name();
		}
		return (written.replayed() ? "again " : "done ")
				+ answer(written.firstSeq(), written.lastSeq(), written.agentSwitch());
	}

	/** As the model says it. */
	private static String answer(@Nullable Long firstSeq, long lastSeq, @Nullable JsonText agentSwitch) {
		String made = "";
		if (agentSwitch != null) {
			String json = agentSwitch.json();
			String from = json.contains("\"from_agent\"") ? json.replaceAll(".*\"from_agent\":\"([^\"]*)\".*", "$1")
					: "null";
			made = " switch " + json.replaceAll(".*\"switch_no\":(\\d+).*", "$1") + " from " + from;
		}
		return firstSeq + "-" + lastSeq + made;
	}

	private LockedSession lock(Wanted wanted) {
		ModelStore.Session row = this.tables.sessions.get(wanted.session());
		if (row == null) {
			return LockedSession.missing(wanted.session(), wanted.mayBeNew() ? this.tables.nextId(wanted.session()) : 0,
					this.contextIds++);
		}
		ModelStore.Context context = row.context;
		HeldContext held = (context == null || !wanted.agents()) ? null : new HeldContext(context.id, context.agent,
				context.count, context.createdAt, context.updatedAt, wanted.whole() ? context.metadata : null,
				(wanted.whole() && !context.switches.isEmpty()) ? context.switches.lastEntry().getValue().at() : null,
				0);
		Map<String, KeptAnswer> kept = new HashMap<>();
		wanted.keys().forEach((key) -> {
			KeptAnswer answer = row.answers.get(key);
			if (answer != null) {
				kept.put(key, answer);
			}
		});
		return new LockedSession(wanted.session(), true, row.id, row.first, row.last, row.lastSwitchNo, row.tokens,
				row.createdAt, row.activity, row.messageAt, row.deletedAt,
				wanted.whole() ? row.details : SessionDetails.NONE, held,
				(held != null) ? held.id() : this.contextIds++, false, View.numbered(0), null, kept,
				known(row, wanted));
	}

	private static Map<String, KnownMessage> known(ModelStore.Session row, Wanted wanted) {
		Map<String, KnownMessage> known = new HashMap<>();
		row.bodies.forEach((seq, message) -> {
			if (message.id() != null && wanted.messageIds().containsKey(message.id())) {
				known.put(message.id(), new KnownMessage(seq, EncodedMessage.of(seq, row.messageAt, message)));
			}
		});
		return known;
	}

	private void write(Rows rows) {
		Map<SessionKey, ModelStore.Session> changed = new HashMap<>();
		for (Changed each : rows.sessions()) {
			changed.put(each.after().key(), write(each));
		}
		rows.messages().forEach((row) -> {
			ModelStore.Session session = changed.get(row.session());
			put(session.messages, row.seq(), row.message().content() + " at " + row.at());
			session.bodies.put(row.seq(), row.message());
		});
		rows.newContexts().forEach((row) -> {
			ModelStore.Session session = byId(changed, row.sessionDbId());
			if (session.context != null) {
				throw new IllegalStateException("a second context");
			}
			session.context = new ModelStore.Context();
			session.context.id = row.context().id();
			write(session.context, row);
		});
		rows.changedContexts().forEach((row) -> {
			ModelStore.Context context = byId(changed, row.sessionDbId()).context;
			if (context.id != row.context().id()) {
				throw new IllegalStateException("another context");
			}
			write(context, row);
		});
		rows.switches()
			.forEach((row) -> put(changed.get(row.session()).context.switches, row.made().switchNo(),
					new ModelStore.Switch(row.made().fromAgent(), row.made().toAgent(), row.made().atSeq(),
							row.made().switchedAt())));
		rows.keys().forEach((row) -> {
			ModelStore.Session session = keeper(changed, row.sessionDbId());
			put(session.answers, row.key(), row.answer());
			session.keys.put(row.key(), new ModelStore.Kept(row.answer().fingerprint(),
					answer(row.answer().firstSeq(), row.answer().lastSeq(), row.answer().agentSwitch())));
		});
	}

	private ModelStore.Session write(Changed each) {
		LockedSession after = each.after();
		ModelStore.Session row = each.isNew() ? this.tables.create(after.key(), after.createdAt())
				: this.tables.sessions.get(after.key());
		assertThat(row.id).isEqualTo(after.id());
		row.activity = after.lastActivity();
		row.messageAt = after.lastMessageAt();
		row.deletedAt = after.deletedAt();
		row.details = each.hasNewDetails() ? after.details() : row.details;
		row.first = after.firstSeq();
		row.last = after.lastSeq();
		row.lastSwitchNo = after.lastSwitchNo();
		row.tokens = after.totalTokens();
		if (each.hasNewLog()) {
			row.messages.headMap(after.firstSeq()).clear();
			row.bodies.headMap(after.firstSeq()).clear();
		}
		if (each.hasLostContext()) {
			row.context = null;
		}
		if (each.hasLostSwitches()) {
			row.context.switches.headMap(each.firstSwitchNo()).clear();
		}
		if (after.removed()) {
			this.tables.sessions.remove(after.key());
			this.tables.removed.add(row);
		}
		return row;
	}

	private static void write(ModelStore.Context context, ContextRow row) {
		context.agent = row.context().currentAgent();
		context.count = row.context().switchCount();
		context.createdAt = row.context().createdAt();
		context.updatedAt = row.context().updatedAt();
		context.metadata = (row.newMetadata() != null) ? row.newMetadata() : context.metadata;
	}

	/** As a unique index has it. */
	private static <K, V> void put(Map<K, V> rows, K key, V value) {
		if (rows.put(key, value) != null) {
			throw new IllegalStateException("a second row " + key);
		}
	}

	/** Of a session that has a new key nothing else need have changed. */
	private ModelStore.Session keeper(Map<SessionKey, ModelStore.Session> changed, long id) {
		Map<SessionKey, ModelStore.Session> all = new HashMap<>(this.tables.sessions);
		all.putAll(changed);
		return byId(all, id);
	}

	private static ModelStore.Session byId(Map<SessionKey, ModelStore.Session> sessions, long id) {
		return sessions.values().stream().filter((session) -> session.id == id).findFirst().orElseThrow();
	}

}
