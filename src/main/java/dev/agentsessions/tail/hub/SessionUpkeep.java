package dev.agentsessions.tail.hub;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Which of the followed sessions somebody has to come back to, so that nobody has to go
 * through all of them: ten thousand that are idle are not touched. From any thread, also
 * under the session's lock.
 */
final class SessionUpkeep {

	private final Set<FollowedSession> failed = ConcurrentHashMap.newKeySet();

	private final Set<FollowedSession> remembering = ConcurrentHashMap.newKeySet();

	private final Predicate<FollowedSession> followed;

	/**
	 * Makes one for no sessions.
	 * @param followed whether somebody follows a session
	 */
	SessionUpkeep(Predicate<FollowedSession> followed) {
		this.followed = followed;
	}

	/** The sessions whose last look failed. */
	Collection<FollowedSession> failed() {
		return List.copyOf(this.failed);
	}

	/** A look has failed, or one has succeeded again. */
	void failed(FollowedSession session, boolean failed) {
		if (failed) {
			this.failed.add(session);
		}
		// asked for after it was added: whoever unfollows it meanwhile may have looked
		// before
		if (!failed || !this.followed.test(session)) {
			this.failed.remove(session);
		}
	}

	/** A follower has left; after the last one nobody has to come back. */
	void unfollowed(FollowedSession session) {
		if (!this.followed.test(session)) {
			this.failed.remove(session);
			this.remembering.remove(session);
		}
	}

	/** It holds recent events, from now until it forgets them. */
	void remembers(FollowedSession session) {
		this.remembering.add(session);
	}

	/** Has them forget the events that nobody asked for since the last time. */
	void forget() {
		for (FollowedSession session : this.remembering) {
			// before it forgets: it may get new events at once
			this.remembering.remove(session);
			if (!session.forget()) {
				this.remembering.add(session);
			}
		}
	}

	/** How many sessions hold recent events. */
	int remembering() {
		return this.remembering.size();
	}

}
