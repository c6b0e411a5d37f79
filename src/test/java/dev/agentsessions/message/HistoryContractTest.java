package dev.agentsessions.message;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import dev.agentsessions.retention.Tables;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

import org.springframework.http.HttpMethod;

import static dev.agentsessions.Api.HISTORY;
import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Fields.contents;
import static dev.agentsessions.Fields.numbers;
import static dev.agentsessions.Fields.seqs;
import static dev.agentsessions.Fields.time;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The history of a session: read, saved, replaced.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class HistoryContractTest extends HistoryFixture {

	private final Tables tables;

	HistoryContractTest(Engine engine) {
		super(engine);
		this.tables = Tables.of(TestStore.on(engine));
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
	void whatIsCertainlyTooMuchIsRefusedBeforeTheLogIsRead() {
		String session = this.api.newSession();
		lastSeq(session, 5);
		String most = String.join(",", Collections.nCopies(20_005, message("x")));
		// these messages are not there, so to read them would be answered 503
		this.api.put("{\"messages\":[" + most + "," + message("one too many") + "]}", session)
			.problem(413, "too-large");
	}

	@Test
	void aVeryLongLogIsNotReplaced() {
		String session = this.api.newSession();
		lastSeq(session, 300_001);
		this.api.save(session).problem(413, "too-large");
		lastSeq(session, 300_000);
		assertSaved(this.api.save(session), 300_001, 0, true);
	}

	/** Has the session's row say so, without such a log. */
	private void lastSeq(String session, long seq) {
		this.tables.insert(session, "update sessions set last_seq = " + seq + " where session_id = '" + session + "'");
	}

	@Test
	void aHistoryMayHaveMoreMessagesIfTheyAreStored() {
		String session = Api.newId();
		List<String> stored = LongStream.rangeClosed(1, 20_001)
			.mapToObj((id) -> json("{'id':'" + id + "','role':'user','content':'x'}"))
			.toList();
		this.api.post(MESSAGES, session).ndjson(String.join("\n", stored)).send().expect(201);
		this.api.request(HttpMethod.PUT, SESSION + "/view", session).json("{\"ranges\":[[20002]]}").send().expect(200);
		assertThat(this.api.get(HISTORY, session).expect(200).json().path("messages")).isEmpty();
		assertSaved(this.api.put("{\"messages\":[" + String.join(",", stored) + "]}", session), 20_001, 0, false);
		assertThat(this.api.get(HISTORY, session).expect(200).json().path("messages")).hasSize(20_001);
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

	private Answer notModified(String session, String etag) {
		return this.api.request(HttpMethod.GET, HISTORY, session).header("If-None-Match", etag).send();
	}

}
