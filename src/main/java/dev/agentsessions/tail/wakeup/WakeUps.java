package dev.agentsessions.tail.wakeup;

import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import dev.agentsessions.session.SessionKey;

/**
 * What replicas tell each other: that sessions may have changed. Hints that come up while
 * one is being sent go together in the next, so there is at most one under way, whatever
 * the load. A hint carries no data and no names: a number for each session, equal for
 * equal sessions on every replica. It may get lost; who follows a session finds out by
 * itself, only later.
 */
final class WakeUps {

	/** Instead of too many numbers: a notification has less than 8,000 bytes. */
	private static final String ALL = "*";

	private static final int MAX_SESSIONS = 500;

	/** How many times as long as a sending takes nothing is sent after it. */
	private static final int REST = 8;

	private static final Duration MIN_REST = Duration.ofMillis(4);

	private static final Duration MAX_REST = Duration.ofMillis(40);

	private static final Duration MAX_REST_IF_FEW = Duration.ofMillis(10);

	/** As many sessions in one hint are not few. */
	private static final int MANY = 50;

	private final Set<Integer> pending = ConcurrentHashMap.newKeySet();

	private final AtomicBoolean sending = new AtomicBoolean();

	private final Consumer<String> send;

	/** Whether any other replica has a tail, as far as is known. */
	private volatile boolean wanted;

	/**
	 * Nothing is wanted yet.
	 * @param send sends a payload, and calls {@link #sent} when that has ended
	 */
	WakeUps(Consumer<String> send) {
		this.send = send;
	}

	boolean isWanted() {
		return this.wanted;
	}

	void setWanted(boolean wanted) {
		this.wanted = wanted;
		if (!wanted) {
			this.pending.clear();
		}
	}

	/** A session was written to on this replica. */
	void written(SessionKey session) {
		if (this.wanted) {
			tell(session);
		}
	}

	/** The same, whether or not another replica is known to have a tail. */
	void tell(SessionKey session) {
		this.pending.add(session.number());
		next();
	}

	/** A payload was sent, or could not be. */
	void sent() {
		this.sending.set(false);
		next();
	}

	/**
	 * How long to wait after a hint was sent, for each costs the database and every
	 * replica a step, and a follower does not notice. A busy database gets few hints, and
	 * they tell of more; where few sessions are written to, nobody has to wait for long
	 * because a disk is slow.
	 * @param took what the sending took
	 * @param payload what was sent
	 */
	static Duration rest(Duration took, String payload) {
		Duration rest = took.multipliedBy(REST);
		Duration most = tellsOfMany(payload) ? MAX_REST : MAX_REST_IF_FEW;
		return (rest.compareTo(MIN_REST) < 0) ? MIN_REST : (rest.compareTo(most) > 0) ? most : rest;
	}

	private static boolean tellsOfMany(String payload) {
		return payload.equals(ALL) || payload.chars().filter((next) -> next == ',').count() >= MANY;
	}

	/** The numbers in a payload; empty for all sessions. */
	static Set<Integer> numbers(String payload) {
		try {
			return payload.equals(ALL) ? Set.of()
					: Arrays.stream(payload.split(","))
						.map((number) -> Integer.parseInt(number, 36))
						.collect(Collectors.toSet());
		}
		catch (NumberFormatException ex) {
			return Set.of();
		}
	}

	private void next() {
		while (!this.pending.isEmpty() && this.sending.compareAndSet(false, true)) {
			Set<Integer> taken = Set.copyOf(this.pending);
			this.pending.removeAll(taken);
			if (!taken.isEmpty()) {
				this.send.accept(payload(taken));
				return;
			}
			// what comes up before this has to be looked for again
			this.sending.set(false);
		}
	}

	private static String payload(Set<Integer> numbers) {
		return (numbers.size() > MAX_SESSIONS) ? ALL
				: numbers.stream().map((number) -> Integer.toString(number, 36)).collect(Collectors.joining(","));
	}

}
