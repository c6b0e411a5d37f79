package dev.agentsessions.client.session;

import org.jspecify.annotations.Nullable;

/**
 * A session that begins as another one.
 *
 * @param sessionId its id; null for one that the client makes
 * @param throughSeq the last message that is taken over; null for all
 * @param details what is said of it; nothing of the other's is taken over
 */
public record Fork(@Nullable String sessionId, @Nullable Long throughSeq, SessionDetails details) {

	public static final Fork ALL = new Fork(null, null, SessionDetails.NONE);

	public static Fork through(long seq) {
		return new Fork(null, seq, SessionDetails.NONE);
	}

	public Fork as(String sessionId) {
		return new Fork(sessionId, this.throughSeq, this.details);
	}

	public Fork details(SessionDetails details) {
		return new Fork(this.sessionId, this.throughSeq, details);
	}

}
