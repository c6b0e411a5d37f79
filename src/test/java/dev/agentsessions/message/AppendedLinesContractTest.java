package dev.agentsessions.message;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

import dev.agentsessions.Api;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import tools.jackson.databind.JsonNode;

import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.BodyInserters;
import org.springframework.web.reactive.function.client.WebClient;

import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Fields.contents;
import static dev.agentsessions.Fields.numbers;
import static dev.agentsessions.Fields.seqs;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Messages that are appended line by line.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class AppendedLinesContractTest extends AppendFixture {

	private final TestStore store;

	AppendedLinesContractTest(Engine engine) {
		super(engine);
		this.store = TestStore.on(engine);
	}

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
		assertThat(problem.path("detail").stringValue()).startsWith("After 700 messages were committed: Line 702: ");
		assertThat(this.api.contents(session)).isEqualTo(numbers(1, 700));
	}

	@Test
	void aLineWhoseIdIsKnownStopsItAndSaysWhatIsCommitted() {
		String session = Api.newId();
		this.api.append(session, message("known").replace("{", "{\"id\":\"k\",")).expect(201);
		List<String> lines = new ArrayList<>(numbered(1, 1500));
		lines.add(700, message("other").replace("{", "{\"id\":\"k\","));
		JsonNode problem = this.api.post(MESSAGES, session)
			.ndjson(String.join("\n", lines))
			.send()
			.problem(409, "message-exists");
		assertThat(problem.path("line").longValue()).isEqualTo(701);
		assertThat(problem.path("committed").longValue()).isEqualTo(700);
		assertThat(problem.path("known").toString()).isEqualTo(json("[{'id':'k','seq':1}]"));
		assertThat(this.api.contents(session)).hasSize(701).endsWith("700");
	}

	@Test
	void aLineWithTheIdOfOneBeforeItIsKnownByThen() {
		String session = Api.newId();
		String line = message("1").replace("{", "{\"id\":\"q\",");
		JsonNode problem = this.api.post(MESSAGES, session)
			.ndjson(message("0") + "\n" + line + "\n" + message("2") + "\n" + line + "\n" + message("never"))
			.send()
			.problem(409, "message-exists");
		assertThat(problem.path("line").longValue()).isEqualTo(4);
		assertThat(problem.path("committed").longValue()).isEqualTo(3);
		assertThat(problem.path("known").toString()).isEqualTo(json("[{'id':'q','seq':2}]"));
		assertThat(this.api.contents(session)).containsExactly("0", "1", "2");
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
	void aSessionThatIsRemovedMeanwhileIsNotMadeAnew() {
		String session = Api.newId();
		Sinks.Many<String> lines = Sinks.many().unicast().onBackpressureBuffer();
		lines.tryEmitNext(String.join("\n", numbered(1, 500)) + "\n");
		Mono<String> answer = WebClient.create(this.store.uri().toString())
			.post()
			.uri(MESSAGES, session)
			.contentType(MediaType.APPLICATION_NDJSON)
			.body(BodyInserters.fromDataBuffers(
					lines.asFlux().map((text) -> DefaultDataBufferFactory.sharedInstance.wrap(text.getBytes(UTF_8)))))
			.exchangeToMono((response) -> response.bodyToMono(String.class))
			.cache();
		answer.subscribe();
		Awaitility.await().until(() -> this.api.get(SESSION, session).status() == 200);
		this.api.delete(SESSION + "?soft=false", session).expect(204);
		lines.tryEmitNext(String.join("\n", numbered(501, 501)));
		lines.tryEmitComplete();
		assertThat(answer.block(Duration.ofSeconds(30))).contains("session-not-found", "\"committed\":500");
		this.api.get(SESSION, session).problem(404, "session-not-found");
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

}
