package dev.agentsessions.write.batch;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.agentsessions.agent.AgentProblems;
import dev.agentsessions.agent.AgentSwitch;
import dev.agentsessions.agent.NewSwitch;
import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.message.MessageProblems;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.session.SessionDetails;
import dev.agentsessions.session.SessionProblems;
import dev.agentsessions.view.View;
import dev.agentsessions.write.ContextChange;
import dev.agentsessions.write.HeldContext;
import dev.agentsessions.write.IdempotencyKey;
import dev.agentsessions.write.KeptAnswer;
import dev.agentsessions.write.LockedSession;
import dev.agentsessions.write.Write;
import dev.agentsessions.write.Write.Fate;
import dev.agentsessions.write.Write.Target;
import dev.agentsessions.write.Writes;
import dev.agentsessions.write.Written;
import org.jspecify.annotations.Nullable;

/**
 * What a write does to a session, or why it does nothing: a function of the session as it
 * is locked and the write, the same on every engine. The next write of a batch to the
 * same session is decided on what this one leaves.
 *
 * @param after the session after it; the same object if there is nothing to write
 * @param written null if it is refused
 * @param messages the messages that it adds: the last ones of the log after it
 * @param made the switches that it adds
 * @param refusal null if it is not refused
 */
record Decision(LockedSession after, @Nullable Written written, List<NewMessage> messages, List<AgentSwitch> made,
		@Nullable ProblemException refusal) {

	/**
	 * Decides on a write.
	 * @param clock the time after the session was locked
	 */
	static Decision of(LockedSession session, Write write, Instant clock) {
		if (session.isDeleted() && write.fate() != Fate.RESTORED && write.fate() != Fate.REMOVED) {
			return refused(session, SessionProblems.deleted());
		}
		if (isOtherSession(session, write)) {
			return refused(session, SessionProblems.notFound());
		}
		IdempotencyKey key = write.key();
		KeptAnswer kept = (key != null) ? session.kept().get(key.key()) : null;
		if (kept != null) {
			return key.isOf(kept) ? answeredAgain(session, Written.again(session, kept))
					: refused(session, IdempotencyKey.reused());
		}
		KnownMessages known = KnownMessages.of(session, write);
		if (known.areAll()) {
			Written again = known.answer();
			return answeredAgain(keeping(session, write, again), again);
		}
		ProblemException refusal = isOutdated(session, write) ? Writes.CHANGED
				: (known.refusal() != null) ? known.refusal() : refusal(session, write);
		if (refusal != null) {
			return refused(session, refusal);
		}
		try {
			return done(session, write, known, clock);
		}
		catch (ProblemException impossible) {
			return refused(session, impossible);
		}
	}

	/** The number of the first message that it adds. */
	long firstSeq() {
		return this.after.lastSeq() - this.messages.size() + 1;
	}

	/** Whether it does anything to the session that can be seen. */
	boolean changesAnything() {
		return this.written != null && !this.written.replayed();
	}

	static Decision refused(LockedSession session, ProblemException refusal) {
		return new Decision(session, null, List.of(), List.of(), refusal);
	}

	private static Decision answeredAgain(LockedSession session, Written written) {
		return new Decision(session, written, List.of(), List.of(), null);
	}

	/**
	 * What ids have told is kept under the key as well, as if the first request had come
	 * with it, which is also when it is forgotten: the messages may leave the log before.
	 */
	private static LockedSession keeping(LockedSession session, Write write, Written answer) {
		return (write.key() == null) ? session : session
			.with(session.contextId(), session.context(), kept(session, write,
					new KeptAnswer(fingerprint(write), answer.firstSeq(), answer.lastSeq(), null, answer.at(), null)));
	}

	private static @Nullable ProblemException refusal(LockedSession session, Write write) {
		if (!session.exists() && write.target() == Target.EXISTING) {
			return SessionProblems.notFound();
		}
		if (session.exists() && write.target() == Target.NEW) {
			return SessionProblems.exists();
		}
		if (write.fate() == Fate.RESTORED && !session.isDeleted()) {
			return SessionProblems.notDeleted();
		}
		if (isOtherView(session, write)) {
			return MessageProblems.conflict(session.lastSeq(), session.view().no());
		}
		if (write.expectedLast() != null && write.expectedLast() != session.lastSeq()) {
			return (write.expectedView() != null) ? MessageProblems.conflict(session.lastSeq(), session.view().no())
					: MessageProblems.conflict(session.lastSeq());
		}
		return agentRefusal(session.context(), session, write);
	}

	/** Whether the one that is meant is gone, whoever has its name now. */
	private static boolean isOtherSession(LockedSession session, Write write) {
		return write.expectedRow() != null && (!session.exists() || session.id() != write.expectedRow());
	}

	/** Whether log or view are not those any more that it was worked out on. */
	private static boolean isOutdated(LockedSession session, Write write) {
		return write.expectedLog() != null
				&& (!write.expectedLog().equals(session.log()) || isOtherView(session, write));
	}

	private static boolean isOtherView(LockedSession session, Write write) {
		return write.expectedView() != null && write.expectedView() != session.view().no();
	}

	private static @Nullable ProblemException agentRefusal(@Nullable HeldContext held, LockedSession session,
			Write write) {
		NewSwitch wanted = write.agentSwitch();
		// before the first switch nobody holds the session: whoever is named then is only
		// written down
		if (wanted != null && wanted.fromAgent() != null && held != null
				&& !wanted.fromAgent().equals(held.currentAgent())) {
			return AgentProblems.conflict(held.currentAgent());
		}
		ContextChange change = write.context();
		if (change == null) {
			return null;
		}
		if (change.currentAgent() == null && held == null && wanted == null) {
			return AgentProblems.noContext();
		}
		return (change.compared() != null && !change.compared().isStillSo(session)) ? Writes.CHANGED : null;
	}

	private static Decision done(LockedSession session, Write write, KnownMessages known, Instant clock) {
		Instant at = latest(clock, session.lastMessageAt());
		List<NewMessage> messages = write.messages().subList(known.skipped(), write.messages().size());
		long base = session.lastSeq() + (write.replacesLog() ? 1 : 0);
		long last = base + messages.size();
		AgentChanges agents = new AgentChanges(session, last, at);
		if (write.agentSwitch() != null) {
			agents.switchTo(write.agentSwitch());
		}
		if (write.context() != null) {
			agents.change(write.context());
		}
		JsonText madeSwitch = (write.agentSwitch() != null) ? agents.made.get(0).json() : null;
		Long first = messages.isEmpty() ? null : (known.skipped() > 0) ? Long.valueOf(known.firstSeq()) : base + 1;
		View view = (write.view() == null) ? null
				: session.view()
					.next(last, write.view().apply(session.view(), session.firstSeq(), session.lastSeq()),
							write.view().summarizes());
		LockedSession after = after(session, write, messages, at, base, agents, view,
				kept(session, write, new KeptAnswer(fingerprint(write), first, last, madeSwitch, at,
						KeptAnswer.json(view, session.firstSeq()))));
		Written written = new Written(after.row(), after.context(), first, last, madeSwitch, at, false, view,
				known.skipped());
		return new Decision(after, written, messages, agents.made, null);
	}

	private static LockedSession after(LockedSession session, Write write, List<NewMessage> messages, Instant at,
			long base, AgentChanges agents, @Nullable View view, Map<String, KeptAnswer> kept) {
		long tokens = write.replacesLog() ? 0 : session.totalTokens();
		for (NewMessage message : messages) {
			tokens += message.tokens();
		}
		Fate fate = write.fate();
		boolean leaves = fate == Fate.DELETED || fate == Fate.REMOVED;
		Instant deletedAt = leaves ? ((session.deletedAt() != null) ? session.deletedAt() : at) : null;
		Instant activity = (write.lastActivity() != null) ? write.lastActivity() : leaves ? session.lastActivity() : at;
		Instant lastMessageAt = !messages.isEmpty() ? at : write.replacesLog() ? null : session.lastMessageAt();
		return new LockedSession(session.key(), true, session.id(), write.replacesLog() ? base + 1 : session.firstSeq(),
				base + messages.size(), agents.lastSwitchNo, tokens, session.exists() ? session.createdAt() : at,
				activity, lastMessageAt, deletedAt, details(session, write, at), agents.held, session.contextId(),
				fate == Fate.REMOVED, view(session, write, view), session.forkedFrom(), kept,
				KnownMessages.after(session, write, messages, base, at));
	}

	/** What is restored stays, even if it had expired. */
	private static SessionDetails details(LockedSession session, Write write, Instant at) {
		SessionDetails details = (write.details() != null) ? write.details().apply(session.details())
				: session.details();
		return (write.fate() == Fate.RESTORED) ? details.restoredAt(at) : details;
	}

	/** A new log is seen as a whole. */
	private static View view(LockedSession session, Write write, @Nullable View changed) {
		return (changed != null) ? changed : write.replacesLog() ? View.numbered(session.view().no()) : session.view();
	}

	private static String fingerprint(Write write) {
		return (write.key() != null) ? write.key().fingerprint() : "";
	}

	private static Map<String, KeptAnswer> kept(LockedSession session, Write write, KeptAnswer answer) {
		IdempotencyKey key = write.key();
		if (key == null) {
			return session.kept();
		}
		Map<String, KeptAnswer> kept = new HashMap<>(session.kept());
		kept.put(key.key(), answer);
		return kept;
	}

	private static Instant latest(Instant clock, @Nullable Instant other) {
		return (other != null && other.isAfter(clock)) ? other : clock;
	}

	/** What becomes of the agents of a session. */
	private static final class AgentChanges {

		private final long contextId;

		private final long atSeq;

		private final Instant at;

		private @Nullable HeldContext held;

		private long lastSwitchNo;

		private final List<AgentSwitch> made = new ArrayList<>();

		AgentChanges(LockedSession session, long atSeq, Instant at) {
			this.held = session.context();
			this.contextId = session.contextId();
			this.lastSwitchNo = session.lastSwitchNo();
			this.atSeq = atSeq;
			this.at = at;
		}

		void switchTo(NewSwitch wanted) {
			HeldContext last = this.held;
			String from = (last != null) ? last.currentAgent() : wanted.fromAgent();
			add(List.of(new NewSwitch(from, wanted.toAgent(), wanted.reason(), wanted.metadata(), this.at)));
			HeldContext before = (last != null) ? last : begin(wanted.toAgent());
			this.held = new HeldContext(before.id(), wanted.toAgent(), before.switchCount() + 1, before.createdAt(),
					this.at, before.metadata(), this.at, before.firstSwitchNo());
		}

		void change(ContextChange change) {
			if (change.removes()) {
				// it takes a number, so that a follower can tell
				this.lastSwitchNo++;
				this.held = null;
				return;
			}
			HeldContext before = (this.held != null) ? this.held : begin(String.valueOf(change.currentAgent()));
			ContextChange.Compared compared = change.compared();
			List<NewSwitch> switches = change.switches();
			long firstNo = before.firstSwitchNo();
			long count = before.switchCount();
			Instant lastSwitchAt = before.lastSwitchAt();
			if (compared != null && switches != null) {
				if (compared.replaced()) {
					firstNo = ++this.lastSwitchNo;
					lastSwitchAt = null;
				}
				add(switches);
				lastSwitchAt = this.made.isEmpty() ? lastSwitchAt : this.made.get(this.made.size() - 1).switchedAt();
				count = switches.size() + (compared.replaced() ? 0 : compared.count());
			}
			this.held = new HeldContext(before.id(),
					(change.currentAgent() != null) ? change.currentAgent() : before.currentAgent(),
					(change.switchCount() != null) ? change.switchCount() : count,
					(change.createdAt() != null) ? change.createdAt() : before.createdAt(), this.at,
					(change.metadata() != null) ? change.metadata() : before.metadata(), lastSwitchAt, firstNo);
		}

		private HeldContext begin(String agent) {
			return new HeldContext(this.contextId, agent, 0, this.at, this.at, null, null, this.lastSwitchNo);
		}

		private void add(List<NewSwitch> switches) {
			for (NewSwitch each : switches) {
				this.made.add(new AgentSwitch(++this.lastSwitchNo, each.fromAgent(), each.toAgent(),
						(each.switchedAt() != null) ? each.switchedAt() : this.at, each.reason(),
						(each.metadata() != null) ? each.metadata() : JsonText.EMPTY_OBJECT, this.atSeq));
			}
		}

	}

}
