package dev.agentsessions.message;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

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
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Appending: one message, many, lines; each once, in order, and only if it is still
 * wanted.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class AppendContractTest {

	private static final String REPLAYED = "Idempotency-Replayed";

	private final Api api;

	AppendContractTest(Engine engine) {
		this.api = Api.on(engine);
	}

	@Test
	void appendsOneMessageAndCreatesTheSession() {
		String session = Api.newId();
		Answer answer = this.api.append(session, message("hello")).expect(201);
		JsonNode appended = answer.json();
		assertThat(appended.path("session_id").stringValue()).isEqualTo(session);
		assertRange(appended, 1, 1);
		assertThat(answer.header(REPLAYED)).isNull();
		JsonNode stored = this.api.get(MESSAGES + "/1", session).expect(200).json();
		assertThat(Json.value(stored))
			.isEqualTo(Json.value(json("{'seq':1,'role':'user','content':'hello','timestamp':'"
					+ appended.path("timestamp").stringValue() + "'}")));
		assertThat(this.api.session(session).path("last_activity")).isEqualTo(appended.path("timestamp"));
		assertThat(this.api.session(session).has("metadata")).isFalse();
	}

	@Test
	void keepsEveryFieldOfAMessage() {
		String session = Api.newId();
		String sent = json("{'role':'assistant','content':'é😀\\u2028','name':'planner','tool_call_id':'call-1',"
				+ "'tool_calls':[{'id':'c','function':{'name':'f','arguments':'{}'}},null,1.50,'x'],'token_count':12,"
				+ "'metadata':{'a':{'b':[]},'n':null}}");
		this.api.append(session, sent).expect(201);
		JsonNode stored = this.api.log(session).get(0);
		assertThat(Json.parse(sent).propertyNames()).allSatisfy(
				(name) -> assertThat(Json.value(stored.path(name))).isEqualTo(Json.value(Json.parse(sent).path(name))));
	}

	@Test
	void appendsAnArrayInItsOrder() {
		String session = this.api.sessionOf(2);
		JsonNode appended = this.api.append(session, Json.array(List.of(message("a"), message("b"), message("c"))))
			.expect(201)
			.json();
		assertRange(appended, 3, 5);
		List<JsonNode> log = this.api.log(session);
		assertThat(contents(log)).containsExactly("1", "2", "a", "b", "c");
		assertThat(seqs(log)).containsExactly(1L, 2L, 3L, 4L, 5L);
		assertThat(log.subList(2, 5)).extracting((message) -> message.path("timestamp"))
			.containsOnly(appended.path("timestamp"));
	}

	@Test
	void takesAThousandMessagesAtOnceAndNotOneMore() {
		String session = Api.newId();
		List<String> messages = numbered(1, 1001);
		this.api.append(session, Json.array(messages)).wrongAt("");
		this.api.get(SESSION, session).problem(404, "session-not-found");
		assertRange(this.api.append(session, Json.array(messages.subList(0, 1000))).expect(201).json(), 1, 1000);
		assertThat(this.api.contents(session)).isEqualTo(numbers(1, 1000));
	}

	@Test
	void anArrayIsAllOrNothing() {
		String session = this.api.sessionOf(1);
		this.api.append(session, Json.array(List.of(message("good"), message("robot", "bad"), message("good"))))
			.wrongAt("/1/role");
		assertThat(this.api.contents(session)).containsExactly("1");
	}

	@Test
	void namesEveryPlaceThatIsWrong() {
		JsonNode problem = this.api
			.append(Api.newId(),
					json("[{'role':'user','content':5},{'role':'user','content':'x'},"
							+ "{'content':'x','token_count':-1},5,{'role':'user','content':'x','seq':1}]"))
			.problem(400, "invalid-request");
		assertThat(problem.path("errors").valueStream().map((error) -> error.path("pointer").stringValue()))
			.containsExactlyInAnyOrder("/0/content", "/2/role", "/2/token_count", "/3", "/4/seq");
	}

	@Test
	void aMistakeIsNamedOnce() {
		JsonNode problem = this.api.append(Api.newId(), json("{'role':'user','content':'x','seq':1}")).wrongAt("/seq");
		assertThat(problem.path("errors")).hasSize(1);
		JsonNode inLine = this.api.post(MESSAGES, Api.newId())
			.ndjson(json("{'role':'user','content':'x','seq':1}"))
			.send()
			.wrongAt("/seq");
		assertThat(inLine.path("errors")).hasSize(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "user", "assistant", "system", "tool", "developer", "function", "model" })
	void takesEveryRole(String role) {
		String session = Api.newId();
		this.api.append(session, message(role, "hello")).expect(201);
		assertThat(this.api.log(session).get(0).path("role").stringValue()).isEqualTo(role);
	}

	@Test
	void contentMayBeLeftOutOnlyBesideToolCalls() {
		String session = Api.newId();
		this.api.append(session, json("{'role':'assistant'}")).wrongAt("/content");
		this.api.append(session, json("{'role':'assistant','content':null,'tool_calls':null}")).wrongAt("/content");
		this.api.append(session, json("{'role':'assistant','content':null,'tool_calls':[]}")).wrongAt("/content");
		this.api.append(session, json("{'role':'assistant','tool_calls':[]}")).wrongAt("/content");
		this.api.append(session, json("{'role':'assistant','content':null,'tool_calls':[{'id':1}]}")).expect(201);
		assertThat(this.api.log(session)).hasSize(1).noneMatch((message) -> message.has("content"));
	}

	@Test
	void namesHaveUpTo255CodePoints() {
		String session = Api.newId();
		String longest = "😀".repeat(255);
		for (String field : List.of("name", "tool_call_id")) {
			this.api.append(session, json("{'role':'tool','content':'x','" + field + "':'" + longest + "'}"))
				.expect(201);
			this.api.append(session, json("{'role':'tool','content':'x','" + field + "':'" + longest + "x'}"))
				.wrongAt("/" + field);
		}
		List<JsonNode> log = this.api.log(session);
		assertThat(log.get(0).path("name").stringValue()).isEqualTo(longest);
		assertThat(log.get(1).path("tool_call_id").stringValue()).isEqualTo(longest);
	}

	@Test
	void addsUpTheTokens() {
		String session = Api.newId();
		this.api
			.append(session,
					json("[{'role':'user','content':'x','token_count':3},"
							+ "{'role':'user','content':'x','token_count':0},{'role':'user','content':'x'}]"))
			.expect(201);
		this.api.append(session, json("{'role':'user','content':'x','token_count':4}")).expect(201);
		assertThat(this.api.stats(session).path("total_tokens").longValue()).isEqualTo(7);
		assertThat(this.api.stats(session).path("message_count").longValue()).isEqualTo(4);
		assertThat(this.api.log(session).get(1).path("token_count").longValue(-1)).isZero();
		assertThat(this.api.log(session).get(2).has("token_count")).isFalse();
	}

	@Test
	void createsNoSessionWhenToldNotTo() {
		String session = Api.newId();
		this.api.post(MESSAGES + "?create=false", session)
			.json(message("hello"))
			.send()
			.problem(404, "session-not-found");
		JsonNode lines = this.api.post(MESSAGES + "?create=false", session)
			.ndjson(message("hello"))
			.send()
			.problem(404, "session-not-found");
		assertThat(lines.path("committed").longValue(-1)).isZero();
		this.api.get(SESSION, session).problem(404, "session-not-found");
		this.api.create(json("{'session_id':'" + session + "'}")).expect(201);
		this.api.post(MESSAGES + "?create=false", session).json(message("hello")).send().expect(201);
		this.api.post(MESSAGES + "?create=true", session).json(message("hello")).send().expect(201);
	}

	@Test
	void appendsNothingToADeletedSession() {
		String session = this.api.sessionOf(1);
		this.api.softDelete(session);
		this.api.append(session, message("late")).problem(410, "session-deleted");
		JsonNode lines = this.api.post(MESSAGES, session)
			.ndjson(message("late"))
			.send()
			.problem(410, "session-deleted");
		assertThat(lines.path("committed").longValue(-1)).isZero();
		this.api.post("/v1/sessions/{id}/restore", session).send().expect(200);
		assertRange(this.api.append(session, message("2")).expect(201).json(), 2, 2);
		assertThat(this.api.contents(session)).containsExactly("1", "2");
	}

	// lines

	@Test
	void appendsLinesOfAnyNumberInManyChunks() {
		String session = this.api.sessionOf(2);
		JsonNode appended = this.api.post(MESSAGES, session)
			.ndjson(String.join("\n", numbered(3, 2600)))
			.send()
			.expect(201)
			.json();
		assertRange(appended, 3, 2600);
		assertThat(appended.path("appended").longValue()).isEqualTo(2598);
		List<JsonNode> log = this.api.log(session);
		assertThat(contents(log)).isEqualTo(numbers(1, 2600));
		assertThat(seqs(log)).isEqualTo(LongStream.rangeClosed(1, 2600).boxed().toList());
	}

	@Test
	void passesOverBlankLines() {
		String session = Api.newId();
		JsonNode appended = this.api.post(MESSAGES, session)
			.ndjson("\n  \n" + message("a") + "\r\n\r\n\t\n" + message("b") + "\n\n")
			.send()
			.expect(201)
			.json();
		assertThat(appended.path("appended").longValue()).isEqualTo(2);
		assertThat(this.api.contents(session)).containsExactly("a", "b");
	}

	@Test
	void refusesABodyWithoutLines() {
		String session = Api.newId();
		this.api.post(MESSAGES, session).ndjson("\n \n").send().problem(400, "invalid-request");
		this.api.post(MESSAGES, session).ndjson("").send().problem(400, "invalid-request");
		this.api.get(SESSION, session).problem(404, "session-not-found");
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"role\":\"robot\",\"content\":\"x\"}", "{\"role\":\"user\"", "nonsense", "[]", "null",
			"{\"role\":\"user\",\"content\":\"x\"} {}", "{\"role\":\"user\",\"content\":\"x\",\"seq\":1}" })
	void aBadLineStopsItAndSaysWhatIsCommitted(String bad) {
		String session = Api.newId();
		List<String> lines = new ArrayList<>(numbered(1, 1500));
		lines.add(3, "");
		lines.add(701, bad); // the line 702, after 700 messages
		JsonNode problem = this.api.post(MESSAGES, session)
			.ndjson(String.join("\n", lines))
			.send()
			.problem(400, "invalid-request");
		assertThat(problem.path("line").longValue()).isEqualTo(702);
		assertThat(problem.path("committed").longValue()).isEqualTo(700);
		assertThat(problem.path("detail").stringValue()).contains("702");
		assertThat(this.api.contents(session)).isEqualTo(numbers(1, 700));
	}

	@Test
	void aBadFirstLineWritesNothing() {
		String session = Api.newId();
		JsonNode problem = this.api.post(MESSAGES, session)
			.ndjson("{}\n" + message("good"))
			.send()
			.problem(400, "invalid-request");
		assertThat(problem.path("line").longValue()).isEqualTo(1);
		assertThat(problem.path("committed").longValue(-1)).isZero();
		this.api.get(SESSION, session).problem(404, "session-not-found");
	}

	@Test
	void aLineThatIsTooLongStopsItToo() {
		String session = Api.newId();
		JsonNode problem = this.api.post(MESSAGES, session)
			.ndjson(message("1") + "\n\n" + message("x".repeat(1 << 20)) + "\n" + message("never"))
			.send()
			.problem(413, "too-large");
		assertThat(problem.path("line").longValue()).isEqualTo(3);
		assertThat(problem.path("committed").longValue()).isEqualTo(1);
		assertThat(this.api.contents(session)).containsExactly("1");
	}

	@Test
	void linesMayComeToMoreThanABodyMay() {
		String session = Api.newId();
		String large = message("x".repeat(1_000_000));
		this.api.post(MESSAGES, session).ndjson((large + "\n").repeat(18)).send().expect(201);
		assertThat(this.api.stats(session).path("message_count").longValue()).isEqualTo(18);
	}

	@Test
	void linesCanNeitherBeConditionalNorRepeatable() {
		String session = Api.newId();
		this.api.post(MESSAGES, session)
			.header("Idempotency-Key", "k")
			.ndjson(message("a"))
			.send()
			.wrongParameter("Idempotency-Key");
		this.api.post(MESSAGES, session)
			.header("If-Match", "\"0\"")
			.ndjson(message("a"))
			.send()
			.wrongParameter("If-Match");
		this.api.get(SESSION, session).problem(404, "session-not-found");
	}

	// idempotency keys

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

	// If-Match

	@Test
	void appendsOnlyIfTheSessionHasNotMovedOn() {
		String session = this.api.sessionOf(2);
		assertRange(ifMatch(session, "\"2\"").json(message("3")).send().expect(201).json(), 3, 3);
		for (String stale : List.of("\"2\"", "\"0\"", "\"4\"", "\"999999999999999999\"")) {
			JsonNode problem = ifMatch(session, stale).json(message("x")).send().problem(412, "sequence-conflict");
			assertThat(problem.path("last_seq").longValue()).isEqualTo(3);
		}
		String etag = this.api.get(SESSION, session).etag();
		assertRange(ifMatch(session, etag).json(message("4")).send().expect(201).json(), 4, 4);
		assertThat(this.api.contents(session)).containsExactly("1", "2", "3", "4");
	}

	@Test
	void aSessionThatDoesNotExistHasTheLastSeq0() {
		String session = Api.newId();
		JsonNode problem = ifMatch(session, "\"1\"").json(message("x")).send().problem(412, "sequence-conflict");
		assertThat(problem.path("last_seq").longValue(-1)).isZero();
		this.api.get(SESSION, session).problem(404, "session-not-found");
		this.api.post(MESSAGES + "?create=false", session)
			.header("If-Match", "\"0\"")
			.json(message("x"))
			.send()
			.problem(404, "session-not-found");
		assertRange(ifMatch(session, "\"0\"").json(message("1")).send().expect(201).json(), 1, 1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "1", "\"a\"", "\"-1\"", "W/\"1\"", "\"1\", \"2\"", "\"\"", "\"1.0\"", "\"1", "\"01\"",
			"\"001\"", "\"00\"", "\"+1\"" })
	void ifMatchIsTheETagOfTheSession(String tag) {
		String session = this.api.sessionOf(1);
		ifMatch(session, tag).json(message("x")).send().wrongParameter("If-Match");
		assertThat(this.api.contents(session)).containsExactly("1");
	}

	@Test
	void ofManyAppendsAfterTheSameMessageExactlyOneWins() {
		String session = Api.newId();
		for (int round = 0; round < 10; round++) {
			String tag = "\"" + round + "\"";
			List<Answer> answers = Api.together(12, (i) -> ifMatch(session, tag).json(message("by " + i)).send());
			List<Integer> statuses = answers.stream().map(Answer::status).toList();
			assertThat(statuses).containsOnly(201, 412).containsOnlyOnce(201);
			long last = round + 1L;
			assertThat(answers).filteredOn((answer) -> answer.status() == 412)
				.allMatch((answer) -> answer.json().path("last_seq").longValue() == last);
			List<String> contents = this.api.contents(session);
			assertThat(contents).hasSize(round + 1);
			assertThat(contents.get(round)).isEqualTo("by " + statuses.indexOf(201));
		}
	}

	@Test
	void appendsWithAndWithoutAConditionDontMix() {
		String session = Api.newId();
		List<Answer> answers = Api.together(16, (i) -> (i % 2 == 0) ? this.api.append(session, message("free " + i))
				: ifMatch(session, "\"0\"").json(message("first " + i)).send());
		List<JsonNode> log = this.api.log(session);
		assertThat(seqs(log)).isEqualTo(LongStream.rangeClosed(1, log.size()).boxed().toList());
		for (int i = 0; i < 16; i++) {
			Answer answer = answers.get(i);
			if (i % 2 == 0) {
				answer.expect(201);
				assertThat(contents(log).get((int) answer.json().path("first_seq").longValue() - 1))
					.isEqualTo("free " + i);
			}
			else if (answer.status() == 201) {
				assertThat(contents(log).get(0)).isEqualTo("first " + i);
			}
			else {
				answer.problem(412, "sequence-conflict");
			}
		}
		assertThat(answers.stream().filter((answer) -> answer.status() == 201).count()).isEqualTo(log.size());
	}

	// at the same time

	@Test
	void concurrentAppendsGetEveryNumberOnceAndStayTogether() {
		String session = Api.newId();
		List<List<Answer>> answers = Api.together(16,
				(writer) -> IntStream.range(0, 12)
					.mapToObj((n) -> this.api.append(session, Json.array(batch(writer, n))).expect(201))
					.toList());
		List<JsonNode> log = this.api.log(session);
		assertThat(seqs(log)).isEqualTo(LongStream.rangeClosed(1, log.size()).boxed().toList());
		int total = 0;
		for (int writer = 0; writer < 16; writer++) {
			for (int n = 0; n < 12; n++) {
				JsonNode range = answers.get(writer).get(n).json();
				List<JsonNode> stored = log.subList((int) range.path("first_seq").longValue() - 1,
						(int) range.path("last_seq").longValue());
				assertThat(contents(stored).stream().map(Json::message).toList()).isEqualTo(batch(writer, n));
				assertThat(stored).extracting((message) -> message.path("timestamp"))
					.containsOnly(range.path("timestamp"));
				total += stored.size();
			}
		}
		assertThat(log).hasSize(total);
		assertThat(this.api.stats(session).path("message_count").longValue()).isEqualTo(total);
		assertThat(this.api.session(session).path("last_seq").longValue()).isEqualTo(total);
	}

	@Test
	void concurrentAppendsToManySessionsStayApart() {
		List<String> sessions = IntStream.range(0, 6).mapToObj((i) -> Api.newId()).toList();
		Api.together(12, (writer) -> IntStream.range(0, 24)
			.mapToObj((n) -> this.api.append(sessions.get((writer + n) % 6), message(sessions.get((writer + n) % 6))))
			.allMatch((answer) -> answer.expect(201).status() == 201));
		assertThat(sessions).allSatisfy((session) -> {
			List<JsonNode> log = this.api.log(session);
			assertThat(seqs(log)).isEqualTo(LongStream.rangeClosed(1, 48).boxed().toList());
			assertThat(contents(log)).containsOnly(session);
		});
	}

	private Request withKey(String session, String key) {
		return this.api.post(MESSAGES, session).header("Idempotency-Key", key);
	}

	private Request ifMatch(String session, String tag) {
		return this.api.post(MESSAGES, session).header("If-Match", tag);
	}

	/** The nth request of a writer: one to three messages that say so. */
	private static List<String> batch(int writer, int n) {
		return IntStream.rangeClosed(0, n % 3).mapToObj((i) -> message(writer + "/" + n + "/" + i)).toList();
	}

	private static List<String> numbered(int from, int to) {
		return numbers(from, to).stream().map(Json::message).toList();
	}

	private static List<String> numbers(int from, int to) {
		return IntStream.rangeClosed(from, to).mapToObj(Integer::toString).toList();
	}

	private static List<String> contents(List<JsonNode> messages) {
		return messages.stream().map((message) -> message.path("content").stringValue("")).toList();
	}

	private static List<Long> seqs(List<JsonNode> messages) {
		return messages.stream().map((message) -> message.path("seq").longValue()).toList();
	}

	private static void assertRange(JsonNode appended, long first, long last) {
		assertThat(List.of(appended.path("first_seq").longValue(), appended.path("last_seq").longValue()))
			.containsExactly(first, last);
	}

}
