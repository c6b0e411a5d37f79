package dev.agentsessions.message;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

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

import org.springframework.http.HttpMethod;

import static dev.agentsessions.Api.HISTORY;
import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * A whole history, out in the shape a model API takes and in again: what is new is
 * appended, what differs replaces, and nothing is lost or doubled.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class HistoryContractTest {

	private final Api api;

	HistoryContractTest(Engine engine) {
		this.api = Api.on(engine);
	}

	@Test
	void givesAHistoryInTheShapeAModelTakes() {
		String session = Api.newId();
		this.api
			.append(session,
					json("[{'role':'system','content':'be brief','token_count':2,'metadata':{'a':1}},"
							+ "{'role':'assistant','name':'planner','tool_calls':[{'id':'c','n':1.50}]},"
							+ "{'role':'tool','content':'done','tool_call_id':'c'}]"))
			.expect(201);
		JsonNode loaded = this.api.session(session);
		Answer answer = this.api.get(HISTORY, session).expect(200);
		assertThat(Json.value(answer.json())).isEqualTo(Json
			.value(json("{'session_id':'" + session + "','messages':[" + "{'role':'system','content':'be brief'},"
					+ "{'role':'assistant','content':null,'name':'planner','tool_calls':[{'id':'c','n':1.5}]},"
					+ "{'role':'tool','content':'done','tool_call_id':'c'}],'last_activity':'"
					+ loaded.path("last_activity").stringValue() + "','created_at':'"
					+ loaded.path("created_at").stringValue() + "'}")));
		assertThat(answer.text()).contains("\"content\":null");
	}

	@Test
	void aHistoryOfMoreMessagesThanMayBeIsRefused() {
		String most = "{\"messages\":[" + String.join(",", Collections.nCopies(20_000, message("x")));
		String session = Api.newId();
		this.api.put(most + "," + message("one too many") + "]}", session).problem(413, "too-large");
		this.api.get(HISTORY, session).problem(404, "session-not-found");
	}

	@Test
	void givesAnEmptyHistory() {
		String session = this.api.newSession();
		assertThat(this.api.get(HISTORY, session).expect(200).json().path("messages")).isEmpty();
	}

	@Test
	void givesALongHistoryWhole() {
		String session = this.api.sessionOf(3000);
		assertThat(history(session)).isEqualTo(numbers(1, 3000));
	}

	@Test
	void aHistoryComesBackAsItWasSaved() {
		String session = Api.newId();
		String messages = json("[{'role':'user','content':'é😀'},{'role':'assistant','tool_calls':[{'a':[1,null]}]},"
				+ "{'role':'tool','content':'x','name':'n','tool_call_id':'t'}]");
		this.api.put("{\"messages\":" + messages + "}", session).expect(200);
		String given = this.api.get(HISTORY, session).expect(200).json().path("messages").toString();
		assertThat(given).contains("\"content\":null");
		assertSaved(this.api.put("{\"messages\":" + given + "}", session), 3, 0, false);
	}

	@Test
	void headIsWhatGetIs() {
		String session = this.api.sessionOf(3);
		Answer get = this.api.get(HISTORY, session).expect(200);
		Answer head = this.api.head(HISTORY, session).expect(200);
		assertThat(head.etag()).isEqualTo(get.etag());
		assertThat(head.headers().getContentType()).isEqualTo(get.headers().getContentType());
	}

	@Test
	void theETagTellsWhetherTheHistoryChanged() {
		String session = Api.newId();
		List<String> etags = new ArrayList<>();
		List<Runnable> changes = List.of(() -> this.api.append(session, message("a")).expect(201),
				() -> this.api.append(session, message("b")).expect(201),
				() -> this.api.save(session, message("a"), message("b"), message("c")).expect(200),
				() -> this.api.save(session, message("x"), message("b"), message("c")).expect(200),
				() -> this.api.save(session).expect(200),
				() -> this.api.put(json("{'messages':[],'last_activity':'2026-01-31T00:00:00.000001Z'}"), session),
				() -> this.api.put(json("{'messages':[],'last_activity':'2026-01-31T00:00:00.000002Z'}"), session));
		for (Runnable change : changes) {
			change.run();
			Answer answer = this.api.get(HISTORY, session).expect(200);
			etags.add(answer.etag());
			assertThat(notModified(session, answer.etag()).status()).isEqualTo(304);
			assertThat(notModified(session, answer.etag()).etag()).isEqualTo(answer.etag());
			etags.subList(0, etags.size() - 1).forEach((old) -> notModified(session, old).expect(200));
		}
		assertThat(etags).doesNotHaveDuplicates();
	}

	@Test
	void aStarStandsForWhateverTheHistoryIs() {
		String session = this.api.newSession();
		assertThat(notModified(session, "*").expect(304).etag()).isEqualTo(this.api.get(HISTORY, session).etag());
		notModified(Api.newId(), "*").problem(404, "session-not-found");
	}

	@Test
	void aSessionThatWasMadeAnewHasAnotherETag() {
		String session = this.api.sessionOf(1);
		String etag = this.api.get(HISTORY, session).etag();
		this.api.delete(SESSION + "?soft=false", session).expect(204);
		this.api.append(session, message("1")).expect(201);
		notModified(session, etag).expect(200);
	}

	@Test
	void savingANewHistoryCreatesTheSession() {
		String session = Api.newId();
		Answer saved = this.api.save(session, message("a"), message("b"));
		assertSaved(saved, 2, 2, false);
		assertThat(saved.json().path("session_id").stringValue()).isEqualTo(session);
		assertThat(history(session)).containsExactly("a", "b");
		assertThat(this.api.session(session).path("is_active").booleanValue()).isTrue();
	}

	@Test
	void savingAnEmptyHistoryCreatesTheSessionToo() {
		String session = Api.newId();
		assertSaved(this.api.save(session), 0, 0, false);
		assertThat(this.api.session(session).path("last_seq").longValue(-1)).isZero();
		assertSaved(this.api.save(session), 0, 0, false);
		assertSaved(this.api.save(session, message("a")), 1, 1, false);
	}

	@Test
	void aLongerHistoryAppendsOnlyTheRest() {
		String session = this.api.sessionOf(2);
		List<JsonNode> before = this.api.log(session);
		assertSaved(this.api.save(session, message("1"), message("2"), message("3"), message("4")), 4, 2, false);
		List<JsonNode> after = this.api.log(session);
		assertThat(after.subList(0, 2)).isEqualTo(before);
		assertThat(contents(after)).containsExactly("1", "2", "3", "4");
		assertThat(seqs(after)).containsExactly(1L, 2L, 3L, 4L);
	}

	@Test
	void theSameHistoryAppendsNothingAndIsActivity() {
		String session = this.api.sessionOf(3);
		List<JsonNode> log = this.api.log(session);
		JsonNode before = this.api.session(session);
		assertSaved(this.api.save(session, message("1"), message("2"), message("3")), 3, 0, false);
		assertThat(this.api.log(session)).isEqualTo(log);
		JsonNode after = this.api.session(session);
		assertThat(after.path("last_seq")).isEqualTo(before.path("last_seq"));
		assertThat(time(after, "last_activity")).isAfter(time(before, "last_activity"));
		assertThat(this.api.stats(session).path("last_message_at")).isEqualTo(log.get(2).path("timestamp"));
	}

	@Test
	void aDifferentHistoryReplacesAndNumbersGoOn() {
		String session = this.api.sessionOf(3);
		assertSaved(this.api.save(session, message("another"), message("other")), 6, 2, true);
		List<JsonNode> log = this.api.log(session);
		assertThat(contents(log)).containsExactly("another", "other");
		assertThat(seqs(log)).containsExactly(5L, 6L);
		assertThat(this.api.session(session).path("last_seq").longValue()).isEqualTo(6);
		assertThat(this.api.append(session, message("next")).expect(201).json().path("first_seq").longValue())
			.isEqualTo(7);
		for (int seq = 1; seq <= 4; seq++) {
			this.api.get(MESSAGES + "/" + seq, session).problem(404, "message-not-found");
		}
	}

	@Test
	void aShorterHistoryIsAViewOfWhatIsThere() {
		String session = this.api.sessionOf(3);
		assertSaved(this.api.save(session, message("1"), message("2")), 3, 0, false);
		assertThat(history(session)).containsExactly("1", "2");
		assertThat(this.api.contents(session)).containsExactly("1", "2", "3");
	}

	@Test
	void anEmptyHistoryReplacesAndTakesOneNumber() {
		String session = this.api.sessionOf(3);
		assertSaved(this.api.save(session), 4, 0, true);
		assertThat(this.api.log(session)).isEmpty();
		assertThat(this.api.session(session).path("last_seq").longValue()).isEqualTo(4);
		assertSaved(this.api.save(session), 4, 0, false);
		assertSaved(this.api.save(session, message("a")), 5, 1, false);
		assertThat(seqs(this.api.log(session))).containsExactly(5L);
	}

	@Test
	void aHistoryCanBeReplacedAgainAndAgain() {
		String session = this.api.sessionOf(2);
		long last = 2;
		for (int i = 0; i < 5; i++) {
			assertSaved(this.api.save(session, message("a" + i), message("b" + i), message("c" + i)), last + 4, 3,
					true);
			assertSaved(this.api.save(session, message("a" + i), message("b" + i), message("c" + i), message("d")),
					last + 5, 1, false);
			last += 5;
			assertThat(seqs(this.api.log(session))).containsExactly(last - 3, last - 2, last - 1, last);
		}
	}

	@Test
	void aHistoryMayBeLongerThanAnAppend() {
		String session = Api.newId();
		String[] messages = numbers(1, 2500).stream().map(Json::message).toArray(String[]::new);
		assertSaved(this.api.save(session, messages), 2500, 2500, false);
		assertSaved(this.api.save(session, messages), 2500, 0, false);
		messages[2400] = message("changed");
		assertSaved(this.api.save(session, messages), 2501, 1, false);
		assertThat(history(session)).hasSize(2500).startsWith("1", "2").endsWith("2499", "2500");
		assertThat(history(session).get(2400)).isEqualTo("changed");
		assertThat(seqs(this.api.log(session))).isEqualTo(LongStream.rangeClosed(1, 2501).boxed().toList());
	}

	// when messages are the same

	@Test
	void jsonIsMatchedByValue() {
		String session = Api.newId();
		this.api
			.append(session,
					json("{'role':'assistant','tool_calls':[{'a':1000,'b':{'c':1.0,'d':null}},0,-0.0],"
							+ "'metadata':{'x':1e2,'y':[1]}}"))
			.expect(201);
		assertSaved(this.api.save(session, json("{ 'tool_calls' : [ {'b':{'d':null,'c':1},'a':1e3}, 0.0, 0e5 ],"
				+ "'role':'assistant','metadata':{'y':[1.00],'x':100}}")), 1, 0, false);
	}

	@Test
	void numbersOfEverySizeAreMatchedByValue() {
		String session = Api.newId();
		String large = json("{'role':'assistant','tool_calls':[1e308,-1e308,1e-308,1e50,"
				+ "1234567890123456789012345678901234567890],'metadata':{'n':1.5e-300}}");
		assertSaved(this.api.save(session, large), 1, 1, false);
		assertSaved(this.api.save(session, large), 1, 0, false);
		assertSaved(this.api.save(session, large.replace("1e50", "10e49")), 1, 0, false);
		assertSaved(this.api.save(session, large.replace("1e50", "1e51")), 3, 1, true);
	}

	@ParameterizedTest
	@ValueSource(strings = { "{'role':'user','content':'x','name':'n','tool_call_id':'t','tool_calls':[1]}",
			"{'role':'tool','content':'X','name':'n','tool_call_id':'t','tool_calls':[1]}",
			"{'role':'tool','content':'x ','name':'n','tool_call_id':'t','tool_calls':[1]}",
			"{'role':'tool','name':'n','tool_call_id':'t','tool_calls':[1]}",
			"{'role':'tool','content':'x','name':'m','tool_call_id':'t','tool_calls':[1]}",
			"{'role':'tool','content':'x','tool_call_id':'t','tool_calls':[1]}",
			"{'role':'tool','content':'x','name':'n','tool_call_id':'u','tool_calls':[1]}",
			"{'role':'tool','content':'x','name':'n','tool_calls':[1]}",
			"{'role':'tool','content':'x','name':'n','tool_call_id':'t','tool_calls':[2]}",
			"{'role':'tool','content':'x','name':'n','tool_call_id':'t','tool_calls':[1,1]}",
			"{'role':'tool','content':'x','name':'n','tool_call_id':'t','tool_calls':['1']}",
			"{'role':'tool','content':'x','name':'n','tool_call_id':'t','tool_calls':[]}",
			"{'role':'tool','content':'x','name':'n','tool_call_id':'t'}" })
	void whatDiffersInAnyFieldIsReplaced(String other) {
		String session = Api.newId();
		String stored = json("{'role':'tool','content':'x','name':'n','tool_call_id':'t','tool_calls':[1]}");
		this.api.append(session, stored).expect(201);
		assertSaved(this.api.save(session, stored), 1, 0, false);
		assertSaved(this.api.save(session, json(other)), 3, 1, true);
		assertSaved(this.api.save(session, json(other)), 3, 0, false);
	}

	@Test
	void tokensAndMetadataAreComparedWhereTheyAreSent() {
		String session = Api.newId();
		this.api.append(session, json("{'role':'user','content':'x','token_count':3,'metadata':{'a':1}}")).expect(201);
		for (String same : List.of("{'role':'user','content':'x'}", "{'role':'user','content':'x','token_count':3}",
				"{'role':'user','content':'x','metadata':{'a':1.0}}",
				"{'role':'user','content':'x','token_count':null,'metadata':null}")) {
			assertSaved(this.api.save(session, json(same)), 1, 0, false);
		}
		assertThat(this.api.log(session).get(0).path("token_count").longValue()).isEqualTo(3);
		assertSaved(this.api.save(session, json("{'role':'user','content':'x','token_count':4}")), 3, 1, true);
		assertThat(this.api.log(session).get(0).has("metadata")).isFalse();
		assertSaved(this.api.save(session, json("{'role':'user','content':'x','metadata':{}}")), 5, 1, true);
		assertThat(this.api.stats(session).path("total_tokens").longValue()).isZero();
		assertSaved(this.api.save(session, json("{'role':'user','content':'x','token_count':0}")), 7, 1, true);
	}

	// activity

	@Test
	void recordsTheLastActivityThatIsGiven() {
		String session = Api.newId();
		for (String given : List.of("2026-01-31T09:26:53.589793Z", "2026-01-31T10:26:53.589793+01:00",
				"2026-01-31T09:26:53.589793")) {
			this.api.put(json("{'messages':[{'role':'user','content':'x'}],'last_activity':'" + given + "'}"), session)
				.expect(200);
			assertThat(time(this.api.session(session), "last_activity"))
				.isEqualTo(Instant.parse("2026-01-31T09:26:53.589793Z"));
			this.api.put(json("{'messages':[],'last_activity':null}"), session).expect(200);
			assertThat(time(this.api.session(session), "last_activity")).isAfter(Instant.parse("2026-02-01T00:00:00Z"));
		}
	}

	@Test
	void aLastActivityThatIsNoTimeIsRefused() {
		String session = this.api.sessionOf(1);
		for (String wrong : List.of("'yesterday'", "''", "1769850000", "'2026-02-30T00:00:00Z'", "'2026-01-31'",
				"'10000-01-01T00:00:00Z'")) {
			this.api.put(json("{'messages':[],'last_activity':" + wrong + "}"), session).wrongAt("/last_activity");
		}
		assertThat(history(session)).containsExactly("1");
	}

	// what can't be saved

	@Test
	void savesAllOrNothing() {
		String session = this.api.sessionOf(2);
		this.api.save(session, message("new"), message("robot", "x"), message("y")).wrongAt("/messages/1/role");
		this.api.put("{}", session).wrongAt("/messages");
		this.api.put(json("{'messages':null}"), session).wrongAt("/messages");
		this.api.put(json("{'messages':{}}"), session).wrongAt("/messages");
		this.api.put(json("{'messages':[],'session_id':'x'}"), session).wrongAt("/session_id");
		this.api.put("[]", session).wrongAt("");
		assertThat(history(session)).containsExactly("1", "2");
		assertThat(this.api.session(session).path("last_seq").longValue()).isEqualTo(2);
	}

	@Test
	void aDeletedSessionKeepsWhatItHas() {
		String session = this.api.sessionOf(2);
		this.api.softDelete(session);
		this.api.save(session, message("new")).problem(410, "session-deleted");
		this.api.save(session, message("1"), message("2")).problem(410, "session-deleted");
		this.api.get(HISTORY, session).problem(410, "session-deleted");
		Answer deleted = this.api.get(HISTORY + "?include_deleted=true", session).expect(200);
		assertThat(contents(deleted.json().path("messages").valueStream().toList())).containsExactly("1", "2");
	}

	@Test
	void aHistoryThatDoesNotExistIsNotFound() {
		this.api.get(HISTORY, Api.newId()).problem(404, "session-not-found");
	}

	// at the same time

	@Test
	void concurrentSavesOfOneGrowingHistoryNeverLoseOrDoubleAMessage() {
		String session = Api.newId();
		for (int round = 1; round <= 8; round++) {
			String[] grown = numbers(1, round * 5).stream().map(Json::message).toArray(String[]::new);
			List<JsonNode> saved = Api.together(10, (i) -> this.api.save(session, grown).expect(200).json());
			assertThat(saved).noneMatch((each) -> each.path("replaced").booleanValue());
			assertThat(saved).allMatch((each) -> each.path("last_seq").longValue() == grown.length);
			assertThat(saved.stream().mapToInt((each) -> each.path("appended").intValue()).sum()).isEqualTo(5);
			List<JsonNode> log = this.api.log(session);
			assertThat(contents(log)).isEqualTo(numbers(1, grown.length));
			assertThat(seqs(log)).isEqualTo(LongStream.rangeClosed(1, grown.length).boxed().toList());
		}
	}

	@Test
	void ofConcurrentSavesOfDifferentHistoriesOneStandsWhole() {
		String session = Api.newId();
		List<Answer> saved = Api.together(10, (i) -> this.api.save(session, versions(i)).expect(200));
		Answer last = Collections.max(saved, (a, b) -> Long.compare(lastSeq(a), lastSeq(b)));
		List<String> log = this.api.contents(session);
		assertThat(log.stream().map(Json::message).toArray(String[]::new)).isEqualTo(versions(saved.indexOf(last)));
		assertThat(saved).extracting(HistoryContractTest::lastSeq).doesNotHaveDuplicates();
		assertThat(seqs(this.api.log(session)))
			.isEqualTo(LongStream.rangeClosed(lastSeq(last) - log.size() + 1, lastSeq(last)).boxed().toList());
		assertThat(this.api.stats(session).path("message_count").longValue()).isEqualTo(log.size());
	}

	@Test
	void anAppendBesideASaveIsEitherKeptOrReplacedAsAWhole() {
		String session = this.api.sessionOf(2);
		String[] grown = { message("1"), message("2"), message("3") };
		List<Answer> answers = Api.together(8, (i) -> (i % 2 == 0) ? this.api.save(session, grown).expect(200)
				: this.api.append(session, "[" + message("a" + i) + "," + message("b" + i) + "]").expect(201));
		List<String> log = this.api.contents(session);
		boolean replaced = answers.stream().anyMatch((answer) -> answer.json().path("replaced").booleanValue(false));
		assertThat(log).startsWith("1", "2");
		assertThat(replaced ? log.subList(0, 3) : numbers(1, 3)).isEqualTo(numbers(1, 3));
		for (int i = 1; i < 8; i += 2) {
			assertThat(log.contains("b" + i)).isEqualTo(log.contains("a" + i));
			assertThat(log.indexOf("b" + i) - log.indexOf("a" + i)).isIn(0, 1);
		}
		assertThat(log).doesNotHaveDuplicates();
		assertThat(this.api.stats(session).path("message_count").longValue()).isEqualTo(log.size());
	}

	@Test
	void whoReadsWhileAHistoryIsReplacedSeesOneOfThemWhole() {
		String session = Api.newId();
		List<String> odd = IntStream.range(0, 20).mapToObj((i) -> "odd " + i).toList();
		List<String> even = IntStream.range(0, 20).mapToObj((i) -> "even " + i).toList();
		this.api.save(session, messages(odd)).expect(200);
		AtomicBoolean done = new AtomicBoolean();
		Api.together(4, (i) -> {
			if (i == 0) {
				try {
					for (int n = 0; n < 60; n++) {
						this.api.save(session, messages((n % 2 == 0) ? even : odd)).expect(200);
					}
				}
				finally {
					done.set(true);
				}
				return true;
			}
			while (!done.get()) {
				List<String> seen = switch (i) {
					case 1 -> contents(this.api.page(session, "after=0").expect(200).data());
					case 2 -> this.api.contents(session);
					default -> history(session);
				};
				assertThat(Set.of(odd, even)).contains(seen);
			}
			return true;
		});
	}

	private Answer notModified(String session, String etag) {
		return this.api.request(HttpMethod.GET, HISTORY, session).header("If-None-Match", etag).send();
	}

	private List<String> history(String session) {
		JsonNode history = this.api.get(HISTORY, session).expect(200).json();
		return contents(history.path("messages").valueStream().toList());
	}

	/** The history that number i of many sends. */
	private static String[] versions(int i) {
		return messages(IntStream.rangeClosed(0, i % 4).mapToObj((n) -> i + "/" + n).toList());
	}

	private static String[] messages(List<String> contents) {
		return contents.stream().map(Json::message).toArray(String[]::new);
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

	private static long lastSeq(Answer saved) {
		return saved.json().path("last_seq").longValue();
	}

	private static Instant time(JsonNode node, String field) {
		return Instant.parse(node.path(field).stringValue());
	}

	private static void assertSaved(Answer answer, long lastSeq, long appended, boolean replaced) {
		JsonNode saved = answer.expect(200).json();
		assertThat(List.of(saved.path("last_seq").longValue(), saved.path("appended").longValue(),
				saved.path("replaced").booleanValue()))
			.containsExactly(lastSeq, appended, replaced);
	}

}
