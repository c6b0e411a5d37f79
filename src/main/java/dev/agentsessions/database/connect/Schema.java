package dev.agentsessions.database.connect;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

import dev.agentsessions.database.Buckets;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.migration.BucketSchemas;
import liquibase.Liquibase;
import liquibase.changelog.ChangeLogParameters;
import liquibase.changelog.ChangeSet;
import liquibase.database.Database;
import liquibase.exception.DatabaseException;
import liquibase.exception.LiquibaseException;
import liquibase.integration.spring.SpringLiquibase;
import liquibase.lockservice.LockService;
import liquibase.lockservice.LockServiceFactory;
import liquibase.parser.ChangeLogParserFactory;
import liquibase.resource.ClassLoaderResourceAccessor;
import liquibase.snapshot.SnapshotGeneratorFactory;

import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * The tables, which Liquibase owns.
 */
public final class Schema {

	private static final String CHANGELOG = "liquibase/changelog.yaml";

	private Schema() {
	}

	/**
	 * Creates the tables, or brings them up to date; returns when they are. Waits for
	 * another process that is at it.
	 */
	public static void update(DatabaseUrl url, Buckets buckets) throws LiquibaseException {
		SpringLiquibase liquibase = liquibase(url, buckets);
		liquibase.setResourceLoader(new DefaultResourceLoader());
		liquibase.afterPropertiesSet();
	}

	/** Checks that the store has so many buckets, where others make its tables. */
	static void check(DatabaseUrl url, Buckets buckets) throws LiquibaseException {
		inDatabase(url, (connection) -> {
			BucketSchemas.check(connection, buckets);
			return true;
		});
	}

	/**
	 * The id of the last changeset for this engine: a database that has it has all of
	 * them, for they are carried out in order.
	 */
	public static String newestChange(Engine engine) {
		String dbms = (engine == Engine.H2) ? "h2" : "postgresql";
		try {
			ClassLoaderResourceAccessor resources = new ClassLoaderResourceAccessor();
			List<String> ids = ChangeLogParserFactory.getInstance()
				.getParser(CHANGELOG, resources)
				.parse(CHANGELOG, new ChangeLogParameters(), resources)
				.getChangeSets()
				.stream()
				.filter((change) -> change.getDbmsSet() == null || change.getDbmsSet().contains(dbms))
				.map(ChangeSet::getId)
				.toList();
			return ids.get(ids.size() - 1);
		}
		catch (LiquibaseException ex) {
			throw new IllegalStateException("the changelog of this jar can't be read", ex);
		}
	}

	static SpringLiquibase liquibase(DatabaseUrl url, Buckets buckets) {
		return (url.engine() == Engine.H2) ? configured(new SpringLiquibase(), url, "")
				: configured(new BucketByBucket(url, buckets), url, buckets.schema(0));
	}

	private static <T extends SpringLiquibase> T configured(T liquibase, DatabaseUrl url, String schema) {
		DriverManagerDataSource dataSource = new DriverManagerDataSource(url.jdbc());
		dataSource.setUsername((url.username() != null) ? url.username() : "");
		dataSource.setPassword((url.password() != null) ? url.password() : "");
		if (!schema.isEmpty()) {
			dataSource.setSchema(schema);
		}
		liquibase.setDataSource(dataSource);
		liquibase.setChangeLog("classpath:/" + CHANGELOG);
		liquibase.setAnalyticsEnabled(false);
		return liquibase;
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

	/** Makes the tables of each bucket. */
	private static final class BucketByBucket extends SpringLiquibase {

		private final DatabaseUrl url;

		private final Buckets buckets;

		BucketByBucket(DatabaseUrl url, Buckets buckets) {
			this.url = url;
			this.buckets = buckets;
		}

		@Override
		public void afterPropertiesSet() throws LiquibaseException {
			String newest = newestChange(Engine.POSTGRESQL);
			if (inDatabase(this.url, (connection) -> BucketSchemas.make(connection, this.buckets, newest))) {
				return;
			}
			for (int i = 0; i < this.buckets.count(); i++) {
				SpringLiquibase one = configured(new EmptyDatabaseLocked(), this.url, this.buckets.schema(i));
				one.setResourceLoader(getResourceLoader());
				one.setChangeLogParameters(
						Map.of("buckets", Integer.toString(this.buckets.count()), "firstId", Integer.toString(i + 1)));
				one.afterPropertiesSet();
			}
			if (this.buckets.count() > 1) {
				inDatabase(this.url, (connection) -> {
					BucketSchemas.distribute(connection, this.buckets);
					BucketSchemas.note(connection, this.buckets, newest);
					return true;
				});
			}
		}

	}

	/**
	 * Takes the lock on an empty database before anything else, and Liquibase's own
	 * tables are made in it: Liquibase makes them before it takes a lock, and of replicas
	 * that start together some would fail there.
	 */
	private static final class EmptyDatabaseLocked extends SpringLiquibase {

		@Override
		protected void performUpdate(Liquibase liquibase) throws LiquibaseException {
			Database database = liquibase.getDatabase();
			if (!SnapshotGeneratorFactory.getInstance().hasDatabaseChangeLogTable(database)) {
				LockService lock = LockServiceFactory.getInstance().getLockService(database);
				lock.waitForLock();
				lock.releaseLock();
			}
			super.performUpdate(liquibase);
		}

	}

}
