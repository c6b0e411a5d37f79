package dev.agentsessions.database.connect;

import java.time.Duration;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The database and how long a request may take there.
 *
 * @param url the same as <code>DATABASE_URL</code>, and wins over it
 * @param poolSize connections for what is not hot: reads with filters, searches and forks
 * (half of them at most), retention, and the clean-up of old keys
 * @param requestTimeout for a whole request to the database, its time in a queue
 * included; after it the answer is 503. PostgreSQL ends a statement after three quarters
 * of it, and one that waits for a row lock after a quarter. Above 7 s let
 * <code>SPRING_LIFECYCLE_TIMEOUT_PER_SHUTDOWN_PHASE</code> (8 s) be two seconds more than
 * this, or a stop cuts off what is under way, and give a container longer to stop
 * @param buckets schemas that sessions are divided into, so that Citus can have them on
 * several machines; fixed when the tables are made
 */
@ConfigurationProperties("store.database")
public record DatabaseSettings(@DefaultValue("h2:file:./data/agent-session-store") DatabaseUrl url,
		@DefaultValue("8") @Min(1) @Max(1000) int poolSize,
		@DefaultValue("4s") @DurationMin(millis = 100) @DurationMax(hours = 1) Duration requestTimeout,
		@DefaultValue("1") @Min(1) @Max(128) int buckets) {
}
