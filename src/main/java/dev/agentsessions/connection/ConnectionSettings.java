package dev.agentsessions.connection;

import java.time.Duration;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What a client may take of the service's connections and time. Times are kept to within
 * half of the shortest of them, or five seconds.
 *
 * @param max connections at a time, streams included; those beyond are answered 503 and
 * closed; at least 1
 * @param idle how long a connection may be open without a request, longer than the proxy
 * in front keeps it; 100ms to 1h
 * @param head how long a request line and its headers may take, from their first byte;
 * 100ms to 1h
 * @param body how long a body may stand still while the service waits for more of it, and
 * for up to 5s how long it may go on after its answer; 100ms to 1h
 * @param request how long it may be until the answer begins, the body included, and then
 * until more of it comes, unless it is a stream of events; an NDJSON body may take any
 * time, as long as it does not stand still; 100ms to 1h
 * @param answer how long a client may take nothing of an answer that is ready for it, and
 * up to a quarter more if it is a stream; 100ms to 1h
 * @param compression whether answers of 1 KiB and more are compressed for clients that
 * ask for it by <code>Accept-Encoding</code>, but for live tails
 */
@ConfigurationProperties("store.connections")
public record ConnectionSettings(@DefaultValue("25000") int max, @DefaultValue("75s") Duration idle,
		@DefaultValue("10s") Duration head, @DefaultValue("20s") Duration body, @DefaultValue("30s") Duration request,
		@DefaultValue("60s") Duration answer, @DefaultValue("true") boolean compression) {

	private static final Duration LONGEST_TICK = Duration.ofSeconds(5);

	public ConnectionSettings {
		if (max < 1) {
			throw new IllegalArgumentException("store.connections.max must be at least 1, but is " + max);
		}
		requireTime("idle", idle);
		requireTime("head", head);
		requireTime("body", body);
		requireTime("request", request);
		requireTime("answer", answer);
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
	 * One in so many of these looks is at a stream of events that had nothing to send: up
	 * to so much later it is seen to stand still.
	 */
	public int streamTicks() {
		return (int) Math.max(1, this.answer.toMillis() / 4 / tick().toMillis());
	}

	/** How long a body may go on when it is answered already. */
	public Duration leftover() {
		return (this.body.compareTo(LONGEST_TICK) < 0) ? this.body : LONGEST_TICK;
	}

	private static void requireTime(String name, Duration time) {
		if (time.toMillis() < 100 || time.compareTo(Duration.ofHours(1)) > 0) {
			throw new IllegalArgumentException(
					"store.connections." + name + " must be from 100ms to 1h, but is " + time);
		}
	}

}
