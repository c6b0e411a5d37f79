package dev.agentsessions.tail.wakeup;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * An open connection over which replicas of one store tell each other that something may
 * have changed. What is sent may get lost, and none of it is kept for who is away. Errors
 * of all, and an end of {@link #hints()}: it is lost, and another one has to be opened.
 * Nothing here blocks.
 */
interface WakeUpConnection {

	/** Completes when what others send from now on is heard. */
	Mono<Void> listen();

	/** What other replicas send, for one subscriber, who must not block. */
	Flux<Hint> hints();

	/** Completes when it is sent; who hears it is not known. */
	Mono<Void> send(Channel channel, String payload);

	/**
	 * Finds out that the other end is alive, and what it knows.
	 * @param following whether this replica has tails: other replicas are told
	 */
	Mono<Pulse> heartbeat(boolean following);

	Mono<Void> close();

	/** What is told of. */
	enum Channel {

		SESSIONS, DRAFTS

	}

	/** What one replica has sent to all others. */
	record Hint(Channel channel, String payload) {
	}

	/**
	 * What a heartbeat has found out.
	 *
	 * @param wanted whether any other replica has tails
	 * @param snapshot a text that differs when a write was committed in between, and not
	 * before its rows can be seen; null if the other end is not the database
	 */
	record Pulse(boolean wanted, @Nullable String snapshot) {
	}

}
