package dev.agentsessions.agent;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

import static dev.agentsessions.Fields.switchNumbers;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * A switch from one agent to another.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class SwitchContractTest extends SwitchFixture {

	SwitchContractTest(Engine engine) {
		super(engine);
	}

	@Test
	void theFirstSwitchCreatesTheContext() {
		String session = this.api.sessionOf(2);
		Answer answer = makeSwitch(session, "{'to_agent':'planner'}").expect(201);
		assertThat(answer.header(REPLAYED)).isNull();
		String now = this.api.session(session).path("last_activity").stringValue();
		assertThat(Json.value(answer.json())).isEqualTo(Json.value(json(
				"{'switch_no':1,'to_agent':'planner','metadata':{},'at_seq':2,'switched_at':'%s'}".formatted(now))));
		assertThat(Json.value(this.api.context(session))).isEqualTo(Json.value(
				json("{'session_id':'%s','current_agent':'planner','switch_count':1,'metadata':{},".formatted(session)
						+ "'created_at':'%1$s','updated_at':'%1$s','last_switch_at':'%1$s'}".formatted(now))));
		assertThat(this.api.switches(session)).containsExactly(answer.json());
	}

	@Test
	void theFirstSwitchMayNameWhoHeldTheSessionBefore() {
		String session = this.api.newSession();
		JsonNode made = makeSwitch(session, "{'from_agent':'me','to_agent':'you'}").expect(201).json();
		assertThat(made.path("from_agent").stringValue()).isEqualTo("me");
		assertThat(currentAgent(session)).isEqualTo("you");
	}

	@Test
	void keepsEveryFieldOfASwitch() {
		String session = this.api.sessionOf(1);
		this.api.saveContext(session, json("{'current_agent':'a','metadata':{'kept':1}}")).expect(200);
		JsonNode made = makeSwitch(session,
				"{'from_agent':'a','to_agent':'é😀','reason':'\\u2028 \\\"because\\\"','metadata':{'n':[1.50,null],'':{}}}")
			.expect(201)
			.json();
		assertThat(Json.value(made)).isEqualTo(Json.value(
				json("{'switch_no':1,'from_agent':'a','to_agent':'é😀','reason':'\\u2028 \\\"because\\\"','at_seq':1,"
						+ "'metadata':{'n':[1.5,null],'':{}},'switched_at':'" + made.path("switched_at").stringValue()
						+ "'}")));
		assertThat(Json.value(this.api.switches(session).get(0))).isEqualTo(Json.value(made));
		JsonNode context = this.api.context(session);
		assertThat(Json.value(context.path("metadata"))).isEqualTo(Json.value(json("{'kept':1}")));
		assertThat(context.path("last_switch_at")).isEqualTo(made.path("switched_at"));
		assertThat(context.path("updated_at")).isEqualTo(made.path("switched_at"));
	}

	@Test
	void aSwitchLeadsFromWhoeverHoldsTheSession() {
		String session = this.api.newSession();
		for (String agent : List.of("a", "b", "b", "a")) {
			makeSwitch(session, "{'to_agent':'" + agent + "'}").expect(201);
		}
		List<JsonNode> switches = this.api.switches(session);
		assertThat(switchNumbers(switches)).containsExactly(1L, 2L, 3L, 4L);
		assertThat(switches).extracting((each) -> each.path("from_agent").stringValue("-"))
			.containsExactly("-", "a", "b", "b");
		assertThat(this.api.context(session).path("switch_count").longValue()).isEqualTo(4);
	}

	@Test
	void atSeqIsTheLastMessageBeforeTheSwitch() {
		String session = this.api.newSession();
		assertThat(atSeq(session)).isZero();
		this.api.append(session, Json.array(List.of(message("1"), message("2")))).expect(201);
		assertThat(atSeq(session)).isEqualTo(2);
		assertThat(atSeq(session)).isEqualTo(2);
		this.api.save(session, message("other")).expect(200);
		assertThat(atSeq(session)).isEqualTo(4);
		assertThat(this.api.session(session).path("last_seq").longValue()).isEqualTo(4);
	}

	@Test
	void anAgentHasUpTo255Characters() {
		String session = this.api.newSession();
		String longest = "😀".repeat(255);
		makeSwitch(session, "{'from_agent':'%1$s','to_agent':'%1$s'}".formatted(longest)).expect(201);
		makeSwitch(session, "{'from_agent':'%1$s','to_agent':'b'}".formatted(longest)).expect(201);
		assertThat(this.api.switches(session).get(1).path("from_agent").stringValue()).isEqualTo(longest);
	}

	@Test
	void refusesASwitchFromAnAgentThatDoesNotHoldTheSession() {
		String session = this.api.newSession();
		makeSwitch(session, "{'to_agent':'a'}").expect(201);
		JsonNode before = this.api.session(session);
		JsonNode context = this.api.context(session);
		for (String wrong : List.of("b", "A", "a ")) {
			JsonNode problem = makeSwitch(session, "{'from_agent':'" + wrong + "','to_agent':'c'}").problem(409,
					"agent-conflict");
			assertThat(problem.path("current_agent").stringValue()).isEqualTo("a");
		}
		assertThat(this.api.session(session)).isEqualTo(before);
		assertThat(this.api.context(session)).isEqualTo(context);
		assertThat(this.api.switches(session)).hasSize(1);
		assertThat(makeSwitch(session, "{'from_agent':'a','to_agent':'c'}").expect(201)
			.json()
			.path("switch_no")
			.longValue()).as("a conflict takes no number").isEqualTo(2);
	}

	@Test
	void theAgentOfASavedContextHoldsTheSession() {
		String session = this.api.newSession();
		this.api.saveContext(session, json("{'current_agent':'saved','agent_history':[{'to':'x'}]}")).expect(200);
		makeSwitch(session, "{'from_agent':'x','to_agent':'c'}").problem(409, "agent-conflict");
		makeSwitch(session, "{'from_agent':'saved','to_agent':'c'}").expect(201);
	}

	@Test
	void ofManySwitchesFromTheSameAgentExactlyOneWins() {
		String session = this.api.newSession();
		makeSwitch(session, "{'to_agent':'round 0'}").expect(201);
		String holder = "round 0";
		for (int round = 1; round <= 8; round++) {
			String from = holder;
			String prefix = "round " + round + " by ";
			List<Answer> answers = Api.together(12,
					(i) -> makeSwitch(session, "{'from_agent':'" + from + "','to_agent':'" + prefix + i + "'}"));
			List<Integer> statuses = answers.stream().map(Answer::status).toList();
			assertThat(statuses).containsOnly(201, 409).containsOnlyOnce(201);
			holder = prefix + statuses.indexOf(201);
			String winner = holder;
			assertThat(answers).filteredOn((answer) -> answer.status() == 409)
				.allMatch((answer) -> answer.json().path("current_agent").stringValue().equals(winner));
			assertThat(currentAgent(session)).isEqualTo(winner);
		}
		assertThat(switchNumbers(this.api.switches(session))).isEqualTo(LongStream.rangeClosed(1, 9).boxed().toList());
		assertThat(this.api.context(session).path("switch_count").longValue()).isEqualTo(9);
	}

	@Test
	void concurrentSwitchesFollowOneAnother() {
		String session = this.api.newSession();
		List<List<Answer>> answers = Api.together(10,
				(writer) -> IntStream.range(0, 8)
					.mapToObj((n) -> makeSwitch(session, "{'to_agent':'" + writer + "/" + n + "'}").expect(201))
					.toList());
		List<JsonNode> switches = this.api.switches(session);
		assertThat(switchNumbers(switches)).isEqualTo(LongStream.rangeClosed(1, 80).boxed().toList());
		assertThat(switches)
			.containsExactlyInAnyOrderElementsOf(answers.stream().flatMap(List::stream).map(Answer::json).toList());
		for (int i = 1; i < switches.size(); i++) {
			assertThat(switches.get(i).path("from_agent")).isEqualTo(switches.get(i - 1).path("to_agent"));
		}
		assertThat(currentAgent(session)).isEqualTo(switches.get(79).path("to_agent").stringValue());
	}

	private String currentAgent(String session) {
		return this.api.context(session).path("current_agent").stringValue();
	}

	/** Makes a switch. */
	private long atSeq(String session) {
		return makeSwitch(session, "{'to_agent':'a'}").expect(201).json().path("at_seq").longValue();
	}

}
