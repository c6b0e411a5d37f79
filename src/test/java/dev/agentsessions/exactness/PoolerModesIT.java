package dev.agentsessions.exactness;

import java.io.IOException;
import java.time.Duration;

import dev.agentsessions.Api;
import dev.agentsessions.TestPostgres;
import dev.agentsessions.TestStore;
import io.r2dbc.pool.ConnectionPool;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Flux;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * A pooler that gives the store sessions of its own does no harm; any other one is
 * refused when the store starts, with what to do about it.
 */
@ExtendWith(OutputCaptureExtension.class)
class PoolerModesIT {

	private final String database = TestPostgres.get().newDatabase();

	@BeforeAll
	static void needsPgBouncer() {
		assumeTrue(Pooler.isInstalled());
	}

	@Test
	void inSessionModeTheStoreWorksAndHasItsTimeOuts() throws IOException {
		try (Pooler pooler = Pooler.start(this.database);
				TestStore store = start(pooler, "store.database.request-timeout=8s")) {
			Api.on(store).newSession();
			ConnectionPool pool = store.bean(ConnectionPool.class);
			assertThat(Flux
				.usingWhen(pool.create(),
						(connection) -> connection.createStatement("show statement_timeout").execute(),
						(connection) -> connection.close())
				.flatMap((result) -> result.map((row, columns) -> row.get(0, String.class)))
				.blockFirst(Duration.ofSeconds(5))).isEqualTo("6s");
		}
	}

	@Test
	void aPoolerInTransactionModeIsRefused(CapturedOutput output) throws IOException {
		try (Pooler pooler = Pooler.start(this.database, "transaction")) {
			assertRefused(output, pooler, "gives each transaction another session of PostgreSQL");
		}
	}

	@Test
	void aPoolerInStatementModeIsRefused(CapturedOutput output) throws IOException {
		try (Pooler pooler = Pooler.start(this.database, "statement")) {
			assertRefused(output, pooler, "gives each transaction another session of PostgreSQL");
		}
	}

	@Test
	void aPoolerThatRefusesAParameterIsToldOf(CapturedOutput output) throws IOException {
		try (Pooler pooler = Pooler.startStrict(this.database)) {
			assertRefused(output, pooler, "unsupported startup parameter: extra_float_digits");
		}
	}

	private void assertRefused(CapturedOutput output, Pooler pooler, String reason) {
		assertThatException().isThrownBy(() -> start(pooler).close());
		assertThat(output)
			.contains("APPLICATION FAILED TO START", "The pooler at 127.0.0.1:" + pooler.port(), reason,
					"pool_mode = session")
			.doesNotContain("\tat ");
	}

	private TestStore start(Pooler pooler, String... properties) {
		return TestStore.start(pooler.url(this.database), properties);
	}

}
