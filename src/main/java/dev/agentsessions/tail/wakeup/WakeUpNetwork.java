package dev.agentsessions.tail.wakeup;

import java.time.Duration;
import java.util.Objects;

import dev.agentsessions.database.Engine;
import dev.agentsessions.paging.RowIds;
import dev.agentsessions.tail.wakeup.WakeUpSettings.WakeUpsBy;
import io.r2dbc.spi.ConnectionFactory;
import reactor.core.publisher.Mono;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Component;

/**
 * Opens connections to the other replicas, through what the settings say.
 */
@Component
final class WakeUpNetwork {

	/** For each answer. */
	static final Duration PATIENCE = Duration.ofSeconds(2);

	/** No row has this id, and sealed it is another number in each store. */
	private static final long STORE = (1L << 54) - 1;

	private final boolean needed;

	private final Mono<WakeUpConnection> connection;

	private final String name;

	WakeUpNetwork(@Qualifier("laneConnections") ConnectionFactory connections, Engine engine, WakeUpSettings settings,
			RowIds ids) {
		this.needed = engine == Engine.POSTGRESQL;
		if (settings.wakeUps() == WakeUpsBy.NATS) {
			NatsUrl url = Objects.requireNonNull(settings.natsUrl());
			this.connection = ids.whenReady(Mono.fromSupplier(() -> Long.toString(ids.seal(STORE), 36)))
				.flatMap((store) -> NatsConnection.open(url, store, PATIENCE));
			this.name = url.toString();
		}
		else {
			this.connection = NotifyConnection.open(connections, PATIENCE);
			this.name = "NOTIFY";
		}
	}

	/** Whether there can be other replicas: H2 has one process. */
	boolean isNeeded() {
		return this.needed;
	}

	/** Another one for each subscriber. Errors: 503 if there is none to be had. */
	Mono<WakeUpConnection> connect() {
		return this.connection;
	}

	/** What the log calls it; without users and passwords. */
	@Override
	public String toString() {
		return this.name;
	}

}
