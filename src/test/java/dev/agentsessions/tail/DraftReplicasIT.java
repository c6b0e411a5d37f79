package dev.agentsessions.tail;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.agentsessions.Api;
import dev.agentsessions.TestPostgres;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import dev.agentsessions.tail.Follower.Event;
import dev.agentsessions.tail.draft.hub.DraftTimes;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

import static dev.agentsessions.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Drafts that are written on one replica and followed on another, and what becomes of
 * them when a writer, a replica or the database's memory of them is gone.
 */
class DraftReplicasIT {

	private static final String DRAFTS = "/v1/sessions/{id}/drafts";

	private static final String COMMIT = json("{'message':{'role':'assistant','content':'whole'}}");

	private static final DraftTimes TIMES = new DraftTimes(Duration.ofSeconds(4), Duration.ofMillis(300),
			Duration.ofMillis(50), Duration.ofSeconds(2));

	private static final String database = TestStore.newDatabase(Engine.POSTGRESQL);

	private static TestStore here;

	private static TestStore there;

	private static Api api;

	private static Api elsewhere;

	private final List<AutoCloseable> opened = new ArrayList<>();

	private String session;

	@BeforeAll
	static void startStores() {
		here = TestStore.start(List.of(TIMES), database);
		there = TestStore.start(List.of(TIMES), database);
		api = Api.on(here);
		elsewhere = Api.on(there);
	}

	@AfterAll
	static void closeStores() {
		here.close();
		there.close();
	}

	@BeforeEach
	void begin() {
		this.session = api.sessionOf(1);
	}

	@AfterEach
	void stop() throws Exception {
		for (AutoCloseable each : this.opened) {
			each.close();
		}
		execute("truncate drafts, draft_pieces");
	}

	@Test
	void whatIsSaidHereIsToldThere() {
		Follower follower = follow(there);
		DraftRequest draft = write(here, "a", "");
		StringBuilder said = new StringBuilder();
		for (int i = 0; i < 30; i++) {
			draft.say("pi🙂ce " + i + ", ");
			said.append("pi🙂ce ").append(i).append(", ");
			if (i % 10 == 9) {
				awaitText(follower, "a", said.toString());
			}
		}
		draft.line(COMMIT).expect(201);
		assertThat(follower.await((event) -> event.name().equals("message")).content()).isEqualTo("whole");
		awaitRows(0);
		assertThat(follower.events()).extracting(Event::name).endsWith("message").doesNotContain("draft_discarded");
	}

	@Test
	void whoComesLateThereIsToldAllThatWasSaidHere() {
		DraftRequest draft = write(here, "a", "").say("said before anybody asked");
		awaitDraft(api, "said before anybody asked");
		assertThat(texts(elsewhere)).containsExactly("said before anybody asked");
		draft.say(", and after");
		Follower follower = follow(there);
		awaitText(follower, "a", "said before anybody asked, and after");
		draft.say(". End.");
		awaitText(follower, "a", "said before anybody asked, and after. End.");
		draft.line(json("{'discard':true}")).expect(200);
		follower.await((event) -> event.name().equals("draft_discarded"));
	}

	@Test
	void aDraftGoesOnOnAnotherReplica() {
		Follower near = follow(here);
		Follower far = follow(there);
		DraftRequest first = write(here, "a", "").say("one");
		awaitText(near, "a", "one");
		assertThat(write(there, "a", "?offset=1").problem(409, "draft-offset").path("offset").longValue()).isEqualTo(3);
		DraftRequest second = write(there, "a", "?offset=3").say(" two");
		first.problem(409, "draft-taken");
		awaitText(near, "a", "one two");
		awaitText(far, "a", "one two");
		second.close();
		DraftRequest third = write(here, "a", "?offset=7").say(" three");
		awaitText(near, "a", "one two three");
		awaitText(far, "a", "one two three");
		third.line(COMMIT).expect(201);
		for (Follower follower : List.of(near, far)) {
			follower.await((event) -> event.name().equals("message"));
			assertThat(follower.events()).extracting(Event::name).endsWith("message").doesNotContain("draft_discarded");
		}
	}

