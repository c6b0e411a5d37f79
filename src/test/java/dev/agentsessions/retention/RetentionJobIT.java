package dev.agentsessions.retention;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.agentsessions.Api;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import dev.agentsessions.retention.removal.Removal;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

import static dev.agentsessions.Api.SESSION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * The job by itself, from its start to the service's end.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class RetentionJobIT {

	/** H2 in memory lives as long as this process: a store can be started on it again. */
	private final String database;

	RetentionJobIT(Engine engine) {
		this.database = TestStore.newDatabase(engine);
	}

	@Test
	void runsByItselfAndAgain() {
		try (TestStore store = start(new RetentionPace())) {
			Api api = Api.on(store);
			awaitIdleSessionsLeave(store);
			awaitIdleSessionsLeave(store);
			JsonNode state = api.get("/v1/retention").expect(200).json();
			assertThat(state.at("/settings/enabled").booleanValue()).isTrue();
			assertThat(state.at("/last_run/succeeded").booleanValue()).isTrue();
			Awaitility.await("it says when it runs next")
				.until(() -> api.get("/v1/retention").expect(200).json().has("next_run"));
		}
	}

	@Test
	void aShutdownInTheMiddleOfARunLeavesWholeBatches() {
		long stopping;
		Counter counted;
		try (TestStore store = start(new RetentionPace(7, Duration.ofMillis(50), Duration.ofSeconds(5)))) {
			Tables tables = Tables.of(store);
			counted = store.bean(MeterRegistry.class).counter("store.retention.rows", "kind", "session_soft_deleted");
			insertIdle(tables, 700);
			Awaitility.await("the run has begun").until(() -> deleted(tables) > 0);
			stopping = System.nanoTime();
		}
		assertThat(System.nanoTime() - stopping).as("nanoseconds to stop").isLessThan(5_000_000_000L);
		try (TestStore store = TestStore.start(this.database)) {
			assertThat(deleted(Tables.of(store))).as("what was announced after each batch")
				.isEqualTo((long) counted.count())
				.isBetween(1L, 693L);
		}
	}

	@Test
	void aShutdownInTheMiddleOfARemovalLeavesTheRestToTheNextReplica() {
		try (TestStore store = TestStore
			.start(List.of(new RetentionPace(7, Duration.ofMillis(20), Duration.ofMillis(20))), this.database)) {
			Api api = Api.on(store);
			String session = api.sessionOf(700);
			api.delete(SESSION + "?soft=false", session).expect(204);
			Tables tables = Tables.of(store);
			Awaitility.await("the removal has begun").until(() -> tables.count("messages") < 700);
			api.get(Api.MESSAGES + "?include_deleted=true", session).problem(404, "session-not-found");
		}
		try (TestStore store = TestStore
			.start(List.of(new RetentionPace(500, Duration.ofMillis(100), Duration.ofMinutes(10))), this.database)) {
			Tables tables = Tables.of(store);
			assertThat(tables.count("messages")).isBetween(1L, 699L);
			store.bean(Removal.class).sweep(() -> false).block();
			assertThat(tables.count("sessions") + tables.parts()).isZero();
		}
	}

	@Test
	void aDatabaseThatFailsMakesItTryAgain() {
		try (TestStore store = start(new RetentionPace())) {
			Api api = Api.on(store);
			Tables tables = Tables.of(store);
			insertIdle(tables, 5);
			tables.update("alter table sessions rename to sessions_away");
			Awaitility.await("it has failed twice").until(() -> failures(store) >= 2);
			assertThat(api.get("/v1/retention").expect(200).json().at("/last_run/succeeded").booleanValue()).isFalse();
			tables.update("alter table sessions_away rename to sessions");
			Awaitility.await("it has recovered").until(() -> deleted(tables) == 5);
		}
	}

	@Test
	void saysInOneLineWhatARunHasChangedAndNothingOtherwise() {
		Logger logger = (Logger) LoggerFactory.getLogger(RetentionJob.class);
		ListAppender<ILoggingEvent> lines = new ListAppender<>();
		lines.start();
		try (TestStore store = TestStore
			.start(List.of(new RetentionPace(10, Duration.ofMillis(100), Duration.ofSeconds(5))), this.database)) {
			logger.addAppender(lines);
			RetentionJob job = store.bean(RetentionJob.class);
			insertIdle(Tables.of(store), 25);
			job.run().block();
			job.run().block();
			assertThat(lines.list).extracting(ILoggingEvent::getFormattedMessage)
				.singleElement()
				.asString()
				.startsWith("retention soft-deleted 25 sessions, 0 of them expired, and purged 0 with 0 messages in ");
		}
		finally {
			logger.detachAppender(lines);
		}
	}

	/** A session that cannot be deleted stands for a bucket whose node is away. */
	@Test
	void aStepThatFailsKeepsNoOtherFromBeingDone() {
		try (TestStore store = TestStore
			.start(List.of(new RetentionPace(10, Duration.ofMillis(100), Duration.ofMinutes(10))), this.database)) {
			Tables tables = Tables.of(store);
			tables.update("insert into sessions (session_id, last_activity) values"
					+ " ('stuck', now() - interval '25' hour)");
			tables.update(
					"insert into sessions (session_id, expires_at) values" + " ('expired', now() - interval '1' hour)");
			tables.update("insert into sessions (session_id, is_active, deleted_at) values"
					+ " ('old', false, now() - interval '31' day)");
			tables.update(
					"alter table sessions add constraint stuck check (session_id <> 'stuck' or deleted_at is null)");
			RetentionJob job = store.bean(RetentionJob.class);
			assertThatException().isThrownBy(() -> job.run().block());
			assertThat(tables.count("sessions where session_id = 'expired' and deleted_at is not null")).isEqualTo(1);
			assertThat(tables.count("sessions where session_id = 'old'")).isZero();
			assertThat(job.lastRun("default")).returns(false, RetentionRun::succeeded)
				.returns(1L, RetentionRun::expired)
				.returns(1L, RetentionRun::deleted);
		}
	}

	/**
	 * An erasure puts sessions out of reach whatever their age, and as active as they
	 * are.
	 */
	@Test
	void whatIsOutOfReachIsNoIdleSession() {
		try (TestStore store = TestStore
			.start(List.of(new RetentionPace(10, Duration.ofMillis(100), Duration.ofMinutes(10))), this.database)) {
			Tables tables = Tables.of(store);
			insertIdle(tables, 3);
			tables.update("insert into sessions (tenant, session_id, last_activity, is_active, expires_at) values"
					+ " ('~purged', '-1', now() - interval '2' day, true, null),"
					+ " ('~purged', '-2', now() - interval '2' day, false, null),"
					+ " ('~purged', '-3', now(), true, now() - interval '1' day)");
			store.bean(RetentionJob.class).run().block();
			assertThat(deleted(tables)).isEqualTo(3);
			assertThat(tables.count("sessions where tenant = '~purged' and deleted_at is null")).isEqualTo(3);
		}
	}

	@Test
	void countsWhatItDoes() {
		try (TestStore store = TestStore
			.start(List.of(new RetentionPace(500, Duration.ofMillis(100), Duration.ofMillis(20))), this.database)) {
			Api api = Api.on(store);
			Tables tables = Tables.of(store);
			MeterRegistry meters = store.bean(MeterRegistry.class);
			assertThat(lastSuccess(meters, "job")).isZero();
			insertIdle(tables, 3);
			String session = api.sessionOf(4);
			api.softDelete(session);
			tables.deleted(session, 31);
			store.bean(RetentionJob.class).run().block();
			assertThat(rows(meters, "session_soft_deleted")).isEqualTo(3);
			assertThat(rows(meters, "session_purged")).isEqualTo(1);
			Awaitility.await("it is removed").until(() -> rows(meters, "session_removed") == 1);
			assertThat(rows(meters, "message_removed")).isEqualTo(4);
			for (String task : List.of("job", "sweep")) {
				Awaitility.await(task + " has succeeded").until(() -> lastSuccess(meters, task) > 1_700_000_000);
				assertThat(meters.get("store.retention.run").tag("task", task).timer().count()).isPositive();
				assertThat(meters.get("store.retention.failures").tag("task", task).counter().count()).isZero();
			}
		}
	}

	private TestStore start(RetentionPace pace) {
		return TestStore.start(List.of(pace), this.database, "store.retention.enabled=true",
				"store.retention.interval=PT1S");
	}

	private void awaitIdleSessionsLeave(TestStore store) {
		Tables tables = Tables.of(store);
		insertIdle(tables, 5);
		Awaitility.await("they leave").until(() -> tables.count("sessions where deleted_at is null") == 0);
	}

	/** In one statement, so that a run sees all of them or none. */
	private static void insertIdle(Tables tables, int sessions) {
		tables.update("insert into sessions (session_id, last_activity) values " + IntStream.range(0, sessions)
			.mapToObj((n) -> "('" + Api.newId() + "', now() - interval '25' hour)")
			.collect(Collectors.joining(", ")));
	}

	private static long deleted(Tables tables) {
		return tables.count("sessions where deleted_at is not null and not is_active");
	}

	private static double failures(TestStore store) {
		return store.bean(MeterRegistry.class).get("store.retention.failures").tag("task", "job").counter().count();
	}

	private static double rows(MeterRegistry meters, String kind) {
		return meters.counter("store.retention.rows", "kind", kind).count();
	}

	private static double lastSuccess(MeterRegistry meters, String task) {
		return meters.get("store.retention.last.success").tag("task", task).timeGauge().value();
	}

}
