package dev.agentsessions.message;

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
import static dev.agentsessions.Fields.contents;
import static dev.agentsessions.Fields.seqs;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Appends under a condition, and at the same time.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class RivalAppendsContractTest extends AppendFixture {

	RivalAppendsContractTest(Engine engine) {
		super(engine);
	}

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

	private Request ifMatch(String session, String tag) {
		return this.api.post(MESSAGES, session).header("If-Match", tag);
	}

	/** The nth request of a writer: one to three messages that say so. */
	private static List<String> batch(int writer, int n) {
		return IntStream.rangeClosed(0, n % 3).mapToObj((i) -> message(writer + "/" + n + "/" + i)).toList();
	}

}
