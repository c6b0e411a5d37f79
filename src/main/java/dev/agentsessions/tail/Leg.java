package dev.agentsessions.tail;

import java.util.ArrayDeque;
import java.util.Queue;

import org.jspecify.annotations.Nullable;

/**
 * One session in a tail: how far its follower has come and what it gets next, which is
 * never more than a chunk. Used on the tail's event loop only.
 */
final class Leg {

	/** What a follower may hold at once, in bytes; a single larger event goes alone. */
	static final int CHUNK = 32 * 1024;

	private static final int MAX_LIMIT = 256;

	private final FollowedSession session;

	private final Queue<TailEvent> ahead = new ArrayDeque<>(4);

	private Position position;

	/** Which of the session's recent events comes next, -1 while the log is read. */
	private long next = -1;

	private boolean reading;

	private int limit = 16;

	Leg(FollowedSession session, Position position) {
		this.session = session;
		this.position = position;
	}

	FollowedSession session() {
		return this.session;
	}

	Position position() {
		return this.position;
	}

	boolean isReading() {
		return this.reading;
	}

	/** How many messages the next read of the log should ask for. */
	int beginReading() {
		this.reading = true;
		return this.limit;
	}

	void endReading() {
		this.reading = false;
	}

	/** The next event, which is delivered by that. */
	@Nullable TailEvent poll() {
		TailEvent event = this.ahead.poll();
		if (event != null) {
			this.position = event.after();
		}
		return event;
	}

	boolean hasNext() {
		return !this.ahead.isEmpty();
	}

	/** Takes as much of what was read as it may hold. */
	void take(TailStep step) {
		int bytes = 0;
		for (TailEvent event : step.events()) {
			if (bytes >= CHUNK) {
				break;
			}
			this.ahead.add(event);
			bytes += event.size();
		}
		if (step.events().isEmpty()) {
			this.position = step.reached();
		}
		else {
			this.limit = (int) Math.max(1, Math.min(MAX_LIMIT, CHUNK * (long) this.ahead.size() / bytes));
		}
	}

	/**
	 * Takes what is next of the session's recent events.
	 * @return whether this leg keeps up with them
	 */
	boolean take(RecentEvents recent, Position end) {
		if (!recent.holds(this.next)) {
			this.next = this.position.equals(end) ? recent.next() : recent.after(this.position);
		}
		if (this.next < 0) {
			return false;
		}
		int bytes = 0;
		TailEvent event = recent.get(this.next);
		while (event != null && bytes < CHUNK) {
			this.ahead.add(event);
			bytes += event.size();
			this.next++;
			event = recent.get(this.next);
		}
		return true;
	}

}
