package dev.agentsessions.exactness;

import java.util.EnumSet;
import java.util.Set;

import dev.agentsessions.exactness.SessionLedger.Fate;
import dev.agentsessions.exactness.StoreClient.Answer;
import org.jspecify.annotations.Nullable;

/**
 * The attempts at one write, one after the other or at once, and what follows from their
 * answers. They must not contradict each other.
 */
final class Attempts {

	private final Write write;

	private final SessionLedger session;

	private final Ledger ledger;

	private final Set<Outcome> outcomes = EnumSet.noneOf(Outcome.class);

	private @Nullable Receipt receipt;

	private int fresh;

	private boolean sessionMissing;

	Attempts(Write write, Ledger ledger) {
		this.write = write;
		this.ledger = ledger;
		this.session = ledger.session(write.session());
	}

	/** The server can't have the whole request, or said that it did nothing. */
	void notDone() {
		this.outcomes.add(Outcome.NOT_DONE);
	}

	/** The request may have arrived, and there is no answer. */
	void unanswered() {
		this.outcomes.add(Outcome.UNKNOWN);
	}

	void answered(Answer answer, long lastBefore) {
		this.sessionMissing = false;
		if (answer.status() == 201) {
			done(answer, lastBefore);
		}
		else if (answer.isProblem(503, "busy")) {
			this.ledger.count("busy");
			notDone();
		}
		else if (answer.isProblem(503, "outcome-unknown")) {
			this.ledger.count("outcome-unknown");
			unanswered();
		}
		else if (isDueRefusal(answer, lastBefore)) {
			this.ledger.count("refused " + answer.status());
			this.outcomes.add(Outcome.REFUSED);
		}
		else if (this.write.kind() == Write.Kind.SWITCH && answer.isProblem(404, "session-not-found")
				&& lastBefore == 0) {
			this.sessionMissing = true;
			notDone();
		}
		else {
			unanswered();
			violation("was answered " + answer);
		}
		if (this.outcomes.contains(Outcome.DONE) && this.outcomes.contains(Outcome.REFUSED)) {
			violation("was refused although its key was known: " + answer);
		}
	}

	private boolean isDueRefusal(Answer answer, long lastBefore) {
		if (this.write.expectedLast() != null && answer.isProblem(412, "sequence-conflict")) {
			long last = answer.json().path("last_seq").asLong(-1);
			return last >= lastBefore && last != this.write.expectedLast();
		}
		return this.write.fromAgent() != null && answer.isProblem(409, "agent-conflict");
	}

	private void done(Answer answer, long lastBefore) {
		Receipt told = Receipt.of(this.write, answer.json());
		boolean replayed = answer.header("Idempotency-Replayed").equals("true");
		this.fresh += replayed ? 0 : 1;
		if (this.fresh > 1) {
			violation("was done twice: " + this.receipt + ", " + told);
		}
		if (this.receipt != null && !this.receipt.equals(told)) {
			violation("has two receipts: " + this.receipt + ", " + told);
		}
		if (!replayed && !this.write.messages().isEmpty() && told.firstSeq() <= lastBefore) {
			violation("was done anew at " + told + ", though message " + lastBefore + " was there before");
		}
		String fault = told.fault(this.write);
		if (!fault.isEmpty()) {
			violation(fault + ": " + answer);
		}
		this.ledger.count(replayed ? "replayed" : this.write.kind() + " done");
		this.outcomes.add(Outcome.DONE);
		this.receipt = told;
		this.session.acknowledge(this.write, told);
	}

	/** Whether there is nothing left to find out. */
	boolean isSettled() {
		return this.outcomes.contains(Outcome.DONE) || this.outcomes.contains(Outcome.REFUSED);
	}

	/** Whether it waits for somebody who makes the session. */
	boolean isSessionMissing() {
		return this.sessionMissing;
	}

	boolean isDone() {
		return this.outcomes.contains(Outcome.DONE);
	}

	/**
	 * A refusal settles it even if an earlier attempt is still under way: what it waits
	 * for never comes back. Without any, one unknown attempt may yet be done.
	 */
	void close() {
		Fate fate = isDone() ? Fate.DONE
				: (!isSettled() && this.outcomes.contains(Outcome.UNKNOWN)) ? Fate.UNKNOWN : Fate.NOT_DONE;
		this.ledger.count("settled " + fate);
		this.session.settle(this.write, fate, this.receipt);
	}

	private void violation(String what) {
		this.ledger.violation(this.write.kind() + " " + this.write.id() + " in " + this.write.session() + " " + what);
	}

	/** What one attempt came to; refused is not done for good. */
	private enum Outcome {

		DONE, REFUSED, NOT_DONE, UNKNOWN

	}

}
