package dev.agentsessions.session;

import java.util.List;

import dev.agentsessions.Api;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

import org.springframework.http.HttpMethod;

import static dev.agentsessions.Api.HISTORY;
import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Fields.time;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Sessions that are deleted or were never there, and what is counted of them.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class DeletedSessionsContractTest extends SessionFixture {

	DeletedSessionsContractTest(Engine engine) {
		super(engine);
	}

	@Test
	void aSoftDeletedSessionIsHiddenAndRestoreBringsItBack() {
		String session = this.api.sessionOf(2);
		this.api.softDelete(session);
		this.api.get(SESSION, session).problem(410, "session-deleted");
		JsonNode deleted = this.api.get(SESSION + "?include_deleted=true", session).expect(200).json();
		assertThat(deleted.path("is_active").booleanValue()).isFalse();
		assertThat(time(deleted, "deleted_at")).isAfterOrEqualTo(time(deleted, "created_at"));
		JsonNode restored = this.api.post(RESTORE, session).send().expect(200).json();
		assertThat(restored.path("is_active").booleanValue()).isTrue();
		assertThat(restored.has("deleted_at")).isFalse();
		assertThat(time(restored, "last_activity")).isAfter(time(deleted, "last_activity"));
		assertThat(this.api.session(session)).isEqualTo(restored);
		assertThat(this.api.contents(session)).containsExactly("1", "2");
	}

	@Test
	void aSecondSoftDeleteIsGone() {
		String session = this.api.newSession();
		this.api.delete(SESSION + "?soft=true", session).expect(204);
		this.api.delete(SESSION, session).problem(410, "session-deleted");
	}

	@Test
	void aHardDeleteRemovesWhatIsSoftDeletedToo() {
		String session = this.api.sessionOf(2);
		this.api.softDelete(session);
		this.api.delete(SESSION + "?soft=false", session).expect(204);
		this.api.get(SESSION + "?include_deleted=true", session).problem(404, "session-not-found");
		this.api.post(RESTORE, session).send().problem(404, "session-not-found");
		this.api.delete(SESSION + "?soft=false", session).problem(404, "session-not-found");
	}

	@Test
	void restoresOnlyWhatIsDeleted() {
		this.api.post(RESTORE, this.api.newSession()).send().problem(409, "session-not-deleted");
		this.api.post(RESTORE, Api.newId()).send().problem(404, "session-not-found");
	}

	@Test
	void aSessionThatNeverExistedIsNotFound() {
		String session = Api.newId();
		for (String uri : List.of(SESSION, STATS, MESSAGES, HISTORY, MESSAGES + "/1")) {
			this.api.get(uri, session).problem(404, "session-not-found");
			this.api.get(uri + "?include_deleted=true", session).problem(404, "session-not-found");
			this.api.head(uri, session).expect(404);
		}
		this.api.get(MESSAGES + "?page=1", session).problem(404, "session-not-found");
		this.api.request(HttpMethod.PATCH, SESSION, session)
			.json(json("{'metadata':{}}"))
			.send()
			.problem(404, "session-not-found");
		this.api.delete(SESSION, session).problem(404, "session-not-found");
		this.api.delete(SESSION + "?soft=false", session).problem(404, "session-not-found");
		this.api.post(MESSAGES + "?create=false", session)
			.json(message("hello"))
			.send()
			.problem(404, "session-not-found");
		this.api.get(SESSION + "?include_deleted=true", session).problem(404, "session-not-found");
	}

	@Test
	void aSoftDeletedSessionIsGoneForEverythingElse() {
		String session = this.api.sessionOf(2);
		this.api.softDelete(session);
		for (String uri : List.of(SESSION, STATS, MESSAGES, HISTORY, MESSAGES + "/1")) {
			this.api.get(uri, session).problem(410, "session-deleted");
			this.api.get(uri + "?include_deleted=false", session).problem(410, "session-deleted");
			this.api.head(uri, session).expect(410);
			this.api.get(uri + "?include_deleted=true", session).expect(200);
			this.api.head(uri + "?include_deleted=true", session).expect(200);
		}
		this.api.get(MESSAGES + "?page=1", session).problem(410, "session-deleted");
		this.api.request(HttpMethod.PATCH, SESSION, session)
			.json(json("{'metadata':{}}"))
			.send()
			.problem(410, "session-deleted");
		this.api.append(session, message("hello")).problem(410, "session-deleted");
		this.api.post(MESSAGES + "?create=false", session).json(message("a")).send().problem(410, "session-deleted");
		this.api.post(MESSAGES, session).ndjson(message("hello")).send().problem(410, "session-deleted");
		this.api.save(session, message("hello")).problem(410, "session-deleted");
		this.api.post(RESTORE, session).send().expect(200);
		assertThat(this.api.contents(session)).containsExactly("1", "2");
		assertThat(this.api.session(session).has("metadata")).isFalse();
	}

	@Test
	void statsAreWhatCountingTheMessagesGives() {
		String session = this.api.newSession();
		assertStatsAreCounted(session);
		assertThat(this.api.stats(session).has("last_message_at")).isFalse();
		this.api.append(session, json("{'role':'user','content':'a','token_count':7}")).expect(201);
		this.api
			.append(session,
					json("[{'role':'user','content':'b'},{'role':'tool','content':'c','token_count':0},"
							+ "{'role':'assistant','content':'d','token_count':1000000000000}]"))
			.expect(201);
		assertStatsAreCounted(session);
		this.api.post(MESSAGES, session)
			.ndjson(json("{'role':'user','content':'e','token_count':5}\n{'role':'user','content':'f'}\n"))
			.send()
			.expect(201);
		assertStatsAreCounted(session);
		assertThat(this.api.stats(session).path("total_tokens").longValue()).isEqualTo(1_000_000_000_012L);
		this.api.save(session, json("{'role':'user','content':'another','token_count':7}"), message("other"))
			.expect(200);
		assertStatsAreCounted(session);
		assertThat(this.api.stats(session).path("total_tokens").longValue()).isEqualTo(7);
		this.api.save(session).expect(200);
		assertStatsAreCounted(session);
		assertThat(this.api.stats(session).has("last_message_at")).isFalse();
	}

	@Test
	void statsOfADeletedSessionCanBeAskedFor() {
		String session = this.api.sessionOf(3);
		JsonNode before = this.api.stats(session);
		this.api.softDelete(session);
		JsonNode after = this.api.get(STATS + "?include_deleted=true", session).expect(200).json();
		assertThat(after.path("message_count")).isEqualTo(before.path("message_count"));
		assertThat(after.path("last_message_at")).isEqualTo(before.path("last_message_at"));
	}

	private void assertStatsAreCounted(String session) {
		JsonNode stats = this.api.stats(session);
		List<JsonNode> log = this.api.log(session);
		assertThat(stats.path("message_count").longValue()).isEqualTo(log.size());
		assertThat(stats.path("total_tokens").longValue())
			.isEqualTo(log.stream().mapToLong((message) -> message.path("token_count").longValue(0)).sum());
		if (!log.isEmpty()) {
			assertThat(stats.path("last_message_at")).isEqualTo(log.get(log.size() - 1).path("timestamp"));
		}
		JsonNode loaded = this.api.session(session);
		assertThat(stats.path("created_at")).isEqualTo(loaded.path("created_at"));
		assertThat(stats.path("last_activity")).isEqualTo(loaded.path("last_activity"));
	}

}