	@Test
	void aReplicaThatStopsHandsItsDraftsOver() {
		Follower follower = follow(there);
		TestStore stopped = TestStore.start(List.of(TIMES), database);
		DraftRequest draft = write(stopped, "a", "").say("before");
		awaitText(follower, "a", "before");
		draft.say(" the stop");
		awaitDraft(Api.on(stopped), "before the stop");
		stopped.close();
		draft.problem(503, "busy");
		DraftRequest next = write(there, "a", "?offset=15").say(", after it");
		awaitText(follower, "a", "before the stop, after it");
		next.line(COMMIT).expect(201);
		assertThat(follower.await((event) -> event.name().equals("message")).content()).isEqualTo("whole");
	}

	@Test
	void silenceDiscardsADraft() {
		Follower near = follow(here);
		Follower far = follow(there);
		DraftRequest silent = write(here, "silent", "").say("hm");
		write(here, "left", "").say("bye").end().expect(202);
		silent.problem(408, "draft-silent");
		for (Follower follower : List.of(near, far)) {
			for (String id : List.of("silent", "left")) {
				follower.await((event) -> event.name().equals("draft_discarded")
						&& event.data().path("message_id").stringValue().equals(id));
			}
		}
		awaitRows(0);
		assertThat(api.log(this.session)).hasSize(1);
	}

	@Test
	void anEmptyTextIsASignOfLife() {
		DraftRequest draft = write(here, "a", "").say("thinking");
		long end = System.nanoTime() + 2 * TIMES.silence().toNanos();
		Awaitility.await().pollInterval(Duration.ofMillis(200)).until(() -> {
			draft.say("");
			return draft.isAnswered() || System.nanoTime() - end > 0;
		});
		assertThat(draft.isAnswered()).isFalse();
		draft.line(COMMIT).expect(201);
	}

	/** The replica that has the writer has not heard of it. */
	@Test
	void whoWasTakenOverCanNotEndTheDraft() throws SQLException {
		DraftRequest draft = write(here, "a", "").say("one");
		awaitDraft(api, "one");
		execute("update drafts set draft_no = draft_no + 1, replica = 'another'");
		draft.line(COMMIT).problem(409, "draft-taken");
		assertThat(api.log(this.session)).hasSize(1);
		DraftRequest discarding = write(here, "b", "").say("two");
		Awaitility.await().until(() -> texts(elsewhere).contains("two"));
		execute("update drafts set draft_no = draft_no + 1, replica = 'another' where message_id = 'b'");
		discarding.line(json("{'discard':true}")).problem(409, "draft-taken");
		assertThat(count("drafts")).isEqualTo(2);
		DraftRequest leaving = write(here, "c", "").say("three");
		Awaitility.await().until(() -> texts(elsewhere).contains("three"));
		execute("update drafts set draft_no = draft_no + 1, replica = 'another' where message_id = 'c'");
		leaving.say(" and what nobody gets").end().problem(409, "draft-taken");
		assertThat(texts(elsewhere)).contains("three");
	}

	@Test
	void whoseDraftWasDiscardedElsewhereCanNotEndIt() {
		Follower follower = follow(here);
		for (String id : List.of("a", "b", "c")) {
			DraftRequest draft = write(here, id, "").say("hello");
			Awaitility.await().untilAsserted(() -> assertThat(texts(elsewhere)).containsExactly("hello"));
			write(there, id, "?offset=5").line(json("{'discard':true}")).expect(200);
			draft.line(COMMIT).problem(409, "draft-taken");
		}
		DraftRequest draft = write(here, "d", "").say("hello");
		Awaitility.await().untilAsserted(() -> assertThat(texts(elsewhere)).containsExactly("hello"));
		write(there, "d", "?offset=5").line(json("{'discard':true}")).expect(200);
		draft.problem(409, "draft-taken");
		follower.await((event) -> event.name().equals("draft_discarded")
				&& event.data().path("message_id").stringValue().equals("d"));
		assertThat(texts(api)).isEmpty();
		assertThat(api.log(this.session)).hasSize(1);
	}

	@Test
	void whoHasSaidNothingLeavesNothing() {
		write(here, "cut", "").close();
		write(here, "wrong", "").line("nonsense").expect(400);
		write(here, "open", "").end().expect(202);
		Awaitility.await()
			.untilAsserted(() -> assertThat(api.get(DRAFTS, this.session).expect(200).data())
				.extracting((draft) -> draft.path("message_id").stringValue())
				.containsExactly("open"));
	}

