package dev.agentsessions.connection;

import java.util.Locale;

/**
 * Why a connection is closed before its client does it.
 */
public enum Closing {

	/** Bytes that are no HTTP. */
	UNREADABLE("sends what cannot be read as HTTP"),

	/** No request for too long. */
	IDLE("is idle"),

	/** Headers that trickle in. */
	HEAD("sends its headers too slowly"),

	/** A body that stands still, or is not there in time. */
	BODY("sends its body too slowly"),

	/** An answer that did not begin in time, or does not go on. */
	REQUEST("waits for an answer that does not come"),

	/** An answer that is not taken. */
	ANSWER("takes nothing of its answer"),

	/** A body that goes on after its answer has ended. */
	LEFTOVER("goes on sending what was answered already");

	private final String why;

	Closing(String why) {
		this.why = why;
	}

	/** As a label of a metric. */
	String reason() {
		return name().toLowerCase(Locale.ROOT);
	}

	/** What the client of such a connection does. */
	public String why() {
		return this.why;
	}

}
