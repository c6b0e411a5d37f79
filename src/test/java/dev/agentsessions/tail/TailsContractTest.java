package dev.agentsessions.tail;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.agentsessions.Api;
import dev.agentsessions.database.Engine;
import dev.agentsessions.tail.Follower.Event;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.http.HttpMethod;
import org.springframework.web.util.UriUtils;

import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tails of several sessions, and what is no tail.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class TailsContractTest extends TailFixture {

	TailsContractTest(Engine engine) {
		super(engine);
	}

	@Test
	void answersHeadWithoutAStreamAndRefusesWhatIsNotOne() {
		String session = this.api.newSession();
		assertThat(this.api.request(HttpMethod.HEAD, TAIL, session)
			.header("Accept", "text/event-stream")
			.send()
			.expect(200)
			.header("Content-Type")).isEqualTo("text/event-stream");
		this.api.request(HttpMethod.GET, TAIL, session)
			.header("Accept", "application/json")
			.send()
			.problem(406, "not-acceptable");
		this.api.post(TAIL, session).send().problem(405, "method-not-allowed");
	}

	@Test
	void followsSeveralSessionsAndThoseThatAreCreatedLater() {
		String first = this.api.sessionOf(1);
		String later = Api.newId();
		Follower follower = followPath("/v1/tail?session_id=" + first + "&session_id=" + later);
		assertThat(follower.ready().data().path("sessions").size()).isEqualTo(2);
		this.api.append(later, message("born")).expect(201);
		follower.await(1);
		this.api.append(first, message("two")).expect(201);
		follower.await(2);
		this.api.makeSwitch(later, json("{'to_agent':'a'}")).expect(201);
		List<Event> events = follower.await(3);
		assertThat(events).extracting(Event::session).containsExactly(later, first, later);
		assertThat(names(events)).containsExactly("message 1", "message 2", "agent_switch 1");
		for (int i = 0; i < 3; i++) {
			Follower resumed = followPath("/v1/tail?session_id=" + later + "&session_id=" + first, events.get(i).id());
			assertThat(resumed.await(2 - i)).extracting(Event::session)
				.containsExactlyInAnyOrderElementsOf(events.subList(i + 1, 3).stream().map(Event::session).toList());
		}
	}

	@Test
	void aStreamOfSeveralSessionsEndsWithTheLastOfThem() {
		String first = this.api.sessionOf(1);
		String second = this.api.sessionOf(1);
		String path = "/v1/tail?session_id=" + first + "&session_id=" + second;
		Follower follower = followPath(path);
		this.api.softDelete(first);
		assertThat(follower.await(1).get(0).session()).isEqualTo(first);
		this.api.append(second, message("2")).expect(201);
		follower.await(2);
		assertThat(follower.hasEnded()).isFalse();
		this.api.post("/v1/sessions/{id}/restore", first).send().expect(200);
		this.api.softDelete(second);
		assertThat(follower.await(3).get(2).session()).isEqualTo(second);
		this.api.append(first, message("again")).expect(201);
		assertThat(follower.await(4).get(3).session()).isEqualTo(first);
		this.api.delete(SESSION + "?soft=false", first).expect(204);
		follower.awaitEnd();
		assertThat(follower.events().stream().filter((event) -> event.name().equals("session_deleted")))
			.extracting(Event::session)
			.containsExactlyInAnyOrder(first, first, second);
		this.api.get(path).problem(410, "session-deleted");
	}

	/**
	 * Whoever was told of the first end still had the log, and the second one is none to
	 * tell.
	 */
	@Test
	void aDeletedSessionThatIsRemovedAndMadeAnewHasAnotherLog() {
		String session = this.api.sessionOf(2);
		String other = this.api.sessionOf(1);
		List<Follower> followers = IntStream.range(0, 3)
			.mapToObj((n) -> followPath("/v1/tail?session_id=" + session + "&session_id=" + other))
			.toList();
		this.api.softDelete(session);
		followers.forEach((follower) -> follower.await(1));
		this.api.delete(SESSION + "?soft=false", session).expect(204);
		this.api.append(other, message("2")).expect(201);
		followers.forEach((follower) -> follower.await(2));
		this.api.append(session, message("anew")).expect(201);
		this.api.append(session, message("2")).expect(201);
		followers.forEach((follower) -> assertThat(names(follower.await(5))).containsExactly("session_deleted 0",
				"message 2", "history_replaced 0", "message 1", "message 2"));
	}

	@Test
	void allStreamsThatShareSessionsEnd() {
		String first = this.api.sessionOf(1);
		String second = this.api.sessionOf(1);
		String third = this.api.sessionOf(1);
		String path = "/v1/tail?session_id=" + first + "&session_id=";
		List<Follower> followers = Stream.of(second, third, second, third, second)
			.map((other) -> followPath(path + other))
			.toList();
		this.api.softDelete(second);
		this.api.delete(SESSION + "?soft=false", third).expect(204);
		this.api.softDelete(first);
		followers.forEach(Follower::awaitEnd);
	}

	@Test
	void refusesListsThatCanNotBeFollowed() {
		this.api.get("/v1/tail").wrongParameter("session_id");
		this.api.get("/v1/tail?session_id=").wrongParameter("session_id");
		this.api.get("/v1/tail?session_id=a%2Fb").wrongParameter("session_id");
		this.api.get("/v1/tail?session_id=" + Api.newId()).problem(404, "session-not-found");
		this.api.get("/v1/tail?session_id=x" + "&session_id=x".repeat(100)).wrongParameter("session_id");
		String session = this.api.newSession();
		String other = this.api.newSession();
		String id = String.valueOf(followPath("/v1/tail?session_id=" + session).ready().id());
		this.api.request(HttpMethod.GET, "/v1/tail?session_id={a}&session_id={b}", session, other)
			.header("Last-Event-ID", id)
			.send()
			.wrongParameter("Last-Event-ID");
	}

	@ParameterizedTest
	@ValueSource(strings = { "a b", "100%", "a;b", "ключ", "\"quoted\"", "a?b#c&d" })
	void followsASessionOfAnyName(String suffix) {
		String session = Api.newId() + suffix;
		this.api.append(session, message("1")).expect(201);
		String encoded = UriUtils.encode(session, StandardCharsets.UTF_8);
		Follower alone = followPath("/v1/sessions/" + encoded + "/tail");
		Follower together = followPath("/v1/tail?session_id=" + encoded);
		assertThat(alone.ready().session()).isEqualTo(session);
		assertThat(together.ready().data().at("/sessions/0/session_id").stringValue()).isEqualTo(session);
		this.api.append(session, message("2")).expect(201);
		assertThat(alone.await(1).get(0).content()).isEqualTo("2");
		assertThat(together.await(1).get(0).session()).isEqualTo(session);
	}

}
