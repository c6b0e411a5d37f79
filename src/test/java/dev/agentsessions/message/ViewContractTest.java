package dev.agentsessions.message;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.database.Engine;
import dev.agentsessions.view.View;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

import org.springframework.http.HttpMethod;

import static dev.agentsessions.Api.HISTORY;
import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a model sees of a log: rewound, compacted, saved again as a window; the log keeps
 * every message.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class ViewContractTest {

	private static final String VIEW = SESSION + "/view";

	private static final String COMPACTIONS = SESSION + "/compactions";

	private final Api api;

	ViewContractTest(Engine engine) {
		this.api = Api.on(engine);
	}

	@Test
	void theViewIsTheWholeLogAtFirst() {
		String session = this.api.sessionOf(3);
		Answer view = this.api.get(VIEW, session).expect(200);
		assertView(view.json(), session, "[]", 0, 3, 3);
		assertThat(view.etag()).isEqualTo("\"3-0\"");
		this.api.request(HttpMethod.GET, VIEW, session).header("If-None-Match", "\"3-0\"").send().expect(200);
		this.api.get(VIEW, Api.newId()).problem(404, "session-not-found");
	}

	@Test
	void aConversationIsRewoundAndGoesOn() {
		String session = this.api.sessionOf(6);
		Answer rewound = set(session, "[[1,2],[7]]").expect(200);
		assertView(rewound.json(), session, "[[1,2],[7]]", 1, 6, 2);
		assertThat(rewound.etag()).isEqualTo("\"6-1\"");
		assertThat(history(session)).containsExactly("1", "2");
		this.api.append(session, message("7")).expect(201);
		assertThat(history(session)).containsExactly("1", "2", "7");
		assertThat(this.api.contents(session)).hasSize(7);
		assertView(set(session, "[[5,6],[2,3],[7]]").expect(200).json(), session, "[[5,6],[2,3],[7]]", 2, 7, 5);
		assertThat(history(session)).containsExactly("5", "6", "2", "3", "7");
		assertView(set(session, "[[1,3],[4,4],[5]]").expect(200).json(), session, "[]", 3, 7, 7);
		assertThat(history(session)).hasSize(7);
	}

	@Test
	void rangesThatCannotBeAreNamed() {
		String session = this.api.sessionOf(5);
		set(session, "[[1,2]]").wrongAt("/ranges/0");
		set(session, "[[1],[3]]").wrongAt("/ranges/0");
		set(session, "[[0,2],[6]]").wrongAt("/ranges/0");
		set(session, "[[1,2],[7]]").wrongAt("/ranges/1");
		set(session, "[[1,6],[7]]").wrongAt("/ranges/0");
		set(session, "[[3,2],[6]]").wrongAt("/ranges/0");
		set(session, "[[1,3],[3,4],[6]]").wrongAt("/ranges/1");
		set(session, "[[4,5],[1,4],[6]]").wrongAt("/ranges/1");
		set(session, "[[1,2],[2]]").wrongAt("/ranges/1");
		set(session, "[[1,2,3],[6]]").wrongAt("/ranges/0");
		set(session, "[[],[6]]").wrongAt("/ranges/0");
		set(session, "[1,[6]]").wrongAt("/ranges/0");
		set(session, "[[1.5],[6]]").wrongAt("/ranges/0");
		set(session, "[[99999999999999999999],[6]]").wrongAt("/ranges/0");
		set(session, "5").wrongAt("/ranges");
		this.api.request(HttpMethod.PUT, VIEW, session).json("{}").send().wrongAt("/ranges");
		this.api.request(HttpMethod.PUT, VIEW, session).json(json("{'ranges':[],'x':1}")).send().wrongAt("/x");
		String many = IntStream.range(0, 1001).mapToObj((i) -> "[" + (i + 1) + "]").toList().toString();
		set(session, many).wrongAt("/ranges");
		assertThat(this.api.get(VIEW, session).json().path("view_no").intValue()).isZero();
	}

	@Test
	void aViewIsChangedByOneOfTwoWhoMeanTheSame() {
		String session = this.api.sessionOf(3);
		Api.Request request = this.api.request(HttpMethod.PUT, VIEW, session);
		request.header("If-Match", "\"3-0\"").json(json("{'ranges':[[2]]}")).send().expect(200);
		Answer late = this.api.request(HttpMethod.PUT, VIEW, session)
			.header("If-Match", "\"3-0\"")
			.json(json("{'ranges':[]}"))
			.send();
		JsonNode problem = late.problem(412, "sequence-conflict");
		assertThat(problem.path("last_seq").intValue()).isEqualTo(3);
		assertThat(problem.path("view_no").intValue()).isEqualTo(1);
		this.api.append(session, message("4")).expect(201);
		this.api.request(HttpMethod.PUT, VIEW, session)
			.header("If-Match", "\"3-1\"")
			.json(json("{'ranges':[]}"))
			.send()
			.problem(412, "sequence-conflict");
		this.api.request(HttpMethod.PUT, VIEW, session)
			.header("If-Match", "\"3\"")
			.json(json("{'ranges':[]}"))
			.send()
			.problem(400, "invalid-request");
	}

	@Test
	void aRetryIsAnsweredAsTheFirstTry() {
		String session = this.api.sessionOf(5);
		Answer first = keyed("k", VIEW, HttpMethod.PUT, session, "{'ranges':[[3]]}").expect(200);
		Answer compacted = keyed("c", COMPACTIONS, HttpMethod.POST, session,
				"{'summary':{'role':'user','content':'so far'},'through_seq':4}")
			.expect(201);
		this.api.append(session, message("later")).expect(201);
		Answer again = keyed("k", VIEW, HttpMethod.PUT, session, "{ 'ranges' : [ [30e-1] ] }").expect(200);
		assertThat(again.json()).isEqualTo(first.json());
		assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
		Answer compactedAgain = keyed("c", COMPACTIONS, HttpMethod.POST, session,
				"{'through_seq':4,'summary':{'content':'so far','role':'user'}}")
			.expect(201);
		assertThat(compactedAgain.json()).isEqualTo(compacted.json());
		keyed("k", VIEW, HttpMethod.PUT, session, "{'ranges':[]}").problem(422, "idempotency-key-reused");
		keyed("c", VIEW, HttpMethod.PUT, session, "{'ranges':[]}").problem(422, "idempotency-key-reused");
		assertThat(history(session)).containsExactly("so far", "5", "later");
	}

	@Test
	void aRetryIsAnsweredAsTheFirstTryWhateverBecameOfTheView() {
		String session = this.api.sessionOf(2);
		String whole = "{'ranges':[]}";
		JsonNode first = keyed("v", VIEW, HttpMethod.PUT, session, whole).expect(200).json();
		String summary = "{'summary':{'role':'user','content':'so far'},'through_seq':1}";
		JsonNode compacted = keyed("c", COMPACTIONS, HttpMethod.POST, session, summary).expect(201).json();
		set(session, "[[4]]").expect(200);
		assertThat(keyed("c", COMPACTIONS, HttpMethod.POST, session, summary).expect(201).json()).isEqualTo(compacted);
		keyed("c", COMPACTIONS, HttpMethod.POST, session, summary.replace("far", "long")).problem(422,
				"idempotency-key-reused");
		this.api.save(session, message("another log")).expect(200);
		assertThat(keyed("v", VIEW, HttpMethod.PUT, session, whole).expect(200).json()).isEqualTo(first);
	}

	@Test
	void aSummaryBeginsBehindAllInstructions() {
		String session = Api.newId();
		String instructions = Json
			.array(IntStream.range(0, 505).mapToObj((i) -> message("system", "be " + i)).toList());
		this.api.append(session, instructions).expect(201);
		this.api.append(session, instructions).expect(201);
		this.api.append(session, message("1011")).expect(201);
		this.api.append(session, message("1012")).expect(201);
		assertThat(compact(session, "1011", null, 1011).expect(201).json().path("ranges").toString())
			.isEqualTo("[[1,1010],[1013,1013],[1012,1012],[1014]]");
	}

	@Test
	void aSummaryStandsForWhatItSumsUp() {
		String session = Api.newId();
		this.api.append(session, Json.array(List.of(message("system", "be brief"), message("developer", "be kind"))))
			.expect(201);
		for (int i = 3; i <= 8; i++) {
			this.api.append(session, message(Integer.toString(i))).expect(201);
		}
		JsonNode first = compact(session, "3 to 5", null, 5).expect(201).json();
		assertThat(Json.value(first))
			.isEqualTo(Json.value(json("{'seq':9,'ranges':[[1,2],[9,9],[6,8],[10]],'last_seq':9}")));
		assertThat(history(session)).containsExactly("be brief", "be kind", "3 to 5", "6", "7", "8");
		this.api.append(session, message("10")).expect(201);
		JsonNode second = compact(session, "3 to 7", null, 7).expect(201).json();
		assertThat(second.path("ranges").toString()).isEqualTo("[[1,2],[11,11],[8,8],[10,10],[12]]");
		assertThat(history(session)).containsExactly("be brief", "be kind", "3 to 7", "8", "10");
		compact(session, "all", 11L, 10).expect(201);
		assertThat(history(session)).containsExactly("be brief", "be kind", "all");
		this.api.append(session, message("13")).expect(201);
		assertThat(history(session)).containsExactly("be brief", "be kind", "all", "13");
		assertThat(this.api.log(session)).hasSize(13);
	}

	@Test
	void onlyWhatIsInTheViewIsSummedUp() {
		String session = this.api.sessionOf(5);
		set(session, "[[4,5],[1,2],[6]]").expect(200);
		compact(session, "x", null, 3).wrongAt("/through_seq");
		compact(session, "x", 3L, 2).wrongAt("/from_seq");
		compact(session, "x", 1L, 5).wrongAt("/through_seq");
		compact(session, "x", 2L, 1).wrongAt("/through_seq");
		compact(session, "x", 6L, 6).wrongAt("/from_seq");
		this.api.post(json("{'summary':{'role':'user'},'through_seq':1}"), COMPACTIONS, session)
			.wrongAt("/summary/content");
		this.api.post(json("{'through_seq':1}"), COMPACTIONS, session).wrongAt("/summary");
		this.api.post(json("{'summary':{'role':'user','content':'x'}}"), COMPACTIONS, session).wrongAt("/through_seq");
		compact(Api.newId(), "x", 1L, 1).problem(404, "session-not-found");
		compact(session, "x", 5L, 1).expect(201);
		assertThat(history(session)).containsExactly("4", "x", "2");
	}

	@Test
	void aSummaryIsWrittenIfTheViewIsTheOneThatItIsMeantFor() {
		String session = this.api.sessionOf(4);
		Answer first = compactIf("\"4-0\"", session, "{'summary':{'role':'user','content':'1'},'through_seq':1}")
			.expect(201);
		assertThat(first.etag()).isEqualTo("\"5-1\"").isEqualTo(this.api.get(VIEW, session).etag());
		for (String summary : List.of("{'summary':{'role':'user','content':'x'},'from_seq':2,'through_seq':3}",
				"{'summary':{'role':'user','content':'x'},'through_seq':3}")) {
			for (String other : List.of("\"4-0\"", "\"4-1\"", "\"5-0\"")) {
				JsonNode problem = compactIf(other, session, summary).problem(412, "sequence-conflict");
				assertThat(problem.path("last_seq").intValue()).isEqualTo(5);
				assertThat(problem.path("view_no").intValue()).isEqualTo(1);
			}
		}
		assertThat(history(session)).containsExactly("1", "2", "3", "4");
		String next = "{'summary':{'role':'user','content':'1 and 2'},'through_seq':2}";
		assertThat(compactIf(first.etag(), session, next).expect(201).etag()).isEqualTo("\"6-2\"");
		assertThat(history(session)).containsExactly("1 and 2", "3", "4");
	}

	private Answer compactIf(String etag, String session, String body) {
		return this.api.request(HttpMethod.POST, COMPACTIONS, session).header("If-Match", etag).json(json(body)).send();
	}

	@Test
	void aSummaryWithAKnownIdChangesNothing() {
		String session = Api.newId();
		this.api.append(session, Json.array(List.of(withId("a"), withId("b"), withId("c")))).expect(201);
		for (String content : List.of("b", "so far", "so far")) {
			JsonNode problem = this.api
				.post(json("{'summary':{'id':'b','role':'user','content':'" + content + "'},'through_seq':2}"),
						COMPACTIONS, session)
				.problem(409, "message-exists");
			assertThat(problem.at("/known/0/seq").intValue()).isEqualTo(2);
		}
		assertView(this.api.get(VIEW, session).expect(200).json(), session, "[]", 0, 3, 3);
		String summary = json("{'summary':{'id':'s','role':'user','content':'so far'},'through_seq':2}");
		this.api.post(summary, COMPACTIONS, session).expect(201);
		this.api.post(summary, COMPACTIONS, session).problem(409, "message-exists");
		assertThat(history(session)).containsExactly("so far", "c");
	}

	@Test
	void aSummaryThatWouldMakeTooManyRangesIsRefused() {
		String session = Api.newId();
		for (int n = 0; n < 4; n++) {
			this.api.append(session, Json.array(Collections.nCopies(500, message("x")))).expect(201);
		}
		String ranges = IntStream.range(2, 1000)
			.mapToObj((i) -> "[" + 2 * i + "," + 2 * i + "],")
			.collect(Collectors.joining("", "[[1,2],", "[2001]]"));
		set(session, ranges).expect(200);
		compact(session, "x", 1L, 1).problem(413, "too-large");
		assertThat(this.api.get(VIEW, session).expect(200).etag()).isEqualTo("\"2000-1\"");
		compact(session, "x", 1L, 2).expect(201);
	}

	@Test
	void aViewOfInstructionsOnlyHasNothingToSumUp() {
		String session = Api.newId();
		this.api.append(session, message("system", "be brief")).expect(201);
		compact(session, "x", null, 1).wrongAt("/from_seq");
		compact(session, "x", 1L, 1).expect(201);
		assertThat(history(session)).containsExactly("x");
	}

	@Test
	void aWindowThatMovesLosesNothing() {
		String session = this.api.sessionOf(20);
		for (int step = 1; step <= 100; step++) {
			int first = 2 * step + 1;
			String[] window = IntStream.range(first, first + 20)
				.mapToObj((i) -> message(Integer.toString(i)))
				.toArray(String[]::new);
			JsonNode saved = this.api.save(session, window).expect(200).json();
			assertThat(saved.path("appended").intValue()).isEqualTo(2);
			assertThat(saved.path("replaced").booleanValue()).isFalse();
			assertThat(saved.path("ranges").toString()).isEqualTo("[[" + first + "]]");
		}
		assertThat(history(session)).hasSize(20).startsWith("201").endsWith("220");
		assertThat(this.api.contents(session))
			.isEqualTo(IntStream.rangeClosed(1, 220).mapToObj(Integer::toString).toList());
	}

	@Test
	void aStoredMessageIsReferredToByItsId() {
		String session = Api.newId();
		for (String id : List.of("a", "b", "c")) {
			this.api.append(session, withId(id)).expect(201);
		}
		JsonNode saved = this.api.save(session, withId("c"), message("between"), withId("a")).expect(200).json();
		assertThat(saved.path("appended").intValue()).isEqualTo(1);
		assertThat(history(session)).containsExactly("c", "between", "a");
		this.api.save(session, message("new"), withId("b").replace("\"content\":\"b\"", "\"content\":\"other\""))
			.problem(409, "message-exists");
		assertThat(history(session)).containsExactly("c", "between", "a");
		this.api.save(session, message("c"), withId("c")).expect(200);
		assertThat(history(session)).containsExactly("c", "c");
		assertThat(this.api.log(session)).hasSize(5);
	}

	@Test
	void whatWasTakenBackIsReferredToWhenItIsSavedAgain() {
		String session = Api.newId();
		String[] all = { withId("a"), withId("b"), withId("c") };
		this.api.append(session, Json.array(List.of(all))).expect(201);
		for (String view : List.of("[[1,1],[4]]", "[[4]]", "[[3]]", "[[2,2],[4]]")) {
			set(session, view).expect(200);
			JsonNode saved = this.api.save(session, all).expect(200).json();
			assertThat(saved.path("appended").intValue()).isZero();
			assertThat(saved.path("replaced").booleanValue()).isFalse();
			assertThat(history(session)).containsExactly("a", "b", "c");
		}
		set(session, "[[1,1],[4]]").expect(200);
		this.api.save(session, withId("a"), withId("b").replace("\"content\":\"b\"", "\"content\":\"other\""))
			.problem(409, "message-exists");
		assertThat(this.api.log(session)).hasSize(3);
	}

	@Test
	void aHistoryOfStoredMessagesInTooManyPlacesIsRefused() {
		String session = Api.newId();
		List<String> all = IntStream.rangeClosed(1, 2 * View.MAX_RANGES)
			.mapToObj((i) -> withId(Integer.toString(i)))
			.toList();
		for (int from = 0; from < all.size(); from += 500) {
			this.api.append(session, Json.array(all.subList(from, from + 500))).expect(201);
		}
		set(session, "[[" + (all.size() + 1) + "]]").expect(200);
		this.api.save(session, all.toArray(String[]::new)).expect(200);
		List<String> turned = new ArrayList<>(all);
		Collections.reverse(turned);
		this.api.save(session, turned.toArray(String[]::new)).problem(413, "too-large");
		String[] everySecond = IntStream.range(0, all.size())
			.filter((i) -> i % 2 == 0)
			.mapToObj(all::get)
			.toArray(String[]::new);
		this.api.save(session, everySecond).problem(413, "too-large");
		assertThat(this.api.get(VIEW, session).expect(200).json().path("ranges").toString()).isEqualTo("[]");
	}

	@Test
	void anInstructionThatWasEditedIsNoSummary() {
		String session = Api.newId();
		this.api.save(session, message("system", "A"), message("1"), message("2"), message("3")).expect(200);
		this.api.save(session, message("system", "B"), message("1"), message("2"), message("3")).expect(200);
		compact(session, "1", null, 5).wrongAt("/through_seq");
		assertThat(compact(session, "1 and 2", null, 3).expect(201).json().path("ranges").toString())
			.isEqualTo("[[5,6],[4,4],[7]]");
		assertThat(history(session)).containsExactly("B", "1 and 2", "3");
	}

	@Test
	void aSummaryThatIsAnInstructionIsReplacedByTheNext() {
		String session = this.api.sessionOf(4);
		for (int through = 2; through <= 4; through++) {
			this.api
				.post("{\"summary\":" + message("system", "up to " + through) + ",\"through_seq\":" + through + "}",
						COMPACTIONS, session)
				.expect(201);
			assertThat(history(session)).hasSize(5 - through).startsWith("up to " + through);
		}
		this.api.append(session, message("8")).expect(201);
		this.api.post("{\"summary\":" + message("system", "up to 8") + ",\"through_seq\":8}", COMPACTIONS, session)
			.expect(201);
		assertThat(history(session)).containsExactly("up to 8");
		set(session, "[[1,4],[10]]").expect(200);
		set(session, "[[9,9],[4,4],[10]]").expect(200);
		this.api.post("{\"summary\":" + message("system", "again") + ",\"through_seq\":4}", COMPACTIONS, session)
			.expect(201);
		assertThat(history(session)).containsExactly("again");
	}

	@Test
	void aNewLogIsSeenAsAWhole() {
		String session = this.api.sessionOf(4);
		set(session, "[[3]]").expect(200);
		assertThat(
				this.api.save(session, message("x"), message("y")).expect(200).json().path("replaced").booleanValue())
			.isTrue();
		assertView(this.api.get(VIEW, session).expect(200).json(), session, "[]", 1, 7, 2);
		set(session, "[[4]]").wrongAt("/ranges/0");
		set(session, "[[7]]").expect(200);
		assertThat(history(session)).containsExactly("y");
	}

	@Test
	void theHistoryChangesItsETagWithTheView() {
		String session = this.api.sessionOf(4);
		String before = this.api.get(HISTORY, session).etag();
		set(session, "[[3]]").expect(200);
		assertThat(this.api.get(HISTORY, session).etag()).isNotEqualTo(before);
		assertThat(this.api.stats(session).path("message_count").intValue()).isEqualTo(4);
		assertThat(this.api.stats(session).path("view_message_count").intValue()).isEqualTo(2);
	}

	@Test
	void aDeletedSessionKeepsItsView() {
		String session = this.api.sessionOf(4);
		set(session, "[[3]]").expect(200);
		this.api.softDelete(session);
		set(session, "[]").problem(410, "session-deleted");
		compact(session, "x", 3L, 3).problem(410, "session-deleted");
		this.api.get(VIEW, session).problem(410, "session-deleted");
		this.api.get(VIEW + "?include_deleted=true", session).expect(200);
		this.api.post(SESSION + "/restore", session).send().expect(200);
		assertThat(history(session)).containsExactly("3", "4");
	}

	@Test
	void whatIsSavedIsTheHistoryAndTheLogKeepsEverything() {
		long seed = Long.getLong("seed", System.nanoTime());
		System.out.println("views: seed " + seed);
		Random random = new Random(seed);
		for (int n = 0; n < 15; n++) {
			String session = Api.newId();
			List<String> log = new ArrayList<>();
			List<String> view = new ArrayList<>();
			for (int step = 0; step < 12; step++) {
				String as = "seed " + seed + ", session " + n + ", step " + step;
				if (random.nextInt(3) == 0) {
					String content = text(random);
					this.api.append(session, message(content)).expect(201);
					log.add(content);
					view.add(content);
				}
				else {
					List<String> sent = changed(view, random);
					JsonNode saved = this.api.save(session, sent.stream().map(Json::message).toArray(String[]::new))
						.expect(200)
						.json();
					if (saved.path("replaced").booleanValue()) {
						assertThat(sent).as(as).noneMatch(view::contains);
						log.clear();
						log.addAll(sent);
					}
					else {
						List<String> now = this.api.contents(session);
						assertThat(now.subList(0, log.size())).as(as).isEqualTo(log);
						assertThat(now).as(as).hasSize(log.size() + saved.path("appended").intValue());
						log = new ArrayList<>(now);
					}
					view = sent;
				}
				assertThat(history(session)).as(as).isEqualTo(view);
				assertThat(this.api.contents(session)).as(as).isEqualTo(log);
			}
		}
	}

	/** A history as clients make one of another. */
	private static List<String> changed(List<String> view, Random random) {
		List<String> sent = new ArrayList<>(view);
		if (random.nextInt(3) == 0 && !sent.isEmpty()) {
			sent = new ArrayList<>(sent.subList(random.nextInt(sent.size()), sent.size()));
		}
		if (random.nextInt(3) == 0) {
			sent.add(random.nextInt(sent.size() + 1), text(random));
		}
		if (random.nextInt(4) == 0 && !sent.isEmpty()) {
			sent = new ArrayList<>(sent.subList(0, random.nextInt(sent.size()) + 1));
		}
		if (random.nextInt(4) == 0 && !sent.isEmpty()) {
			sent.set(random.nextInt(sent.size()), text(random));
		}
		sent.add(text(random));
		return sent;
	}

	/** Often one that is there already. */
	private static String text(Random random) {
		return "t" + random.nextInt(6);
	}

	private Answer keyed(String key, String uri, HttpMethod method, String session, String body) {
		return this.api.request(method, uri, session).header("Idempotency-Key", key).json(json(body)).send();
	}

	private Answer set(String session, String ranges) {
		return this.api.request(HttpMethod.PUT, VIEW, session).json("{\"ranges\":" + ranges + "}").send();
	}

	private Answer compact(String session, String summary, Long from, long through) {
		return this.api.post(
				json("{'summary':{'role':'user','content':'" + summary + "'},"
						+ ((from != null) ? "'from_seq':" + from + "," : "") + "'through_seq':" + through + "}"),
				COMPACTIONS, session);
	}

	private List<String> history(String session) {
		return this.api.get(HISTORY, session)
			.expect(200)
			.json()
			.path("messages")
			.valueStream()
			.map((message) -> message.path("content").stringValue(""))
			.toList();
	}

	private static String withId(String id) {
		return json("{'id':'" + id + "','role':'user','content':'" + id + "'}");
	}

	private static void assertView(JsonNode view, String session, String ranges, int no, int lastSeq, int count) {
		assertThat(Json.value(view)).isEqualTo(Json.value(json("{'session_id':'" + session + "','ranges':" + ranges
				+ ",'view_no':" + no + ",'last_seq':" + lastSeq + ",'message_count':" + count + "}")));
	}

}
