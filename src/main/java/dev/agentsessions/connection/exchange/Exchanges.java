package dev.agentsessions.connection.exchange;

import java.util.ArrayDeque;
import java.util.Deque;

import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;

/**
 * The exchanges of a connection that have not ended. A client may send further requests
 * before the first one is answered; they are answered in their order. So a body belongs
 * to the last of them and an answer to the first, and that is the one which a client, or
 * this service, can be late with.
 */
final class Exchanges {

	private static final Exchange NONE = new Exchange();

	private final Deque<Exchange> open = new ArrayDeque<>(2);

	void begin(HttpRequest request, long now) {
		Exchange next = new Exchange();
		next.begin(request, now);
		this.open.addLast(next);
	}

	void bodyEnds(long now) {
		if (isOpen()) {
			this.open.getLast().bodyEnds();
			leaveEnded(now);
		}
	}

	void answerBegins(HttpResponse answer) {
		if (isOpen()) {
			this.open.getFirst().answerBegins(answer);
		}
	}

	void answerEnds(long now) {
		if (isOpen()) {
			this.open.getFirst().answerEnds(now);
			leaveEnded(now);
		}
	}

	/** Whether there is an exchange under way. */
	boolean isOpen() {
		return !this.open.isEmpty();
	}

	/** The one that is answered now or next; one that is not open if there is none. */
	Exchange first() {
		return isOpen() ? this.open.getFirst() : NONE;
	}

	/** One that waited for its turn is not late for that. */
	private void leaveEnded(long now) {
		if (!this.open.getFirst().isOpen()) {
			this.open.removeFirst();
			if (isOpen()) {
				this.open.getFirst().turn(now);
			}
		}
	}

}
