package dev.agentsessions.session;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import dev.agentsessions.Api;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which sessions are not where somebody knows them to be: all that were written to, on
 * either engine, and on PostgreSQL no others.
 */
class MovedSessionsTest {

	private final TestStore store = TestStore.on(Engine.POSTGRESQL);

	private final Api api = Api.on(this.store);

	@ParameterizedTest
	@EnumSource(Engine.class)
	void everythingThatHappensToASessionIsAMove(Engine engine) {
		TestStore store = TestStore.on(engine);
		Api api = Api.on(store);
		List<Consumer<String>> changes = List.of((session) -> api.append(session, message("more")).expect(201),
				(session) -> api.makeSwitch(session, json("{'to_agent':'a'}")).expect(201),
				(session) -> api.save(session, message("another")).expect(200), api::softDelete,
				(session) -> api.delete(Api.SESSION + "/agent-context", session).expect(204),
				(session) -> api.delete(Api.SESSION + "?soft=false", session).expect(204));
		for (Consumer<String> change : changes) {
			String session = api.sessionOf(1);
			api.makeSwitch(session, json("{'to_agent':'first'}")).expect(201);
			SessionState known = state(store, session);
			change.accept(session);
			assertThat(moved(store, List.of(known))).containsExactly(known.key());
		}
	}

	@Test
	void aSessionThatWasDeletedAndMadeAgainHasMoved() {
		String session = this.api.sessionOf(1);
		SessionState known = state(this.store, session);
		this.api.delete(Api.SESSION + "?soft=false", session).expect(204);
		this.api.append(session, message("again")).expect(201);
		assertThat(moved(this.store, List.of(known))).containsExactly(known.key());
	}

	@Test
	void ofManyThoseAreFoundThatHaveMoved() {
		List<String> sessions = IntStream.range(0, 40).mapToObj((i) -> this.api.sessionOf(1)).toList();
		this.api.softDelete(sessions.get(3));
		List<SessionState> known = new ArrayList<>(
				sessions.stream().map((session) -> state(this.store, session)).toList());
		assertThat(moved(this.store, known)).isEmpty();
		this.api.append(sessions.get(7), message("more")).expect(201);
		this.api.append(sessions.get(31), message("more")).expect(201);
		known.add(SessionState.none(new SessionKey("default", Api.newId())));
		assertThat(moved(this.store, known)).containsExactlyInAnyOrder(known.get(7).key(), known.get(31).key(),
				known.get(40).key());
	}

	private static SessionState state(TestStore store, String session) {
		return Objects.requireNonNull(store.bean(SessionReads.class).state(new SessionKey("default", session)).block());
	}

	private static List<SessionKey> moved(TestStore store, List<SessionState> known) {
		return Objects.requireNonNull(store.bean(SessionReads.class).moved(known).collectList().block());
	}

}
