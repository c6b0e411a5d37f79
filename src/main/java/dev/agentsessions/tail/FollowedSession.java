package dev.agentsessions.tail;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import dev.agentsessions.message.Appended;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionReads;
import dev.agentsessions.session.SessionState;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A session that somebody on this replica follows. It knows one state of the session and
 * tells the difference when there is a newer one; a state is only ever read from the
 * database, or concluded from an append that continues exactly where the last one ended.
 * Everything else is a hint to look.
 */
final class FollowedSession {

	private final SessionKey key;

	private final SessionReads sessions;

	private final TailReader reader;

	private final TailMetrics metrics;

	private final SessionUpkeep upkeep;

	private final Map<EventLoop, LoopTails> loops = new ConcurrentHashMap<>(2);

	// guarded by this

	private SessionState state;

	private final RecentEvents recent = new RecentEvents();

	private boolean newSinceForgetting;

	/** One look at a time; a hint that comes meanwhile makes it look again. */
	private boolean looking;

	private boolean again;

	/** Whether the last look failed, so that it is not known what is new. */
	private boolean failed;

	/** Makes a session that has this state. */
	FollowedSession(SessionState state, SessionReads sessions, TailReader reader, TailMetrics metrics,
			SessionUpkeep upkeep) {
		this.upkeep = upkeep;
		this.metrics = metrics;
		this.key = state.key();
		this.state = state;
		this.sessions = sessions;
		this.reader = reader;
	}

	SessionKey key() {
		return this.key;
	}

	/** On the tail's event loop. */
	void join(Tail tail) {
		this.loops.computeIfAbsent(tail.loop(), LoopTails::new).add(tail);
	}

	/** On the tail's event loop. */
	void leave(Tail tail) {
		this.loops.computeIfAbsent(tail.loop(), LoopTails::new).remove(tail);
	}

	/** Takes over what a tail has just read, so that no tail is ahead of it. */
	void advanceAtLeastTo(SessionState read) {
		synchronized (this) {
			if (this.looking) {
				this.again = true;
				return;
			}
			if (read.id() <= this.state.id() && !Position.endOf(read).isAheadOf(this.state)) {
				return;
			}
			this.state = read;
			this.recent.skip();
		}
		this.loops.values().forEach(LoopTails::pumpAll);
	}

	/**
	 * Gives a leg its next events.
	 * @return null, or the state up to which the leg has to read the log
	 */
	synchronized @Nullable SessionState fill(Leg leg) {
		if (leg.take(this.recent, Position.endOf(this.state))) {
			return null;
		}
		boolean ahead = leg.position().isAheadOf(this.state)
				|| (leg.position().incarnation() > this.state.id() && !leg.isForeign() && isInDoubt());
		return ahead ? null : this.state;
	}

	/** Whether a leg may know of a newer session than this does. */
	private boolean isInDoubt() {
		return this.state.exists() || this.looking || this.failed;
	}

	/**
	 * Looks at the session and tells what is new. Never fails: who follows looks again
	 * later.
	 */
	Mono<Void> look() {
		return Mono.defer(() -> begin() ? look(this.sessions.state(this.key).flatMap(this::advance)) : Mono.empty());
	}

	/** The same without any hint that there is something new. */
	Mono<Void> lookForMissed() {
		return Mono.defer(() -> {
			SessionState before = state();
			return look().doOnSuccess((looked) -> {
				if (!before.equals(state())) {
					this.metrics.missedWakeUp();
				}
			});
		});
	}

	/** What was appended on this replica: it need not look if this is what comes next. */
	void appended(Appended appended) {
		SessionState next = continuedBy(appended);
		if (next != null) {
			look(Mono.defer(() -> advance(next))).subscribe();
		}
		else {
			look().subscribe();
		}
	}

	/**
	 * Recent events that nobody wanted for a while need no memory.
	 * @return whether there are none any longer
	 */
	synchronized boolean forget() {
		boolean forgotten = !this.newSinceForgetting;
		if (forgotten) {
			this.recent.forget();
		}
		this.newSinceForgetting = false;
		return forgotten;
	}

	private synchronized boolean begin() {
		this.again = this.looking;
		this.looking = true;
		return !this.again;
	}

	private synchronized boolean end() {
		this.looking = this.again;
		this.again = false;
		return !this.looking;
	}

	private synchronized @Nullable SessionState continuedBy(Appended appended) {
		boolean next = !this.looking && appended.sessionDbId() == this.state.id() && !this.state.deleted()
				&& appended.firstSeq() == this.state.lastSeq() + 1
				&& appended.lastSwitchNo() == this.state.lastSwitchNo();
		this.looking |= next;
		return next ? this.state.appendedUpTo(appended.lastSeq()) : null;
	}

	/**
	 * One look. The next one, if a hint came meanwhile, is no part of it: under load
	 * there is always one.
	 */
	private Mono<Void> look(Mono<Void> advance) {
		return advance.doOnSuccess((done) -> setFailed(false))
			.doOnError((error) -> setFailed(true))
			.onErrorComplete()
			.then(Mono.fromRunnable(() -> {
				if (!end()) {
					look(this.sessions.state(this.key).flatMap(this::advance)).subscribe();
				}
			}));
	}

	/** Whether this is still all that is known. */
	synchronized boolean isAt(SessionState state) {
		return this.state.equals(state);
	}

	/** Whether it is still gone, for one who has been told so. */
	synchronized boolean hasEndedAt(Position position) {
		return !this.state.exists() || Position.endOf(this.state).equals(position);
	}

	/** A look that failed is missing, and nothing else may cause it. */
	private synchronized void setFailed(boolean failed) {
		if (failed != this.failed) {
			this.failed = failed;
			this.upkeep.failed(this, failed);
		}
	}

	private Mono<Void> advance(SessionState newer) {
		SessionState from = state();
		if (Position.endOf(from).equals(Position.endOf(newer)) && from.firstSeq() == newer.firstSeq()) {
			return Mono.empty();
		}
		if (Position.endOf(from).isAheadOf(newer) || (newer.exists() && from.id() > newer.id())) {
			// the database has lost what it had acknowledged: nobody's position holds
			this.loops.values().forEach((tails) -> tails.forEach(Tail::leave));
			publish(newer, List.of(), false);
			return Mono.empty();
		}
		if (newer.lastSeq() - from.lastSeq() > RecentEvents.CAPACITY) {
			publish(newer, List.of(), false);
			return Mono.empty();
		}
		return this.reader.read(Position.endOf(from), newer, RecentEvents.CAPACITY)
			.doOnNext((step) -> publish(newer, step.events(), step.reached().equals(Position.endOf(newer))))
			.then();
	}

	private synchronized SessionState state() {
		return this.state;
	}

	/**
	 * Tells what is new. Where there is nothing to tell, as when a session was restored,
	 * everybody moves on by reading.
	 */
	private void publish(SessionState newer, List<TailEvent> events, boolean all) {
		synchronized (this) {
			this.state = newer;
			this.newSinceForgetting = true;
			if (all && !events.isEmpty()) {
				events.forEach(this.recent::add);
				this.upkeep.remembers(this);
			}
			else {
				this.recent.skip();
			}
		}
		this.loops.values().forEach(LoopTails::pumpAll);
	}

}