	/** As after a crash of the database, which keeps no unlogged table. */
	@Test
	void whatTheDatabaseHasForgottenItIsToldAgain() throws SQLException {
		Follower near = follow(here);
		Follower far = follow(there);
		DraftRequest draft = write(here, "a", "").say("one");
		awaitText(far, "a", "one");
		execute("truncate drafts, draft_pieces restart identity; select pg_terminate_backend(pid) from pg_stat_activity"
				+ " where datname = current_database() and pid <> pg_backend_pid()");
		far.await((event) -> event.name().equals("draft_discarded"));
		draft.say(" two");
		awaitText(near, "a", "one two");
		Awaitility.await().untilAsserted(() -> assertThat(texts(elsewhere)).containsExactly("one two"));
		Awaitility.await().untilAsserted(() -> assertThat(sinceDiscarded(far)).isEqualTo("one two"));
		draft.line(COMMIT).expect(201);
		assertThat(near.await((event) -> event.name().equals("message")).content()).isEqualTo("whole");
		assertThat(near.events()).extracting(Event::name).doesNotContain("draft_discarded");
		far.await((event) -> event.name().equals("message"));
	}

	@Test
	void anErasureEndsADraftAndRemovesItsText() throws SQLException {
		Follower follower = follow(there);
		DraftRequest draft = write(here, "a", "").say("secret");
		awaitText(follower, "a", "secret");
		JsonNode erasure = api.post("/v1/erasures")
			.json("{\"session_ids\":[\"" + this.session + "\"]}")
			.send()
			.expect(202)
			.json();
		assertThat(draft.reply().status()).isIn(404, 410);
		follower.awaitEnd();
		Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.until(() -> api.get("/v1/erasures/{id}", erasure.path("erasure_id").stringValue())
				.json()
				.path("state")
				.stringValue()
				.equals("done"));
		assertThat(count("drafts")).isZero();
		assertThat(count("draft_pieces")).isZero();
	}

	@Test
	void aTenantHasSoManyDraftsAtMost() {
		try (TestStore strict = TestStore.start(database, "store.drafts.max-per-tenant=3")) {
			for (int i = 0; i < 3; i++) {
				write(here, "m" + i, "").say("t").end().expect(202);
			}
			write(strict, "another", "").problem(429, "too-many-drafts");
		}
	}

	@Test
	void nothingIsStoredWhileNobodyElseNeedsIt() throws SQLException {
		DraftRequest draft = write(here, "a", "");
		for (int i = 0; i < 100; i++) {
			draft.say("piece ");
		}
		awaitDraft(api, "piece ".repeat(100));
		assertThat(count("draft_pieces")).isLessThan(10);
	}

	private Follower follow(TestStore store) {
		Follower follower = Follower.of(store.uri(), "/v1/sessions/" + this.session + "/tail?drafts=true", null);
		this.opened.add(follower);
		follower.ready();
		return follower;
	}

	private DraftRequest write(TestStore store, String id, String query) {
		DraftRequest request = DraftRequest.to(store.uri(), this.session, id, query);
		this.opened.add(request);
		return request;
	}

	private static void awaitText(Follower follower, String id, String text) {
		Awaitility.await(id).untilAsserted(() -> assertThat(DraftContractTest.texts(follower, id)).isEqualTo(text));
	}

	/** The text that was told after the end of the draft before. */
	private static String sinceDiscarded(Follower follower) {
		String text = "";
		for (Event event : follower.events()) {
			text = event.name().equals("draft") ? text.substring(0, event.data().path("offset").intValue())
					+ event.data().path("text").stringValue() : "";
		}
		return text;
	}

	private void awaitDraft(Api api, String text) {
		Awaitility.await().untilAsserted(() -> assertThat(texts(api)).containsExactly(text));
	}

	private List<String> texts(Api api) {
		return api.get(DRAFTS, this.session)
			.expect(200)
			.data()
			.stream()
			.map((draft) -> draft.path("text").stringValue())
			.toList();
	}

	private void awaitRows(long rows) {
		Awaitility.await().untilAsserted(() -> {
			assertThat(count("drafts")).isEqualTo(rows);
			assertThat(count("draft_pieces")).isEqualTo(rows);
		});
	}

	private long count(String table) throws SQLException {
		try (Connection connection = TestPostgres.connect(database);
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery("select count(*) from " + table)) {
			row.next();
			return row.getLong(1);
		}
	}

	private void execute(String sql) throws SQLException {
		try (Connection connection = TestPostgres.connect(database);
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

}
