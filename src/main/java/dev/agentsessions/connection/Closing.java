package dev.agentsessions.connection;

import java.util.Locale;

/**
 * Why a connection is closed before its client does it.
 */
public enum Closing {

	/** Bytes that are no HTTP. */
	UNREADABLE,

	/** No request for too long. */
	IDLE,

	/** Headers that trickle in. */
	HEAD,

	/** A body that stands still, or is not there in time. */
	BODY,

	/** An answer that did not begin in time, or does not go on. */
	REQUEST,

	/** An answer that is not taken. */
	ANSWER,

	/** A body that goes on after its answer has ended. */
	LEFTOVER;

	/** As a label of a metric. */
	public String reason() {
		return name().toLowerCase(Locale.ROOT);
	}

}
