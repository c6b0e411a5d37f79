package dev.agentsessions.retention;

import java.time.Instant;
import java.util.List;

import dev.agentsessions.Answer;
import dev.agentsessions.database.Engine;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import static dev.agentsessions.Api.CONTEXT;
import static dev.agentsessions.Api.HISTORY;
import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Api.SWITCHES;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What was soft-deleted long ago leaves for good; whose sessions leave, and what is told
 * of it.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class PurgeContractTest extends RetentionFixture {

	PurgeContractTest(Engine engine) {
		super(engine);
	}

	@Test
	void purgesWhatWasSoftDeletedLongAgoAndNothingElse() {
		for (int n = 0; n < 7; n++) {
			purgeable(31 + n, n);
		}
		String kept = purgeable(29, 2);
		String alive = this.api.sessionOf(1);
		assertThat(purge("{}")).isEqualTo(json("{'deleted':7,'messages':21}"));
		assertThat(purge("{}")).isEqualTo(json("{'deleted':0,'messages':0}"));
		this.api.post(SESSION + "/restore", kept).send().expect(200);
		assertThat(this.api.contents(kept)).hasSize(2);
		assertThat(this.api.contents(alive)).hasSize(1);
	}

	@Test
	void purgesAfterAsManyDaysAsAreAskedFor() {
		purgeable(6, 1);
		purgeable(8, 1);
		purgeable(0, 1);
		assertThat(purge("{'days_old':7}")).isEqualTo(json("{'deleted':1,'messages':1}"));
		assertThat(purge("{'days_old':0}")).isEqualTo(json("{'deleted':2,'messages':2}"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "18250", "18251", "9223372036854775807" })
	void purgesNothingAfterAnyNumberOfDaysThatNobodyHasSeen(String days) {
		String session = purgeable(31, 1);
		assertThat(purge("{'days_old':" + days + "}")).isEqualTo(json("{'deleted':0,'messages':0}"));
		assertThat(purge("{'dry_run':true,'days_old':" + days + "}")).isEqualTo(json("{'deleted':0,'messages':0}"));
		this.api.post(SESSION + "/restore", session).send().expect(200);
	}

	@Test
	void whatIsPurgedIsGoneForEverybodyAtOnceAndItsIdIsFree() {
		String session = full();
		this.api.softDelete(session);
		this.tables.deleted(session, 31);
		purge("{}");
		for (String uri : List.of(SESSION, MESSAGES, MESSAGES + "/1", HISTORY, CONTEXT, SWITCHES, SESSION + "/stats")) {
			this.api.get(uri + "?include_deleted=true", session).problem(404, "session-not-found");
		}
		this.api.post(SESSION + "/restore", session).send().problem(404, "session-not-found");
		this.api.delete(SESSION + "?soft=false", session).problem(404, "session-not-found");
		assertThat(this.api.get("/v1/sessions?include_deleted=true").expect(200).data()).isEmpty();
		assertThat(this.api.get("/v1/sessions?include_deleted=true&order=created").expect(200).data()).isEmpty();
		assertThat(this.api.get("/v1/agent-contexts").expect(200).data()).isEmpty();
		Answer anew = this.api.post(MESSAGES, session)
			.header("Idempotency-Key", "key")
			.json(message("anew"))
			.send()
			.expect(201);
		assertThat(anew.json().path("last_seq").longValue()).isEqualTo(1);
		assertThat(anew.header("Idempotency-Replayed")).isNull();
		awaitSweep(1);
		assertThat(this.api.contents(session)).containsExactly("anew");
	}

	@Test
	void nothingIsLeftOfWhatWasPurgedOrDeletedForGood() {
		String purged = full();
		this.api.softDelete(purged);
		this.tables.deleted(purged, 31);
		purge("{}");
		String deleted = full();
		this.api.delete(SESSION + "?soft=false", deleted).expect(204);
		awaitSweep(0);
		assertThat(this.tables.parts()).isZero();
	}

	@Test
	void aNameThatLooksLikeARemovedRowIsAnOrdinaryOne() {
		String first = this.api.sessionOf(1);
		long id = this.tables.number("select id as n from sessions");
		String other = Long.toString(id);
		this.api.append(other, message("mine")).expect(201);
		this.api.delete(SESSION + "?soft=false", first).expect(204);
		awaitSweep(1);
		assertThat(this.api.contents(other)).containsExactly("mine");
	}

	@Test
	void byHandOnlyTheCallersSessionsLeave() {
		String idle = idle(25);
		this.tables.tenant(idle, "other");
		String old = purgeable(31, 1);
		this.tables.tenant(old, "other");
		assertThat(cleanUp("{'dry_run':true}")).isZero();
		assertThat(cleanUp("{}")).isZero();
		assertThat(purge("{'dry_run':true}")).isEqualTo(json("{'deleted':0,'messages':0}"));
		assertThat(purge("{}")).isEqualTo(json("{'deleted':0,'messages':0}"));
	}

	@Test
	void theJobTakesTheSessionsOfAllTenants() {
		for (String tenant : List.of("default", "other", "third", "~other")) {
			this.tables.tenant(idle(25), tenant);
			this.tables.tenant(purgeable(31, 2), tenant);
		}
		RetentionRun run = run();
		assertThat(run.succeeded()).isTrue();
		assertThat(run.cleaned()).isEqualTo(4);
		assertThat(run.deleted()).isEqualTo(4);
		assertThat(run.messages()).isEqualTo(8);
		JsonNode told = this.api.get("/v1/retention").expect(200).json().path("last_run");
		assertThat(List.of("cleaned", "deleted", "messages")).as("what left of the caller's tenant")
			.extracting((count) -> told.path(count).longValue())
			.containsExactly(1L, 1L, 2L);
		assertThat(run()).extracting(RetentionRun::cleaned, RetentionRun::deleted).containsExactly(0L, 0L);
		awaitSweep(4);
	}

	@Test
	void tellsWhatLeavesWhenAndWhatLeftLast() {
		JsonNode state = this.api.get("/v1/retention").expect(200).json();
		assertThat(state.path("settings").toString())
			.isEqualTo(json("{'enabled':false,'interval':'PT1H','max_idle':'PT24H',"
					+ "'purge_after':'PT720H','batch_size':3,'pause':'PT0S','sweep_interval':'PT0.02S'}"));
		assertThat(state.has("next_run")).isFalse();
		idle(25);
		purgeable(31, 5);
		run();
		JsonNode last = this.api.get("/v1/retention").expect(200).json().path("last_run");
		assertThat(last.path("succeeded").booleanValue()).isTrue();
		assertThat(last.path("cleaned").longValue()).isEqualTo(1);
		assertThat(last.path("deleted").longValue()).isEqualTo(1);
		assertThat(last.path("messages").longValue()).isEqualTo(5);
		assertThat(Instant.parse(last.path("finished_at").stringValue()))
			.isAfterOrEqualTo(Instant.parse(last.path("started_at").stringValue()));
	}

	private RetentionRun run() {
		RetentionRun run = store.bean(RetentionJob.class).run().block();
		assertThat(run).isNotNull();
		return run;
	}

	/** Waits until no rows are left but those of so many sessions. */
	private void awaitSweep(int sessions) {
		Awaitility.await("only " + sessions + " sessions are left")
			.until(() -> this.tables.count("sessions") == sessions);
	}

}
