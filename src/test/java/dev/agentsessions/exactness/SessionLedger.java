package dev.agentsessions.exactness;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

import dev.agentsessions.exactness.Receipt.Switch;
import org.jspecify.annotations.Nullable;

/**
 * What was asked of one session that many write to, and what anybody was told of it, by
 * an acknowledgement or by a read.
 */
final class SessionLedger {

	private final String id;

	private final Ledger ledger;

	private final ConcurrentNavigableMap<Long, Sent> log = new ConcurrentSkipListMap<>();

	private final ConcurrentNavigableMap<Long, Switch> switches = new ConcurrentSkipListMap<>();

	private final AtomicLong acknowledgedLast = new AtomicLong();

	private final AtomicLong acknowledgedSwitch = new AtomicLong();

	private final Queue<Settled> settled = new ConcurrentLinkedQueue<>();

	SessionLedger(String id, Ledger ledger) {
		this.id = id;
		this.ledger = ledger;
	}

	String id() {
		return this.id;
	}

	void settle(Write write, Fate fate, @Nullable Receipt receipt) {
		this.settled.add(new Settled(write, fate, receipt));
	}

	List<Settled> settled() {
		return new ArrayList<>(this.settled);
	}

	/** Every read that starts from now on has to show this. */
	void acknowledge(Write write, Receipt receipt) {
		for (int i = 0; i < write.messages().size(); i++) {
			told(receipt.firstSeq() + i, write.messages().get(i));
		}
		this.acknowledgedLast.accumulateAndGet(receipt.lastSeq(), Math::max);
		if (receipt.made() != null) {
			told(receipt.made());
			this.acknowledgedSwitch.accumulateAndGet(receipt.made().no(), Math::max);
		}
	}

	/** Somebody was told that this message has this number. */
	void told(long seq, Sent message) {
		Sent before = this.log.putIfAbsent(seq, message);
		if (before != null && !before.equals(message)) {
			this.ledger.violation(this.id + ": message " + seq + " is " + message + " after it was " + before);
		}
	}

	void told(Switch made) {
		Switch before = this.switches.putIfAbsent(made.no(), made);
		if (before != null && !before.equals(made)) {
			this.ledger.violation(this.id + ": switch " + made.no() + " is " + made + " after it was " + before);
		}
	}

	/** The last message that was acknowledged so far, 0 for none. */
	long acknowledgedLast() {
		return this.acknowledgedLast.get();
	}

	long acknowledgedSwitch() {
		return this.acknowledgedSwitch.get();
	}

	/** All that anybody was told; not to be changed. */
	ConcurrentNavigableMap<Long, Sent> log() {
		return this.log;
	}

	ConcurrentNavigableMap<Long, Switch> switches() {
		return this.switches;
	}

	/** What became of a write, as far as its client can tell. */
	enum Fate {

		DONE, NOT_DONE, UNKNOWN

	}

	/** A write that its client is through with. */
	record Settled(Write write, Fate fate, @Nullable Receipt receipt) {
	}

}
