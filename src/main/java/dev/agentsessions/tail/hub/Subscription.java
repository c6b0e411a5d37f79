package dev.agentsessions.tail.hub;

import java.util.ArrayDeque;
import java.util.Queue;

import dev.agentsessions.session.SessionState;
import dev.agentsessions.tail.draft.hub.DraftCursor;
import dev.agentsessions.tail.event.OpenTail;
import dev.agentsessions.tail.event.Position;
import dev.agentsessions.tail.event.RecentEvents;
import dev.agentsessions.tail.event.TailEvent;
import dev.agentsessions.tail.event.TailStep;
import org.jspecify.annotations.Nullable;

/**
 * One session in a tail: how far its follower has come and what it gets next, which is
 * never more than a chunk. Used on the tail's event loop only.
 */
public final class Subscription {

	/** What a follower may hold at once, in bytes; a single larger event goes alone. */
	static final int CHUNK = 32 * 1024;

	private static final int MAX_LIMIT = 256;

	private final FollowedSession session;

	private final Queue<TailEvent> ahead = new ArrayDeque<>(4);

	private Position position;

	/** Which of the session's recent events comes next, -1 while the log is read. */
	private long next = -1;

	private boolean reading;

	/** The number of the look that was asked for last. */
	private long look;

	private boolean waiting;

	private int limit = 4;

	/** Bytes it may hold. */
	private final int room;

	/**
	 * Whether it begins at a position of another store, or of a session that was lost:
	 * its row's number says nothing then.
	 */
	private boolean foreign;

	/** Null if it is not to be told of drafts. */
	private final @Nullable DraftCursor drafts;

	/**
	 * Begins a subscription.
	 * @param subscriptions how many share what a tail may hold
	 * @param drafts null if it is not to be told of drafts
	 */
	public Subscription(FollowedSession session, OpenTail.Start start, int subscriptions,
			@Nullable DraftCursor drafts) {
		this.session = session;
		this.drafts = drafts;
		this.position = start.position();
		this.foreign = start.position().incarnation() > start.state().id();
		this.room = CHUNK / subscriptions;
	}

	public FollowedSession session() {
		return this.session;
	}

	/** What it has been told of drafts; null if it is not to be told of them. */
	public @Nullable DraftCursor drafts() {
		return this.drafts;
	}

	Position position() {
		return this.position;
	}

	boolean isForeign() {
		return this.foreign;
	}

	/** Whether it could not go on when it was last asked to. */
	boolean isWaiting() {
		return this.waiting;
	}

	/** It can't go on before it is known what is new. */
	void waitForLook() {
		this.waiting = true;
	}

	boolean isReading() {
		return this.reading;
	}

	/** Whether its session is gone and there is nothing more to tell of it. */
	boolean isOver() {
		return this.position.gone() && this.ahead.isEmpty() && !this.reading && this.session.hasEndedAt(this.position);
	}

	/** Has its session looked at once more. */
	void lookAgain() {
		this.look = this.session.lookAgain();
	}

	/** Whether that is done. */
	boolean hasLooked() {
		return this.session.hasLooked(this.look);
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
			moveTo(event.after());
			if (this.drafts != null) {
				tellOf(event, this.drafts);
			}
		}
		return event;
	}

	private static void tellOf(TailEvent event, DraftCursor drafts) {
		String messageId = drafts.needsMessageIds() ? event.messageId() : null;
		if (messageId != null) {
			drafts.delivered(messageId, event.after().incarnation(), event.after().seq());
		}
		if (event.endsSession()) {
			drafts.sessionDeleted();
		}
	}

	/**
	 * What is next to be told of drafts, once it has been told all that is committed; of
	 * a session that is deleted or missing nothing.
	 */
	@Nullable TailEvent pollDraft() {
		if (this.drafts == null || hasNext() || this.reading) {
			return null;
		}
		SessionState state = this.session.state();
		boolean behind = this.position.incarnation() != state.id() || this.position.seq() < state.lastSeq();
		return (state.exists() && !state.deleted() && !behind) ? this.drafts.next(state.id(), this.position.seq())
				: null;
	}

	boolean hasNext() {
		return !this.ahead.isEmpty();
	}

	/** Bytes of the events that it has taken and not delivered yet. */
	int held() {
		return this.ahead.stream().mapToInt(TailEvent::size).sum();
	}

	/** Takes as much of what was read as it may hold. */
	void take(TailStep step) {
		if (step.events().isEmpty()) {
			moveTo(step.reached());
			return;
		}
		int bytes = 0;
		for (TailEvent event : step.events()) {
			bytes += event.size();
			if (!add(event, bytes)) {
				break;
			}
		}
		this.limit = (int) Math.max(1, Math.min(MAX_LIMIT, this.room * (long) step.events().size() / size(step)));
	}

	/**
	 * Takes what is next of the session's recent events.
	 * @return whether this subscription keeps up with them
	 */
	boolean take(RecentEvents recent, Position end) {
		if (!recent.holds(this.next)) {
			this.next = this.position.equals(end) ? recent.next() : recent.after(this.position);
		}
		this.waiting = this.next < 0;
		if (this.waiting) {
			return false;
		}
		int bytes = 0;
		for (TailEvent event = recent.get(this.next); event != null; event = recent.get(this.next)) {
			bytes += event.size();
			if (!add(event, bytes)) {
				break;
			}
			this.next++;
		}
		return true;
	}

	/** Whether it has taken the newest of them. */
	boolean hasAll(RecentEvents recent) {
		return this.next == recent.next();
	}

	/**
	 * Adds an event unless that is too much; the first one always fits.
	 * @param bytes of all with this one
	 */
	private boolean add(TailEvent event, int bytes) {
		return (this.ahead.isEmpty() || bytes <= this.room) && this.ahead.add(event);
	}

	private static int size(TailStep step) {
		return step.events().stream().mapToInt(TailEvent::size).sum();
	}

	private void moveTo(Position position) {
		this.position = position;
		this.foreign = false;
	}

}
