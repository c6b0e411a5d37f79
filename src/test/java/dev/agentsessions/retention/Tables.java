package dev.agentsessions.retention;

import java.time.Duration;
import java.util.Objects;

import dev.agentsessions.TestStore;

import org.springframework.r2dbc.core.DatabaseClient;

/**
 * The tables of a store, as nobody sees them over HTTP.
 */
public final class Tables {

	private static final Duration LONG = Duration.ofSeconds(30);

	private final DatabaseClient client;

	private Tables(DatabaseClient client) {
		this.client = client;
	}

	public static Tables of(TestStore store) {
		return new Tables(store.bean(DatabaseClient.class));
	}

	/** Has the session been idle for so many hours. */
	void idle(String session, int hours) {
		age(session, "last_activity", hours);
	}

	/** Has the session been soft-deleted so many days ago. */
	void deleted(String session, int days) {
		age(session, "deleted_at", 24 * days);
	}

	void tenant(String session, String tenant) {
		update("update sessions set tenant = '" + tenant + "' where session_id = '" + session + "'");
	}

	private void age(String session, String column, int hours) {
		// exact to some seconds is enough, and both engines understand it
		long changed = update("update sessions set " + column + " = " + column + " - interval '" + hours
				+ "' hour where session_id = '" + session + "'");
		if (changed != 1) {
			throw new IllegalArgumentException(session + " is not there");
		}
	}

	public long update(String sql) {
		Long rows = this.client.sql(sql).fetch().rowsUpdated().block(LONG);
		return Objects.requireNonNull(rows);
	}

	/** How many rows of a table there are, with a condition behind it. */
	public long count(String tableAndCondition) {
		return number("select count(*) as n from " + tableAndCondition);
	}

	/** The one number that a statement answers, called n. */
	public long number(String sql) {
		Long number = this.client.sql(sql).map((row) -> row.get("n", Long.class)).one().block(LONG);
		return Objects.requireNonNull(number);
	}

	/** How many rows there are of everything that can belong to a session. */
	long parts() {
		return count("messages") + count("agent_contexts") + count("agent_switches") + count("append_keys");
	}

}
