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
	 * Puts messages of a view, which follow one another but for its instructions, into
	 * groups.
	 * @param isEnd whether nothing follows them: calls may yet be answered then
	 */
	static List<MessageGroup> of(Iterable<ModelMessage> messages, boolean isEnd) {
		Grouping grouping = new Grouping();
		messages.forEach(grouping::add);
		grouping.close(isEnd ? null : UNANSWERED);
		return grouping.groups;
	}

	private static final class Grouping {

		private final List<MessageGroup> groups = new ArrayList<>();

		private List<ModelMessage> open = new ArrayList<>();

		private Set<String> pending = new LinkedHashSet<>();

		void add(ModelMessage message) {
			if (message.results().isEmpty()) {
				close(UNANSWERED);
				this.open.add(message);
				this.pending.addAll(message.calls());
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

		/**
		 * The group that is open is whole.
		 * @param fault of calls that wait for their results
		 */
		private void close(@Nullable String fault) {
			if (!this.open.isEmpty()) {
				this.groups.add(new MessageGroup(this.open, this.pending, this.pending.isEmpty() ? null : fault));
				this.open = new ArrayList<>();
				this.pending = new LinkedHashSet<>();
			}
		}

	}

}
