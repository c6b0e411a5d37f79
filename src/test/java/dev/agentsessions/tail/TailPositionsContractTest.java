package dev.agentsessions.tail;

import java.util.List;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.http.HttpMethod;

import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Where a tail may begin.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class TailPositionsContractTest extends TailFixture {

	TailPositionsContractTest(Engine engine) {
		super(engine);
	}

	@Test
	void takesAPositionInAnEarlierSessionOfTheSameNameForOneInAReplacedHistory() {
		String session = this.api.sessionOf(2);
		String old = follow(session, "").ready().id();
		this.api.delete(SESSION + "?soft=false", session).expect(204);
		this.api.append(session, message("new")).expect(201);
		assertThat(names(follow(session, "", old).await(2))).containsExactly("history_replaced 0", "message 1");
	}

	@Test
	void takesAPositionFromAnotherStoreForOneInAReplacedHistory() {
		String session = this.api.sessionOf(2);
		String foreign = "7-3-999999999999";
		assertThat(names(follow(session, "", foreign).await(4))).containsExactly("history_replaced 0",
				"agent_history_replaced 0", "message 1", "message 2");
		Follower together = followPath("/v1/tail?session_id=" + session);
		String ids = String.valueOf(together.ready().id()).replaceFirst("-[0-9a-z]+$", "-zzzzzzzz");
		Follower again = followPath("/v1/tail?session_id=" + session, ids);
		assertThat(names(again.await(3))).containsExactly("history_replaced 0", "message 1", "message 2");
	}

	@Test
	void takesBackTheIdWithWhichASessionEnded() {
		String session = this.api.sessionOf(2);
		Follower follower = follow(session, "");
		this.api.delete(SESSION + "?soft=false", session).expect(204);
		follower.awaitEnd();
		String last = String.valueOf(follower.lastId());
		resume(session, last).problem(404, "session-not-found");
		this.api.append(session, message("new")).expect(201);
		assertThat(names(follow(session, "", last).await(1))).containsExactly("message 1");
	}

	@Test
	void refusesPositionsThatCanNotBe() {
		String session = this.api.sessionOf(2);
		this.api.get(TAIL + "?after=3", session).problem(400, "position-ahead");
		this.api.get(TAIL + "?after=-1", session).wrongParameter("after");
		this.api.get(TAIL + "?after=x", session).wrongParameter("after");
		String id = String.valueOf(follow(session, "").ready().id());
		resume(session, id.replaceFirst("^2-0", "3-0")).problem(400, "position-ahead");
		resume(session, id.replaceFirst("^2-0", "2-1")).problem(400, "position-ahead");
		for (String wrong : List.of("2", "2-0", "a-b-c", "2-0-0", "-2-0-1", "2-0-1-1-1", "2-0-1-",
				"9".repeat(30) + "-0-1")) {
			resume(session, wrong).wrongParameter("Last-Event-ID");
		}
		this.api.get(TAIL, Api.newId()).problem(404, "session-not-found");
	}

	@Test
	void anEmptyLastEventIdIsNone() {
		String session = this.api.sessionOf(2);
		assertThat(follow(session, "", "").ready().id()).startsWith("2-0-");
	}

	private Answer resume(String session, String id) {
		return this.api.request(HttpMethod.GET, TAIL, session).header("Last-Event-ID", id).send();
	}

}
