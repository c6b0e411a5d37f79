package dev.agentsessions.exactness;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

import dev.agentsessions.exactness.Receipt.Switch;
import dev.agentsessions.exactness.SessionLedger.Fate;
import dev.agentsessions.exactness.SessionLedger.Settled;
import dev.agentsessions.exactness.StoredSession.StoredMessage;
import org.jspecify.annotations.Nullable;

/**
 * One session that many wrote to: each write is there exactly as its client was told, or
 * not at all, or, if its client was told nothing, one or the other.
 */
final class SessionAudit {

	private final SessionLedger ledger;

	private final @Nullable StoredSession stored;

	private final Consumer<String> violations;

	/** Where each message is, by its content. */
	private final Map<Sent, Long> places = new HashMap<>();

	/** Each switch by the agent it leads to. */
	private final Map<String, Switch> switches = new HashMap<>();

	SessionAudit(SessionLedger ledger, @Nullable StoredSession stored, Consumer<String> violations) {
		this.ledger = ledger;
		this.stored = stored;
		this.violations = violations;
	}

	void run() {
		List<StoredMessage> messages = (this.stored != null) ? this.stored.messages() : List.of();
		messages.forEach(this::place);
		checkSwitches();
		List<Settled> settled = this.ledger.settled();
		settled.forEach(this::check);
		long known = settled.stream().mapToLong((each) -> present(each.write())).sum();
		if (known != messages.size()) {
			this.violations.accept("holds " + messages.size() + " messages, " + known + " of which are known");
		}
		long keys = settled.stream().filter((each) -> each.write().key() != null && isThere(each.write())).count();
		if (this.stored != null && this.stored.keys() != keys) {
			this.violations.accept("keeps " + this.stored.keys() + " keys for " + keys + " writes with one");
		}
		this.ledger.log().forEach((seq, sent) -> {
			if (!Objects.equals(this.places.get(sent), seq)) {
				this.violations.accept("has lost message " + seq + ", which somebody was told of: " + sent);
			}
		});
		this.ledger.switches().forEach((no, made) -> {
			if (!made.equals(this.switches.get(made.toAgent()))) {
				this.violations.accept("has lost switch " + no + ", which somebody was told of: " + made);
			}
		});
	}

	private void place(StoredMessage message) {
		Sent sent = new Sent(message.content());
		Long before = this.places.put(sent, message.seq());
		if (before != null) {
			this.violations.accept("holds a message twice, as " + before + " and as " + message);
		}
		if (!sent.role().equals(message.role()) || sent.tokens() != message.tokens()) {
			this.violations.accept("holds a mixture: " + message);
		}
	}

	/** Numbered from 1 without gaps, each from where the one before led to. */
	private void checkSwitches() {
		if (this.stored == null) {
			return;
		}
		String holder = null;
		long no = 0;
		long seq = 0;
		for (Switch made : this.stored.switches()) {
			boolean follows = made.no() == ++no && made.atSeq() >= seq
					&& (no == 1 || Objects.equals(made.fromAgent(), holder));
			if (!follows || this.switches.put(made.toAgent(), made) != null) {
				this.violations.accept("has " + made + " after switch " + (no - 1) + " to " + holder + " at " + seq);
			}
			holder = made.toAgent();
			seq = made.atSeq();
		}
		StoredSession.Context context = this.stored.context();
		boolean counted = (context != null) ? context.switchCount() == no && context.currentAgent().equals(holder)
				: no == 0;
		if (!counted || this.stored.counters().lastSwitchNo() != no) {
			this.violations.accept(context + " and " + this.stored.counters() + " do not count " + no + " switches");
		}
	}

	private void check(Settled settled) {
		Write write = settled.write();
		boolean there = isThere(write);
		if (settled.fate() == Fate.DONE && !isWhole(write, Objects.requireNonNull(settled.receipt()))) {
			this.violations.accept("has lost " + write + ", acknowledged as " + settled.receipt());
		}
		else if (settled.fate() == Fate.NOT_DONE && there) {
			this.violations.accept("holds what was not to be done: " + write);
		}
		else if (there && !isWhole(write, found(write))) {
			this.violations.accept("holds a part of " + write);
		}
	}

	/** Whether anything of it is there. */
	private boolean isThere(Write write) {
		return present(write) > 0 || (write.toAgent() != null && this.switches.containsKey(write.toAgent()));
	}

	private long present(Write write) {
		return write.messages().stream().filter(this.places::containsKey).count();
	}

	/** Whether all of it is there, exactly where the receipt says. */
	private boolean isWhole(Write write, Receipt receipt) {
		for (int i = 0; i < write.messages().size(); i++) {
			if (!Objects.equals(this.places.get(write.messages().get(i)), receipt.firstSeq() + i)) {
				return false;
			}
		}
		return receipt.fault(write).isEmpty()
				&& (write.toAgent() == null || Objects.equals(this.switches.get(write.toAgent()), receipt.made()));
	}

	/** The receipt that nobody got. */
	private Receipt found(Write write) {
		long first = write.messages().isEmpty() ? 0 : this.places.getOrDefault(write.messages().get(0), -1L);
		return new Receipt(first, write.messages().isEmpty() ? 0 : first + write.messages().size() - 1,
				(write.toAgent() != null) ? this.switches.get(write.toAgent()) : null);
	}

}
