package dev.agentsessions.write.idempotency;

import java.util.stream.Stream;

import dev.agentsessions.Api;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Buckets;
import dev.agentsessions.database.Engine;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.retention.Tables;
import dev.agentsessions.session.SessionKey;
import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.test.StepVerifier;

import static dev.agentsessions.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Idempotency keys are forgotten once they have been kept for a day.
 */
class IdempotencyCleanupTest {

	@ParameterizedTest
	@EnumSource(Engine.class)
	void oldKeysAreForgottenAndNewOnesKept(Engine engine) {
		try (TestStore store = TestStore.start(TestStore.newDatabase(engine))) {
			String session = Api.on(store).sessionOf(1);
			Tables tables = Tables.of(store);
			for (int i = 0; i < 5; i++) {
				insert(tables, session, "old-" + i, 25);
			}
			insert(tables, session, "new", 23);
			StepVerifier.create(store.bean(IdempotencyCleanup.class).run()).expectNext(5L).verifyComplete();
			assertThat(tables.count("append_keys")).isOne();
			assertThat(tables.count("append_keys where idempotency_key = 'new'")).isOne();
			assertThat(store.bean(MeterRegistry.class).counter("store.idempotency.removed").count()).isEqualTo(5);
		}
	}

	@Test
	void whatIsForgottenCountsAlsoIfTheCleanupFailsElsewhere() {
		try (TestStore store = TestStore.start(TestStore.newDatabase(Engine.POSTGRESQL), "store.database.buckets=2")) {
			String session = sessionIn(0);
			Api.on(store).create(json("{'session_id':'" + session + "'}")).expect(201);
			Tables tables = Tables.of(store);
			insert(tables, session, "old", 25);
			tables.insert(sessionIn(1), "drop table append_keys");
			StepVerifier.create(store.bean(IdempotencyCleanup.class).run()).verifyError(ProblemException.class);
			MeterRegistry meters = store.bean(MeterRegistry.class);
			assertThat(meters.counter("store.idempotency.removed").count()).isOne();
			assertThat(meters.counter("store.idempotency.failures").count()).isOne();
		}
	}

	private static String sessionIn(int bucket) {
		return Stream.iterate("s", (name) -> name + "s")
			.filter((name) -> new Buckets(2).of(new SessionKey("default", name)) == bucket)
			.findFirst()
			.orElseThrow();
	}

	private static void insert(Tables tables, String session, String key, int hoursAgo) {
		tables.update("insert into append_keys (session_db_id, idempotency_key, fingerprint, first_seq, last_seq,"
				+ " created_at) select id, '" + key + "', 'f', 1, 1, now() - interval '" + hoursAgo
				+ "' hour from sessions where session_id = '" + session + "'");
	}

}
