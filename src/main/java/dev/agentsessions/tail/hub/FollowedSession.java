package dev.agentsessions.tail.hub;

import java.util.List;
import java.util.Set;
import java.util.function.Function;

import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionState;
import dev.agentsessions.tail.event.Position;
import dev.agentsessions.tail.event.RecentEvents;
import dev.agentsessions.tail.event.TailMerge;
import dev.agentsessions.tail.event.TailReader;
import dev.agentsessions.tail.event.TailStep;
import dev.agentsessions.write.Commit;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A session that somebody on this replica follows. It knows one state of the session and
 * tells the difference when there is a newer one; a state is only ever read from the
 * database, or concluded from a commit that continues exactly where the last one ended.
 * Everything else is a hint to look.
 */
public final class FollowedSession {

	private final Function<SessionState, Mono<SessionState>> stored;

	private final TailReader reader;

	private final Set<FollowedSession> upkeep;

	private final TailGroup tails = new TailGroup();

	/** How many follow it: for the hub alone, which changes it within its map. */
	int followers;

	// guarded by this

	private SessionState state;

	/** The newest row that it was known to be; none before it comes back. */
	private long newestRow;

	private final RecentEvents recent = new RecentEvents();

	/** One look at a time; a hint that comes meanwhile makes it look again. */
	private boolean looking;

	private boolean again;

	/** Whether the last look failed, so that it is not known what is new. */
	private boolean failed;

	/** How many looks have begun. */
	private long looks;

	/** The last one that has not failed, counted from 1. */
	private long lastLook;

	/**
	 * Makes a session that has this state.
	 * @param stored reads the state, given the one that is known
	 * @param upkeep to which it adds itself when it holds recent events or a look has
	 * failed; somebody has to come back to those and have them {@link #forget}
	 */
	public FollowedSession(SessionState state, Function<SessionState, Mono<SessionState>> stored, TailReader reader,
			Set<FollowedSession> upkeep) {
		this.upkeep = upkeep;
		this.state = state;
		this.newestRow = state.id();
		this.stored = stored;
		this.reader = reader;
	}

	public SessionKey key() {
		return state().key();
	}

	/** There is something new to tell of its drafts. From any thread. */
	public void draftsChanged() {
		this.tails.pumpAll();
	}

	/** On the tail's event loop. */
	public void join(Tail tail) {
		this.tails.add(tail);
	}

	/** On the tail's event loop. */
	public void leave(Tail tail) {
		this.tails.remove(tail);
	}

	/** Takes over what a tail has just read, so that no tail is ahead of it. */
	public void advanceAtLeastTo(SessionState read) {
		synchronized (this) {
			if (this.looking) {
				this.again = true;
				return;
			}
			if (read.id() <= this.newestRow && !Position.endOf(read).isAheadOf(this.state)) {
				return;
			}
			setState(read);
			this.recent.skip();
		}
		this.tails.pumpAll();
	}

	/**
	 * Gives a subscription its next events.
	 * @return null, or the state up to which the subscription has to read the log
	 */
	public synchronized @Nullable SessionState fill(Subscription subscription) {
		if (this.state.deleted() && !subscription.position().gone() && (this.looking || this.failed)) {
			// it may have been restored, which moves nothing else that a tail begins at
			subscription.waitForLook();
			return null;
		}
		boolean isOver = !this.state.exists() && subscription.position().gone();
		if (subscription.take(this.recent, isOver ? subscription.position() : Position.endOf(this.state))) {
			if (this.tails.isSingle() && subscription.hasAll(this.recent)) {
				this.recent.forget();
			}
			return null;
		}
		boolean ahead = subscription.position().isAheadOf(this.state)
				|| (subscription.position().incarnation() > this.state.id() && !subscription.isForeign()
						&& isInDoubt());
		return ahead ? null : this.state;
	}

	/** Whether a subscription may know of a newer session than this does. */
	private boolean isInDoubt() {
		return this.state.exists() || this.looking || this.failed;
	}

	/**
	 * Looks at the session and tells what is new. Never fails: who follows looks again
	 * later.
	 */
	public Mono<Void> look() {
		return Mono.defer(() -> begin() ? look(advance()) : Mono.empty());
	}

	/**
	 * Looks, also if a look is under way: that may have missed what is known now.
	 * @return the number of that look
	 */
	long lookAgain() {
		long number;
		boolean begins;
		synchronized (this) {
			number = this.looks + 1;
			begins = begin();
		}
		if (begins) {
			look(advance()).subscribe();
		}
		return number;
	}

	/** Whether this look, or a later one, has found what there was. */
	synchronized boolean hasLooked(long number) {
		return this.lastLook >= number;
	}

