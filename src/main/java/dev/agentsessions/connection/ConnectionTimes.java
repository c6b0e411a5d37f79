package dev.agentsessions.connection;

import java.time.Duration;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * How long a client may take. Times are kept to within half of the shortest of them, or
 * five seconds.
 *
 * @param idle how long a connection may be open without a request
 * @param head how long a request line and its headers may take, from their first byte
 * @param body how long a body may stand still while the service waits for more of it, and
 * for up to 5s how long it may go on after its answer
 * @param request how long it may be until the answer begins, the body included, and then
 * until more of it comes, unless it is a stream of events; an NDJSON body may take any
 * time, as long as it does not stand still, and a fork as long as it takes to copy
 * @param answer how long a client may take nothing of an answer that is ready for it
 */
@Component
public record ConnectionTimes(Duration idle, Duration head, Duration body, Duration request, Duration answer) {

	private static final Duration LONGEST_TICK = Duration.ofSeconds(5);

	@Autowired
	ConnectionTimes(ConnectionSettings settings) {
		this(settings.idle(), Duration.ofSeconds(10), Duration.ofSeconds(20), Duration.ofSeconds(30),
				Duration.ofSeconds(60));
	}

	/** How often connections are looked at. */
	public Duration tick() {
		Duration shortest = LONGEST_TICK.multipliedBy(2);
		for (Duration time : new Duration[] { this.idle, this.head, this.body, this.request, this.answer }) {
			shortest = (time.compareTo(shortest) < 0) ? time : shortest;
		}
		return shortest.dividedBy(2);
	}

	/**
	 * How long the body of a draft may stand still, which is discarded before that.
	 */
	public Duration draftBody() {
		return this.body.multipliedBy(4);
	}

	/** How long a body may go on when it is answered already. */
	public Duration leftover() {
		return (this.body.compareTo(LONGEST_TICK) < 0) ? this.body : LONGEST_TICK;
	}

}
