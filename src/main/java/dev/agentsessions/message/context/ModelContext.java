package dev.agentsessions.message.context;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a model gets of a view: its instructions, and the newest groups of messages that
 * fit behind them.
 */
final class ModelContext {

	private final ContextLimits limits;

	private final List<ModelMessage> instructions;

	private final List<ModelMessage> taken = new ArrayList<>();

	private final List<LeftOut> leftOut = new ArrayList<>();

	private final Set<String> pending = new LinkedHashSet<>();

	private long tokens;

	/** Whether a group did not fit, so that nothing before it is wanted. */
	private boolean isFull;

	private long needed;

	ModelContext(ContextLimits limits, List<ModelMessage> instructions) {
		this.limits = limits;
		this.instructions = instructions;
		this.tokens = instructions.stream().mapToLong(ModelMessage::tokens).sum();
	}

	/** Takes of these groups, the newest first, what fits. */
	ModelContext take(List<MessageGroup> groups) {
		for (int i = groups.size() - 1; i >= 0 && !this.isFull; i--) {
			MessageGroup group = groups.get(i);
			String fault = group.fault();
			if (fault != null) {
				group.messages().forEach((message) -> this.leftOut.add(new LeftOut(message.seq(), fault)));
			}
			else {
				take(group);
			}
		}
		this.leftOut.sort((one, other) -> Long.compare(one.seq, other.seq));
		return this;
	}

	private void take(MessageGroup group) {
		long tokens = this.tokens + group.tokens();
		int count = this.instructions.size() + this.taken.size() + group.size();
		if (this.limits.allow(tokens, count)) {
			this.tokens = tokens;
			this.taken.addAll(0, group.messages());
			this.pending.addAll(group.pending());
		}
		else {
			this.isFull = true;
			this.needed = this.limits.needed(tokens, count);
		}
	}

	boolean isFull() {
		return this.isFull || !this.limits.allow(this.tokens, this.instructions.size() + this.taken.size());
	}

	/** Whether there is something, and nothing of it fits. */
	boolean isTooSmall() {
		return this.isFull() && this.taken.isEmpty();
	}

	/** At least what the limit that is too small would have to be. */
	long needed() {
		return (this.needed > 0) ? this.needed : this.limits.needed(this.tokens, this.instructions.size());
	}

	List<ModelMessage> messages() {
		List<ModelMessage> all = new ArrayList<>(this.instructions);
		all.addAll(this.taken);
		return all;
	}

	/** Those behind the instructions. */
	List<ModelMessage> taken() {
		return this.taken;
	}

	List<LeftOut> leftOut() {
		return this.leftOut;
	}

	Set<String> pending() {
		return this.pending;
	}

	long tokens() {
		return this.tokens;
	}

	/** A message that a model would not take, and why. */
	record LeftOut(long seq, String reason) {
	}

}
