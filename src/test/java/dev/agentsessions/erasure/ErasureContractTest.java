package dev.agentsessions.erasure;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.TestPostgres;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import dev.agentsessions.retention.RetentionPace;
import dev.agentsessions.retention.Tables;
import dev.agentsessions.session.SessionKey;
import io.micrometer.core.instrument.MeterRegistry;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import org.springframework.http.HttpMethod;

import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * What is erased is gone, and a receipt says so.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class ErasureContractTest {

	private static final String ERASURES = "/v1/erasures";

	private static final Duration SOON = Duration.ofSeconds(20);

	private static TestStore store;

	@Parameter
	private Engine engine;

	private final Api api = Api.on(store);

	private final Tables tables = Tables.of(store);

	private final String owner = "owner-" + Api.newId();

	@BeforeParameterizedClassInvocation
	static void start(Engine engine) {
		store = TestStore.start(List.of(new RetentionPace(300, Duration.ZERO, Duration.ofMillis(20))),
				TestStore.newDatabase(engine));
	}

	@AfterParameterizedClassInvocation
	static void stop() {
		store.close();
	}

	@Test
	void nothingOfAnOwnerIsLeft() {
		List<String> sessions = IntStream.range(0, 5).mapToObj((i) -> owned(3)).toList();
		this.api.softDelete(sessions.get(1));
		this.api.makeSwitch(sessions.get(2), json("{'to_agent':'a'}")).expect(201);
		this.api.post(Api.MESSAGES, sessions.get(3))
			.header("Idempotency-Key", "k")
			.json(message("with a key"))
			.send()
			.expect(201);
		String other = this.api.sessionOf(1);
		Answer answer = erase("{'owner':'" + this.owner + "'}").expect(202);
		JsonNode receipt = answer.json();
		assertThat(answer.header("Location")).isEqualTo(ERASURES + "/" + receipt.path("erasure_id").stringValue());
		assertThat(receipt.path("state").stringValue()).isIn("removing", "done");
		assertThat(receipt.path("sessions").longValue()).isEqualTo(5);
		assertThat(receipt.path("messages").longValue()).isEqualTo(16);
		for (String session : sessions) {
			this.api.get(SESSION + "?include_deleted=true", session).problem(404, "session-not-found");
			this.api.get(Api.MESSAGES, session).problem(404, "session-not-found");
			this.api.post("", SESSION + "/restore", session).problem(404, "session-not-found");
		}
		assertThat(this.api.get("/v1/sessions?include_deleted=true&owner=" + this.owner).data()).isEmpty();
		JsonNode done = awaitDone(receipt);
		assertThat(done.path("sessions").longValue()).isEqualTo(5);
		assertThat(done.path("messages").longValue()).isEqualTo(16);
		assertThat(done.has("finished_at")).isTrue();
		assertThat(done.toString()).doesNotContain(this.owner).doesNotContain(sessions.get(0));
		assertThat(this.tables.count("session_terms where owner = '" + this.owner + "'")).isZero();
		assertThat(this.tables.count("erasures where owner is not null or session_ids_json is not null")).isZero();
		assertThat(this.api.contents(other)).containsExactly("1");
	}

	@Test
	void whatComesAfterwardsIsNew() {
		String session = owned(2);
		JsonNode receipt = erase("{'owner':'" + this.owner + "'}").expect(202).json();
		this.api.create(json("{'session_id':'" + session + "','owner':'" + this.owner + "'}")).expect(201);
		this.api.append(session, message("again")).expect(201);
		awaitDone(receipt);
		assertThat(this.api.contents(session)).containsExactly("again");
		assertThat(this.api.get("/v1/sessions?owner=" + this.owner).data()).hasSize(1);
		JsonNode second = awaitDone(erase("{'session_ids':['" + session + "']}").expect(202).json());
		assertThat(second.path("messages").longValue()).isEqualTo(1);
		this.api.get(SESSION, session).problem(404, "session-not-found");
	}

	@Test
	void aThousandAreOutOfReachBeforeTheAnswer() {
		this.tables.insert(this.owner, "insert into sessions (session_id, owner) select '" + this.owner + "-' || x, '"
				+ this.owner + "' from "
				+ ((this.engine == Engine.POSTGRESQL) ? "generate_series(1, 1000) x" : "system_range(1, 1000)"));
		JsonNode receipt = erase("{'owner':'" + this.owner + "'}").expect(202).json();
		assertThat(receipt.path("state").stringValue()).isIn("removing", "done");
		assertThat(awaitDone(receipt).path("sessions").longValue()).isEqualTo(1000);
	}

	@Test
	void sessionsAreErasedByTheirIds() {
		List<String> sessions = IntStream.range(0, 3).mapToObj((i) -> this.api.sessionOf(1)).toList();
		String spared = this.api.sessionOf(1);
		JsonNode receipt = erase("{'session_ids':['" + sessions.get(0) + "','" + sessions.get(2) + "','absent','"
				+ sessions.get(0) + "','" + sessions.get(1) + "']}")
			.expect(202)
			.json();
		assertThat(receipt.path("sessions").longValue()).isEqualTo(3);
		sessions.forEach((session) -> this.api.get(SESSION, session).problem(404, "session-not-found"));
		assertThat(this.api.contents(spared)).containsExactly("1");
		JsonNode none = awaitDone(erase("{'session_ids':['absent']}").expect(202).json());
		assertThat(none.path("sessions").longValue()).isZero();
		awaitDone(receipt);
	}

	@Test
	void moreThanAThousandGoOnByThemselves() {
		this.tables.insert(this.owner, "insert into sessions (session_id, owner, last_seq) select '" + this.owner
				+ "-' || x, '" + this.owner + "', 2 from "
				+ ((this.engine == Engine.POSTGRESQL) ? "generate_series(1, 2500) x" : "system_range(1, 2500)"));
		JsonNode receipt = erase("{'owner':'" + this.owner + "'}").expect(202).json();
		assertThat(receipt.path("sessions").longValue()).isBetween(1000L, 2500L);
		JsonNode done = awaitDone(receipt);
		assertThat(done.path("sessions").longValue()).isEqualTo(2500);
		assertThat(done.path("messages").longValue()).isEqualTo(5000);
	}

	/**
	 * While they are erased others write to them: what was there before is never seen
	 * again.
	 */
	@Test
	void anAppendThatRacesEndsInANewSessionOrInNothing() {
		List<String> sessions = IntStream.range(0, 8).mapToObj((i) -> owned(1)).toList();
		List<Answer> answers = Api.together(9, (i) -> {
			if (i == 8) {
				return erase("{'owner':'" + this.owner + "'}");
			}
			Answer last = null;
			for (int n = 0; n < 10; n++) {
				last = this.api.append(sessions.get(i), message("raced " + n)).expect(201);
			}
			return last;
		});
		awaitDone(answers.get(8).expect(202).json());
		for (String session : sessions) {
			Answer page = this.api.get(Api.MESSAGES + "?after=0", session);
			if (page.status() == 200) {
				assertThat(page.data()).extracting((each) -> each.path("content").stringValue())
					.doesNotContain("1")
					.endsWith("raced 9");
				assertThat(page.data().get(0).path("seq").longValue()).isEqualTo(1);
			}
		}
	}

	@Test
	void aSessionThatIsBusyIsWaitedFor() throws SQLException {
		assumeTrue(this.engine == Engine.POSTGRESQL);
		String busy = owned(1);
		String free = owned(1);
		JsonNode receipt;
		try (Connection connection = this.tables.connect(store, busy);
				Statement statement = connection.createStatement()) {
			connection.setAutoCommit(false);
			statement.executeQuery("select 1 from sessions where session_id = '" + busy + "' for update");
			receipt = erase("{'owner':'" + this.owner + "'}").expect(202).json();
			assertThat(receipt.path("state").stringValue()).isEqualTo("marking");
			assertThat(receipt.path("sessions").longValue()).isEqualTo(1);
			this.api.get(SESSION, free).problem(404, "session-not-found");
			nothingIsLeftButMoreIsToCome(receipt);
			anotherOneHasItsTurn();
			connection.rollback();
		}
		assertThat(awaitDone(receipt).path("sessions").longValue()).isEqualTo(2);
	}

	/**
	 * A fork that begins now would not be known to the erasure, and keep what it erases.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "{'owner':'%1$s'}", "{'session_ids':['%2$s']}" })
	void whatIsAboutToBeErasedIsNotForked(String target) throws SQLException {
		assumeTrue(this.engine == Engine.POSTGRESQL);
		String source = owned(2);
		String fork = Api.newId();
		JsonNode receipt;
		try (Connection connection = this.tables.connect(store, source);
				Statement statement = connection.createStatement()) {
			connection.setAutoCommit(false);
			statement.executeQuery("select 1 from sessions where session_id = '" + source + "' for key share");
			receipt = erase(target.formatted(this.owner, source)).expect(202).json();
			assertThat(receipt.path("state").stringValue()).isEqualTo("marking");
			JsonNode refused = this.api.post(json("{'session_id':'" + fork + "'}"), SESSION + "/forks", source)
				.problem(503, "busy");
			assertThat(refused.path("detail").stringValue()).as("it is not tried again").contains("being erased");
			connection.rollback();
		}
		awaitDone(receipt);
		this.api.get(SESSION, fork).problem(404, "session-not-found");
	}

	private void anotherOneHasItsTurn() {
		JsonNode other = erase("{'owner':'nobody'}").expect(202).json();
		Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.until(() -> this.tables.count("erasures where removed_at is not null and erasure_id = '"
					+ other.path("erasure_id").stringValue() + "'") > 0);
	}

	/** The end of a turn, with nothing to remove at the moment. */
	private void nothingIsLeftButMoreIsToCome(JsonNode receipt) {
		String id = receipt.path("erasure_id").stringValue();
		String mine = "erasures e where e.erasure_id = '" + id + "'";
		Awaitility.await()
			.atMost(SOON)
			.until(() -> this.tables.count("sessions s where s.erasure_db_id = (select e.id from " + mine + ")") == 0);
		ErasureRepository repository = store.bean(ErasureRepository.class);
		Erasure erasure = Objects.requireNonNull(repository.unfinished(100).block())
			.stream()
			.filter((each) -> each.erasureId().equals(id))
			.findFirst()
			.orElseThrow();
		assertThat(repository.finish(erasure).block()).isFalse();
		assertThat(this.tables.count(mine + " and e.removed_at is not null")).isZero();
	}

	@Test
	void aSecondTryIsNotDoneBeforeTheFirst() {
		String first = "00000000-0000-7000-8000-" + this.owner.substring(this.owner.length() - 12);
		// its session is there before it: the job looks at any time
		this.tables.update(
				"insert into sessions (tenant, session_id, erasure_db_id) values ('elsewhere', '" + first + "', -1)");
		this.tables.update("insert into erasures (id, tenant, erasure_id, horizon, state) values (-1, 'default', '"
				+ first + "', 0, 'removing')");
		JsonNode second = erase("{'owner':'" + this.owner + "'}").expect(202).json();
		Awaitility.await()
			.atMost(SOON)
			.until(() -> this.tables.count("erasures where removed_at is not null and erasure_id = '"
					+ second.path("erasure_id").stringValue() + "'") > 0);
		assertThat(find(second).path("state").stringValue()).isEqualTo("removing");
		this.tables.update("delete from sessions where session_id = '" + first + "'");
		awaitDone(second);
		assertThat(this.api.get(ERASURES + "/" + first).expect(200).json().path("state").stringValue())
			.isEqualTo("done");
	}

	@Test
	void manyOfOneTenantLeaveRoomForAnother() {
		// their sessions are there before them: the job looks at any time
		this.tables.update("insert into sessions (tenant, session_id, erasure_db_id) values"
				+ " ('many', 'held 2', -15), ('many', 'held 3', -13), ('many', 'held 4', -14), ('one', 'held 5', -12)");
		this.tables.update("insert into erasures (id, tenant, erasure_id, horizon, state) values"
				+ " (-15, 'many', '2', 0, 'removing'), (-13, 'many', '3', 0, 'removing'),"
				+ " (-14, 'many', '4', 0, 'removing'), (-12, 'one', '5', 0, 'removing')");
		try {
			assertThat(store.bean(ErasureRepository.class).unfinished(3).block()).extracting(Erasure::tenant)
				.contains("many", "one");
		}
		finally {
			this.tables.update("delete from erasures where tenant in ('many', 'one')");
			this.tables.update("delete from sessions where tenant in ('many', 'one')");
		}
	}

	/** However many others wait to be removed. */
	@Test
	void lostForksAreFoundByTheirNames() throws SQLException {
		assumeTrue(this.engine == Engine.POSTGRESQL);
		try (Connection connection = this.tables.connect(store, "any");
				Statement statement = connection.createStatement()) {
			connection.setAutoCommit(false);
			statement.execute("insert into sessions (tenant, session_id) select '" + SessionKey.PURGED
					+ "', 1000000000 + x from generate_series(1, 20000) x");
			statement.execute("analyze sessions");
			assertThat(TestPostgres.plan(connection, store.bean(ErasureRepository.class).done(), Map.of("erasure", 1)))
				.containsPattern("Index Cond: .*session_id.* >= 'fork")
				.doesNotContain("Seq Scan on sessions");
			connection.rollback();
		}
	}

	private String forkUnderWay() {
		String name = Api.newId();
		this.tables.update("insert into sessions (tenant, session_id, is_active, deleted_at) values ('"
				+ SessionKey.FORKING + "', '" + name + "', false, now())");
		return name;
	}

	/** It may have copied a part of what is erased, and is not seen by anybody. */
	@Test
	void aForkUnderWayIsWaitedFor() {
		String session = owned(1);
		String name = forkUnderWay();
		JsonNode receipt = erase("{'session_ids':['" + session + "']}").expect(202).json();
		Awaitility.await()
			.atMost(SOON)
			.until(() -> this.tables.count("erasures where removed_at is not null" + " and erasure_id = '"
					+ receipt.path("erasure_id").stringValue() + "'") > 0);
		assertThat(find(receipt).path("state").stringValue()).isEqualTo("removing");
		this.tables.update("update sessions set tenant = '" + SessionKey.PURGED + "', session_id = '"
				+ SessionKey.LOST_FORK + "1' where session_id = '" + name + "'");
		awaitDone(receipt);
		assertThat(this.tables.count("sessions where session_id = '" + SessionKey.LOST_FORK + "1'")).isZero();
	}

	@Test
	void whatIsDoneIsCounted() {
		MeterRegistry meters = store.bean(MeterRegistry.class);
		double before = meters.get("store.erasures.done").counter().count();
		awaitDone(erase("{'owner':'nobody'}").expect(202).json());
		Awaitility.await()
			.untilAsserted(() -> assertThat(meters.get("store.erasures.done").counter().count()).isGreaterThan(before));
		Awaitility.await()
			.untilAsserted(() -> assertThat(meters.get("store.erasures.unfinished").gauge().value()).isZero());
	}

	@Test
	void aReceiptIsKeptForNinetyDays() {
		JsonNode receipt = awaitDone(erase("{'owner':'nobody'}").expect(202).json());
		String id = receipt.path("erasure_id").stringValue();
		this.tables
			.update("update erasures set finished_at = now() - interval '89' day where erasure_id = '" + id + "'");
		assertThat(find(receipt).path("state").stringValue()).isEqualTo("done");
		this.tables
			.update("update erasures set finished_at = now() - interval '91' day where erasure_id = '" + id + "'");
		store.bean(ErasureRepository.class).forget().block();
		this.api.get(ERASURES + "/" + id).problem(404, "erasure-not-found");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			{} | ''
			{'owner':'a','session_ids':['b']} | ''
			{'owner':''} | /owner
			{'owner':5} | /owner
			{'owner':null} | ''
			{'session_ids':[]} | /session_ids
			{'session_ids':'a'} | /session_ids
			{'session_ids':['a',5]} | /session_ids/1
			{'session_ids':['a/b']} | /session_ids/0
			{'owner':'a','title':'b'} | /title
			""")
	void whatIsWrongIsNamed(String body, String pointer) {
		erase(body).wrongAt(pointer);
	}

	@Test
	void atMostAThousandAreNamed() {
		List<String> ids = new ArrayList<>(IntStream.range(0, 1000).mapToObj((i) -> "'absent " + i + "'").toList());
		awaitDone(erase("{'session_ids':[" + String.join(",", ids) + "]}").expect(202).json());
		ids.add("'one more'");
		erase("{'session_ids':[" + String.join(",", ids) + "]}").wrongAt("/session_ids");
		this.api.get(ERASURES + "/absent").problem(404, "erasure-not-found");
		this.api.get(ERASURES + "/%00").problem(404, "erasure-not-found");
	}

	private String owned(int messages) {
		String session = this.api.sessionOf(messages);
		this.api.request(HttpMethod.PATCH, SESSION, session)
			.json(json("{'owner':'" + this.owner + "'}"))
			.send()
			.expect(200);
		return session;
	}

	private Answer erase(String body) {
		return this.api.post(ERASURES).json(json(body)).send();
	}

	private JsonNode find(JsonNode receipt) {
		return this.api.get(ERASURES + "/" + receipt.path("erasure_id").stringValue()).expect(200).json();
	}

	private JsonNode awaitDone(JsonNode receipt) {
		Awaitility.await()
			.atMost(SOON)
			.untilAsserted(() -> assertThat(find(receipt).path("state").stringValue()).isEqualTo("done"));
		return find(receipt);
	}

}
