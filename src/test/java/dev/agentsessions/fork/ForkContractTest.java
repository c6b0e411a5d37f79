package dev.agentsessions.fork;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import dev.agentsessions.message.log.MessageLog;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.retention.Tables;
import dev.agentsessions.session.SessionDetails;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionReads;
import dev.agentsessions.session.SessionRow;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import tools.jackson.databind.JsonNode;

import org.springframework.http.HttpMethod;

import static dev.agentsessions.Api.CONTEXT;
import static dev.agentsessions.Api.HISTORY;
import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * A fork is a session of its own that begins as another one was.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class ForkContractTest {

	private static final String FORKS = SESSION + "/forks";

	private final Engine engine;

	private final Tables tables;

	private final Api api;

	ForkContractTest(Engine engine) {
		this.engine = engine;
		this.tables = Tables.of(TestStore.on(engine));
		this.api = Api.on(engine);
	}

	@Test
	void aForkHasTheWholeLogAndGoesItsOwnWay() {
		String source = Api.newId();
		this.api.append(source, json("[{'id':'a','role':'user','content':'1','token_count':3},"
				+ "{'id':'b','role':'assistant','content':[{'n':1.50}],'x':null,'metadata':{'m':1},'token_count':4}]"))
			.expect(201);
		String fork = Api.newId();
		Answer made = fork(source, "{'session_id':'" + fork + "','metadata':{'of':'me'}}").expect(201);
		assertThat(made.header("Location")).isEqualTo("/v1/sessions/" + fork);
		assertThat(made.etag()).isEqualTo("\"2\"");
		assertThat(Json.value(made.json().path("forked_from")))
			.isEqualTo(Json.value(json("{'session_id':'" + source + "','seq':2}")));
		assertThat(this.api.session(fork)).isEqualTo(made.json());
		assertThat(this.api.log(fork)).isEqualTo(this.api.log(source));
		JsonNode stats = this.api.stats(fork);
		assertThat(stats.path("total_tokens").intValue()).isEqualTo(7);
		assertThat(stats.path("last_message_at")).isEqualTo(this.api.stats(source).path("last_message_at"));
		this.api.append(fork, message("in the fork")).expect(201);
		this.api.append(source, message("in the source")).expect(201);
		assertThat(this.api.contents(fork)).containsExactly("1", "", "in the fork");
		assertThat(this.api.contents(source)).containsExactly("1", "", "in the source");
		assertThat(this.api.append(fork, json("{'id':'a','role':'user','content':'1','token_count':3}"))
			.expect(201)
			.header("Idempotency-Replayed")).isEqualTo("true");
		JsonNode patched = this.api.request(HttpMethod.PATCH, SESSION, fork)
			.json(json("{'metadata':{}}"))
			.send()
			.expect(200)
			.json();
		assertThat(patched.path("forked_from")).isEqualTo(made.json().path("forked_from"));
		this.api.delete(SESSION + "?soft=false", source).expect(204);
		assertThat(this.api.log(fork)).hasSize(3);
	}

	@Test
	void aForkHasDetailsOfItsOwn() {
		String owner = Api.newId();
		String source = Api.newId();
		this.api
			.create(json("{'session_id':'" + source + "','owner':'" + owner + "','title':'of the source',"
					+ "'labels':{'a':'" + owner + "'},'metadata':{'x':1}}"))
			.expect(201);
		JsonNode bare = fork(source, "{}").expect(201).json();
		for (String name : List.of("owner", "title", "labels", "expires_at", "metadata")) {
			assertThat(bare.has(name)).as(name).isFalse();
		}
		JsonNode made = fork(source, "{'owner':'" + owner + "','title':'Of the Fork','labels':{'a':'" + owner
				+ "'},'expires_at':'2100-01-01T00:00:00Z'}")
			.expect(201)
			.json();
		assertThat(this.api.session(made.path("session_id").stringValue())).isEqualTo(made);
		assertThat(made.path("title").stringValue()).isEqualTo("Of the Fork");
		assertThat(made.path("expires_at").stringValue()).isEqualTo("2100-01-01T00:00:00.000000Z");
		for (String filter : List.of("owner=" + owner + "&order=created", "owner=" + owner + "&title=FORK",
				"label=a:" + owner + "&title=fork")) {
			assertThat(this.api.get("/v1/sessions?" + filter).expect(200).data()).as(filter).contains(made);
		}
		fork(source, "{'labels':{'a':1}}").wrongAt("/labels/a");
	}

	@Test
	void aForkEndsWhereItIsWantedTo() {
		String source = this.api.sessionOf(5);
		this.api.save(source, message("anew 1"), message("anew 2"), message("anew 3")).expect(200);
		JsonNode made = fork(source, "{'through_seq':8}").expect(201).json();
		String fork = made.path("session_id").stringValue();
		assertThat(made.path("last_seq").intValue()).isEqualTo(2);
		assertThat(made.at("/forked_from/seq").intValue()).isEqualTo(8);
		assertThat(this.api.contents(fork)).containsExactly("anew 1", "anew 2");
		assertThat(this.api.log(fork)).extracting((message) -> message.path("seq").intValue()).containsExactly(1, 2);
		fork(source, "{'through_seq':5}").wrongAt("/through_seq");
		fork(source, "{'through_seq':10}").wrongAt("/through_seq");
		fork(source, "{'through_seq':-1}").wrongAt("/through_seq");
		String empty = fork(source, "{'through_seq':6}").expect(201).json().path("session_id").stringValue();
		assertThat(this.api.log(empty)).isEmpty();
		this.api.append(empty, message("first")).expect(201);
		assertThat(this.api.log(empty).get(0).path("seq").intValue()).isEqualTo(1);
	}

	@Test
	void aViewIsTakenOverAsFarAsItGoes() {
		String source = this.api.sessionOf(8);
		this.api.request(HttpMethod.PUT, SESSION + "/view", source)
			.json(json("{'ranges':[[6,7],[2,3],[8]]}"))
			.send()
			.expect(200);
		String whole = fork(source, "{}").expect(201).json().path("session_id").stringValue();
		assertThat(history(whole)).containsExactly("6", "7", "2", "3", "8");
		this.api.append(whole, message("9")).expect(201);
		assertThat(history(whole)).endsWith("8", "9");
		String cut = fork(source, "{'through_seq':6}").expect(201).json().path("session_id").stringValue();
		assertThat(history(cut)).containsExactly("6", "2", "3");
		JsonNode view = this.api.get(SESSION + "/view", cut).expect(200).json();
		assertThat(view.path("ranges").toString()).isEqualTo("[[6,6],[2,3],[7]]");
		assertThat(view.path("view_no").intValue()).isEqualTo(1);
		assertThat(this.api
			.get(SESSION + "/view",
					fork(this.api.sessionOf(2), "{}").expect(201).json().path("session_id").stringValue())
			.expect(200)
			.json()
			.path("view_no")
			.intValue()).isZero();
	}

	@Test
	void theAgentIsTheOneThatWasAtWork() {
		String source = Api.newId();
		for (String agent : List.of("a", "b", "c")) {
			this.api
				.takeTurn(source,
						"{\"messages\":[" + message(agent) + "],"
								+ json("'agent_switch':{'to_agent':'" + agent + "','reason':'r'}}"))
				.expect(201);
		}
		String fork = fork(source, "{'through_seq':2}").expect(201).json().path("session_id").stringValue();
		JsonNode context = this.api.get(CONTEXT, fork).expect(200).json();
		assertThat(context.path("current_agent").stringValue()).isEqualTo("b");
		assertThat(context.path("switch_count").intValue()).isEqualTo(2);
		assertThat(this.api.switches(fork)).isEqualTo(this.api.switches(source).subList(0, 2));
		this.api.makeSwitch(fork, json("{'from_agent':'b','to_agent':'d'}")).expect(201);
		assertThat(this.api.switches(fork)).hasSize(3);
		String before = fork(source, "{'through_seq':0}").expect(201).json().path("session_id").stringValue();
		assertThat(this.api.switches(before)).isEmpty();
		this.api.get(CONTEXT, before).problem(404, "agent-context-not-found");
		this.api.makeSwitch(before, json("{'to_agent':'d'}")).expect(201);
		assertThat(this.api.switches(source)).hasSize(3);
	}

	/** More of them than are copied at once. */
	@Test
	void manySwitchesAreTakenOver() {
		String source = this.api.sessionOf(2);
		this.api.makeSwitch(source, json("{'to_agent':'a'}")).expect(201);
		String numbers = (this.engine == Engine.POSTGRESQL) ? "generate_series(2, 25000)" : "system_range(2, 25000)";
		this.tables.update("insert into agent_switches (context_db_id, switch_no, at_seq, to_agent)"
				+ " select c.id, n.x, 2, 'a' from " + numbers + " as n(x), agent_contexts c join sessions s"
				+ " on s.id = c.session_db_id where s.session_id = '" + source + "'");
		String fork = fork(source, "{}").expect(201).json().path("session_id").stringValue();
		assertThat(this.tables.count("agent_switches w join agent_contexts c on c.id = w.context_db_id"
				+ " join sessions s on s.id = c.session_db_id where s.session_id = '" + fork + "'"))
			.isEqualTo(25_000);
	}

	@Test
	void aContextThatWasSavedSinceIsTakenOverAsItIs() {
		String source = this.api.sessionOf(2);
		this.api.makeSwitch(source, json("{'to_agent':'a'}")).expect(201);
		this.api.request(HttpMethod.PUT, CONTEXT, source)
			.json(json("{'current_agent':'c','switch_count':7}"))
			.send()
			.expect(200);
		String whole = fork(source, "{}").expect(201).json().path("session_id").stringValue();
		JsonNode context = this.api.get(CONTEXT, whole).expect(200).json();
		assertThat(context.path("current_agent").stringValue()).isEqualTo("c");
		assertThat(context.path("switch_count").intValue()).isEqualTo(7);
		this.api.makeSwitch(whole, json("{'from_agent':'c','to_agent':'d'}")).expect(201);
		String part = fork(source, "{'through_seq':1}").expect(201).json().path("session_id").stringValue();
		this.api.get(CONTEXT, part).problem(404, "agent-context-not-found");
	}

	@Test
	void whoIsNamedByTheFirstSwitchHeldTheSessionBeforeIt() {
		String source = this.api.sessionOf(2);
		this.api.makeSwitch(source, json("{'from_agent':'a','to_agent':'b'}")).expect(201);
		String before = fork(source, "{'through_seq':1}").expect(201).json().path("session_id").stringValue();
		assertThat(this.api.get(CONTEXT, before).expect(200).json().path("current_agent").stringValue()).isEqualTo("a");
	}

	@Test
	void logAndViewAreThoseOfOneMoment() {
		for (int round = 0; round < 12; round++) {
			String source = this.api.sessionOf(30);
			List<List<String>> histories = new ArrayList<>(List.of(history(source)));
			List<Answer> answers = Api.together(2, (i) -> (i == 0) ? compact(source, histories)
					: fork(source, "{'session_id':'" + source + "-fork'}").expect(201));
			assertThat(history(answers.get(1).json().path("session_id").stringValue())).isIn(histories);
		}
	}

	private Answer compact(String source, List<List<String>> histories) {
		Answer last = null;
		for (int through = 10; through <= 30; through += 10) {
			last = this.api
				.post("{\"summary\":" + message("to " + through) + ",\"through_seq\":" + through + "}",
						"/v1/sessions/{session}/compactions", source)
				.expect(201);
			histories.add(history(source));
		}
		return last;
	}

	@Test
	void aLongLogIsCopiedWhole() {
		String source = this.api.sessionOf(2500);
		String fork = fork(source, "{}").expect(201).json().path("session_id").stringValue();
		assertThat(this.api.log(fork)).isEqualTo(this.api.log(source));
	}

	@Test
	void aNameIsTakenOnce() {
		String source = this.api.sessionOf(1);
		String taken = this.api.newSession();
		fork(source, "{'session_id':'" + taken + "'}").problem(409, "session-exists");
		this.api.softDelete(taken);
		fork(source, "{'session_id':'" + taken + "'}").problem(410, "session-deleted");
		fork(source, "{'session_id':'a/b'}").wrongAt("/session_id");
		fork(source, "{'colour':'me'}").wrongAt("/colour");
		fork(Api.newId(), "{}").problem(404, "session-not-found");
		String fresh = Api.newId();
		List<Integer> statuses = Api.together(6, (i) -> fork(source, "{'session_id':'" + fresh + "'}").status());
		assertThat(statuses).containsOnlyOnce(201).allMatch((status) -> status == 201 || status == 409);
		this.api.softDelete(source);
		fork(source, "{}").problem(410, "session-deleted");
		assertNothingIsHidden();
	}

	/** It was free when the fork began. */
	@Test
	void aNameThatIsTakenInTheEndIsTold() {
		SessionKey source = new SessionKey("default", this.api.sessionOf(1));
		SessionKey taken = new SessionKey("default", this.api.newSession());
		TestStore store = TestStore.on(this.engine);
		Mono<SessionRow> fork = store.bean(SessionReads.class)
			.require(source, false)
			.flatMap((row) -> store.bean(Forks.class).make(new Fork(row, 1, taken, SessionDetails.NONE)));
		assertRefused(fork, "session-exists");
		this.api.softDelete(taken.sessionId());
		assertRefused(fork, "session-deleted");
		assertNothingIsHidden();
	}

	@Test
	void aForkBesideAppendsIsExactUpToItsEnd() {
		String source = this.api.sessionOf(600);
		List<String> forks = Api.together(4, (i) -> {
			if (i == 0) {
				IntStream.range(0, 40).forEach((n) -> this.api.append(source, message("more " + n)).expect(201));
				return "";
			}
			return fork(source, "{}").expect(201).json().path("session_id").stringValue();
		});
		List<JsonNode> log = this.api.log(source);
		for (String fork : forks.subList(1, 4)) {
			List<JsonNode> copied = this.api.log(fork);
			assertThat(copied).hasSizeGreaterThanOrEqualTo(600).isEqualTo(log.subList(0, copied.size()));
		}
		assertNothingIsHidden();
	}

	@Test
	void aForkOfASourceThatIsReplacedMeanwhileIsOneOrTheOther() {
		String source = this.api.sessionOf(1200);
		List<Answer> forks = Api.together(4,
				(i) -> (i == 0) ? this.api.save(source, message("another")).expect(200) : fork(source, "{}"));
		for (Answer fork : forks.subList(1, 4)) {
			List<String> contents = this.api.contents(fork.expect(201).json().path("session_id").stringValue());
			assertThat(contents.size()).isIn(1, 1200);
		}
		assertNothingIsHidden();
	}

	/** By another history with as many switches, so that only their numbers differ. */
	@Test
	void theAgentAndItsHistoryAreThoseOfOneMoment() {
		SessionKey source = new SessionKey("default", this.api.sessionOf(1));
		this.api.makeSwitch(source.sessionId(), json("{'to_agent':'a'}")).expect(201);
		TestStore store = TestStore.on(this.engine);
		ForkRepository repository = store.bean(ForkRepository.class);
		SessionRow row = store.bean(SessionReads.class).require(source, false).block();
		Fork fork = new Fork(row, 1, new SessionKey("default", Api.newId()), SessionDetails.NONE);
		long id = repository.begin(fork, (begun) -> {
		}).block();
		ForkRepository.CopiedContext found = repository.findContext(fork, id).block();
		this.api.request(HttpMethod.PUT, CONTEXT, source.sessionId())
			.json(json("{'current_agent':'b','agent_history':[{'to':'b'}]}"))
			.send()
			.expect(200);
		StepVerifier.create(repository.copyAgents(fork, found))
			.verifyErrorMatches((error) -> error == MessageLog.CHANGED);
		repository.discard(id).block();
	}

	@Test
	void whatAForkLeftBehindIsRemovedAfterAnHour() {
		String name = Api.newId();
		this.tables.update("insert into sessions (tenant, session_id, created_at) values ('" + SessionKey.FORKING
				+ "', '" + name + "', now() - interval '2' hour)");
		this.tables
			.update("insert into messages (session_db_id, seq, role, content) select id, 1, 'user', 'x' from sessions"
					+ " where session_id = '" + name + "'");
		for (String query : List.of("/v1/sessions?limit=1000",
				"/v1/sessions?order=created&limit=1000&include_deleted=true")) {
			assertThat(this.api.walk(query)).noneMatch((page) -> page.text().contains(name));
		}
		this.api.get(SESSION, name).problem(404, "session-not-found");
		Awaitility.await("the sweep").until(() -> this.tables.count("sessions where session_id = '" + name + "'") == 0);
	}

	private static void assertRefused(Mono<SessionRow> fork, String name) {
		StepVerifier.create(fork)
			.verifyErrorSatisfies((error) -> assertThat(error).isInstanceOfSatisfying(ProblemException.class,
					(problem) -> assertThat(problem.problem().name()).isEqualTo(name)));
	}

	private void assertNothingIsHidden() {
		Awaitility.await("what was not finished is left to the sweep")
			.until(() -> this.tables.count("sessions where tenant = '" + SessionKey.FORKING
					+ "' and created_at > now() - interval '1' hour") == 0);
	}

	private Answer fork(String source, String body) {
		return this.api.post(json(body), FORKS, source);
	}

	private List<String> history(String session) {
		return this.api.get(HISTORY, session)
			.expect(200)
			.json()
			.path("messages")
			.valueStream()
			.map((message) -> message.path("content").stringValue(""))
			.toList();
	}

}
