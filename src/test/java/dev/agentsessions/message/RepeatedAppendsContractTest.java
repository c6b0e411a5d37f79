package dev.agentsessions.message;

import java.nio.charset.StandardCharsets;
import java.util.List;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.Api.Request;
import dev.agentsessions.Json;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Fields.contents;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Appends that are made again with the same key.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class RepeatedAppendsContractTest extends AppendFixture {

	RepeatedAppendsContractTest(Engine engine) {
		super(engine);
	}

	@Test
	void aRetryGetsTheFirstAnswerAgain() {
		String session = Api.newId();
		String body = Json.array(List.of(message("a"), message("b")));
		Answer first = withKey(session, "key").json(body).send().expect(201);
		this.api.append(session, message("between")).expect(201);
		Answer again = withKey(session, "key").json(body).send().expect(201);
		assertThat(first.header(REPLAYED)).isNull();
		assertThat(again.header(REPLAYED)).isEqualTo("true");
		assertThat(again.json()).isEqualTo(first.json());
		assertThat(this.api.contents(session)).containsExactly("a", "b", "between");
		assertThat(withKey(session, "key").json(" " + body.replace(",", " ,\n")).send().header(REPLAYED))
			.isEqualTo("true");
	}

	@Test
	void aReplayIsNoActivity() {
		String session = Api.newId();
		withKey(session, "key").json(message("a")).send().expect(201);
		JsonNode before = this.api.session(session);
		withKey(session, "key").json(message("a")).send().expect(201);
		assertThat(this.api.session(session)).isEqualTo(before);
	}

	@Test
	void aKeyIsNotForAnotherBody() {
		String session = Api.newId();
		withKey(session, "key").json(message("a")).send().expect(201);
		for (String other : List.of(message("b"), message("assistant", "a"),
				Json.array(List.of(message("a"), message("a"))), json("{'role':'user','content':'a','name':'x'}"),
				json("{'role':'user','content':'a','tool_call_id':'x'}"),
				json("{'role':'user','content':'a','token_count':0}"),
				json("{'role':'user','content':'a','metadata':{}}"),
				json("{'role':'user','content':'a','tool_calls':[]}"))) {
			withKey(session, "key").json(other).send().problem(422, "idempotency-key-reused");
		}
		assertThat(this.api.contents(session)).containsExactly("a");
	}

	@Test
	void keysBelongToTheirSession() {
		String one = Api.newId();
		String two = Api.newId();
		withKey(one, "key").json(message("a")).send().expect(201);
		assertThat(withKey(two, "key").json(message("b")).send().expect(201).header(REPLAYED)).isNull();
		assertThat(this.api.contents(two)).containsExactly("b");
	}

	@Test
	void keysGoWithTheirSession() {
		String session = Api.newId();
		withKey(session, "key").json(message("a")).send().expect(201);
		this.api.delete(SESSION + "?soft=false", session).expect(204);
		assertThat(withKey(session, "key").json(message("b")).send().expect(201).header(REPLAYED)).isNull();
		assertThat(this.api.contents(session)).containsExactly("b");
	}

	@Test
	void differentKeysAreDifferentRequests() {
		String session = Api.newId();
		for (String key : List.of("key", "KEY", "key2", "k".repeat(255))) {
			assertThat(withKey(session, key).json(message("a")).send().expect(201).header(REPLAYED)).isNull();
		}
		assertThat(this.api.contents(session)).hasSize(4);
	}

	@Test
	void aKeyHasUpTo255Characters() {
		String session = Api.newId();
		withKey(session, "k".repeat(256)).json(message("a")).send().wrongParameter("Idempotency-Key");
		withKey(session, "").json(message("a")).send().wrongParameter("Idempotency-Key");
		withKey(session, "a").header("Idempotency-Key", "b")
			.json(message("a"))
			.send()
			.wrongParameter("Idempotency-Key");
		this.api.get(SESSION, session).problem(404, "session-not-found");
	}

	/** The bytes of a header: the client of these tests would write them as Latin-1. */
	@ParameterizedTest
	@ValueSource(strings = { "ключ", "Ñandú ß", "àÀ", "鍵", "🔑" })
	void aKeyMayBeWrittenInUtf8(String key) {
		String session = Api.newId();
		String longest = key.repeat(255 / key.codePointCount(0, key.length()));
		for (String each : List.of(key, longest)) {
			assertThat(withKey(session, bytes(each)).json(message("a")).send().expect(201).header(REPLAYED)).isNull();
			assertThat(withKey(session, bytes(each)).json(message("a")).send().expect(201).header(REPLAYED))
				.isEqualTo("true");
		}
		withKey(session, bytes("x" + longest + key)).json(message("a")).send().wrongParameter("Idempotency-Key");
	}

	@Test
	void aKeyThatIsNotUtf8IsLatin1() {
		String session = Api.newId();
		withKey(session, "Clé".repeat(85)).json(message("a")).send().expect(201);
		assertThat(withKey(session, "Clé".repeat(85)).json(message("a")).send().expect(201).header(REPLAYED))
			.isEqualTo("true");
		assertThat(withKey(session, bytes("Clé".repeat(85))).json(message("a")).send().expect(201).header(REPLAYED))
			.as("the same key")
			.isEqualTo("true");
	}

	@ParameterizedTest
	@ValueSource(strings = { "a\u0085", "\u009f", "a\tb", "\u00c2\u0085" })
	void aKeyHasNoControlCharacters(String key) {
		withKey(Api.newId(), key).json(message("a")).send().wrongParameter("Idempotency-Key");
	}

	private static String bytes(String text) {
		return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
	}

	@Test
	void aKnownKeyWinsOverIfMatch() {
		String session = this.api.sessionOf(1);
		Answer first = withKey(session, "key").header("If-Match", "\"1\"").json(message("a")).send().expect(201);
		Answer again = withKey(session, "key").header("If-Match", "\"1\"").json(message("a")).send().expect(201);
		assertThat(again.header(REPLAYED)).isEqualTo("true");
		assertThat(again.json()).isEqualTo(first.json());
		withKey(session, "key").header("If-Match", "\"1\"")
			.json(message("b"))
			.send()
			.problem(422, "idempotency-key-reused");
		withKey(session, "new").header("If-Match", "\"1\"").json(message("a")).send().problem(412, "sequence-conflict");
		assertThat(this.api.contents(session)).containsExactly("1", "a");
	}

	@Test
	void goneWinsOverAKey() {
		String session = Api.newId();
		withKey(session, "key").json(message("a")).send().expect(201);
		this.api.softDelete(session);
		withKey(session, "key").json(message("a")).send().problem(410, "session-deleted");
		withKey(session, "key").json(message("b")).send().problem(410, "session-deleted");
		this.api.post("/v1/sessions/{id}/restore", session).send().expect(200);
		assertThat(withKey(session, "key").json(message("a")).send().expect(201).header(REPLAYED)).isEqualTo("true");
	}

	@Test
	void aFailureIsNotKept() {
		String session = Api.newId();
		this.api.post(MESSAGES + "?create=false", session)
			.header("Idempotency-Key", "key")
			.json(message("a"))
			.send()
			.problem(404, "session-not-found");
		withKey(session, "key").header("If-Match", "\"7\"").json(message("a")).send().problem(412, "sequence-conflict");
		withKey(session, "key").json(message("robot", "a")).send().problem(400, "invalid-request");
		this.api.get(SESSION, session).problem(404, "session-not-found");
		assertThat(withKey(session, "key").json(message("b")).send().expect(201).header(REPLAYED)).isNull();
		assertThat(this.api.contents(session)).containsExactly("b");
	}

	@Test
	void aRetryThatIsKnownByItsIdsHasItsAnswerKeptUnderItsKey() {
		String session = Api.newId();
		String body = json("{'id':'a','role':'user','content':'a'}");
		Answer first = this.api.append(session, body).expect(201);
		JsonNode before = this.api.session(session);
		withKey(session, "key").json(body).send().replays(first);
		assertThat(this.api.session(session)).isEqualTo(before);
		withKey(session, "key").json(message("b")).send().problem(422, "idempotency-key-reused");
		this.api.save(session, message("other")).expect(200);
		withKey(session, "key").json(body).send().replays(first);
		assertThat(this.api.contents(session)).containsExactly("other");
	}

	@Test
	void manyRetriesAtOnceAppendOnce() {
		String session = Api.newId();
		List<Answer> answers = Api.together(16, (i) -> withKey(session, "key").json(message("a")).send().expect(201));
		assertThat(answers).extracting(Answer::json).allMatch(answers.get(0).json()::equals);
		assertThat(answers).filteredOn((answer) -> answer.header(REPLAYED) == null).hasSize(1);
		assertThat(this.api.contents(session)).containsExactly("a");
	}

	@Test
	void ofManyBodiesWithOneKeyOneIsAppended() {
		String session = Api.newId();
		List<Integer> statuses = Api.together(12,
				(i) -> withKey(session, "key").json(message(Integer.toString(i))).send().status());
		assertThat(statuses).containsOnly(201, 422).containsOnlyOnce(201);
		assertThat(this.api.contents(session)).containsExactly(Integer.toString(statuses.indexOf(201)));
	}

	private Request withKey(String session, String key) {
		return this.api.post(MESSAGES, session).header("Idempotency-Key", key);
	}

}
