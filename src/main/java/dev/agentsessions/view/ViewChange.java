package dev.agentsessions.view;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

import dev.agentsessions.problem.InvalidInput;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.view.View.Range;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done to the view of a session. It is worked out on the session as it is
 * locked.
 */
public sealed interface ViewChange {

	/**
	 * The ranges after it. Errors: 400 if they cannot be.
	 * @param view before it
	 * @param firstSeq of the log
	 * @param lastSeq of the log, before the messages that come with the change
	 */
	List<Range> apply(View view, long firstSeq, long lastSeq);

	/** Whether the message that comes with it is a summary. */
	default boolean summarizes() {
		return false;
	}

	/** The ranges as a caller wants them. */
	record NewRanges(List<Range> ranges) implements ViewChange {

		@Override
		public List<Range> apply(View view, long firstSeq, long lastSeq) {
			for (int i = 0; i < this.ranges.size(); i++) {
				check(i, firstSeq, lastSeq);
			}
			List<Integer> sorted = IntStream.range(0, this.ranges.size())
				.boxed()
				.sorted(Comparator.comparing((Integer i) -> this.ranges.get(i).from()))
				.toList();
			for (int n = 1; n < sorted.size(); n++) {
				Range before = this.ranges.get(sorted.get(n - 1));
				if (before.to() >= this.ranges.get(sorted.get(n)).from()) {
					throw wrong(Math.max(sorted.get(n), sorted.get(n - 1)), "has messages that are in another range");
				}
			}
			return limited(View.merged(this.ranges, firstSeq));
		}

		private void check(int i, long firstSeq, long lastSeq) {
			Range range = this.ranges.get(i);
			boolean isLast = i == this.ranges.size() - 1;
			if (range.isOpen() != isLast) {
				throw wrong(i, isLast ? "must have no end, for it is the last" : "must have an end");
			}
			if (range.from() < firstSeq) {
				throw wrong(i, "begins before the log, whose first seq is " + firstSeq);
			}
			if (range.isOpen() ? range.from() > lastSeq + 1 : range.to() > lastSeq) {
				throw wrong(i, "goes beyond the log, whose last seq is " + lastSeq);
			}
			if (range.to() < range.from()) {
				throw wrong(i, "ends before it begins");
			}
		}

		private static RuntimeException wrong(int i, String detail) {
			return Problems.invalid(InvalidInput.body("/ranges/" + i, detail));
		}

	}

	/** What was worked out on the very log and view that the write is conditional on. */
	record WorkedOut(List<Range> ranges) implements ViewChange {

		@Override
		public List<Range> apply(View view, long firstSeq, long lastSeq) {
			return limited(View.merged(this.ranges, firstSeq));
		}

	}

	/**
	 * The one message that comes with it stands in place of what stands from one message
	 * to another in the order of the view.
	 *
	 * @param from null if none was given, and the view has nothing to begin with
	 */
	record Summary(@Nullable Long from, long through) implements ViewChange {

		@Override
		public List<Range> apply(View view, long firstSeq, long lastSeq) {
			if (this.from == null) {
				throw Problems
					.invalid(InvalidInput.body("/from_seq", "is missing, and the view has nothing but instructions"));
			}
			List<Range> ranges = view.in(firstSeq, lastSeq);
			int first = indexOf(ranges, this.from, "/from_seq");
			int last = indexOf(ranges, this.through, "/through_seq");
			if (first > last || (first == last && this.from > this.through)) {
				throw Problems.invalid(InvalidInput.body("/through_seq", "stands before from_seq in the view"));
			}
			List<Range> changed = new ArrayList<>(ranges.subList(0, first));
			changed.add(new Range(ranges.get(first).from(), this.from - 1));
			changed.add(new Range(lastSeq + 1, lastSeq + 1));
			changed.add(new Range(this.through + 1, ranges.get(last).to()));
			changed.addAll(ranges.subList(last + 1, ranges.size()));
			changed.add(Range.from(lastSeq + 2));
			changed.removeIf((range) -> range.to() < range.from());
			return limited(View.merged(changed, firstSeq));
		}

		@Override
		public boolean summarizes() {
			return true;
		}

		private static int indexOf(List<Range> ranges, long seq, String pointer) {
			for (int i = 0; i < ranges.size(); i++) {
				if (ranges.get(i).contains(seq)) {
					return i;
				}
			}
			throw Problems.invalid(InvalidInput.body(pointer, "is not in the view"));
		}

	}

	private static List<Range> limited(List<Range> ranges) {
		if (ranges.size() > View.MAX_RANGES) {
			throw View.tooManyRanges();
		}
		return ranges;
	}

	/**
	 * Which view of a session is meant: what its ETag says.
	 *
	 * @param lastSeq the session's last message
	 * @param viewNo the number of the view's last change
	 */
	record ViewTag(long lastSeq, long viewNo) {
	}

}
