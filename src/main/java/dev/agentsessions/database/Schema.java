package dev.agentsessions.database;

import liquibase.exception.LiquibaseException;
import liquibase.integration.spring.SpringLiquibase;

import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * The tables, which Liquibase owns.
 */
public final class Schema {

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

	static SpringLiquibase liquibase(DatabaseUrl url) {
		DriverManagerDataSource dataSource = new DriverManagerDataSource(url.jdbc());
		dataSource.setUsername((url.username() != null) ? url.username() : "");
		dataSource.setPassword((url.password() != null) ? url.password() : "");
		SpringLiquibase liquibase = new SpringLiquibase();
		liquibase.setDataSource(dataSource);
		liquibase.setChangeLog("classpath:/liquibase/changelog.yaml");
		liquibase.setAnalyticsEnabled(false);
		return liquibase;
	}

}
