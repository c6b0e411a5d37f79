package dev.agentsessions.message.context;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * Messages that go to a model together or not at all: a message alone, or one that calls
 * tools with the results that follow it before anything else.
 *
 * @param messages in their order
 * @param pending ids of calls that wait for their results
 * @param fault why a model would not take it; null for none
 */
record MessageGroup(List<ModelMessage> messages, Set<String> pending, @Nullable String fault) {

	/** Nobody in the log has answered the call where it had to be answered. */
	static final String UNANSWERED = "call-without-result";

	/** What called is not before it, or has been left behind by another message. */
	static final String UNCALLED = "result-without-call";

	long tokens() {
		return this.messages.stream().mapToLong(ModelMessage::tokens).sum();
	}

	int size() {
		return this.messages.size();
	}

	/**
	 * Puts messages into groups.
	 * @param messages the end of a view, without its instructions. If something is before
	 * them, results at their beginning may be those of a call there: they are a group
	 * without a fault
	 */
	static List<MessageGroup> of(List<ModelMessage> messages, boolean isWholeView) {
		Grouping grouping = new Grouping(isWholeView);
		messages.forEach(grouping::add);
		return grouping.end();
	}

	private static final class Grouping {

		private final List<MessageGroup> groups = new ArrayList<>();

		private List<ModelMessage> open = new ArrayList<>();

		private Set<String> pending = new LinkedHashSet<>();

		/** Whether only results have come, and the call may stand before them. */
		private boolean isCut;

		Grouping(boolean isWholeView) {
			this.isCut = !isWholeView;
		}

		void add(ModelMessage message) {
			if (message.results().isEmpty()) {
				close(UNANSWERED);
				this.open.add(message);
				this.pending.addAll(message.calls());
				this.isCut = false;
			}
			else if (this.isCut) {
				this.open.add(message);
			}
			else if (this.pending.containsAll(message.results())) {
				this.pending.removeAll(message.results());
				this.open.add(message);
				this.pending.addAll(message.calls());
			}
			else {
				this.groups.add(new MessageGroup(List.of(message), Set.of(), UNCALLED));
			}
		}

		private void close(String fault) {
			if (!this.open.isEmpty()) {
				this.groups.add(new MessageGroup(this.open, this.pending, this.pending.isEmpty() ? null : fault));
				this.open = new ArrayList<>();
				this.pending = new LinkedHashSet<>();
			}
		}

		/** Calls at the very end may yet be answered. */
		List<MessageGroup> end() {
			if (!this.open.isEmpty()) {
				this.groups.add(new MessageGroup(this.open, this.pending, null));
			}
			return this.groups;
		}

	}

}
