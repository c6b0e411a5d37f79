package dev.agentsessions.message;

import java.util.List;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
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
import static dev.agentsessions.Fields.numbers;
import static dev.agentsessions.Fields.seqs;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Messages that are appended: one, an array of them.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class AppendContractTest extends AppendFixture {

	AppendContractTest(Engine engine) {
		super(engine);
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

}
