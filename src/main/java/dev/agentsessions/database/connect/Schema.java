package dev.agentsessions.database.connect;

import java.util.List;

import dev.agentsessions.database.Engine;
import liquibase.Liquibase;
import liquibase.changelog.ChangeLogParameters;
import liquibase.changelog.ChangeSet;
import liquibase.database.Database;
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
	public static void update(DatabaseUrl url) throws LiquibaseException {
		SpringLiquibase liquibase = liquibase(url);
		liquibase.setResourceLoader(new DefaultResourceLoader());
		liquibase.afterPropertiesSet();
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

	static SpringLiquibase liquibase(DatabaseUrl url) {
		DriverManagerDataSource dataSource = new DriverManagerDataSource(url.jdbc());
		dataSource.setUsername((url.username() != null) ? url.username() : "");
		dataSource.setPassword((url.password() != null) ? url.password() : "");
		SpringLiquibase liquibase = (url.engine() == Engine.POSTGRESQL) ? new EmptyDatabaseLocked()
				: new SpringLiquibase();
		liquibase.setDataSource(dataSource);
		liquibase.setChangeLog("classpath:/" + CHANGELOG);
		liquibase.setAnalyticsEnabled(false);
		return liquibase;
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
