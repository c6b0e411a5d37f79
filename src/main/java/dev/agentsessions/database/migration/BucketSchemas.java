package dev.agentsessions.database.migration;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import dev.agentsessions.database.Buckets;
import dev.agentsessions.settings.SetupException;

/**
 * The schemas of a store's buckets on PostgreSQL, and the number of buckets, which the
 * database keeps: with another number sessions would not be found where they are. Where
 * the database has the extension Citus, each schema is on one of its nodes.
 */
public final class BucketSchemas {

	/** One process at a time, until the end of its transaction. */
	private static final String LOCK = "select pg_advisory_xact_lock(" + (MigrationLock.KEY + 1) + ")";

	private static final String IS_KEPT = "select to_regclass('public.store_buckets') is not null";

	private static final String KEPT = "select buckets from public.store_buckets";

	/** One bucket has no schema of its own, and no such note. */
	private static final String IS_STORE = "select to_regclass('sessions') is not null";

	private static final String KEEP = """
			create table public.store_buckets (
			    buckets integer not null, newest_change varchar(255), row_ids_secret varchar(64));
			insert into public.store_buckets (buckets) values (%d);
			create sequence public.store_row_ids
			""";

	/** Ids of changes begin with a number of four digits. */
	private static final String IS_UP_TO_DATE = """
			select exists (select 1 from public.store_buckets where newest_change >= '%s' collate "C")""";

	private static final String SECRET = "select secret from %s.store_keys where name = 'row-ids'";

	private static final String NOTE = """
			update public.store_buckets set newest_change = '%1$s', row_ids_secret = '%2$s'
			where newest_change is null or newest_change < '%1$s' collate "C"
			""";

	private static final String HAS_CITUS = "select exists (select 1 from pg_extension where extname = 'citus')";

	private static final String IS_ON_A_NODE = """
			select exists (select 1 from citus_schemas where schema_name = '%s'::regnamespace)
			""";

	private static final String IS_USED = "select exists (select 1 from %s.sessions)";

	/**
	 * Citus moves a schema to another node while it is in use only if all of its tables
	 * can be replicated.
	 */
	private static final String DISTRIBUTE = """
			alter table %1$s.databasechangelog replica identity full;
			alter table %1$s.drafts set logged;
			alter table %1$s.draft_pieces set logged;
			select citus_schema_distribute('%1$s')""";

	private BucketSchemas() {
	}

	/**
	 * Makes the schemas and keeps their number, if there are to be several and they are
	 * not there. Answers whether it is noted that the tables in all of them have this
	 * change: nothing need be asked of the nodes that they are on, one of which may be
	 * away.
	 * @throws SetupException if the store has another number of buckets
	 */
	public static boolean make(Connection connection, Buckets buckets, String newestChange) throws SQLException {
		connection.setAutoCommit(false);
		try (Statement statement = connection.createStatement()) {
			statement.execute(LOCK);
			boolean isUpToDate = check(statement, buckets) ? isUpToDate(statement, buckets, newestChange)
					: make(statement, buckets);
			connection.commit();
			return isUpToDate;
		}
	}

	private static boolean make(Statement statement, Buckets buckets) throws SQLException {
		if (buckets.count() > 1) {
			statement.execute(KEEP.formatted(buckets.count()));
			for (int i = 0; i < buckets.count(); i++) {
				statement.execute("create schema " + buckets.schema(i));
			}
		}
		return false;
	}

	private static boolean isUpToDate(Statement statement, Buckets buckets, String newestChange) throws SQLException {
		return buckets.count() > 1 && isTrue(statement, IS_UP_TO_DATE.formatted(newestChange));
	}

	/**
	 * Notes that the tables in all of them have this change, and the secret of the store,
	 * which is that of the first bucket.
	 */
	public static void note(Connection connection, Buckets buckets, String newestChange) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(NOTE.formatted(newestChange, secret(statement, buckets)));
		}
	}

	private static String secret(Statement statement, Buckets buckets) throws SQLException {
		try (ResultSet rows = statement.executeQuery(SECRET.formatted(buckets.schema(0)))) {
			rows.next();
			return rows.getString(1);
		}
	}

	/**
	 * Checks the number of buckets, where others make the tables.
	 * @throws SetupException if the store has another number of buckets
	 */
	public static void check(Connection connection, Buckets buckets) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			check(statement, buckets);
		}
	}

	/** Answers whether there is a store. */
	private static boolean check(Statement statement, Buckets buckets) throws SQLException {
		int kept = kept(statement);
		if (kept != 0 && kept != buckets.count()) {
			throw new SetupException(
					"This store was made with store.database.buckets=" + kept + ", and cannot be used with "
							+ buckets.count() + ".",
					"Set STORE_DATABASE_BUCKETS=" + kept
							+ ". To have another number, export the store and import it into an empty database.");
		}
		return kept != 0;
	}

	/** 0 if there is no store. */
	private static int kept(Statement statement) throws SQLException {
		if (!isTrue(statement, IS_KEPT)) {
			return isTrue(statement, IS_STORE) ? 1 : 0;
		}
		try (ResultSet rows = statement.executeQuery(KEPT)) {
			rows.next();
			return rows.getInt(1);
		}
	}

	/**
	 * Gives the schemas to the nodes of Citus, where there is one; but not one that is in
	 * use, which would take long.
	 */
	public static void distribute(Connection connection, Buckets buckets) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			if (isTrue(statement, HAS_CITUS)) {
				for (int i = 0; i < buckets.count(); i++) {
					String schema = buckets.schema(i);
					if (!isTrue(statement, IS_ON_A_NODE.formatted(schema))
							&& !isTrue(statement, IS_USED.formatted(schema))) {
						statement.execute(DISTRIBUTE.formatted(schema));
					}
				}
			}
		}
	}

	private static boolean isTrue(Statement statement, String question) throws SQLException {
		try (ResultSet rows = statement.executeQuery(question)) {
			return rows.next() && rows.getBoolean(1);
		}
	}

}