	/**
	 * What was written on this replica: it need not look if this is what comes next.
	 */
	public void committed(Commit commit) {
		if (takeAtOnce(commit)) {
			this.tails.pumpAll();
		}
		else {
			look().subscribe();
		}
	}

	/**
	 * Recent events that nobody wanted for a while need no memory, and then nobody has to
	 * come back if the last look has not failed.
	 */
	synchronized void forget() {
		if (this.recent.endKeeping() && !this.failed) {
			this.upkeep.remove(this);
		}
	}

	/** Whether its last look failed, and what is new is not known from elsewhere. */
	synchronized boolean hasFailed() {
		return this.failed;
	}

	private synchronized boolean begin() {
		this.again = this.looking;
		this.looking = true;
		this.looks += this.again ? 0 : 1;
		return !this.again;
	}

	private synchronized boolean end() {
		this.looking = this.again;
		this.again = false;
		this.looks += this.looking ? 1 : 0;
		return !this.looking;
	}

	/**
	 * One look. The next one, if a hint came meanwhile, is no part of it: under load
	 * there is always one.
	 */
	private Mono<Void> look(Mono<Void> advance) {
		return advance.doOnSuccess((done) -> succeeded())
			.doOnError((error) -> setFailed(true))
			.onErrorComplete()
			.then(Mono.fromRunnable(() -> {
				if (!end()) {
					look(advance()).subscribe();
				}
				else if (state().deleted() || !state().exists()) {
					// those who waited for it are told the end, or come to theirs
					this.tails.pumpAll();
				}
			}));
	}

	/** The newest state of the session that this replica knows. */
	public synchronized SessionState state() {
		return this.state;
	}

	/** Whether this is still all that is known. */
	public synchronized boolean isAt(SessionState state) {
		return this.state.equals(state);
	}

	/** Whether it is still gone, for one who has been told so. */
	public synchronized boolean hasEndedAt(Position position) {
		return !this.state.exists() || Position.endOf(this.state).equals(position);
	}

	private synchronized void succeeded() {
		this.lastLook = this.looks;
		setFailed(false);
	}

	/** A look that failed is missing, and nothing else may cause it. */
	private synchronized void setFailed(boolean failed) {
		this.failed = failed;
		if (failed) {
			this.upkeep.add(this);
		}
	}

	private Mono<Void> advance() {
		return this.stored.apply(state()).flatMap(this::advance);
	}

	private Mono<Void> advance(SessionState newer) {
		SessionState from = state();
		Position end = Position.endOf(newer);
		if (Position.endOf(from).equals(end) && from.firstSeq() == newer.firstSeq()) {
			return Mono.empty();
		}
		boolean lost = Position.endOf(from).isAheadOf(newer) || (newer.exists() && from.id() > newer.id());
		if (lost) {
			// the database has lost what it had acknowledged: nobody's position holds
			this.tails.leaveAll();
		}
		if (lost || newer.lastSeq() - from.lastSeq() > RecentEvents.CAPACITY) {
			publish(newer, new TailStep(List.of(), end));
			return Mono.empty();
		}
		return this.reader.read(Position.endOf(from), newer, RecentEvents.CAPACITY)
			.doOnNext((step) -> publish(newer, step))
			.then();
	}

	/** What nobody has to be asked for is told without the cost of a look. */
	private synchronized boolean takeAtOnce(Commit commit) {
		SessionState next = this.looking ? null : commit.after(this.state);
		if (next == null) {
			return false;
		}
		setFailed(false);
		if (!next.equals(this.state)) {
			take(next, new TailMerge(Position.endOf(this.state), next).with(commit.messages(), commit.switches(),
					next.lastSwitchNo()));
		}
		return true;
	}

	private void publish(SessionState newer, TailStep step) {
		take(newer, step);
		this.tails.pumpAll();
	}

	/**
	 * Takes what is new. Where there is nothing to tell, as when a session was restored,
	 * or not all of it is at hand, everybody moves on by reading.
	 */
	private synchronized void take(SessionState newer, TailStep step) {
		boolean isNew = !this.state.exists();
		if (this.state.deleted()) {
			// it is back: nobody shall be told of its end any more
			this.recent.forget();
		}
		setState(newer);
		if (isNew) {
			// who has followed an earlier one of this name is told that it was replaced
			this.recent.skip();
		}
		else if (this.recent.take(step, Position.endOf(newer))) {
			this.upkeep.add(this);
		}
	}

	private void setState(SessionState newer) {
		this.state = newer;
		this.newestRow = Math.max(this.newestRow, newer.id());
	}

}
