package dev.agentsessions.database;

import java.time.Duration;

/**
 * How long anything waits for the database.
 *
 * @param connect for a new connection, from the first packet to ready
 * @param request for a whole request to the database, its time in a queue included; after
 * it the answer is 503
 * @param statement after which PostgreSQL ends a statement
 * @param lock after which PostgreSQL ends a statement that waits for a row lock
 * @param idleInTransaction after which PostgreSQL ends a connection that left a
 * transaction open
 */
public record DatabaseTimes(Duration connect, Duration request, Duration statement, Duration lock,
		Duration idleInTransaction) {

	/**
	 * A statement has to end before its request does, and a wait for a lock before it.
	 */
	public DatabaseTimes(Duration request) {
		this(Duration.ofSeconds(2), request, request.multipliedBy(3).dividedBy(4), request.dividedBy(4),
				Duration.ofSeconds(5));
	}

}
