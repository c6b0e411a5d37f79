package dev.agentsessions.agent;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import dev.agentsessions.Api;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import static dev.agentsessions.Fields.switchNumbers;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * A context that is saved with the switches it knows of.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class AgentHistoryContractTest extends AgentFixture {

	AgentHistoryContractTest(Engine engine) {
		super(engine);
	}

	@Test
	void aLongerHistoryAppendsTheRest() {
		String session = this.api.sessionOf(1);
		saveHistory(session, "{'from':'a','to':'b','metadata':{'kept':true}}", "{'from':'b','to':'c'}");
		List<JsonNode> before = this.api.switches(session);
		this.api.append(session, message("2")).expect(201);
		saveHistory(session, "{'from':'a','to':'b'}", "{'from':'b','to':'c'}", "{'from':'c','to':'a'}",
				"{'from':'a','to':'b'}");
		List<JsonNode> after = this.api.switches(session);
		assertThat(after.subList(0, 2)).isEqualTo(before);
		assertThat(switchNumbers(after)).containsExactly(1L, 2L, 3L, 4L);
		assertThat(after).extracting((each) -> each.path("at_seq").longValue()).containsExactly(1L, 1L, 2L, 2L);
		assertThat(count(session)).isEqualTo(4);
		assertThat(this.api.context(session).path("last_switch_at")).isEqualTo(after.get(3).path("switched_at"));
	}

	@Test
	void anEqualHistoryChangesNothing() {
		String session = this.api.newSession();
		saveHistory(session, STORED, "{'from':'b','to':'c'}");
		List<JsonNode> before = this.api.switches(session);
		saveHistory(session, STORED, "{'from':'b','to':'c'}");
		assertThat(this.api.switches(session)).isEqualTo(before);
		assertThat(nextNumber(session)).isEqualTo(3);
	}

	@Test
	void aDifferentHistoryReplacesAndTakesOneNumber() {
		String session = this.api.sessionOf(1);
		saveHistory(session, "{'from':'a','to':'b'}", "{'from':'b','to':'c'}");
		saveHistory(session, "{'from':'a','to':'b'}", "{'from':'b','to':'x'}");
		List<JsonNode> switches = this.api.switches(session);
		assertThat(switchNumbers(switches)).containsExactly(4L, 5L);
		assertThat(switches).extracting((each) -> each.path("to_agent").stringValue()).containsExactly("b", "x");
		assertThat(count(session)).isEqualTo(2);
		assertThat(nextNumber(session)).isEqualTo(6);
	}

	@Test
	void aShorterHistoryReplaces() {
		String session = this.api.newSession();
		saveHistory(session, "{'from':'a','to':'b'}", "{'from':'b','to':'c'}", "{'from':'c','to':'d'}");
		saveHistory(session, "{'from':'a','to':'b'}", "{'from':'b','to':'c'}");
		assertThat(switchNumbers(this.api.switches(session))).containsExactly(5L, 6L);
	}

	@Test
	void anEmptyHistoryReplacesToo() {
		String session = this.api.newSession();
		saveHistory(session);
		saveHistory(session, "{'from':'a','to':'b'}", "{'from':'b','to':'c'}");
		assertThat(switchNumbers(this.api.switches(session))).containsExactly(1L, 2L);
		saveHistory(session);
		assertThat(this.api.switches(session)).isEmpty();
		assertThat(this.api.context(session).has("last_switch_at")).isFalse();
		assertThat(count(session)).isZero();
		assertThat(nextNumber(session)).isEqualTo(4);
	}

	@Test
	void aHistoryContinuesSwitchesThatWereMade() {
		String session = this.api.newSession();
		this.api.makeSwitch(session, json("{'to_agent':'a','reason':'first'}")).expect(201);
		this.api.makeSwitch(session, json("{'to_agent':'b','metadata':{'n':1e2}}")).expect(201);
		List<JsonNode> before = this.api.switches(session);
		saveHistory(session, "{'to':'a','reason':'first'}", "{'from':'a','to':'b','metadata':{'n':100}}",
				"{'from':'b','to':'c'}");
		List<JsonNode> after = this.api.switches(session);
		assertThat(switchNumbers(after)).containsExactly(1L, 2L, 3L);
		assertThat(after.subList(0, 2)).isEqualTo(before);
	}

	@Test
	void aHistoryMadeOfWhatTheListAnswersChangesNothing() {
		String session = this.api.newSession();
		this.api.makeSwitch(session, json("{'to_agent':'a'}")).expect(201);
		this.api.makeSwitch(session, json("{'to_agent':'b','reason':'','metadata':{'n':[1.50]}}")).expect(201);
		saveHistory(session, "{'to':'a'}", "{'from':'a','to':'b','reason':'','metadata':{'n':[1.5]}}", STORED);
		List<JsonNode> before = this.api.switches(session);
		assertThat(switchNumbers(before)).containsExactly(1L, 2L, 3L);
		saveHistory(session, before.stream().map(AgentHistoryContractTest::entry).toArray(String[]::new));
		assertThat(this.api.switches(session)).isEqualTo(before);
	}

	@ParameterizedTest
	@ValueSource(strings = { "{'from':'A','to':'b','reason':'r'}", "{'to':'b','reason':'r'}",
			"{'from':'a','to':'b ','reason':'r'}", "{'from':'a','to':'b','reason':'R'}", "{'from':'a','to':'b'}",
			"{'from':'a','to':'b','reason':''}",
			"{'from':'a','to':'b','reason':'r','timestamp':'2026-01-31T09:26:53.589794Z'}",
			"{'from':'a','to':'b','reason':'r','metadata':{}}",
			"{'from':'a','to':'b','reason':'r','metadata':{'x':1000,'y':[1,'null']}}",
			"{'from':'a','to':'b','reason':'r','metadata':{'x':'1000','y':[1,null]}}" })
	void whatDiffersInAnyFieldIsReplaced(String other) {
		String session = this.api.newSession();
		saveHistory(session, STORED);
		saveHistory(session, other);
		assertThat(switchNumbers(this.api.switches(session))).containsExactly(3L);
		saveHistory(session, other);
		assertThat(switchNumbers(this.api.switches(session))).containsExactly(3L);
	}

	@ParameterizedTest
	@ValueSource(strings = { "{'from':'a','to':'b','reason':'r'}",
			"{'from':'a','to':'b','reason':'r','timestamp':null,'metadata':null}",
			"{'from':'a','to':'b','reason':'r','timestamp':'2026-01-31T09:26:53.589793'}",
			"{'from':'a','to':'b','reason':'r','timestamp':'2026-01-31T11:26:53.589793+02:00'}",
			"{'metadata':{'y':[1,null],'x':1e3},'reason':'r','to':'b','from':'a'}" })
	void timeAndMetadataAreComparedByValueAndWhereTheyAreSent(String same) {
		String session = this.api.newSession();
		saveHistory(session, STORED);
		List<JsonNode> before = this.api.switches(session);
		saveHistory(session, same);
		assertThat(this.api.switches(session)).isEqualTo(before);
	}

	@Test
	void aHistoryMayBeLong() {
		String session = this.api.newSession();
		String[] history = IntStream.range(0, 900)
			.mapToObj((i) -> "{'from':'agent %d','to':'agent %d'}".formatted(i, i + 1))
			.toArray(String[]::new);
		saveHistory(session, history);
		saveHistory(session, history);
		List<JsonNode> switches = this.api.switches(session);
		assertThat(switchNumbers(switches)).isEqualTo(LongStream.rangeClosed(1, 900).boxed().toList());
		assertThat(switches.get(899).path("to_agent").stringValue()).isEqualTo("agent 900");
	}

	@Test
	void whatIsStoredMayBeMoreThanAPage() {
		String session = this.api.newSession();
		String metadata = "x".repeat(200_000);
		for (int i = 0; i < 25; i++) {
			this.api.makeSwitch(session, json("{'to_agent':'a','metadata':{'x':'" + metadata + "'}}")).expect(201);
		}
		List<String> history = new ArrayList<>(List.of("{'to':'a'}"));
		history.addAll(Collections.nCopies(24, "{'from':'a','to':'a'}"));
		saveHistory(session, history.toArray(String[]::new));
		assertThat(allNumbers(session)).isEqualTo(LongStream.rangeClosed(1, 25).boxed().toList());
		history.add("{'from':'a','to':'b'}");
		saveHistory(session, history.toArray(String[]::new));
		assertThat(allNumbers(session)).isEqualTo(LongStream.rangeClosed(1, 26).boxed().toList());
		history.set(24, "{'from':'a','to':'c'}");
		saveHistory(session, history.toArray(String[]::new));
		assertThat(allNumbers(session)).isEqualTo(LongStream.rangeClosed(28, 53).boxed().toList());
	}

	/** Those of all pages. */
	private List<Long> allNumbers(String session) {
		return this.api.walk("/v1/sessions/" + session + "/agent-switches?order=asc&limit=1000")
			.stream()
			.flatMap((page) -> switchNumbers(page.data()).stream())
			.toList();
	}

	@Test
	void concurrentSavesOfOneGrowingHistoryNeverLoseOrDoubleASwitch() {
		String session = this.api.newSession();
		for (int round = 1; round <= 5; round++) {
			String[] grown = IntStream.range(0, round * 4)
				.mapToObj((i) -> "{'from':'%d','to':'%d'}".formatted(i, i + 1))
				.toArray(String[]::new);
			Api.together(8, (i) -> {
				saveHistory(session, grown);
				return true;
			});
			assertThat(switchNumbers(this.api.switches(session)))
				.isEqualTo(LongStream.rangeClosed(1, grown.length).boxed().toList());
			assertThat(count(session)).isEqualTo(grown.length);
		}
	}

	/** An answered switch as an entry of a history. */
	private static String entry(JsonNode made) {
		return made.toString()
			.replaceFirst("\"switch_no\":\\d+,", "")
			.replaceFirst(",\"at_seq\":\\d+", "")
			.replace("\"from_agent\"", "\"from\"")
			.replace("\"to_agent\"", "\"to\"")
			.replace("\"switched_at\"", "\"timestamp\"");
	}

}
