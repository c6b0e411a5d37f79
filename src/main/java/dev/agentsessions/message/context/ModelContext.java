package dev.agentsessions.message.context;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import dev.agentsessions.message.context.ContextLimits.TooSmall;
import org.jspecify.annotations.Nullable;

/**
 * What a model gets of a view: its instructions, and the newest groups of messages that
 * fit behind them.
 */
final class ModelContext {

	private final ContextLimits limits;

	private final List<ModelMessage> instructions;

	/** The newest first. */
	private final List<MessageGroup> taken = new ArrayList<>();

	private final List<LeftOut> leftOut = new ArrayList<>();

	private final Set<String> pending = new LinkedHashSet<>();

	private long tokens;

	private int count;

	/** Of all messages in it. */
	private long bytes;

	/** Whether a group did not fit, so that nothing before it is wanted. */
	private boolean isFull;

	private @Nullable TooSmall tooSmall;

	ModelContext(ContextLimits limits, List<ModelMessage> instructions) {
		this.limits = limits;
		this.instructions = instructions;
		this.tokens = instructions.stream().mapToLong(ModelMessage::tokens).sum();
		this.count = instructions.size();
		this.bytes = instructions.stream().mapToLong(ModelMessage::bytes).sum();
	}

	/**
	 * Takes of these groups, the newest first, what fits. They stand before those that
	 * were taken.
	 */
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
		return this;
	}

	private void take(MessageGroup group) {
		long tokens = this.tokens + group.tokens();
		int count = this.count + group.size();
		if (this.limits.allow(tokens, count)) {
			this.tokens = tokens;
			this.count = count;
			this.bytes += group.messages().stream().mapToLong(ModelMessage::bytes).sum();
			this.taken.add(group);
			this.pending.addAll(group.pending());
		}
		else {
			this.isFull = true;
			this.tooSmall = this.limits.tooSmall(tokens, count);
		}
	}

	boolean isFull() {
		return this.isFull || !this.limits.allow(this.tokens, this.count);
	}

	/** Whether there is something, and nothing of it fits. */
	boolean isTooSmall() {
		return this.isFull() && this.taken.isEmpty();
	}

	/** The limit that is too small. */
	TooSmall tooSmall() {
		return (this.tooSmall != null) ? this.tooSmall : this.limits.tooSmall(this.tokens, this.instructions.size());
	}

	List<ModelMessage> messages() {
		List<ModelMessage> all = new ArrayList<>(this.instructions);
		all.addAll(taken());
		return all;
	}

	/** Those behind the instructions. */
	List<ModelMessage> taken() {
		List<ModelMessage> messages = new ArrayList<>();
		for (int i = this.taken.size() - 1; i >= 0; i--) {
			messages.addAll(this.taken.get(i).messages());
		}
		return messages;
	}

	List<LeftOut> leftOut() {
		return this.leftOut.stream().sorted(Comparator.comparingLong(LeftOut::seq)).toList();
	}

	/** About how many bytes an answer with all of it has. */
	long bytes() {
		return this.bytes + (long) this.leftOut.size() * LeftOut.BYTES;
	}

	/** Whether so many more messages with so many tokens would fit. */
	boolean hasRoomFor(long tokens, int messages) {
		return this.limits.allow(this.tokens + tokens, this.count + messages);
	}

	Set<String> pending() {
		return this.pending;
	}

	long tokens() {
		return this.tokens;
	}

	/** A message that a model would not take, and why. */
	record LeftOut(long seq, String reason) {

		/** As JSON, about. */
		private static final int BYTES = 48;

	}

}
