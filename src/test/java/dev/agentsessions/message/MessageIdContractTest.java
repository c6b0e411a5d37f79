package dev.agentsessions.message;

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

import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Ids that callers give to their messages: unique in a log, a retry is told from a
 * mistake, and messages are found by them.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class MessageIdContractTest {

	private static final String REPLAYED = "Idempotency-Replayed";

	private final Api api;

	MessageIdContractTest(Engine engine) {
		this.api = Api.on(engine);
	}

	@Test
	void aRetryIsAnsweredAsTheFirstTry() {
		String session = this.api.sessionOf(2);
		String both = Json.array(List.of(withId("a"), withId("b")));
		Answer first = this.api.append(session, both).expect(201);
		this.api.append(session, message("later")).expect(201);
		Answer again = this.api.append(session, both).expect(201);
		assertThat(first.header(REPLAYED)).isNull();
		assertThat(again.header(REPLAYED)).isEqualTo("true");
		assertThat(again.json()).isEqualTo(first.json());
		assertThat(this.api.post(MESSAGES, session).header("If-Match", "\"2\"").json(both).send().expect(201).json())
			.isEqualTo(first.json());
		assertThat(this.api.append(session, withId("b")).expect(201).json().path("first_seq").intValue()).isEqualTo(4);
		assertThat(this.api.log(session)).hasSize(5);
	}

	@Test
	void jsonIsComparedByValue() {
		String session = Api.newId();
		this.api.append(session, json("{'id':'a','role':'user','content':[{'x':1e2,'y':null}],'metadata':{'n':1.50}}"))
			.expect(201);
		Answer again = this.api
			.append(session, json("{'metadata':{'n':1.5},'content':[{'y':null,'x':100}],'role':'user','id':'a'}"))
			.expect(201);
		assertThat(again.header(REPLAYED)).isEqualTo("true");
		known(this.api.append(session,
				json("{'id':'a','role':'user','content':[{'x':1e2,'y':null}],'metadata':{'n':1.51}}")), "a", 1);
	}

	@Test
	void numbersThatAreStoredWithManyMoreDigitsAreCompared() {
		String session = Api.newId();
		String large = json("{'id':'a','role':'user','content':'x','metadata':{'n':[")
				+ String.join(",", Collections.nCopies(200, "-1.5e300")) + "]}}";
		Answer first = this.api.append(session, large).expect(201);
		assertThat(this.api.append(session, large).expect(201).json()).isEqualTo(first.json());
		known(this.api.append(session, large.replace("300", "299")), "a", 1);
	}

	@Test
	void anyOtherKnownIdIsRefused() {
		String session = Api.newId();
		this.api.append(session, Json.array(List.of(withId("a"), withId("b"), withId("c")))).expect(201);
		known(this.api.append(session, message("another text").replaceFirst("\\{", "{\"id\":\"a\",")), "a", 1);
		known(this.api.append(session, Json.array(List.of(withId("b"), withId("a")))), "b", 2, "a", 1);
		known(this.api.append(session, Json.array(List.of(withId("a"), withId("c")))), "a", 1, "c", 3);
		known(this.api.append(session, Json.array(List.of(withId("c"), withId("d")))), "c", 3);
		known(this.api.append(session, Json.array(List.of(withId("a"), message("without")))), "a", 1);
		known(this.api.takeTurn(session, "{\"messages\":[" + withId("a") + "]}"), "a", 1);
		assertThat(this.api.log(session)).hasSize(3);
	}

	@Test
	void anIdIsGivenOnceInABody() {
		String session = this.api.sessionOf(1);
		String twice = Json.array(List.of(withId("a"), withId("a")));
		this.api.append(session, twice).wrongAt("/1/id");
		this.api.takeTurn(session, "{\"messages\":" + twice + "}").wrongAt("/messages/1/id");
		this.api.put("{\"messages\":" + twice + "}", session).wrongAt("/messages/1/id");
		this.api.post(MESSAGES, session).ndjson(withId("a") + "\n" + withId("a")).send().problem(409, "message-exists");
		assertThat(this.api.log(session)).hasSize(2);
	}

	@Test
	void anIdIsFreeInTheNextLogAndInOtherSessions() {
		String session = Api.newId();
		this.api.append(session, withId("a")).expect(201);
		this.api.append(Api.newId(), withId("a")).expect(201);
		String other = json("{'id':'a','role':'user','content':'another'}");
		known(this.api.save(session, other), "a", 1);
		assertThat(this.api.save(session, message("a new log")).expect(200).json().path("replaced").booleanValue())
			.isTrue();
		this.api.append(session, other).expect(201);
		assertThat(this.api.append(session, other).expect(201).header(REPLAYED)).isEqualTo("true");
		known(this.api.append(session, withId("a")), "a", 4);
	}

	@Test
	void aSavedHistoryCannotAppendAKnownId() {
		String session = Api.newId();
		this.api.append(session, withId("a")).expect(201);
		assertThat(this.api.save(session, withId("a"), withId("b")).expect(200).json().path("appended").intValue())
			.isEqualTo(1);
		assertThat(this.api.log(session)).extracting((message) -> message.path("id").stringValue())
			.containsExactly("a", "b");
	}

	@Test
	void linesCanBeSentAgainFromTheBeginning() {
		String session = this.api.sessionOf(1);
		JsonNode first = lines(session, 0, 700).expect(201).json();
		assertThat(first.has("known")).isFalse();
		JsonNode again = lines(session, 0, 700).expect(201).json();
		assertRange(again, 2, 701, 0, 700);
		JsonNode more = lines(session, 0, 1300).expect(201).json();
		assertRange(more, 2, 1301, 600, 700);
		assertThat(this.api.stats(session).path("message_count").intValue()).isEqualTo(1301);
		JsonNode problem = lines(session, 1299, 1301).expect(201).json();
		assertRange(problem, 1301, 1302, 1, 1);
		String mixed = withId("new") + "\n" + withId("7") + "\n";
		this.api.post(MESSAGES, session).ndjson(mixed).send().problem(409, "message-exists");
	}

	@Test
	void messagesAreFoundByTheirIds() {
		String session = this.api.sessionOf(1);
		this.api.append(session, Json.array(List.of(withId("b"), withId("ü&=/"), withId("c")))).expect(201);
		Answer found = this.api.get(MESSAGES + "?id={a}&id={b}&id=nobody", session, "c", "ü&=/").expect(200);
		assertThat(found.data()).extracting((message) -> message.path("seq").intValue()).containsExactly(3, 4);
		assertThat(found.json().path("has_more").booleanValue()).isFalse();
		assertThat(this.api.page(session, "id=nobody").expect(200).data()).isEmpty();
		String hundred = IntStream.range(0, 100).mapToObj((i) -> "id=" + i).collect(Collectors.joining("&"));
		assertThat(this.api.page(session, hundred).expect(200).data()).isEmpty();
		this.api.page(session, hundred + "&id=100").wrongParameter("id");
		this.api.page(session, "id=").wrongParameter("id");
		this.api.page(session, "id=" + "x".repeat(256)).wrongParameter("id");
		this.api.page(session, "id=b&limit=5").wrongParameter("limit");
		this.api.page(session, "id=b&page=1").wrongParameter("page");
		this.api.page(Api.newId(), "id=b").problem(404, "session-not-found");
		assertThat(this.api.save(session, message("a new log")).expect(200).json().path("replaced").booleanValue())
			.isTrue();
		assertThat(this.api.page(session, "id=b").expect(200).data()).isEmpty();
	}

	@Test
	void largeMessagesAreFoundByTheirIds() {
		String session = Api.newId();
		String large = "x".repeat(400_000);
		for (String id : List.of("a", "b", "c")) {
			this.api.append(session, json("{'id':'" + id + "','role':'user','content':'" + large + "'}")).expect(201);
		}
		assertThat(this.api.page(session, "id=a&id=b&id=c").expect(200).data()).hasSize(3);
		assertThat(this.api.append(session, json("{'id':'a','role':'user','content':'" + large + "'}"))
			.expect(201)
			.header(REPLAYED)).isEqualTo("true");
		known(this.api.append(session, json("{'id':'a','role':'user','content':'small'}")), "a", 1);
	}

	@Test
	void idsHaveUpTo255CodePoints() {
		String session = Api.newId();
		this.api.append(session, withId("😀".repeat(255))).expect(201);
		this.api.append(session, withId("😀".repeat(256))).wrongAt("/id");
		assertThat(this.api.get(MESSAGES + "?id={id}", session, "😀".repeat(255)).expect(200).data()).hasSize(1);
	}

	private Answer lines(String session, int from, int to) {
		String body = IntStream.range(from, to)
			.mapToObj((i) -> withId(Integer.toString(i)))
			.collect(Collectors.joining("\n"));
		return this.api.post(MESSAGES, session).ndjson(body).send();
	}

	private static void assertRange(JsonNode answer, int first, int last, int appended, int known) {
		assertThat(Json.value(answer)).isEqualTo(Json.value(json("{'first_seq':" + first + ",'last_seq':" + last
				+ ",'appended':" + appended + ",'known':" + known + "}")));
	}

	/** Says which ids are known, each with its number. */
	private static void known(Answer answer, Object... known) {
		JsonNode problem = answer.problem(409, "message-exists");
		StringBuilder expected = new StringBuilder();
		for (int i = 0; i < known.length; i += 2) {
			expected.append(expected.isEmpty() ? "" : ",")
				.append("{'id':'" + known[i] + "','seq':" + known[i + 1] + "}");
		}
		assertThat(Json.value(problem.path("known"))).isEqualTo(Json.value(json("[" + expected + "]")));
	}

	private static String withId(String id) {
		return json("{'id':'" + id + "','role':'user','content':'text of " + id + "'}");
	}

}
