package dev.agentsessions.database.connect;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import dev.agentsessions.database.Buckets;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.migration.BucketSchemas;
import dev.agentsessions.database.migration.MigrationLock;
import liquibase.Liquibase;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;
import liquibase.exception.LiquibaseException;
import liquibase.integration.spring.SpringLiquibase;

import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * The tables, which Liquibase owns.
 */
public final class Schema {

	private static final String DIRECTORY = "liquibase/";

	private static final String CHANGELOG = DIRECTORY + "changelog.yaml";

	private static final Pattern FILE = Pattern.compile("file: ([^,\\s]+)");

	private static final Pattern CHANGE = Pattern.compile("(?m)^--changeset [^:]+:(\\S+)(?:.* dbms:(\\w+))?.*$");

	private static final String KNOWS = """
			select count(*) from information_schema.tables
			where lower(table_name) = '%s' and table_schema = current_schema""";

	private static final String KNOWS_CHANGES = KNOWS.formatted("databasechangelog");

	private static final String KNOWS_LOCK = KNOWS.formatted("databasechangeloglock");

	private static final String KNOWN_CHANGES = "select count(distinct id) from databasechangelog where id in (%s)";

	private Schema() {
	}

	/**
	 * Creates the tables, or brings them up to date; returns when they are. Waits for
	 * another process that is at it. Where they are up to date, that is found out without
	 * Liquibase.
	 */
	public static void update(DatabaseUrl url, Buckets buckets) throws LiquibaseException {
		List<String> changes = changes(url.engine());
		if (url.engine() == Engine.H2) {
			if (!inDatabase(url, (connection) -> hasAll(connection, changes))) {
				inDatabase(url, Schema::unlock);
				update(new SpringLiquibase(), url, "", Map.of());
			}
		}
		else if (!inDatabase(url, (connection) -> isUpToDate(connection, buckets, changes))) {
			updateEach(url, buckets);
		}
	}

	private static boolean isUpToDate(Connection connection, Buckets buckets, List<String> changes)
			throws SQLException {
		boolean noted = BucketSchemas.make(connection, buckets, last(changes));
		return noted || (buckets.count() == 1 && hasAll(connection, changes));
	}

	/**
	 * Takes away Liquibase's lock of a process that was killed in the middle. It can be
	 * no other's: H2 lets nobody else open the file, and on PostgreSQL whoever is here
	 * has the {@link MigrationLock}.
	 */
	private static boolean unlock(Connection connection) throws SQLException {
		if (number(connection, KNOWS_LOCK) > 0) {
			try (Statement statement = connection.createStatement()) {
				statement.execute("update databasechangeloglock set locked = false");
			}
		}
		return true;
	}

	private static boolean hasAll(Connection connection, List<String> changes) throws SQLException {
		String ids = changes.stream().map((id) -> "'" + id + "'").collect(Collectors.joining(", "));
		return number(connection, KNOWS_CHANGES) > 0
				&& number(connection, KNOWN_CHANGES.formatted(ids)) == changes.size();
	}

	private static long number(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
			rows.next();
			return rows.getLong(1);
		}
	}

	private static void updateEach(DatabaseUrl url, Buckets buckets) throws LiquibaseException {
		for (int i = 0; i < buckets.count(); i++) {
			update(new LockedUpdate(), url, buckets.schema(i),
					Map.of("buckets", Integer.toString(buckets.count()), "firstId", Integer.toString(i + 1)));
		}
		if (buckets.count() > 1) {
			inDatabase(url, (connection) -> {
				BucketSchemas.distribute(connection, buckets);
				BucketSchemas.note(connection, buckets, newestChange(Engine.POSTGRESQL));
				return true;
			});
		}
	}

	private static void update(SpringLiquibase liquibase, DatabaseUrl url, String schema,
			Map<String, String> parameters) throws LiquibaseException {
		DriverManagerDataSource dataSource = new DriverManagerDataSource(url.jdbc());
		dataSource.setUsername(url.username());
		dataSource.setPassword((url.password() != null) ? url.password() : "");
		if (!schema.isEmpty()) {
			dataSource.setSchema(schema);
		}
		liquibase.setDataSource(dataSource);
		liquibase.setChangeLog("classpath:/" + CHANGELOG);
		liquibase.setChangeLogParameters(parameters);
		liquibase.setAnalyticsEnabled(false);
		liquibase.setResourceLoader(new DefaultResourceLoader());
		liquibase.afterPropertiesSet();
	}

	/** Checks that the store has so many buckets, where others make its tables. */
	static void check(DatabaseUrl url, Buckets buckets) throws LiquibaseException {
		if (url.engine() == Engine.POSTGRESQL) {
			inDatabase(url, (connection) -> {
				BucketSchemas.check(connection, buckets);
				return true;
			});
		}
	}

	/**
	 * The id of the last changeset for this engine: a database that has it has all of
	 * them, for they are carried out in order.
	 */
	public static String newestChange(Engine engine) {
		return last(changes(engine));
	}

	private static String last(List<String> changes) {
		return changes.get(changes.size() - 1);
	}

	/** The ids of the changesets for this engine, in order. */
	private static List<String> changes(Engine engine) {
		String dbms = (engine == Engine.H2) ? "h2" : "postgresql";
		return FILE.matcher(text(CHANGELOG))
			.results()
			.flatMap((file) -> CHANGE.matcher(text(DIRECTORY + file.group(1))).results())
			.filter((change) -> change.group(2) == null || change.group(2).equals(dbms))
			.map((change) -> change.group(1))
			.toList();
	}

	/** A file of this jar. */
	private static String text(String file) {
		try {
			return new ClassPathResource(file).getContentAsString(StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static boolean inDatabase(DatabaseUrl url, DatabaseWork work) throws LiquibaseException {
		try (Connection connection = JdbcConnections.open(url)) {
			return work.run(connection);
		}
		catch (SQLException ex) {
			throw new DatabaseException(ex);
		}
	}

	/** What is done in the schema of the connection. */
	private interface DatabaseWork {

		boolean run(Connection connection) throws SQLException;

	}

	/**
	 * Is alone before anything else: Liquibase makes its own tables before it takes its
	 * own lock, and of replicas that start together some would fail there.
	 */
	private static final class LockedUpdate extends SpringLiquibase {

		@Override
		protected void performUpdate(Liquibase liquibase) throws LiquibaseException {
			Connection connection = ((JdbcConnection) liquibase.getDatabase().getConnection())
				.getUnderlyingConnection();
			try {
				MigrationLock.take(connection);
				unlock(connection);
				connection.commit();
			}
			catch (SQLException ex) {
				throw new DatabaseException(ex);
			}
			try {
				super.performUpdate(liquibase);
			}
			finally {
				MigrationLock.release(connection);
			}
		}

	}

}
