package dev.agentsessions.view;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.web.json.JsonTree;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a model sees of a session's log: ranges of it, in the order in which the model
 * sees them. The last one has no end, so that what is appended is seen. No message is in
 * two of them.
 *
 * @param no the number of the last change of the session's view, 0 for none
 * @param atSeq the last message when it was changed
 * @param ranges at most {@link #MAX_RANGES}, none for the whole log
 * @param summaries the messages that compactions have put there, the newest 100; those
 * that are not seen may be again
 */
public record View(long no, long atSeq, List<Range> ranges, List<Long> summaries) {

	/** The most ranges, so that a view is read and changed in bounded time. */
	public static final int MAX_RANGES = 1000;

	private static final int MAX_SUMMARIES = 100;

	/** One that is not known but for its number. */
	public static View numbered(long no) {
		return new View(no, 0, List.of(), List.of());
	}

	/**
	 * The view of a session's row.
	 * @param json null if there never was one; one of an earlier log says nothing
	 */
	public static View of(long no, long firstSeq, @Nullable JsonText json) {
		if (json == null) {
			return new View(no, firstSeq - 1, List.of(), List.of());
		}
		JsonNode view = JsonTree.stored(json.json());
		return (view.path("first_seq").longValue() != firstSeq) ? new View(no, firstSeq - 1, List.of(), List.of())
				: new View(no, view.path("at_seq").longValue(),
						view.path("ranges").valueStream().map(Range::of).toList(),
						view.path("summaries").valueStream().map(JsonNode::longValue).toList());
	}

	/** As it is stored on the row of a session whose log begins there. */
	public JsonText json(long firstSeq) {
		String marked = this.summaries.isEmpty() ? ""
				: this.summaries.stream()
					.map(String::valueOf)
					.collect(Collectors.joining(",", ",\"summaries\":[", "]"));
		return new JsonText("{\"first_seq\":" + firstSeq + ",\"at_seq\":" + this.atSeq + ",\"ranges\":" + rangesAsJson()
				+ marked + "}");
	}

	/** The ranges as everybody writes them. */
	public String rangesAsJson() {
		return this.ranges.stream().map(Range::json).collect(Collectors.joining(",", "[", "]"));
	}

	public boolean isWhole() {
		return this.ranges.isEmpty();
	}

	/**
	 * The next one after it, for a log that ends there.
	 * @param summarized whether the last message is a summary
	 */
	public View next(long lastSeq, List<Range> ranges, boolean summarized) {
		Stream<Long> marked = Stream.concat(this.summaries.stream(), summarized ? Stream.of(lastSeq) : Stream.empty());
		List<Long> all = marked.toList();
		return new View(this.no + 1, lastSeq, ranges, all.subList(Math.max(0, all.size() - MAX_SUMMARIES), all.size()));
	}

	/** Whether it can be the view of a log that begins there. */
	public boolean isSoundFrom(long firstSeq) {
		List<Range> sorted = this.ranges.stream().sorted(Comparator.comparing(Range::from)).toList();
		long free = firstSeq;
		for (Range range : sorted) {
			if (range.from < free || range.to < range.from) {
				return false;
			}
			free = range.isOpen() ? Long.MAX_VALUE : range.to + 1;
		}
		return isWhole() || (this.ranges.size() <= MAX_RANGES && this.ranges.get(this.ranges.size() - 1).isOpen());
	}

	/** What there is of it in a log, in its order; no range is empty, and none open. */
	public List<Range> in(long firstSeq, long lastSeq) {
		if (isWhole()) {
			return (firstSeq <= lastSeq) ? List.of(new Range(firstSeq, lastSeq)) : List.of();
		}
		return this.ranges.stream()
			.map((range) -> new Range(range.from, Math.min(range.to, lastSeq)))
			.filter((range) -> range.from <= range.to)
			.toList();
	}

	/** How many messages there are of it in a log. */
	public long messageCount(long firstSeq, long lastSeq) {
		return in(firstSeq, lastSeq).stream().mapToLong(Range::count).sum();
	}

	/** 413: what would have more ranges than a view may have. */
	public static ProblemException tooManyRanges() {
		return Problems.tooLarge("The view would have more than " + MAX_RANGES + " ranges.").exception();
	}

	/**
	 * The same ranges with neighbours as one, none for a log that begins there and is
	 * seen as a whole.
	 */
	public static List<Range> merged(List<Range> ranges, long firstSeq) {
		List<Range> merged = new ArrayList<>();
		for (Range range : ranges) {
			Range before = merged.isEmpty() ? null : merged.get(merged.size() - 1);
			if (before != null && before.to + 1 == range.from) {
				merged.set(merged.size() - 1, new Range(before.from, range.to));
			}
			else if (range.from <= range.to) {
				merged.add(range);
			}
		}
		return (merged.size() == 1 && merged.get(0).equals(Range.from(firstSeq))) ? List.of() : merged;
	}

	/**
	 * A range of a log, both ends inclusive.
	 *
	 * @param to {@link Long#MAX_VALUE} for no end
	 */
	public record Range(long from, long to) {

		/** One without an end. */
		public static Range from(long from) {
			return new Range(from, Long.MAX_VALUE);
		}

		public boolean isOpen() {
			return this.to == Long.MAX_VALUE;
		}

		public boolean contains(long seq) {
			return this.from <= seq && seq <= this.to;
		}

		long count() {
			return this.to - this.from + 1;
		}

		private static Range of(JsonNode range) {
			return (range.size() == 1) ? from(range.get(0).longValue())
					: new Range(range.get(0).longValue(), range.get(1).longValue());
		}

		private String json() {
			return isOpen() ? "[" + this.from + "]" : "[" + this.from + "," + this.to + "]";
		}

	}

}
