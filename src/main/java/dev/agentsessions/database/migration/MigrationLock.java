package dev.agentsessions.database.migration;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

import liquibase.exception.LockException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets one process at a time change the tables of a PostgreSQL database. It is an
 * advisory lock, which belongs to the database session that migrates and ends with it, so
 * a process that is killed leaves nothing behind. Liquibase's own lock, a row of
 * <code>databasechangeloglock</code>, would stay; who has this one may clear it.
 */
public final class MigrationLock {

	/** Any number that no other program uses for an advisory lock. */
	static final long KEY = 0x61676e7473657373L;

	private static final Duration PATIENCE = Duration.ofMinutes(5);

	/**
	 * The name is that of the session while it waits and migrates. Without keepalives the
	 * session of a machine that is gone would stay for two hours, and its lock.
	 */
	private static final String PREPARE = """
			select set_config('application_name', 'agent-session-store migration', false),
			    set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '10', false),
			    set_config('tcp_keepalives_count', '3', false)
			""";

	/**
	 * Without it PostgreSQL does not notice in the middle of a statement that a process
	 * was killed, and goes on to build an index for nobody.
	 */
	private static final String NOTICE_THE_END = "set client_connection_check_interval = '1s'";

	private static final String TAKE = "select pg_try_advisory_lock(" + KEY + ")";

	private static final String RELEASE = "select pg_advisory_unlock(" + KEY + ")";

	private static final String OWNER = """
			select 'PostgreSQL session ' || pid || coalesce(' from ' || host(client_addr), '')
			from pg_locks join pg_stat_activity using (pid)
			where locktype = 'advisory' and granted and datname = current_database()
			    and database = datid and objsubid = 1 and (classid::bigint << 32) + objid::bigint = %d
			""".formatted(KEY);

	private static final Logger log = LoggerFactory.getLogger(MigrationLock.class);

	private MigrationLock() {
	}

	/**
	 * Takes it for the session of this connection, which is not in auto-commit, and waits
	 * for another process that has it.
	 * @throws LockException if the other one still has it after five minutes
	 */
	public static void take(Connection connection) throws LockException, SQLException {
		take(connection, PATIENCE);
	}

	static void take(Connection connection, Duration patience) throws LockException, SQLException {
		prepare(connection);
		long begin = System.nanoTime();
		String owner = null;
		while (!"t".equals(run(connection, TAKE))) {
			String other = run(connection, OWNER);
			if (other != null && !other.equals(owner)) {
				owner = other;
				log.info("Another process makes or changes the tables, and this one waits for it: {}", owner);
			}
			if (System.nanoTime() - begin > patience.toNanos()) {
				throw new LockException("waited in vain for " + owner);
			}
			run(connection, "select pg_sleep(1)");
			// the other process might wait for the end of this transaction
			connection.rollback();
		}
	}

	/** Committed, for a rollback would take back what was set. */
	private static void prepare(Connection connection) throws SQLException {
		connection.rollback();
		run(connection, PREPARE);
		connection.commit();
		try {
			run(connection, NOTICE_THE_END);
			connection.commit();
		}
		catch (SQLException ex) {
			log.debug("PostgreSQL can't look after its clients on the system that it runs on", ex);
			connection.rollback();
		}
	}

	/**
	 * Does not fail: a session that can't release it is at its end, and so is the lock.
	 */
	public static void release(Connection connection) {
		try {
			connection.rollback();
			run(connection, RELEASE);
			connection.commit();
		}
		catch (SQLException ex) {
			log.debug("The lock on the tables ends with its session", ex);
		}
	}

	/** Returns the first column of the first row, null if there is none. */
	private static @Nullable String run(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			if (!statement.execute(sql)) {
				return null;
			}
			ResultSet rows = statement.getResultSet();
			return rows.next() ? rows.getString(1) : null;
		}
	}

}
