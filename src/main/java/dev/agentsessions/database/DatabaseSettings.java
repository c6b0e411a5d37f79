package dev.agentsessions.database;

import java.time.Duration;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The database and how long anything waits for it.
 *
 * @param url the same as <code>DATABASE_URL</code>, and wins over it
 * @param statementTimeout after which PostgreSQL ends a statement; 10ms to 1h
 * @param lockTimeout after which PostgreSQL ends a statement that waits for a row lock;
 * 10ms to 1h
 * @param idleInTransactionTimeout after which PostgreSQL ends a connection that left a
 * transaction open; 10ms to 1h
 * @param connectTimeout for a new connection, from the first packet to ready; 10ms to 1h
 * @param requestTimeout for a whole request to the database, its time in a queue
 * included; after it the answer is 503, so keep it above the statement timeout; 10ms to
 * 1h
 * @param poolSize connections for what is not hot: reads with filters, retention, and the
 * clean-up of old keys; 1 to 1000
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
		if (time.toMillis() < 10 || time.compareTo(Duration.ofHours(1)) > 0) {
			throw new IllegalArgumentException("store.database." + name + " must be from 10ms to 1h, but is " + time);
		}
	}

	/** Without the URL, which has a password. */
	@Override
	public String toString() {
		return "DatabaseSettings[statementTimeout=" + this.statementTimeout + ", lockTimeout=" + this.lockTimeout
				+ ", requestTimeout=" + this.requestTimeout + ", poolSize=" + this.poolSize + "]";
	}

}
