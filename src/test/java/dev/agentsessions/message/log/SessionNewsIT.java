package dev.agentsessions.message.log;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.LogRange;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionReads;
import dev.agentsessions.session.SessionState;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a replica finds of a session that another one has written to: always its state,
 * and with it the few small messages that are new.
 */
class SessionNewsIT {

	private static TestStore reader;

	private final Api api = Api.on(Engine.POSTGRESQL);

	@BeforeAll
	static void start() {
		reader = TestStore.start(TestStore.on(Engine.POSTGRESQL).databaseUrl(), "management.server.port=0");
	}

	@AfterAll
	static void stop() {
		reader.close();
	}

	@ParameterizedTest
	@EnumSource(Engine.class)
	void theStateIsTheOneThatIsStored(Engine engine) {
		TestStore store = (engine == Engine.POSTGRESQL) ? reader : TestStore.on(engine);
		Api api = Api.on(engine);
		Consumer<String> remove = (session) -> api.delete(Api.SESSION + "?soft=false", session).expect(204);
		List<Consumer<String>> changes = List.of((session) -> {
		}, (session) -> api.append(session, message("more")).expect(201),
				(session) -> api.makeSwitch(session, json("{'to_agent':'a'}")).expect(201),
				(session) -> api.save(session, message("another"), message("and one")).expect(200), api::softDelete,
				remove, remove.andThen((session) -> api.append(session, message("again")).expect(201)),
				remove.andThen((session) -> api.append(session, Json.array(messages(7))).expect(201)));
		for (Consumer<String> change : changes) {
			String session = api.sessionOf(3);
			SessionState known = state(store, session);
			assertThat(known.lastSeq()).isEqualTo(3);
			change.accept(session);
			assertThat(since(store, known)).isEqualTo(state(store, session));
		}
	}

	@Test
	void ofManySessionsEachHasItsOwn() {
		List<SessionState> known = Api.together(40, (i) -> state(reader, this.api.sessionOf(i + 1)));
		SessionState missing = SessionState.none(new SessionKey("default", Api.newId()));
		Api.together(40, (i) -> this.api.append(known.get(i).key().sessionId(), message("new " + i)).expect(201));
		List<SessionState> found = Api.together(41, (i) -> since(reader, (i < 40) ? known.get(i) : missing));
		for (int i = 0; i < 40; i++) {
			assertThat(found.get(i)).isEqualTo(known.get(i).appendedUpTo(i + 2));
			assertThat(contents(atHand(found.get(i), i + 2, i + 2))).containsExactly("new " + i);
		}
		assertThat(found.get(40)).isEqualTo(missing);
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 2, 31, 32 })
	void fewNewMessagesComeWithTheState(int count) {
		String session = this.api.sessionOf(3);
		SessionState known = state(reader, session);
		this.api.append(session, Json.array(messages(count))).expect(201);
		SessionState now = since(reader, known);
		assertThat(atHand(now, 3, 3)).as("nobody asked for what is old").isNull();
		assertThat(now.lastSeq()).isEqualTo(3 + count);
		assertThat(parsed(atHand(now, 4, now.lastSeq()))).hasSize(count)
			.isEqualTo(this.api.log(session).subList(3, 3 + count));
	}

	@Test
	void manyNewMessagesDoNot() {
		String session = this.api.sessionOf(3);
		SessionState known = state(reader, session);
		this.api.append(session, Json.array(messages(33))).expect(201);
		SessionState now = since(reader, known);
		assertThat(now.lastSeq()).isEqualTo(36);
		assertThat(atHand(now, 4, 4)).isNull();
	}

	@Test
	void norDoesALargeOneNorWhatIsBehindIt() {
		String session = this.api.sessionOf(3);
		SessionState known = state(reader, session);
		this.api.append(session, Json.array(List.of(message("small"), message("x".repeat(10_000)), message("small"))))
			.expect(201);
		SessionState now = since(reader, known);
		assertThat(now.lastSeq()).isEqualTo(6);
		assertThat(atHand(now, 4, 4)).hasSize(1);
		assertThat(atHand(now, 5, 5)).isNull();
		assertThat(atHand(now, 6, 6)).isNull();
	}

	@Test
	void aLogThatWasReplacedComesFromWhereItBeginsNow() {
		String session = this.api.sessionOf(3);
		SessionState known = state(reader, session);
		this.api.save(session, message("another"), message("and one")).expect(200);
		SessionState now = since(reader, known);
		assertThat(now.firstSeq()).isGreaterThan(3);
		assertThat(contents(atHand(now, now.firstSeq(), now.lastSeq()))).containsExactly("another", "and one");
	}

	private static List<String> messages(int count) {
		return IntStream.range(0, count).mapToObj((n) -> message("new " + n)).toList();
	}

	private static SessionState state(TestStore store, String session) {
		return Objects.requireNonNull(store.bean(SessionReads.class).state(new SessionKey("default", session)).block());
	}

	private static SessionState since(TestStore store, SessionState known) {
		return Objects.requireNonNull(store.bean(SessionNews.class).since(known).block());
	}

	private static @Nullable List<EncodedMessage> atHand(SessionState state, long from, long to) {
		List<@Nullable EncodedMessage> found = reader.bean(LogCache.class).get(new LogRange(state.id(), from, to));
		return found.contains(null) ? null : found;
	}

	private static List<JsonNode> parsed(@Nullable List<EncodedMessage> messages) {
		return Objects.requireNonNull(messages, "they are not in the cache")
			.stream()
			.map((message) -> Json.parse(new String(message.json(), StandardCharsets.UTF_8)))
			.toList();
	}

	private static List<String> contents(@Nullable List<EncodedMessage> messages) {
		return parsed(messages).stream().map((message) -> message.path("content").stringValue()).toList();
	}

}
