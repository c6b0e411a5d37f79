package dev.agentsessions.database.connect.postgres;

import java.lang.reflect.Field;
import java.time.Duration;
import java.util.Map;
import java.util.TimeZone;

import dev.agentsessions.TestStore;
import dev.agentsessions.database.DatabaseTimes;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.connect.DatabaseConfiguration;
import dev.agentsessions.database.connect.DatabaseUrl;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;
import reactor.netty.transport.ClientTransportConfig;
import reactor.test.StepVerifier;

import static org.assertj.core.api.Assertions.assertThat;

class PostgresConnectionsTest {

	private final LoopResources loops = LoopResources.create("opened", 1, true);

	@AfterEach
	void endLoops() {
		this.loops.disposeLater(Duration.ZERO, Duration.ofSeconds(1)).block();
	}

	/** They are read as text. */
	@Test
	void timesAreThoseOfUtcWhateverTheZoneOfThisMachine() {
		TimeZone zone = TimeZone.getDefault();
		try {
			TimeZone.setDefault(TimeZone.getTimeZone("Asia/Tokyo"));
			Mono<String> last = Mono.usingWhen(connections(TestStore.newDatabase(Engine.POSTGRESQL)).create(),
					(connection) -> connection
						.createStatement("select cast('9999-12-31T23:59:59Z' as timestamptz)::text")
						.execute()
						.flatMap((result) -> result.map((row) -> row.get(0, String.class)))
						.single(),
					PostgresqlConnection::close);
			StepVerifier.create(last).expectNext("9999-12-31 23:59:59+00").verifyComplete();
		}
		finally {
			TimeZone.setDefault(zone);
		}
	}

	/** A database that is away for a night is asked for some hundred thousand times. */
	@Test
	void whatCannotBeOpenedIsForgotten() throws ReflectiveOperationException {
		Map<?, ?> resolvers = resolvers();
		PostgresConnections connections = connections("postgresql://localhost:1/none");
		int before = resolvers.size();
		StepVerifier.create(Flux.range(0, 20).concatMap((i) -> connections.create().onErrorComplete()))
			.verifyComplete();
		assertThat(resolvers).hasSizeLessThanOrEqualTo(before + 1);
	}

	private PostgresConnections connections(String url) {
		DatabaseTimes times = new DatabaseTimes(Duration.ofSeconds(2));
		return new PostgresConnections(DatabaseConfiguration.postgresql(DatabaseUrl.parse(url), times), times,
				this.loops);
	}

	/** Those that Reactor Netty keeps, for as long as the process lives. */
	private static Map<?, ?> resolvers() throws ReflectiveOperationException {
		Field field = ClientTransportConfig.class.getDeclaredField("RESOLVERS_CACHE");
		field.setAccessible(true);
		return (Map<?, ?>) field.get(null);
	}

}
