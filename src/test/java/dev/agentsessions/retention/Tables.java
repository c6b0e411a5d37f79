package dev.agentsessions.retention;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;

import dev.agentsessions.TestStore;
import dev.agentsessions.database.Buckets;
import dev.agentsessions.database.DatabaseCalls;
import dev.agentsessions.database.connect.DatabaseUrl;
import dev.agentsessions.database.connect.JdbcConnections;
import dev.agentsessions.session.SessionKey;
import reactor.core.publisher.Mono;

import org.springframework.r2dbc.core.DatabaseClient;

/**
 * The tables of a store, of all its buckets, as nobody sees them over HTTP.
 */
public final class Tables {

	private static final Duration LONG = Duration.ofSeconds(30);

	private final DatabaseClient client;

	private final DatabaseCalls database;

	private Tables(DatabaseClient client, DatabaseCalls database) {
		this.client = client;
		this.database = database;
	}

	public static Tables of(TestStore store) {
		return new Tables(store.bean(DatabaseClient.class), store.bean(DatabaseCalls.class));
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
		long changed = update("update sessions set " + column + " = now() - interval '" + hours
				+ "' hour where session_id = '" + session + "'");
		if (changed != 1) {
			throw new IllegalArgumentException(session + " is not there");
		}
	}

	/** Carries it out in each bucket; answers how many rows that was in all. */
	public long update(String sql) {
		return sum(this.client.sql(sql).fetch().rowsUpdated());
	}

	/** Carries it out in the bucket of a session of the tenant <code>default</code>. */
	public void insert(String session, String sql) {
		int bucket = this.database.buckets().of(key(session));
		this.database.write(bucket, this.client.sql(sql).then()).block(LONG);
	}

	/**
	 * The tables of the bucket of a session of the tenant <code>default</code>, by JDBC;
	 * PostgreSQL alone.
	 */
	public Connection connect(TestStore store, String session) throws SQLException {
		Buckets buckets = this.database.buckets();
		return JdbcConnections.open(DatabaseUrl.parse(store.databaseUrl()), buckets.schema(buckets.of(key(session))));
	}

	private static SessionKey key(String session) {
		return new SessionKey("default", session);
	}

	/** How many rows of a table there are, with a condition behind it. */
	public long count(String tableAndCondition) {
		return number("select count(*) as n from " + tableAndCondition);
	}

	/** The one number that a statement answers, called n; the sum of all buckets. */
	public long number(String sql) {
		return sum(this.client.sql(sql).map((row) -> row.get("n", Long.class)).one());
	}

	private long sum(Mono<Long> statement) {
		Long sum = this.database.buckets()
			.each((bucket) -> this.database.find(bucket, statement))
			.reduce(0L, Long::sum)
			.block(LONG);
		return Objects.requireNonNull(sum);
	}

	/** How many rows there are of everything that can belong to a session. */
	long parts() {
		return count("messages") + count("agent_contexts") + count("agent_switches") + count("append_keys");
	}

}
