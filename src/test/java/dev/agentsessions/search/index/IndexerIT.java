package dev.agentsessions.search.index;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.SilentLoggers;
import dev.agentsessions.TestPostgres;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.DatabaseCalls;
import dev.agentsessions.database.Engine;
import dev.agentsessions.message.log.MessageLog;
import dev.agentsessions.message.log.TestLog;
import dev.agentsessions.problem.UnexpectedErrors;
import dev.agentsessions.retention.RetentionPace;
import dev.agentsessions.retention.Tables;
import dev.agentsessions.search.text.WordThreads;
import dev.agentsessions.write.Commits;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is committed is indexed once, whoever writes it and whoever is at work.
 */
class IndexerIT {

	private static final List<Record> FAST = List.of(new IndexPace(Duration.ofMillis(20), 0),
			new RetentionPace(50, Duration.ZERO, Duration.ofMillis(20)));

	@RegisterExtension
	final SilentLoggers silent = SilentLoggers.of(UnexpectedErrors.class.getName(),
			"dev.agentsessions.database.lane.BatchExecution");

	private static String database;

	private static TestStore store;

	private final Api api = Api.on(store);

	private final Tables tables = Tables.of(store);

	@BeforeAll
	static void start() {
		database = TestStore.newDatabase(Engine.POSTGRESQL);
		store = TestStore.start(FAST, database);
	}

	@AfterAll
	static void stop() {
		store.close();
	}

	@Test
	void aWriterThatTakesLongHoldsTheTimeBackAndIsFoundInTheEnd() throws SQLException {
		try (Connection writer = TestPostgres.connect(store.databaseUrl());
				Statement statement = writer.createStatement()) {
			writer.setAutoCommit(false);
			statement.execute("""
					with s as (insert into sessions (session_id, last_seq) values ('slow', 1) returning id)
					insert into messages (session_db_id, seq, role, content) select id, 1, 'user', 'slowly' from s""");
			Instant begin = time(statement, "select now()");
			String other = this.api.sessionOf(0);
			this.api.append(other, message("quickly")).expect(201);
			await("quickly", 1);
			// rounds begin and end, and none says more than it knows
			for (int i = 0; i < 3; i++) {
				this.api.append(other, message("quickly")).expect(201);
				await("quickly", i + 2);
				assertThat(through(search("slowly"))).isBeforeOrEqualTo(begin);
			}
			writer.commit();
		}
		await("slowly", 1);
		Awaitility.await().untilAsserted(() -> {
			try (Connection clock = TestPostgres.connect(store.databaseUrl());
					Statement statement = clock.createStatement()) {
				assertThat(through(search("slowly"))).isAfter(time(statement, "select now() - interval '2 s'"));
			}
		});
	}

	@Test
	void whatSaysThatItWasLongAgoIsFound() {
		String session = Api.newId();
		this.api
			.put(json("{'messages':[{'role':'user','content':'backdated'}],'last_activity':'2020-01-01T00:00:00Z'}"),
					session)
			.expect(200);
		await("backdated", 1);
		this.api
			.put(json("{'messages':[{'role':'user','content':'backdated'},{'role':'user','content':'backdated too'}],"
					+ "'last_activity':'2020-01-01T00:00:01Z'}"), session)
			.expect(200);
		await("backdated", 2);
		Awaitility.await().untilAsserted(() -> assertThat(this.tables.count("search_wanted")).isZero());
	}

	@Test
	void whatWasWrittenPastTheStoreIsFoundInTheEnd() {
		String first = this.api.sessionOf(1);
		this.api.append(first, message("passed")).expect(201);
		await("passed", 1);
		this.tables.update("""
				with s as (insert into sessions (session_id, last_seq, last_activity)
				    values ('past', 1, '2020-01-01T00:00:00Z') returning id)
				insert into messages (session_db_id, seq, role, content) select id, 1, 'user', 'passed by' from s""");
		await("passed", 2);
	}

	@Test
	void nothingIsIndexedTwiceByReplicasThatWorkTogether() {
		try (TestStore other = TestStore.start(FAST, database)) {
			List<String> sessions = IntStream.range(0, 20).mapToObj((i) -> this.api.sessionOf(0)).toList();
			Api.together(8, (thread) -> {
				Api api = Api.on((thread % 2 == 0) ? store : other);
				for (int i = 0; i < 40; i++) {
					api.append(sessions.get((thread * 7 + i) % 20), message("common")).expect(201);
				}
				return thread;
			});
			Awaitility.await().untilAsserted(() -> assertThat(count("common")).isEqualTo(320));
		}
	}

	@Test
	void aBacklogIsWorkedOffWhenItIsSwitchedOnAgain() {
		String backlog = TestStore.newDatabase(Engine.POSTGRESQL);
		try (TestStore without = TestStore.start(FAST, backlog, "store.search.enabled=false")) {
			Api api = Api.on(without);
			String large = Api.newId();
			for (int i = 0; i < 3; i++) {
				api.append(large, Json.array(IntStream.range(0, 800).mapToObj((n) -> message("backlog " + n)).toList()))
					.expect(201);
			}
			for (int i = 0; i < 50; i++) {
				api.append(Api.newId(), message("backlog small")).expect(201);
			}
			String past = Api.newId();
			api.append(past, message("first")).expect(201);
			api.put("{\"messages\":[" + message("first") + "," + message("backlog of the past")
					+ "],\"last_activity\":\"2024-01-01T00:00:00Z\"}", past)
				.expect(200);
			api.get("/v1/search?q=backlog").problem(404, "search-disabled");
			assertThat(Tables.of(without).count("search_wanted")).isEqualTo(1);
			// as if nobody had indexed anything for long, but something before
			Tables.of(without)
				.update("update search_progress set claimed_until = now() - interval '2 days', indexed_through = now()");
			Awaitility.await().untilAsserted(() -> assertThat(Tables.of(without).count("search_wanted")).isZero());
			assertThat(Tables.of(without).count("message_words")).isZero();
		}
		try (TestStore with = TestStore.start(FAST, backlog)) {
			Api api = Api.on(with);
			Awaitility.await()
				.untilAsserted(() -> assertThat(through(api.get("/v1/search?q=small").expect(200)))
					.isAfter(Instant.parse("2020-01-01T00:00:00Z")));
			assertThat(api.get("/v1/search?q=small&limit=100").data()).hasSize(50);
			assertThat(api.get("/v1/search?q=799").data()).hasSize(3);
			assertThat(Tables.of(with).count("message_words")).isEqualTo(2452);
			assertThat(api.get("/v1/search?q=past").data()).hasSize(1);
		}
	}

