package dev.agentsessions.tail;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

import dev.agentsessions.Json;
import dev.agentsessions.database.Engine;
import dev.agentsessions.tail.Follower.Event;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static dev.agentsessions.Api.CONTEXT;
import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a live tail tells, in which order, and how it ends.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class TailContractTest extends TailFixture {

	TailContractTest(Engine engine) {
		super(engine);
	}

	@Test
	void saysReadyAtOnceAndSendsTheHeadersThatProxiesNeed() {
		String session = this.api.sessionOf(3);
		Follower follower = follow(session, "");
		assertThat(follower.ready().name()).isEqualTo("ready");
		assertThat(follower.ready().id()).startsWith("3-0-");
		assertThat(Json.value(follower.ready().data())).isEqualTo(Json.value(
				json("{'session_id':'%s','last_seq':3,'switch_count':0,'ranges':[],'view_no':0}".formatted(session))));
		assertThat(follower.retry()).isBetween(1000L, 2000L);
		assertThat(follower.header("Content-Type")).isEqualTo("text/event-stream");
		assertThat(follower.header("Cache-Control")).isEqualTo("no-store");
		assertThat(follower.header("X-Accel-Buffering")).isEqualTo("no");
	}

	@Test
	void deliversMessagesAsTheyAreReadAndOnlyThoseThatComeLater() {
		String session = this.api.sessionOf(2);
		Follower follower = follow(session, "");
		this.api.append(session, message("three")).expect(201);
		this.api
			.append(session,
					"[" + message("assistant", "line\nbreak \u2028 ∑") + "," + json(
							"{'role':'assistant','tool_calls':[{'a':1e3}],'metadata':{'b':[1, 2]},'token_count':7}")
							+ "]")
			.expect(201);
		List<Event> events = follower.await(3);
		assertThat(events).extracting(Event::name).containsOnly("message");
		assertThat(events).extracting(Event::data).isEqualTo(this.api.log(session).subList(2, 5));
		assertThat(events).extracting((event) -> String.valueOf(event.id()).split("-")[0])
			.containsExactly("3", "4", "5");
	}

	@Test
	void ordersSwitchesBehindTheMessageAtWhichTheyHappened() {
		String session = this.api.sessionOf(1);
		Follower follower = follow(session, "");
		this.api.makeSwitch(session, json("{'to_agent':'a'}")).expect(201);
		this.api.append(session, message("2")).expect(201);
		this.api.takeTurn(session, "{\"messages\":[" + message("3") + "]," + json("'agent_switch':{'to_agent':'b'}}"))
			.expect(201);
		List<String> expected = List.of("agent_switch 1", "message 2", "message 3", "agent_switch 3");
		assertThat(names(follower.await(4))).isEqualTo(expected);
		assertThat(follower.events().get(0).data()).isEqualTo(this.api.switches(session).get(0));
		Follower late = follow(session, "?after=0");
		assertThat(names(late.await(5)).subList(1, 5)).isEqualTo(expected);
		assertThat(ids(late.events().subList(1, 5))).isEqualTo(ids(follower.events()));
	}

	@Test
	void beginsWithTheSwitchesThatHappenedAtThePositionItIsAskedFor() {
		String session = this.api.sessionOf(2);
		this.api.makeSwitch(session, json("{'to_agent':'a'}")).expect(201);
		this.api.append(session, message("3")).expect(201);
		this.api.makeSwitch(session, json("{'to_agent':'b'}")).expect(201);
		assertThat(names(follow(session, "?after=2").await(3))).containsExactly("agent_switch 2", "message 3",
				"agent_switch 3");
		assertThat(names(follow(session, "?after=3").await(1))).containsExactly("agent_switch 3");
		Follower end = follow(session, "");
		this.api.append(session, message("4")).expect(201);
		assertThat(names(end.await(1))).containsExactly("message 4");
	}

	@Test
	void understandsThePositionsOfAnOlderVersionWhichNameTheRow() {
		String session = this.api.sessionOf(3);
		List<Event> all = follow(session, "?after=0").await(3);
		long row = this.rows.open(Long.parseLong(String.valueOf(all.get(0).id()).split("-")[2]));
		assertThat(row).isLessThan(1_000_000);
		Follower resumed = follow(session, "", "1-0-" + row);
		assertThat(resumed.ready().id()).isEqualTo(all.get(0).id());
		assertThat(ids(resumed.await(2))).isEqualTo(ids(all.subList(1, 3)));
	}

	@Test
	void positionsCursorsAndTagsTellNothingOfTheNumberOfSessions() {
		Set<Long> apart = new HashSet<>();
		long last = 0;
		for (int i = 0; i < 5; i++) {
			String session = this.api.sessionOf(1);
			String id = String.valueOf(follow(session, "").ready().id());
			long shown = Long.parseLong(id.split("-")[2]);
			apart.add(Math.abs(shown - last));
			last = shown;
			String row = Long.toString(this.rows.open(shown));
			assertThat(id).doesNotEndWith("-" + row);
			assertThat(this.api.get(MESSAGES, session).etag())
				.doesNotStartWith("\"" + Long.toString(Long.parseLong(row), 36) + "-");
		}
		assertThat(apart).hasSize(5).allMatch((difference) -> difference > 1_000_000);
		for (String list : List.of("/v1/sessions?order=created", "/v1/sessions?order=activity")) {
			String next = this.api.get(list + "&limit=1").json().path("next").stringValue();
			String cursor = new String(Base64.getUrlDecoder().decode(next.substring(next.indexOf("cursor=") + 7)),
					StandardCharsets.UTF_8);
			assertThat(Long.parseLong(cursor.substring(cursor.lastIndexOf('|') + 1))).isGreaterThan(1_000_000_000);
		}
	}

	@Test
	void resumesBehindEveryEventItEverSent() {
		String session = this.api.sessionOf(3);
		this.api.makeSwitch(session, json("{'to_agent':'a'}")).expect(201);
		this.api.append(session, Json.array(List.of(message("4"), message("5")))).expect(201);
		this.api.makeSwitch(session, json("{'to_agent':'b'}")).expect(201);
		List<Event> all = follow(session, "?after=0").await(7);
		for (int i = 0; i < all.size(); i++) {
			Follower resumed = follow(session, "?after=0", all.get(i).id());
			assertThat(resumed.ready().id()).isEqualTo(all.get(i).id());
			List<Event> rest = all.subList(i + 1, all.size());
			assertThat(ids(resumed.await(rest.size()))).isEqualTo(ids(rest));
		}
	}

	@Test
	void deliversALongLogWhole() {
		String session = this.api.sessionOf(3000);
		List<Event> events = follow(session, "?after=500").await(2500);
		assertThat(events).extracting(Event::seq)
			.isEqualTo(IntStream.rangeClosed(501, 3000).mapToObj(Long::valueOf).toList());
		assertThat(events).allMatch((event) -> event.content().equals(Long.toString(event.seq())));
	}

	@Test
	void tellsOfAReplacedHistoryAndThenDeliversIt() {
		String session = this.api.sessionOf(3);
		Follower follower = follow(session, "");
		String before = follower.ready().id();
		this.api.save(session, message("a"), message("b")).expect(200);
		this.api.append(session, message("c")).expect(201);
		List<String> expected = List.of("history_replaced 0", "message 5", "message 6", "message 7");
		assertThat(names(follower.await(4))).isEqualTo(expected);
		assertThat(follower.events().get(0).data().path("first_seq").longValue()).isEqualTo(5);
		// what has been delivered before the replacement does not count any more
		assertThat(names(follow(session, "", before).await(4))).isEqualTo(expected);
		assertThat(names(follow(session, "?after=2").await(4))).isEqualTo(expected);
		assertThat(names(follow(session, "", follower.events().get(0).id()).await(3)))
			.isEqualTo(expected.subList(1, 4));
		assertThat(names(follow(session, "?after=6").await(1))).containsExactly("message 7");
	}

	@Test
	void tellsWhenAContextIsRemovedOrReplaced() {
		String session = this.api.sessionOf(1);
		this.api.makeSwitch(session, json("{'to_agent':'a'}")).expect(201);
		Follower follower = follow(session, "");
		this.api.delete(CONTEXT, session).expect(204);
		this.api.makeSwitch(session, json("{'to_agent':'b'}")).expect(201);
		this.api.saveContext(session, json("{'current_agent':'z','agent_history':[{'from':'x','to':'z'}]}"))
			.expect(200);
		assertThat(follower
			.await((event) -> event.name().equals("agent_switch")
					&& event.data().path("to_agent").stringValue("").equals("z"))
			.data()).isEqualTo(this.api.switches(session).get(0));
		assertThat(follower.events()).extracting(Event::name)
			.contains("agent_history_replaced")
			.doesNotContain("message");
	}

	/** Wherever he begins. */
	@Test
	void whoComesAfterAContextWasRemovedIsNotToldSo() {
		String session = this.api.sessionOf(1);
		this.api.makeSwitch(session, json("{'to_agent':'a'}")).expect(201);
		this.api.delete(CONTEXT, session).expect(204);
		this.api.makeSwitch(session, json("{'to_agent':'b'}")).expect(201);
		assertThat(names(follow(session, "?after=0").await(2))).containsExactly("message 1", "agent_switch 1");
		assertThat(names(follow(session, "?after=1").await(1))).containsExactly("agent_switch 1");
	}

	@Test
	void endsWithTheSession() {
		String session = this.api.sessionOf(1);
		Follower follower = follow(session, "");
		this.api.append(session, message("last")).expect(201);
		this.api.softDelete(session);
		follower.awaitEnd();
		assertThat(names(follower.events())).containsExactly("message 2", "session_deleted 0");
		this.api.get(TAIL, session).problem(410, "session-deleted");
		this.api.post("/v1/sessions/{id}/restore", session).send().expect(200);
		Follower again = follow(session, "", follower.lastId());
		this.api.append(session, message("more")).expect(201);
		assertThat(names(again.await(1))).containsExactly("message 3");
		this.api.delete(SESSION + "?soft=false", session).expect(204);
		again.awaitEnd();
		assertThat(names(again.events())).containsExactly("message 3", "session_deleted 0");
		this.api.get(TAIL, session).problem(404, "session-not-found");
	}

	private static List<String> ids(List<Event> events) {
		return events.stream().map((event) -> event.name() + " " + event.id()).toList();
	}

}
