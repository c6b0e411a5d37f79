package dev.agentsessions.retention;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import dev.agentsessions.Answer;
import dev.agentsessions.database.Engine;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.test.StepVerifier;
import tools.jackson.databind.JsonNode;

import static dev.agentsessions.Api.CONTEXT;
import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Idle sessions are soft-deleted, and come back if they are asked to.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class CleanUpContractTest extends RetentionFixture {

	private final Engine engine;

	CleanUpContractTest(Engine engine) {
		super(engine);
		this.engine = engine;
	}

	@Test
	void softDeletesWhatIsIdleAndNothingElse() {
		List<String> idle = List.of(idle(25), idle(26), idle(27), idle(28), idle(29), idle(30), idle(31));
		String busy = idle(23);
		assertThat(cleanUp("{}")).isEqualTo(7);
		idle.forEach((session) -> this.api.get(SESSION, session).problem(410, "session-deleted"));
		JsonNode deleted = this.api.get(SESSION + "?include_deleted=true", idle.get(0)).expect(200).json();
		assertThat(deleted.path("is_active").booleanValue()).isFalse();
		assertThat(Instant.parse(deleted.path("deleted_at").stringValue()))
			.isAfter(Instant.parse(deleted.path("last_activity").stringValue()).plusSeconds(24 * 3600));
		assertThat(this.api.contents(busy)).containsExactly("1");
		assertThat(cleanUp("{}")).isZero();
	}

	@Test
	void softDeletesWhatHasExpiredHoweverActive() {
		List<String> expired = List.of(expiring("-1 second"), expiring("-40 days"), expiring("-1 hour"),
				expiring("-2 hours"));
		String later = expiring("1 hour");
		String idleButExpiringLater = idle(1000);
		expire(idleButExpiringLater, "1 hour");
		assertThat(cleanUp("{'dry_run':true}")).isEqualTo(4);
		assertThat(cleanUp("{}")).isEqualTo(4);
		expired.forEach((session) -> this.api.get(SESSION, session).problem(410, "session-deleted"));
		assertThat(this.api.contents(later)).containsExactly("1");
		assertThat(this.api.contents(idleButExpiringLater)).containsExactly("1");
		assertThat(cleanUp("{}")).isZero();
		this.api.post("", SESSION + "/restore", expired.get(0)).expect(200);
		assertThat(cleanUp("{}")).isZero();
		assertThat(this.api.contents(expired.get(0))).containsExactly("1");
	}

	/** More of them than are looked at in one piece. */
	@Test
	void findsWhatIsIdleBehindManyThatExpireLater() {
		String idle = idle(25);
		this.tables.update("insert into sessions (session_id, last_activity, expires_at)"
				+ " select 'kept ' || x, now() - interval '30' hour, now() + interval '1' hour from "
				+ ((this.engine == Engine.POSTGRESQL) ? "generate_series" : "system_range") + "(1, 12000) as n(x)");
		assertThat(cleanUp("{}")).isEqualTo(1);
		this.api.get(SESSION, idle).problem(410, "session-deleted");
		assertThat(this.tables.count("sessions where deleted_at is not null")).isEqualTo(1);
	}

	private String expiring(String in) {
		String session = this.api.sessionOf(1);
		expire(session, in);
		return session;
	}

	private void expire(String session, String in) {
		this.tables.update("update sessions set expires_at = now() + interval '" + in.split(" ")[0] + "' "
				+ in.split(" ")[1].replaceAll("s$", "") + " where session_id = '" + session + "'");
	}

	@Test
	void softDeletesAfterAsManyHoursAsAreAskedFor() {
		idle(47);
		idle(49);
		assertThat(cleanUp("{'max_age_hours':48}")).isEqualTo(1);
		assertThat(cleanUp("{'max_age_hours':1}")).isEqualTo(1);
	}

	/** Other programs know is_active as well; what is deleted is said by deleted_at. */
	@Test
	void softDeletesWhatOthersHaveCalledInactive() {
		String session = idle(25);
		this.tables.update("update sessions set is_active = false where session_id = '" + session + "'");
		assertThat(cleanUp("{'dry_run':true}")).isEqualTo(1);
		assertThat(cleanUp("{}")).isEqualTo(1);
		this.api.get(SESSION, session).problem(410, "session-deleted");
		assertThat(cleanUp("{}")).isZero();
	}

	/** Times begin with the year 1. */
	@Test
	void hoursMayBeCenturies() {
		String old = this.api.sessionOf(1);
		String history = "{'messages':[" + message("1") + "],'last_activity':'%s-01-01T00:00:00Z'}";
		this.api.put(json(history.formatted("1926")), old).expect(200);
		String oldest = this.api.sessionOf(1);
		this.api.put(json(history.formatted("0001")), oldest).expect(200);
		assertThat(cleanUp("{'max_age_hours':26000000}")).isZero();
		assertThat(cleanUp("{'max_age_hours':1752000}")).isEqualTo(1);
		this.api.get(SESSION, oldest).problem(410, "session-deleted");
		assertThat(cleanUp("{'max_age_hours':1752000}")).isZero();
		assertThat(cleanUp("{'max_age_hours':438001}")).isEqualTo(1);
		this.api.get(SESSION, old).problem(410, "session-deleted");
	}

	@Test
	void theBodyOfBothIsOptional() {
		idle(25);
		assertThat(this.api.post(CLEANUP).send().expect(200).json().path("cleaned").longValue()).isEqualTo(1);
		purgeable(31, 1);
		assertThat(this.api.post(PURGE).send().expect(200).json().path("deleted").longValue()).isEqualTo(1);
		idle(25);
		assertThat(cleanUp("{'max_age_hours':null,'dry_run':null}")).isEqualTo(1);
	}

	@Test
	void aDryRunCountsAndChangesNothing() {
		String idle = idle(25);
		String deleted = purgeable(31, 4);
		assertThat(cleanUp("{'dry_run':true}")).isEqualTo(1);
		assertThat(purge("{'dry_run':true}")).isEqualTo(json("{'deleted':1,'messages':4}"));
		assertThat(this.api.contents(idle)).containsExactly("1");
		this.api.post(SESSION + "/restore", deleted).send().expect(200);
		assertThat(this.api.contents(deleted)).hasSize(4);
		assertThat(purge("{'dry_run':true}")).isEqualTo(json("{'deleted':0,'messages':0}"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "0", "-1", "9223372036854775808", "1.5", "'24'", "true", "1e-1", "[]" })
	void refusesHoursThatMakeNoSense(String hours) {
		idle(25);
		this.api.post(CLEANUP).json(json("{'max_age_hours':" + hours + "}")).send().wrongAt("/max_age_hours");
		this.api.post(CLEANUP).json(json("{'dry_run':1}")).send().wrongAt("/dry_run");
		this.api.post(CLEANUP).json(json("{'days_old':1}")).send().wrongAt("/days_old");
		assertThat(cleanUp("{'dry_run':true}")).isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "-1", "9223372036854775808", "0.5", "'30'", "false", "{}" })
	void refusesDaysThatMakeNoSense(String days) {
		purgeable(31, 1);
		this.api.post(PURGE).json(json("{'days_old':" + days + "}")).send().wrongAt("/days_old");
		this.api.post(PURGE).json(json("{'dry_run':'yes'}")).send().wrongAt("/dry_run");
		this.api.post(PURGE).json(json("{'max_age_hours':1}")).send().wrongAt("/max_age_hours");
		assertThat(purge("{'dry_run':true}")).isEqualTo(json("{'deleted':1,'messages':1}"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "{'max_age_hours':438000}", "{'max_age_hours':24}", "{'max_age_hours':438001}",
			"{'max_age_hours':9223372036854775807}" })
	void whatIsInUseIsNotTouched(String body) {
		String session = this.api.sessionOf(1);
		assertThat(cleanUp(body)).isZero();
		assertThat(this.api.contents(session)).containsExactly("1");
	}

	@Test
	void anyWriteSavesASession() {
		String session = idle(25);
		this.api.append(session, message("2")).expect(201);
		assertThat(cleanUp("{}")).isZero();
		assertThat(this.api.contents(session)).containsExactly("1", "2");
	}

	@Test
	void whoHangsUpHasTheBatchUnderWayFinishedAndNoOtherBegun() {
		this.tables.update("insert into sessions (session_id, last_activity) values " + IntStream.range(0, 300)
			.mapToObj((n) -> "('idle " + n + "', now() - interval '25' hour)")
			.collect(Collectors.joining(", ")));
		Counter counted = store.bean(MeterRegistry.class)
			.counter("store.retention.rows", "kind", "session_soft_deleted");
		double before = counted.count();
		StepVerifier.create(store.bean(Retention.class).cleanUp("default", Duration.ofHours(24), () -> false), 1)
			.expectNextMatches((batch) -> batch.size() <= 3)
			.thenCancel()
			.verify();
		Awaitility.await("what was done has been announced")
			.until(() -> this.tables.count("sessions where not is_active") == counted.count() - before);
		assertThat(this.tables.count("sessions where not is_active")).isBetween(1L, 6L);
	}

	@Test
	void restoreBringsBackEverythingAndCountsAsActivity() {
		String session = full();
		JsonNode context = this.api.context(session);
		List<JsonNode> switches = this.api.switches(session);
		List<JsonNode> log = this.api.log(session);
		this.tables.idle(session, 25);
		assertThat(cleanUp("{}")).isEqualTo(1);
		this.api.get(CONTEXT, session).problem(410, "session-deleted");
		this.api.append(session, message("too late")).problem(410, "session-deleted");
		this.api.post(SESSION + "/restore", session).send().expect(200);
		assertThat(cleanUp("{}")).isZero();
		assertThat(this.api.context(session)).isEqualTo(context);
		assertThat(this.api.switches(session)).isEqualTo(switches);
		assertThat(this.api.log(session)).isEqualTo(log);
		Answer again = this.api.post(MESSAGES, session)
			.header("Idempotency-Key", "key")
			.json(message("with a key"))
			.send()
			.expect(201);
		assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
	}

}
