package dev.agentsessions.write.batch;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

import dev.agentsessions.agent.AgentSwitch;
import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.write.HeldContext;
import dev.agentsessions.write.KeptAnswer;
import dev.agentsessions.write.LockedSession;
import dev.agentsessions.write.Write;
import org.jspecify.annotations.Nullable;

/**
 * What the writes of a batch come to: each session as it was found and as they leave it,
 * and the rows that are to be added. Each row of a table is written once, with its final
 * values; what one write of the batch adds and a later one takes away is not written.
 */
final class Rows {

	private final Map<SessionKey, Changed> sessions = new LinkedHashMap<>();

	private final List<MessageRow> messages = new ArrayList<>();

	private final List<SwitchRow> switches = new ArrayList<>();

	private final List<KeyRow> keys = new ArrayList<>();

	/** Adds what has been decided on. */
	void add(LockedSession before, Write write, Decision decision) {
		LockedSession after = decision.after();
		if (decision.changesAnything()) {
			this.sessions.merge(write.session(), new Changed(before, after),
					(earlier, later) -> new Changed(earlier.before(), later.after()));
		}
		Instant at = Objects.requireNonNull(decision.written()).at();
		long seq = decision.firstSeq();
		for (NewMessage message : decision.messages()) {
			this.messages.add(new MessageRow(write.session(), after.id(), seq++, at, message));
		}
		for (AgentSwitch made : decision.made()) {
			this.switches.add(new SwitchRow(write.session(), after.id(), after.contextId(), made));
		}
		if (write.key() != null) {
			String key = write.key().key();
			this.keys.add(new KeyRow(after.id(), key, Objects.requireNonNull(after.kept().get(key))));
		}
	}

	boolean areNone() {
		return this.sessions.isEmpty() && this.keys.isEmpty();
	}

	/** The sessions that have changed. */
	List<Changed> sessions() {
		return List.copyOf(this.sessions.values());
	}

	/** Those that are to be found by something else than before. */
	List<Changed> withNewTerms() {
		return this.sessions.values().stream().filter(Changed::hasNewTerms).toList();
	}

	/** The new messages that no later write of the batch has removed again. */
	List<MessageRow> messages() {
		return this.messages.stream().filter((row) -> row.seq() >= after(row.session()).firstSeq()).toList();
	}

	/** The new switches that no later write of the batch has removed again. */
	List<SwitchRow> switches() {
		return this.switches.stream().filter((row) -> {
			HeldContext held = after(row.session()).context();
			return held != null && row.made().switchNo() >= held.firstSwitchNo();
		}).toList();
	}

	List<ContextRow> newContexts() {
		return contexts(Changed::hasNewContext);
	}

	List<ContextRow> changedContexts() {
		return contexts(Changed::hasChangedContext);
	}

	List<KeyRow> keys() {
		return this.keys;
	}

	private List<ContextRow> contexts(Predicate<Changed> condition) {
		return this.sessions.values()
			.stream()
			.filter(condition)
			.map((session) -> new ContextRow(session.after().id(), session.before().context(),
					Objects.requireNonNull(session.after().context())))
			.toList();
	}

	private LockedSession after(SessionKey session) {
		return Objects.requireNonNull(this.sessions.get(session)).after();
	}

	/** A session that has changed. */
	record Changed(LockedSession before, LockedSession after) {

		boolean isNew() {
			return !this.before.exists();
		}

		boolean hasNewLog() {
			return this.before.exists() && this.after.firstSeq() != this.before.firstSeq();
		}

		boolean hasNewDetails() {
			return this.after.details() != this.before.details();
		}

		/** Whether it is to be found by something else than before. */
		boolean hasNewTerms() {
			return hasNewDetails() && !this.after.details().hasTermsOf(this.before.details());
		}

		/**
		 * Whether its log has changed while it says that this was some time ago, or it
		 * says so now of what has changed before: whoever looks for changes by the last
		 * activity would overlook it.
		 */
		boolean hasOlderActivity() {
			Instant activity = this.after.lastActivity();
			Instant lastMessageAt = this.after.lastMessageAt();
			return (this.after.lastSeq() != this.before.lastSeq()
					&& (lastMessageAt == null || activity.isBefore(lastMessageAt)))
					|| (this.before.exists() && activity.isBefore(this.before.lastActivity()));
		}

		/** Whether anything of its row is new that most writes leave. */
		boolean hasRareChange() {
			return hasNewDetails() || this.after.removed() || newView() != null;
		}

		/** Null if it stays. */
		@Nullable JsonText newView() {
			return (this.after.view().no() == this.before.view().no()) ? null
					: this.after.view().json(this.after.firstSeq());
		}

		boolean hasNewContext() {
			return this.before.context() == null && this.after.context() != null;
		}

		boolean hasChangedContext() {
			return this.before.context() != null && this.after.context() != null
					&& this.after.context() != this.before.context();
		}

		boolean hasLostContext() {
			return this.before.context() != null && this.after.context() == null;
		}

		boolean hasLostSwitches() {
			return hasChangedContext() && firstSwitchNo() > 0;
		}

		/** Switches below it are gone. */
		long firstSwitchNo() {
			HeldContext context = this.after.context();
			return (context != null) ? context.firstSwitchNo() : 0;
		}

	}

	record MessageRow(SessionKey session, long sessionDbId, long seq, Instant at, NewMessage message) {
	}

	/** What is new or has changed of a context. */
	record ContextRow(long sessionDbId, @Nullable HeldContext before, HeldContext context) {

		/** What the metadata of the context becomes; null if they stay as they are. */
		@Nullable JsonText newMetadata() {
			return (this.before != null && this.before.metadata() == this.context.metadata()) ? null
					: this.context.metadata();
		}

	}

	record SwitchRow(SessionKey session, long sessionDbId, long contextId, AgentSwitch made) {

		/** The metadata of the switch; null if it has none. */
		@Nullable JsonText metadata() {
			return (this.made.metadata() != JsonText.EMPTY_OBJECT) ? this.made.metadata() : null;
		}

	}

	record KeyRow(long sessionDbId, String key, KeptAnswer answer) {
	}

}
