package dev.agentsessions.tail;

import java.util.ArrayList;
import java.util.List;

import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import dev.agentsessions.tail.Follower.Event;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.http.HttpMethod;

import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Followers hear of views, and of sessions that are not there yet.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class TailViewContractTest {

	private static final String TAIL = "/v1/sessions/{id}/tail";

	private final Api api;

	private final TestStore store;

	private final List<Follower> followers = new ArrayList<>();

	TailViewContractTest(Engine engine) {
		this.api = Api.on(engine);
		this.store = TestStore.on(engine);
	}

	@AfterEach
	void leave() {
		this.followers.forEach(Follower::close);
	}

	@Test
	void aViewIsToldBehindTheMessageAtWhichItWasSet() {
		String session = this.api.sessionOf(3);
		Follower follower = follow(session, "");
		set(session, "[[2]]");
		this.api.append(session, message("4")).expect(201);
		set(session, "[[4]]");
		List<Event> events = follower.await(3);
		assertThat(events).extracting(Event::name).containsExactly("view", "message", "view");
		assertThat(Json.value(events.get(0).data()))
			.isEqualTo(Json.value(json("{'ranges':[[2]],'at_seq':3,'view_no':1}")));
		assertThat(Json.value(events.get(2).data()))
			.isEqualTo(Json.value(json("{'ranges':[[4]],'at_seq':4,'view_no':2}")));
		assertThat(String.valueOf(events.get(0).id())).endsWith("-1");
		Follower late = follow(session, "?after=0");
		assertThat(late.ready().data().path("ranges").toString()).isEqualTo("[[4]]");
		assertThat(late.ready().data().path("view_no").intValue()).isEqualTo(2);
		assertThat(late.await(4)).extracting(Event::name).containsOnly("message");
	}

	@Test
	void aFollowerThatComesBackHearsOfTheNewestView() {
		String session = this.api.sessionOf(3);
		Follower follower = follow(session, "");
		String before = String.valueOf(follower.ready().id());
		set(session, "[[2]]");
		this.api.append(session, message("4")).expect(201);
		set(session, "[[3]]");
		this.api.append(session, message("5")).expect(201);
		Follower back = follow(session, "", before);
		List<Event> events = back.await(3);
		assertThat(events).extracting(Event::name).containsExactly("message", "view", "message");
		assertThat(events.get(1).data().path("ranges").toString()).isEqualTo("[[3]]");
		Follower again = follow(session, "", String.valueOf(events.get(0).id()));
		assertThat(again.await(2)).extracting(Event::name).containsExactly("view", "message");
		Follower last = follow(session, "", String.valueOf(events.get(2).id()));
		this.api.append(session, message("6")).expect(201);
		assertThat(last.await(1)).extracting(Event::name).containsExactly("message");
	}

	@Test
	void aNewLogIsSeenAsAWhole() {
		String session = this.api.sessionOf(3);
		set(session, "[[2]]");
		Follower follower = follow(session, "");
		this.api.save(session, message("another")).expect(200);
		set(session, "[[6]]");
		assertThat(follower.await(3)).extracting(Event::name).containsExactly("history_replaced", "message", "view");
	}

	@Test
	void severalSessionsAreToldWithTheirViews() {
		String one = this.api.sessionOf(2);
		String other = this.api.sessionOf(1);
		Follower follower = Follower.of(this.store.uri(), "/v1/tail?session_id=" + one + "&session_id=" + other, null);
		this.followers.add(follower);
		set(one, "[[2]]");
		Event view = follower.await(1).get(0);
		assertThat(view.name()).isEqualTo("view");
		assertThat(view.data().path("session_id").stringValue()).isEqualTo(one);
		String id = String.valueOf(view.id());
		this.api.append(other, message("2")).expect(201);
		Follower back = Follower.of(this.store.uri(), "/v1/tail?session_id=" + one + "&session_id=" + other, id);
		this.followers.add(back);
		assertThat(back.await(1).get(0).name()).isEqualTo("message");
	}

	@Test
	void aSessionThatIsNotThereYetIsWaitedFor() {
		String session = Api.newId();
		this.api.get(TAIL, session).problem(404, "session-not-found");
		Follower follower = follow(session, "?wait=true");
		assertThat(follower.ready().data().path("last_seq").intValue()).isZero();
		this.api.append(session, message("1")).expect(201);
		this.api.append(session, message("2")).expect(201);
		assertThat(follower.await(2)).extracting(Event::name).containsExactly("message", "message");
		this.api.delete(SESSION + "?soft=false", session).expect(204);
		assertThat(follower.await(3).get(2).name()).isEqualTo("session_deleted");
		Follower back = follow(session, "?wait=true", String.valueOf(follower.await(3).get(2).id()));
		this.api.append(session, message("anew")).expect(201);
		assertThat(back.await(1).get(0).data().path("content").stringValue()).isEqualTo("anew");
	}

	/** It has none of them, as one that is there and has fewer. */
	@Test
	void aSessionThatIsNotThereYetIsNotWaitedForBehindItsMessages() {
		String session = Api.newId();
		this.api.get(TAIL + "?wait=true&after=1", session).problem(400, "position-ahead");
		Follower follower = follow(session, "?wait=true&after=0");
		this.api.append(session, message("1")).expect(201);
		String end = String.valueOf(follower.await(1).get(0).id());
		this.api.delete(SESSION + "?soft=false", session).expect(204);
		Follower back = follow(session, "?wait=true&after=1", end);
		assertThat(back.await(1).get(0).name()).isEqualTo("session_deleted");
	}

	private void set(String session, String ranges) {
		this.api.request(HttpMethod.PUT, SESSION + "/view", session)
			.json("{\"ranges\":" + ranges + "}")
			.send()
			.expect(200);
	}

	private Follower follow(String session, String query) {
		return follow(session, query, null);
	}

	private Follower follow(String session, String query, @Nullable String lastEventId) {
		Follower follower = Follower.of(this.store.uri(), "/v1/sessions/" + session + "/tail" + query, lastEventId);
		this.followers.add(follower);
		return follower;
	}

}
