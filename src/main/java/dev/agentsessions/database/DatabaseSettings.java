package dev.agentsessions.database;

import java.time.Duration;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The database and how long anything waits for it.
 *
 * @param url <code>DATABASE_URL</code>:
 * <code>postgresql://user:password@host:5432/db</code>, or <code>h2:file:./path</code>
 * @param statementTimeout after which PostgreSQL ends a statement
 * @param lockTimeout after which PostgreSQL ends a statement that waits for a row lock
 * @param idleInTransactionTimeout after which PostgreSQL ends a connection that left a
 * transaction open
 * @param connectTimeout for a new connection, from the first packet to ready
 * @param requestTimeout for a whole request to the database, its time in a queue
 * included; after it the answer is 503
 * @param poolSize connections for what is not hot: lists, single sessions, contexts; the
 * lanes have their own
 */
@ConfigurationProperties("store.database")
public record DatabaseSettings(@DefaultValue("h2:file:./data/agent-session-store") String url,
		@DefaultValue("3s") Duration statementTimeout, @DefaultValue("1s") Duration lockTimeout,
		@DefaultValue("5s") Duration idleInTransactionTimeout, @DefaultValue("2s") Duration connectTimeout,
		@DefaultValue("4s") Duration requestTimeout, @DefaultValue("8") int poolSize) {

	public DatabaseSettings {
		if (poolSize < 1 || poolSize > 1000) {
			throw new IllegalArgumentException("store.database.pool-size must be from 1 to 1000, but is " + poolSize);
		}
		requireTime("statement-timeout", statementTimeout);
		requireTime("lock-timeout", lockTimeout);
		requireTime("idle-in-transaction-timeout", idleInTransactionTimeout);
		requireTime("connect-timeout", connectTimeout);
		requireTime("request-timeout", requestTimeout);
	}

	private static void requireTime(String name, Duration time) {
		if (time.toMillis() < 10 || time.toHours() > 1) {
			throw new IllegalArgumentException("store.database." + name + " must be from 10ms to 1h, but is " + time);
		}
	}

}
