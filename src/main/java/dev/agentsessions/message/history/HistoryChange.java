package dev.agentsessions.message.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

import dev.agentsessions.message.MessageExists;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.session.SessionRow;
import dev.agentsessions.view.View;
import dev.agentsessions.view.View.Range;

/**
 * What a saved history makes of a view that it does not continue: what the two begin with
 * together is kept, and the longest run behind it that they have in common; what stands
 * between and behind these is appended, or referred to where it is stored already.
 *
 * @param ranges of the view afterwards; none if nothing is kept
 * @param appended the messages that are new, in their order
 */
record HistoryChange(List<Range> ranges, List<NewMessage> appended) {

	/** Whether nothing that is stored stays in the view: the log begins anew. */
	boolean beginsAnew() {
		return this.ranges.isEmpty();
	}

	/**
	 * Works it out. Errors: 409 for a message whose id is that of another one.
	 * @param begin how many messages the two begin with together
	 * @param run what they have in common behind that
	 * @param stored where there are messages with ids that are sent, as they are sent
	 */
	static HistoryChange of(SessionRow session, List<NewMessage> sent, int begin, CommonRun run,
			Map<String, Long> stored) {
		Pieces pieces = new Pieces(session, stored);
		pieces.keep(0, begin);
		pieces.add(sent.subList(begin, begin + run.sentFrom()));
		pieces.keep(run.viewFrom(), run.length());
		pieces.add(sent.subList(begin + run.sentFrom() + run.length(), sent.size()));
		return pieces.end();
	}

	/** The parts of a view that is put together. */
	private static final class Pieces {

		private final SessionRow session;

		private final Map<String, Long> stored;

		private final List<Range> ranges = new ArrayList<>();

		private final List<NewMessage> appended = new ArrayList<>();

		/** What is kept of the view: where each part of it begins. */
		private final NavigableMap<Long, Range> kept = new TreeMap<>();

		private final Map<String, Long> referred = new HashMap<>();

		/** Ids of messages that would stand in the view more than once. */
		private final Map<String, Long> twice = new LinkedHashMap<>();

		private boolean keeps;

		Pieces(SessionRow session, Map<String, Long> stored) {
			this.session = session;
			this.stored = stored;
		}

		/** Keeps so many messages of the view as it is. */
		void keep(long position, long count) {
			long skip = position;
			long left = count;
			for (Range range : this.session.viewed()) {
				long size = range.to() - range.from() + 1;
				long taken = Math.min(size - Math.min(size, skip), left);
				if (taken > 0) {
					Range part = new Range(range.from() + skip, range.from() + skip + taken - 1);
					this.kept.put(part.from(), part);
					append(part);
					this.keeps = true;
				}
				left -= taken;
				skip = Math.max(0, skip - size);
			}
		}

		void add(List<NewMessage> messages) {
			for (NewMessage message : messages) {
				Long seq = (message.id() != null) ? this.stored.get(message.id()) : null;
				if (seq != null) {
					if (this.referred.put(message.id(), seq) != null) {
						this.twice.put(message.id(), seq);
					}
					this.keeps = true;
				}
				else {
					this.appended.add(message);
				}
				long at = (seq != null) ? seq : this.session.lastSeq() + this.appended.size();
				append(new Range(at, at));
			}
		}

		/** Neighbours are one range, and there are never more than a view may have. */
		private void append(Range range) {
			Range last = this.ranges.isEmpty() ? null : this.ranges.get(this.ranges.size() - 1);
			if (last != null && last.to() + 1 == range.from()) {
				this.ranges.set(this.ranges.size() - 1, new Range(last.from(), range.to()));
			}
			else if (this.ranges.size() < View.MAX_RANGES) {
				this.ranges.add(range);
			}
			else {
				throw View.tooManyRanges();
			}
		}

		HistoryChange end() {
			requireEachOnce();
			append(Range.from(this.session.lastSeq() + this.appended.size() + 1));
			return new HistoryChange(this.keeps ? this.ranges : List.of(), this.appended);
		}

		/** A message that stands in the view already cannot be referred to once more. */
		private void requireEachOnce() {
			this.referred.forEach((id, seq) -> {
				Map.Entry<Long, Range> before = this.kept.floorEntry(seq);
				if (before != null && before.getValue().contains(seq)) {
					this.twice.put(id, seq);
				}
			});
			if (!this.twice.isEmpty()) {
				throw new MessageExists(this.twice);
			}
		}

	}

}
