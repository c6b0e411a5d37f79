package dev.agentsessions.database;

import java.time.Duration;

import reactor.core.publisher.Mono;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.ReactiveHealthIndicator;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;

/**
 * Whether the database answers, in bounded time: it decides on readiness, never on
 * liveness.
 */
@Component("database")
class DatabaseHealth implements ReactiveHealthIndicator {

	private static final Duration TIMEOUT = Duration.ofSeconds(2);

	private final DatabaseClient client;

	private final DatabaseCalls database;

	DatabaseHealth(DatabaseClient client, DatabaseCalls database) {
		this.client = client;
		this.database = database;
	}

	@Override
	public Mono<Health> health() {
		return this.database.find(this.client.sql("select 1").fetch().one())
			.timeout(TIMEOUT)
			.map((row) -> Health.up().build())
			.onErrorReturn(Health.down().build());
	}

}
