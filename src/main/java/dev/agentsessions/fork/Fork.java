package dev.agentsessions.fork;

import java.util.ArrayList;
import java.util.List;

import dev.agentsessions.session.SessionDetails;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionRow;
import dev.agentsessions.view.View;
import dev.agentsessions.view.View.Range;

/**
 * What a fork is to be.
 *
 * @param source as it was read first: of this moment are the fork's log and its view
 * @param throughSeq the last message of the source that is taken over
 * @param target the name of the new session
 * @param details of the new session
 */
record Fork(SessionRow source, long throughSeq, SessionKey target, SessionDetails details) {

	/** Whether that is still the log that was copied. */
	boolean isOfLog(SessionRow now) {
		return now.id() == this.source.id() && now.firstSeq() == this.source.firstSeq();
	}

	/**
	 * What is taken off the numbers of the source, so that those of the fork begin at 1.
	 */
	long shift() {
		return this.source.firstSeq() - 1;
	}

	long lastSeq() {
		return this.throughSeq - shift();
	}

	/** The view of the source as far as it is taken over, in the numbers of the fork. */
	View view() {
		if (this.source.view().isWhole()) {
			return View.numbered(0);
		}
		List<Range> ranges = new ArrayList<>();
		for (Range range : this.source.view().in(this.source.firstSeq(), this.throughSeq)) {
			ranges.add(new Range(range.from() - shift(), range.to() - shift()));
		}
		ranges.add(Range.from(lastSeq() + 1));
		List<Range> merged = View.merged(ranges, 1);
		return merged.isEmpty() ? View.numbered(0)
				: new View(1, lastSeq(), merged,
						this.source.view()
							.summaries()
							.stream()
							.filter((seq) -> seq <= this.throughSeq)
							.map((seq) -> seq - shift())
							.toList());
	}

}
