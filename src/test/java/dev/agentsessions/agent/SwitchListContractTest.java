package dev.agentsessions.agent;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Api.SWITCHES;
import static dev.agentsessions.Fields.switchNumbers;
import static dev.agentsessions.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The list of switches, and sessions that have none.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class SwitchListContractTest extends SwitchFixture {

	SwitchListContractTest(Engine engine) {
		super(engine);
	}

	@Test
	void listsTheNewestFirstUnlessAskedOtherwise() {
		String session = this.api.newSession();
		IntStream.rangeClosed(1, 5).forEach((i) -> makeSwitch(session, "{'to_agent':'" + i + "'}").expect(201));
		List<JsonNode> asc = this.api.get(SWITCHES + "?order=asc", session).expect(200).data();
		List<JsonNode> desc = this.api.get(SWITCHES, session).expect(200).data();
		assertThat(switchNumbers(asc)).containsExactly(1L, 2L, 3L, 4L, 5L);
		assertThat(this.api.get(SWITCHES + "?order=desc", session).expect(200).data()).isEqualTo(desc);
		List<JsonNode> reversed = new ArrayList<>(desc);
		Collections.reverse(reversed);
		assertThat(reversed).isEqualTo(asc);
	}

	/** Metadata has up to a mebibyte: nobody may ask for a thousand of them at once. */
	@ParameterizedTest
	@ValueSource(strings = { "asc", "desc" })
	void aPageOfLargeSwitchesIsShorterThanAskedFor(String order) {
		String session = this.api.newSession();
		IntStream.rangeClosed(1, 4)
			.forEach((i) -> makeSwitch(session,
					"{\"to_agent\":\"" + i + "\",\"metadata\":{\"k\":\"" + "x".repeat(900_000) + "\"}}")
				.expect(201));
		List<Answer> pages = this.api.walk(SWITCHES + "?limit=1000&order=" + order, session);
		assertThat(pages).extracting((page) -> page.data().size()).containsExactly(2, 2);
		assertThat(pages.stream().flatMap((page) -> switchNumbers(page.data()).stream())).containsExactlyInAnyOrder(1L,
				2L, 3L, 4L);
	}

	@Test
	void aPageOfLongReasonsIsShorterThanAskedFor() {
		String session = this.api.newSession();
		IntStream.rangeClosed(1, 3)
			.forEach((
					i) -> makeSwitch(session, "{\"to_agent\":\"" + i + "\",\"reason\":\"" + "x".repeat(900_000) + "\"}")
						.expect(201));
		assertThat(this.api.walk(SWITCHES + "?limit=1000", session)).extracting((page) -> page.data().size())
			.containsExactly(2, 1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "asc", "desc" })
	void aListIsReadInParts(String order) {
		String session = this.api.newSession();
		history(session, 10);
		history(session, 9); // replaced: 12 to 20
		for (int limit : List.of(1, 4, 9, 1000)) {
			List<Answer> pages = this.api.walk(SWITCHES + "?order=" + order + "&limit=" + limit, session);
			assertThat(pages).hasSize((9 + limit - 1) / limit);
			List<Long> numbers = pages.stream().flatMap((page) -> switchNumbers(page.data()).stream()).toList();
			assertThat(numbers).isSortedAccordingTo((a, b) -> order.equals("asc") ? a.compareTo(b) : b.compareTo(a))
				.containsExactlyInAnyOrderElementsOf(LongStream.rangeClosed(12, 20).boxed().toList());
		}
	}

	@Test
	void aListHas100SwitchesUnlessAskedOtherwise() {
		String session = this.api.newSession();
		history(session, 101);
		Answer answer = this.api.get(SWITCHES, session).expect(200);
		assertThat(switchNumbers(answer.data())).hasSize(100).startsWith(101L).endsWith(2L);
		assertThat(this.api.get(answer.json().path("next").stringValue()).expect(200).data()).hasSize(1);
	}

	@Test
	void aPartGoesOnWhereItEndedWhileSwitchesAreMade() {
		String session = this.api.newSession();
		history(session, 4);
		Answer oldest = this.api.get(SWITCHES + "?order=asc&limit=3", session).expect(200);
		Answer newest = this.api.get(SWITCHES + "?limit=3", session).expect(200);
		makeSwitch(session, "{'to_agent':'new'}").expect(201);
		assertThat(switchNumbers(next(oldest).data())).containsExactly(4L, 5L);
		assertThat(switchNumbers(next(newest).data())).containsExactly(1L);
	}

	@Test
	void theListOfADeletedSessionCanBeAskedFor() {
		String session = this.api.newSession();
		history(session, 5);
		this.api.softDelete(session);
		List<Answer> pages = this.api.walk(SWITCHES + "?include_deleted=true&limit=2", session);
		assertThat(pages.stream().flatMap((page) -> switchNumbers(page.data()).stream())).containsExactly(5L, 4L, 3L,
				2L, 1L);
	}

	@Test
	void aSessionWithoutAContextHasNoSwitches() {
		String session = this.api.sessionOf(1);
		Answer answer = this.api.get(SWITCHES, session).expect(200);
		assertThat(Json.value(answer.json())).isEqualTo(Json.value(json("{'data':[],'has_more':false}")));
		this.api.saveContext(session, json("{'current_agent':'a'}")).expect(200);
		assertThat(this.api.get(SWITCHES, session).expect(200).json()).isEqualTo(answer.json());
	}

	@ParameterizedTest
	@CsvSource({ "limit=0,limit", "limit=1001,limit", "limit=a,limit", "order=up,order", "order=asc&order=asc,order",
			"cursor=a,cursor", "include_deleted=1,include_deleted" })
	void refusesAListThatMakesNoSense(String query, String parameter) {
		this.api.get(SWITCHES + "?" + query, this.api.newSession()).wrongParameter(parameter);
	}

	@Test
	void refusesTheCursorOfTheOtherOrder() {
		String session = this.api.newSession();
		history(session, 3);
		String next = this.api.get(SWITCHES + "?order=asc&limit=1", session).json().path("next").stringValue();
		this.api.get(next.replace("order=asc", "order=desc")).wrongParameter("cursor");
	}

	@Test
	void aSessionThatDoesNotExistIsNotCreated() {
		String session = Api.newId();
		makeSwitch(session, "{'to_agent':'a'}").problem(404, "session-not-found");
		withKey(session, "key").json(json("{'to_agent':'a'}")).send().problem(404, "session-not-found");
		this.api.get(SWITCHES, session).problem(404, "session-not-found");
		this.api.get(SESSION, session).problem(404, "session-not-found");
	}

	@Test
	void aDeletedSessionIsGone() {
		String session = this.api.newSession();
		makeSwitch(session, "{'to_agent':'a'}").expect(201);
		this.api.softDelete(session);
		makeSwitch(session, "{'to_agent':'b'}").problem(410, "session-deleted");
		makeSwitch(session, "{'from_agent':'x','to_agent':'b'}").problem(410, "session-deleted");
		this.api.get(SWITCHES, session).problem(410, "session-deleted");
		this.api.post("/v1/sessions/{id}/restore", session).send().expect(200);
		assertThat(this.api.switches(session)).hasSize(1);
	}

	@Test
	void aSwitchIsActivity() {
		String session = this.api.sessionOf(1);
		JsonNode before = this.api.session(session);
		JsonNode made = makeSwitch(session, "{'to_agent':'a'}").expect(201).json();
		JsonNode after = this.api.session(session);
		assertThat(after.path("last_activity")).isEqualTo(made.path("switched_at"))
			.isNotEqualTo(before.path("last_activity"));
		assertThat(after.path("last_seq")).isEqualTo(before.path("last_seq"));
		this.api.get(SWITCHES, session).expect(200);
		assertThat(this.api.session(session)).isEqualTo(after);
	}

	/** Saves a history of this length; of another length, it replaces. */
	private void history(String session, int length) {
		List<String> entries = IntStream.rangeClosed(1, length)
			.mapToObj((i) -> "{'from':'%d of %d','to':'x'}".formatted(i, length))
			.toList();
		this.api.saveContext(session, json("{'current_agent':'x','agent_history':" + Json.array(entries) + "}"))
			.expect(200);
	}

	private Answer next(Answer page) {
		return this.api.get(page.json().path("next").stringValue()).expect(200);
	}

}
