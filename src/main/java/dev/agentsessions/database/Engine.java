package dev.agentsessions.database;

import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The two databases, and what differs between them in every statement.
 */
public enum Engine {

	/** The production engine. */
	POSTGRESQL,

	/** What runs when nothing is configured, embedded, in one process. */
	H2;

	/**
	 * Does not interrupt what is given up: an interrupt closes the file of an embedded
	 * H2, and with it the database.
	 */
	private static final Scheduler UNINTERRUPTED = Schedulers.fromExecutor(Schedulers.boundedElastic()::schedule);

	/**
	 * SQL for a text parameter that goes into a JSON column. PostgreSQL wants a cast; in
	 * H2 the column holds text, for a string bound to a JSON column would be encoded a
	 * second time.
	 */
	public String json(String parameter) {
		return (this == POSTGRESQL) ? "cast(" + parameter + " as jsonb)" : parameter;
	}

	/** SQL for a text parameter, <code>{1,2}</code>, that goes into an array. */
	public String integers(String parameter) {
		return (this == POSTGRESQL) ? "cast(" + parameter + " as integer[])" : parameter;
	}

	/** SQL for a JSON column read as text. */
	public String jsonText(String column) {
		return (this == POSTGRESQL) ? "cast(" + column + " as text)" : column;
	}

	/**
	 * SQL for the database's time now; on PostgreSQL now() would be the start of the
	 * transaction. In an update as a <code>(select …)</code>: Citus refuses it bare.
	 */
	public String clock() {
		return (this == POSTGRESQL) ? "clock_timestamp()" : "current_timestamp";
	}

	/** SQL for a time that lies a number of seconds before now. */
	public String secondsAgo(String seconds) {
		// H2 adds no more seconds at once than fit into 32 bits
		return (this == POSTGRESQL) ? "now() - make_interval(secs => " + seconds + ")"
				: "dateadd(second, -mod(cast(" + seconds + " as bigint), 86400), dateadd(day, -(cast(" + seconds
						+ " as bigint) / 86400), current_timestamp))";
	}

	/**
	 * Where statements are started: the driver of H2 does its work on the thread that
	 * subscribes. What is given up there goes on to the end of its statement.
	 */
	public Scheduler scheduler() {
		return (this == POSTGRESQL) ? Schedulers.immediate() : UNINTERRUPTED;
	}

}
