package dev.agentsessions.message.context;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

import org.springframework.http.HttpMethod;

import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The part of a conversation that fits a model, over HTTP.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class ContextContractTest {

	private static final String CONTEXT = SESSION + "/context";

	private final Api api;

	ContextContractTest(Engine engine) {
		this.api = Api.on(engine);
	}

	@Test
	void givesTheNewestThatFitBehindTheInstructions() {
		String session = Api.newId();
		this.api
			.append(session,
					"[" + message("system", "be brief") + "," + counted("1", 10) + "," + counted("2", 20) + ","
							+ message("developer", "be kind") + "," + counted("3", 30) + "]")
			.expect(201);
		JsonNode all = fit(session, "max_messages=10").expect(200).json();
		assertThat(contents(all)).containsExactly("be brief", "be kind", "1", "2", "3");
		assertThat(all.path("session_id").stringValue()).isEqualTo(session);
		// 8 and 7 bytes: 2 + 4 each
		assertThat(all.path("tokens").intValue()).isEqualTo(6 + 6 + 60);
		assertThat(all.path("estimated_tokens").intValue()).isEqualTo(12);
		assertThat(all.path("omitted").intValue()).isZero();
		JsonNode some = fit(session, "max_tokens=62").expect(200).json();
		assertThat(contents(some)).containsExactly("be brief", "be kind", "2", "3");
		assertThat(some.path("first_seq").intValue()).isEqualTo(3);
		assertThat(some.path("last_seq").intValue()).isEqualTo(5);
		assertThat(some.path("omitted").intValue()).isEqualTo(1);
		assertThat(contents(fit(session, "max_tokens=61").expect(200).json())).containsExactly("be brief", "be kind",
				"3");
		assertThat(contents(fit(session, "max_tokens=50&system=drop").expect(200).json())).containsExactly("2", "3");
		assertThat(contents(fit(session, "max_messages=3").expect(200).json())).containsExactly("be brief", "be kind",
				"3");
		JsonNode small = fit(session, "max_tokens=41").problem(422, "context-too-small");
		assertThat(small.path("needed").intValue()).isEqualTo(42);
		assertThat(small.path("limit").stringValue()).isEqualTo("max_tokens");
		JsonNode few = fit(session, "max_messages=2").problem(422, "context-too-small");
		assertThat(few.path("needed").intValue()).isEqualTo(3);
		assertThat(few.path("limit").stringValue()).isEqualTo("max_messages");
	}

	@Test
	void ofTwoLimitsTheOneThatIsTooSmallIsNamed() {
		String session = Api.newId();
		this.api.append(session, "[" + message("system", "be brief") + "," + counted("1", 10) + "]").expect(201);
		JsonNode few = fit(session, "max_tokens=16&max_messages=1").problem(422, "context-too-small");
		assertThat(few.path("limit").stringValue()).isEqualTo("max_messages");
		assertThat(few.path("needed").intValue()).isEqualTo(2);
		assertThat(few.path("detail").stringValue()).endsWith(" 2 messages.");
		JsonNode small = fit(session, "max_tokens=15&max_messages=2").problem(422, "context-too-small");
		assertThat(small.path("limit").stringValue()).isEqualTo("max_tokens");
		assertThat(small.path("needed").intValue()).isEqualTo(16);
		assertThat(small.path("detail").stringValue()).endsWith(" 16 tokens.");
		assertThat(fit(session, "max_tokens=5&max_messages=9").problem(422, "context-too-small").path("limit"))
			.isEqualTo(small.path("limit"));
	}

	@Test
	void readsAsFarAsItHasTo() {
		List<String> messages = new ArrayList<>();
		messages.add(message("system", "first"));
		messages.add(json("{'role':'assistant','tool_calls':["
				+ String.join(",", IntStream.range(0, 90).mapToObj((i) -> "{'id':'c" + i + "'}").toList()) + "]}"));
		IntStream.range(0, 90)
			.forEach((i) -> messages.add(json("{'role':'tool','tool_call_id':'c" + i + "','content':'r" + i + "'}")));
		String session = Api.newId();
		this.api.append(session, Json.array(messages)).expect(201);
		JsonNode whole = fit(session, "max_messages=92").expect(200).json();
		assertThat(whole.path("messages")).hasSize(92);
		assertThat(fit(session, "max_messages=91").problem(422, "context-too-small").path("needed").intValue())
			.isBetween(33, 92);
		for (int i = 0; i < 300; i++) {
			this.api.append(session, message("m" + i)).expect(201);
		}
		assertThat(contents(fit(session, "max_messages=301").expect(200).json())).hasSize(301)
			.startsWith("first", "m0");
		assertThat(contents(fit(session, "max_messages=350").expect(200).json())).hasSize(301);
		assertThat(fit(session, "max_messages=392").expect(200).json().path("messages")).hasSize(392);
		assertThat(fit(session, "max_messages=5").expect(200).json().path("omitted").intValue()).isEqualTo(387);
	}

	@Test
	void ofLargeMessagesAsManyAreGivenAsABodyMayHave() {
		String session = Api.newId();
		String large = "x".repeat(1_000_000);
		for (int i = 0; i < 6; i++) {
			this.api.append(session, Json.array(Collections.nCopies(3, counted(large, 1)))).expect(201);
		}
		assertThat(fit(session, "max_tokens=3").expect(200).json().path("messages")).hasSize(3);
		assertThat(fit(session, "max_messages=16").expect(200).json().path("messages")).hasSize(16);
		fit(session, "max_messages=17").problem(413, "too-large");
		fit(session, "max_tokens=1000000").problem(413, "too-large");
	}

	@Test
	void aLongLogIsReadInOnePass() {
		String session = Api.newId();
		String lines = IntStream.rangeClosed(1, 30_000)
			.mapToObj(
					(i) -> (i % 3 == 0) ? json("{'role':'assistant','tool_calls':[{'id':'c'}]}") : counted("m" + i, 1))
			.collect(Collectors.joining("\n"));
		this.api.post(Api.MESSAGES, session).ndjson(lines).send().expect(201);
		JsonNode context = fit(session, "max_tokens=10000000").expect(200).json();
		assertThat(context.path("messages")).hasSize(20_001);
		assertThat(context.path("left_out")).hasSize(9_999);
		assertThat(context.path("left_out").path(0).path("seq").intValue()).isEqualTo(3);
		assertThat(context.path("pending_tool_calls").toString()).isEqualTo("[\"c\"]");
		assertThat(context.path("omitted").intValue()).isZero();
	}

	@Test
	void resultsThatBelongToNoCallTakeNoPlace() {
		String session = Api.newId();
		this.api.append(session, message("1")).expect(201);
		this.api.append(session, message("2")).expect(201);
		for (int i = 0; i < 5; i++) {
			this.api.append(session, json("{'role':'tool','content':'r','tool_call_id':'gone" + i + "'}")).expect(201);
		}
		assertThat(contents(fit(session, "max_messages=1").expect(200).json())).containsExactly("2");
		assertThat(contents(fit(session, "max_messages=2").expect(200).json())).containsExactly("1", "2");
		this.api.append(session, message("8")).expect(201);
		JsonNode context = fit(session, "max_messages=3").expect(200).json();
		assertThat(contents(context)).containsExactly("1", "2", "8");
		assertThat(context.path("left_out")).hasSize(5);
	}

	@Test
	void followsTheView() {
		String session = this.api.sessionOf(6);
		this.api.request(HttpMethod.PUT, SESSION + "/view", session)
			.json(json("{'ranges':[[5,5],[2,3],[7]]}"))
			.send()
			.expect(200);
		assertThat(contents(fit(session, "max_messages=10").expect(200).json())).containsExactly("5", "2", "3");
		JsonNode two = fit(session, "max_messages=2").expect(200).json();
		assertThat(contents(two)).containsExactly("2", "3");
		assertThat(two.path("omitted").intValue()).isEqualTo(1);
		this.api.append(session, message("7")).expect(201);
		assertThat(contents(fit(session, "max_messages=2").expect(200).json())).containsExactly("3", "7");
	}

	@Test
	void namesWhatAModelWouldNotTake() {
		String session = Api.newId();
		this.api.append(session, json("[{'role':'user','content':'1'},{'role':'assistant','tool_calls':[{'id':'a'}]},"
				+ "{'role':'user','content':'3'},{'role':'tool','tool_call_id':'a','content':'late'},"
				+ "{'role':'assistant','tool_calls':[{'id':'b'},{'id':'c'}]},{'role':'tool','tool_call_id':'c','content':'6'}]"))
			.expect(201);
		JsonNode context = fit(session, "max_messages=10").expect(200).json();
		assertThat(Json.value(context.path("left_out"))).isEqualTo(Json
			.value(json("[{'seq':2,'reason':'call-without-result'},{'seq':4,'reason':'result-without-call'}]")));
		assertThat(Json.value(context.path("pending_tool_calls"))).isEqualTo(Json.value(json("['b']")));
		assertThat(context.path("messages")).hasSize(4);
		assertThat(context.at("/messages/2/content").isNull()).isTrue();
		assertThat(context.path("omitted").intValue()).isZero();
	}

	@Test
	void anEmptySessionHasAnEmptyContext() {
		JsonNode context = fit(this.api.newSession(), "max_tokens=10").expect(200).json();
		assertThat(context.path("messages")).isEmpty();
		assertThat(context.has("first_seq")).isFalse();
		assertThat(context.path("tokens").intValue()).isZero();
	}

	@Test
	void moreInstructionsThanThereMayBeAreRefused() {
		String session = Api.newId();
		this.api
			.append(session, Json.array(IntStream.range(0, 101).mapToObj((i) -> message("system", "s" + i)).toList()))
			.expect(201);
		fit(session, "max_messages=1000").problem(422, "too-many-instructions");
		assertThat(fit(session, "max_messages=1000&system=drop").expect(200).json().path("messages")).isEmpty();
		this.api.request(HttpMethod.PUT, SESSION + "/view", session).json(json("{'ranges':[[2]]}")).send().expect(200);
		assertThat(fit(session, "max_messages=1000").expect(200).json().path("messages")).hasSize(100);
		assertThat(fit(session, "max_messages=99").problem(422, "context-too-small").path("needed").intValue())
			.isEqualTo(100);
	}

	@Test
	void instructionsThatTheViewHidesDoNotCount() {
		String session = Api.newId();
		this.api
			.append(session, Json.array(IntStream.range(0, 250).mapToObj((i) -> message("system", "s" + i)).toList()))
			.expect(201);
		this.api.append(session, message("hello")).expect(201);
		assertThat(contents(fit(session, "max_messages=1000&system=drop").expect(200).json())).containsExactly("hello");
		this.api.request(HttpMethod.PUT, SESSION + "/view", session)
			.json(json("{'ranges':[[240,242],[1,1],[250]]}"))
			.send()
			.expect(200);
		assertThat(contents(fit(session, "max_messages=9").expect(200).json())).containsExactly("s239", "s240", "s241",
				"s0", "s249", "hello");
	}

	@Test
	void anAnswerThatIsKnownIsNotGivenAgain() {
		String session = this.api.sessionOf(3);
		Answer first = fit(session, "max_messages=2").expect(200);
		Api.Request again = this.api.request(HttpMethod.GET, CONTEXT + "?max_messages=2", session);
		again.header("If-None-Match", first.etag()).send().expect(304);
		this.api.append(session, message("4")).expect(201);
		this.api.request(HttpMethod.GET, CONTEXT + "?max_messages=2", session)
			.header("If-None-Match", first.etag())
			.send()
			.expect(200);
	}

	@Test
	void aLimitIsRequiredAndHasBounds() {
		String session = this.api.sessionOf(1);
		fit(session, "system=keep").wrongParameter("max_tokens");
		fit(session, "max_tokens=0").wrongParameter("max_tokens");
		fit(session, "max_tokens=10000001").wrongParameter("max_tokens");
		fit(session, "max_messages=0").wrongParameter("max_messages");
		fit(session, "max_messages=10001").wrongParameter("max_messages");
		fit(session, "max_messages=x").wrongParameter("max_messages");
		fit(session, "max_messages=5&system=no").wrongParameter("system");
		fit(session, "max_messages=5&limit=1").wrongParameter("limit");
		fit(Api.newId(), "max_messages=5").problem(404, "session-not-found");
		this.api.softDelete(session);
		fit(session, "max_messages=5").problem(410, "session-deleted");
		fit(session, "max_messages=5&include_deleted=true").expect(200);
	}

	private Answer fit(String session, String query) {
		return this.api.get(CONTEXT + "?" + query, session);
	}

	private static String counted(String content, int tokens) {
		return json("{'role':'user','content':'" + content + "','token_count':" + tokens + "}");
	}

	private static List<String> contents(JsonNode context) {
		return context.path("messages").valueStream().map((message) -> message.path("content").asString("")).toList();
	}

}
