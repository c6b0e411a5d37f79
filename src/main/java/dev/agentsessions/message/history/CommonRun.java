package dev.agentsessions.message.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A run that the view of a session and what is sent have in common.
 *
 * @param viewFrom where it begins in the view
 * @param sentFrom where it begins in what is sent
 * @param length 0 for none
 */
record CommonRun(long viewFrom, int sentFrom, int length) {

	static final CommonRun NONE = new CommonRun(0, 0, 0);

	/**
	 * Finds the longest one in time that grows with the lengths alone: by the suffix
	 * automaton of what is sent (Blumer et al., "The smallest automaton recognizing the
	 * subwords of a text", 1985), to which the view is shown message by message.
	 */
	static final class Finder {

		private final List<RunState> states = new ArrayList<>();

		private RunState last;

		private RunState state;

		private int matched;

		private CommonRun best = NONE;

		/**
		 * Prepares for these.
		 * @param sent equal numbers for equal messages
		 */
		Finder(int[] sent) {
			this.last = newState(0, -1);
			this.state = this.last;
			for (int i = 0; i < sent.length; i++) {
				add(sent[i], i);
			}
		}

		private RunState newState(int length, int end) {
			RunState added = new RunState(length, end);
			this.states.add(added);
			return added;
		}

		private void add(int symbol, int index) {
			RunState added = newState(this.last.length + 1, index);
			RunState from = this.last;
			while (from != null && !from.next.containsKey(symbol)) {
				from.next.put(symbol, added);
				from = from.link;
			}
			added.link = (from == null) ? this.states.get(0) : target(from, symbol);
			this.last = added;
		}

		/** Where a state leads, as a state for nothing longer than that. */
		private RunState target(RunState from, int symbol) {
			RunState target = from.next.get(symbol);
			if (target.length == from.length + 1) {
				return target;
			}
			RunState shorter = newState(from.length + 1, target.end);
			shorter.next.putAll(target.next);
			shorter.link = target.link;
			target.link = shorter;
			for (RunState at = from; at != null && at.next.get(symbol) == target; at = at.link) {
				at.next.put(symbol, shorter);
			}
			return shorter;
		}

		/**
		 * Takes the next message of the view. Of two runs of one length the later counts.
		 * @param position its place in the view
		 * @param symbol its number; one that was not sent for a message that was not
		 */
		void next(long position, int symbol) {
			while (this.state.link != null && !this.state.next.containsKey(symbol)) {
				this.state = this.state.link;
				this.matched = this.state.length;
			}
			RunState next = this.state.next.get(symbol);
			this.matched = (next != null) ? this.matched + 1 : 0;
			this.state = (next != null) ? next : this.state;
			if (this.matched > 0 && this.matched >= this.best.length()) {
				this.best = new CommonRun(position - this.matched + 1, this.state.end - this.matched + 1, this.matched);
			}
		}

		CommonRun longest() {
			return this.best;
		}

	}

	/** All runs of what is sent that end in the same places. */
	private static final class RunState {

		private final int length;

		/** The first of these places. */
		private final int end;

		private final Map<Integer, RunState> next = new HashMap<>(2);

		private @Nullable RunState link;

		RunState(int length, int end) {
			this.length = length;
			this.end = end;
		}

	}

}