	@Test
	void aSessionThatCannotBeReadKeepsNoOtherFromTheIndex() {
		try (TestStore without = TestStore.start(FAST, TestStore.newDatabase(Engine.POSTGRESQL),
				"store.search.enabled=false")) {
			Api api = Api.on(without);
			String unreadable = Api.newId();
			api.append(unreadable, message("unreadable")).expect(201);
			api.append(Api.newId(), message("readable")).expect(201);
			Tables tables = Tables.of(without);
			long id = tables.number("select max(id) as n from sessions where session_id = '" + unreadable + "'");
			indexer(without, TestLog.refusing(without, id)).run().block();
			assertThat(tables.count("message_words")).isEqualTo(1);
			String whole = "search_progress where indexed_through > now() - interval '1 minute'";
			assertThat(tables.count(whole)).isZero();
			assertThat(tables.count("search_progress where walk_through is not null")).isEqualTo(1);
			Awaitility.await().untilAsserted(() -> {
				indexer(without, without.bean(MessageLog.class)).run().block();
				assertThat(tables.count(whole)).isEqualTo(1);
			});
			assertThat(tables.count("message_words")).isEqualTo(2);
			tables.update("""
					with s as (insert into sessions (session_id, last_seq) values ('endless', 1) returning id)
					insert into messages (session_db_id, seq, role, content, timestamp)
					select id, 1, 'user', 'endless', 'infinity' from s""");
			api.append(Api.newId(), message("readable")).expect(201);
			Awaitility.await().untilAsserted(() -> {
				indexer(without, without.bean(MessageLog.class)).run().block();
				assertThat(tables.count("message_words")).isEqualTo(3);
			});
		}
	}

	/** It stands before every walk: only the look at all sessions meets it. */
	@Test
	void anOldSessionThatCannotBeReadDoesNotHoldTheTimeBack() {
		Instant begin = Instant.now();
		this.tables.update("""
				with s as (insert into sessions (session_id, last_seq, last_activity)
				    values ('unending', 1, '2020-01-01T00:00:00Z') returning id)
				insert into messages (session_db_id, seq, role, content, timestamp)
				select id, 1, 'user', 'unending', 'infinity' from s""");
		Awaitility.await().untilAsserted(() -> assertThat(through(search("unending"))).isAfter(begin.plusSeconds(1)));
		this.tables.update("delete from sessions where session_id = 'unending'");
	}

	private static Indexer indexer(TestStore store, MessageLog log) {
		return new Indexer(store.bean(IndexRepository.class), log, store.bean(IndexMetrics.class),
				store.bean(IndexPace.class), store.bean(WordThreads.class), new SearchSettings(true),
				store.bean(DatabaseCalls.class), store.bean(Commits.class));
	}

	@Test
	void nothingIsLeftOfWhatIsReplacedOrRemoved() {
		String replaced = Api.newId();
		this.api
			.append(replaced, Json.array(IntStream.range(0, 120).mapToObj((n) -> message("transient " + n)).toList()))
			.expect(201);
		String removed = Api.newId();
		this.api
			.append(removed, Json.array(IntStream.range(0, 120).mapToObj((n) -> message("transient " + n)).toList()))
			.expect(201);
		Awaitility.await().untilAsserted(() -> assertThat(count("transient")).isEqualTo(240));
		this.api.save(replaced, message("something else")).expect(200);
		this.api.post("/v1/erasures").json(json("{'session_ids':['" + removed + "']}")).send().expect(202);
		Awaitility.await().untilAsserted(() -> {
			assertThat(this.tables.count("message_words w where not exists (select 1 from messages m"
					+ " where m.session_db_id = w.session_db_id and m.seq = w.seq)"))
				.isZero();
			assertThat(this.tables.count("sessions where tenant = '~purged'")).isZero();
		});
		assertThat(count("transient")).isZero();
		assertThat(search("something").data()).hasSize(1);
	}

	/** All pages. */
	private long count(String word) {
		return this.api.walk("/v1/search?limit=100&q=" + word).stream().mapToLong((page) -> page.data().size()).sum();
	}

	private void await(String word, int count) {
		Awaitility.await().untilAsserted(() -> assertThat(search(word).data()).hasSize(count));
	}

	private Answer search(String word) {
		return this.api.get("/v1/search?q=" + word).expect(200);
	}

	private static Instant through(Answer answer) {
		JsonNode time = answer.json().path("indexed_through");
		return Instant.parse(time.stringValue());
	}

	private static Instant time(Statement statement, String sql) throws SQLException {
		try (ResultSet rows = statement.executeQuery(sql)) {
			rows.next();
			return rows.getTimestamp(1).toInstant();
		}
	}

}
