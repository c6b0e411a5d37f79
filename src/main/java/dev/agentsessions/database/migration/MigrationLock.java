package dev.agentsessions.database.migration;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;

import liquibase.Scope;
import liquibase.changelog.ChangeLogHistoryServiceFactory;
import liquibase.database.Database;
import liquibase.database.core.PostgresDatabase;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;
import liquibase.exception.LockException;
import liquibase.lockservice.StandardLockService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets one process at a time change the tables of a PostgreSQL database. What counts is
 * an advisory lock: it belongs to the database session that migrates and ends with it, so
 * a process that is killed leaves nothing behind.
 * <p>
 * Liquibase's own lock, a row of <code>databasechangeloglock</code>, is taken as well,
 * because version 0.1 knows no other; and a killed process does leave that one behind.
 * Who has the advisory lock and finds the row locked takes it over if its owner is gone:
 * for certain if the owner had signed it, for then it had the advisory lock, too; else if
 * there is no session that could be a migration of version 0.1.
 */
public final class MigrationLock extends StandardLockService {

	/** Any number that no other program uses for an advisory lock. */
	static final long KEY = 0x61676e7473657373L;

	/** What the session is called in the database while it waits and migrates. */
	private static final String NAME = "agent-session-store migration";

	private static final String SIGNATURE = "PostgreSQL session ";

	/**
	 * Without keepalives the session of a machine that is gone would stay for two hours,
	 * and its lock.
	 */
	private static final String PREPARE = """
			select set_config('application_name', '%s', false), set_config('tcp_keepalives_idle', '10', false),
			    set_config('tcp_keepalives_interval', '10', false), set_config('tcp_keepalives_count', '3', false)
			""".formatted(NAME);

	/**
	 * Without it PostgreSQL does not notice in the middle of a statement that a process
	 * was killed, and goes on to build an index for nobody.
	 */
	private static final String NOTICE_THE_END = "set client_connection_check_interval = '1s'";

	private static final String TAKE = "select pg_try_advisory_lock(" + KEY + ")";

	private static final String RELEASE = "select pg_advisory_unlock(" + KEY + ")";

	private static final String OWNER = """
			select '%s' || pid || coalesce(' from ' || host(client_addr), '') from pg_locks join pg_stat_activity using (pid)
			where locktype = 'advisory' and granted and datname = current_database()
			    and database = datid and objsubid = 1 and (classid::bigint << 32) + objid::bigint = %d
			"""
		.formatted(SIGNATURE, KEY);

	private static final String SIGN = """
			update databasechangeloglock set lockedby = left('%s' || pg_backend_pid() || ' of ' || lockedby, 255)
			where id = 1
			""".formatted(SIGNATURE);

	private static final String ROW = """
			select concat(lockedby, ' since ', lockgranted) from databasechangeloglock where id = 1 and locked
			""";

	/**
	 * Version 0.1 migrates in a session of the name that this one had at first, and is
	 * never idle for long.
	 */
	private static final String ROW_LEFT_BEHIND = ROW + """
			and (lockedby like '%s%%' or not exists (
			    select from pg_stat_activity
			    where datname = current_database() and usename = session_user and application_name = ?
			        and (state <> 'idle' or state_change > now() - interval '10 s')))
			""".formatted(SIGNATURE);

	private static final Logger log = LoggerFactory.getLogger(MigrationLock.class);

	/** Null until the session is prepared. */
	private @Nullable String firstName;

	private boolean advisory;

	/** Whom it waits for; null if for nobody. */
	private @Nullable String owner;

	@Override
	public boolean supports(Database database) {
		return database instanceof PostgresDatabase;
	}

	@Override
	public int getPriority() {
		return PRIORITY_DATABASE;
	}

	@Override
	public void waitForLock() throws LockException {
		long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(getChangeLogLockWaitTime());
		while (!acquireLock()) {
			if (System.nanoTime() - end > 0) {
				throw new LockException("waited in vain for " + this.owner);
			}
			pause();
		}
	}

	@Override
	public boolean acquireLock() throws LockException {
		if (hasChangeLogLock()) {
			return true;
		}
		try {
			prepare();
			if (!takeAdvisoryLock()) {
				return false;
			}
			makeFirstTable();
			return takeRow() || takeRowOver();
		}
		catch (DatabaseException | SQLException ex) {
			throw new LockException(ex);
		}
	}

	@Override
	public void releaseLock() throws LockException {
		super.releaseLock();
		try {
			releaseAdvisoryLock();
		}
		catch (DatabaseException | SQLException ex) {
			throw new LockException(ex);
		}
	}

	/** Committed, for a rollback would take back what was set. */
	private void prepare() throws DatabaseException, SQLException {
		if (this.firstName != null) {
			return;
		}
		this.database.rollback();
		this.firstName = run("select current_setting('application_name')");
		run(PREPARE);
		this.database.commit();
		try {
			run(NOTICE_THE_END);
			this.database.commit();
		}
		catch (SQLException ex) {
			log.debug("PostgreSQL can't look after its clients on the system that it runs on", ex);
			this.database.rollback();
		}
	}

	private boolean takeAdvisoryLock() throws SQLException {
		this.advisory = this.advisory || "t".equals(run(TAKE));
		if (!this.advisory) {
			waitFor(run(OWNER));
		}
		return this.advisory;
	}

	/**
	 * The list of the changes that were made, which Liquibase itself makes before it
	 * takes any lock: of processes that meet there all but one would fail.
	 */
	private void makeFirstTable() throws DatabaseException {
		Scope.getCurrentScope()
			.getSingleton(ChangeLogHistoryServiceFactory.class)
			.getChangeLogService(this.database)
			.init();
	}

	private void releaseAdvisoryLock() throws DatabaseException, SQLException {
		if (this.advisory) {
			run(RELEASE);
			this.database.commit();
			this.advisory = false;
		}
	}

	private boolean takeRow() throws LockException, DatabaseException, SQLException {
		if (!super.acquireLock()) {
			return false;
		}
		run(SIGN);
		this.database.commit();
		return true;
	}

	private boolean takeRowOver() throws LockException, DatabaseException, SQLException {
		String gone = run(ROW_LEFT_BEHIND, this.firstName);
		if (gone == null) {
			waitFor(run(ROW));
			return false;
		}
		log.warn("The lock on the tables was left behind by a process that is gone, and is taken over: {}", gone);
		super.releaseLock();
		return takeRow();
	}

	private void waitFor(@Nullable String other) {
		if (other != null && !other.equals(this.owner)) {
			this.owner = other;
			log.info("Another process makes or changes the tables, and this one waits for it: {}", other);
		}
	}

	/** Not in a transaction that stays: the other process might wait for its end. */
	private void pause() throws LockException {
		try {
			run("select pg_sleep(1)");
			this.database.rollback();
		}
		catch (DatabaseException | SQLException ex) {
			throw new LockException(ex);
		}
	}

	/** Returns the first column of the first row, null if there is none. */
	private @Nullable String run(String sql, @Nullable String... parameters) throws SQLException {
		JdbcConnection connection = (JdbcConnection) this.database.getConnection();
		try (PreparedStatement statement = connection.getUnderlyingConnection().prepareStatement(sql)) {
			for (int i = 0; i < parameters.length; i++) {
				statement.setString(i + 1, parameters[i]);
			}
			if (!statement.execute()) {
				return null;
			}
			ResultSet rows = statement.getResultSet();
			return rows.next() ? rows.getString(1) : null;
		}
	}

}
