package dev.agentsessions.retention.removal;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.agentsessions.TestPostgres;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import dev.agentsessions.retention.RetentionPace;
import dev.agentsessions.retention.RetentionRepository;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How PostgreSQL goes about it when there are 1,000,000 sessions: a million seconds, or
 * eleven and a half days, of one a second, each fifth of them soft-deleted soon after.
 * Older ones are there that expire in some years only.
 */
class RetentionPlanIT {

	/** Indexes are made when all rows are there: that takes a tenth of the time. */
	private static final String FILL = """
			do $$
			declare
			    indexes text[] := (select array_agg(indexdef) from pg_indexes
			        where tablename = 'sessions' and indexname like 'idx%');
			    names text := (select string_agg(indexname, ', ') from pg_indexes
			        where tablename = 'sessions' and indexname like 'idx%');
			    uniqueness text := (select pg_get_constraintdef(oid) from pg_constraint
			        where conname = 'uq_sessions_tenant_session_id');
			    each text;
			begin
			    execute 'drop index ' || names;
			    alter table sessions drop constraint uq_sessions_tenant_session_id;
			    insert into sessions (tenant, session_id, last_activity, is_active, deleted_at)
			    select case when n % 2 = 0 then 'default' else 'tenant ' || n % 100 end, 'session ' || n,
			        now() - n * interval '1 second', n % 5 > 0,
			        case when n % 5 = 0 then now() - (n - 1) * interval '1 second' end
			    from generate_series(1, 1000000) n;
			    insert into sessions (session_id, last_activity, expires_at)
			    select 'kept ' || n, now() - interval '400 days' - n * interval '1 second', now() + interval '10 years'
			    from generate_series(1, 200000) n;
			    execute 'alter table sessions add constraint uq_sessions_tenant_session_id ' || uniqueness;
			    foreach each in array indexes loop
			        execute each;
			    end loop;
			end $$
			""";

	/** The few purged ones, one of which is large. */
	private static final List<String> FILL_MORE = List.of("""
			insert into sessions (tenant, session_id, is_active, deleted_at, last_seq)
			select '~purged', 'purged ' || n, false, now(), case when n = 1 then 50000 else 10 end
			from generate_series(1, 1000) n
			""", """
			insert into messages (session_db_id, seq, role, content)
			select s.id, n, 'user', 'hello' from sessions s cross join lateral generate_series(1, s.last_seq) n
			where tenant = '~purged'
			""", """
			insert into append_keys (session_db_id, idempotency_key, fingerprint, last_seq)
			select session_db_id, 'key ' || seq, '', seq from messages
			""",
			"""
					insert into agent_contexts (session_db_id, current_agent) select id, 'a' from sessions where tenant = '~purged'
					""",
			"""
					insert into agent_switches (context_db_id, switch_no, to_agent)
					select c.id, m.seq, 'a' from agent_contexts c join messages m using (session_db_id)
					""",
			"insert into search_state (session_db_id, first_seq, indexed_seq) select id, 1, last_seq from sessions"
					+ " where tenant = '~purged'",
			"""
					insert into message_words (session_db_id, seq, tenant, timestamp, words)
					select session_db_id, seq, 'default', timestamp, array_to_tsvector(array[content]) from messages
					""");

	private static final Map<String, String> TYPES = Map.of("seconds", "bigint", "tenant", "varchar", "session",
			"bigint", "since", "timestamptz", "through", "timestamptz", "most", "integer", "sessions", "bigint[]",
			"size", "integer", "limit", "integer", "after", "varchar");

	private static final Map<String, Object> USUAL = Map.of("tenant", "'default'", "since", "'0001-01-01'", "most", 500,
			"limit", 500, "size", 500, "after", "'1'");

	private static TestStore store;

	private static Connection connection;

	@BeforeAll
	static void fill() throws SQLException {
		store = TestStore.start(List.of(new RetentionPace(500, Duration.ofMillis(100), Duration.ofDays(1))),
				TestStore.newDatabase(Engine.POSTGRESQL));
		connection = TestPostgres.connect(store.databaseUrl());
		execute("set maintenance_work_mem = '256MB'");
		execute(FILL);
		for (String sql : FILL_MORE) {
			execute(sql);
		}
		execute("vacuum analyze");
		connection.setAutoCommit(false);
	}

	@AfterAll
	static void close() throws SQLException {
		connection.close();
		store.close();
	}

	/** From nothing over a twentieth to nearly everything that is active. */
	@ParameterizedTest
	@ValueSource(ints = { 365, 11, 1 })
	void idleSessionsAreFoundByTheirLastActivity(int days) throws SQLException {
		RetentionRepository repository = store.bean(RetentionRepository.class);
		for (boolean oneTenant : List.of(false, true)) {
			assertThat(plans(repository.deleteIdle(oneTenant), "bigint",
					Map.of("seconds", days * 86_400, "since", "now() - interval '11 days'", "through",
							"now() - interval '10.95 days'")))
				.allSatisfy((plan) -> assertThat(plan).contains("idx_active_sessions", "sessions_pkey")
					.contains("last_activity >= ", "last_activity <= ")
					.doesNotContain("Seq Scan", "Sort"));
		}
	}

	/** They stand in front of all others, and each clean-up comes past them. */
	@Test
	void idleSessionsThatExpireLaterArePassedInPieces() throws SQLException {
		RetentionRepository repository = store.bean(RetentionRepository.class);
		String piece = repository.idlePiece().replace(":seconds", "86400").replace(":since", "'0001-01-01'");
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(piece)) {
			row.next();
			assertThat(row.getString("through")).isEqualTo(value("""
					select min(last_activity) + interval '4999 seconds' from sessions where expires_at is not null"""));
		}
		assertThat(TestPostgres.plan(connection, piece)).contains("Index Only Scan using idx_active_sessions")
			.doesNotContain("Sort");
	}

	@ParameterizedTest
	@ValueSource(ints = { 365, 11, 1 })
	void whatIsInactiveWithoutBeingDeletedIsFoundAmongNothingElse(int days) throws SQLException {
		RetentionRepository repository = store.bean(RetentionRepository.class);
		for (boolean oneTenant : List.of(false, true)) {
			assertThat(plans(repository.deleteInactive(oneTenant), "bigint", Map.of("seconds", days * 86_400)))
				.allSatisfy((plan) -> assertThat(plan).contains("idx_inactive_sessions", "sessions_pkey")
					.doesNotContain("Seq Scan", "idx_active_sessions"));
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 365, 11, 1 })
	void oldSessionsAreFoundByTheTimeOfTheirDeletion(int days) throws SQLException {
		RetentionRepository repository = store.bean(RetentionRepository.class);
		for (boolean oneTenant : List.of(false, true)) {
			assertThat(plans(repository.purge(oneTenant), "bigint", Map.of("seconds", days * 86_400)))
				.allSatisfy((plan) -> assertThat(plan).contains("idx_deleted_sessions", "sessions_pkey")
					.doesNotContain("Seq Scan", "Sort"));
		}
	}

	@Test
	void whatIsToBeRemovedIsFoundByItsTenant() throws SQLException {
		RemovalRepository repository = store.bean(RemovalRepository.class);
		assertThat(plans(RemovalRepository.PURGED, "bigint", Map.of())).allSatisfy(
				(plan) -> assertThat(plan).contains("uq_sessions_tenant_session_id").doesNotContain("Seq Scan"));
		assertThat(plans(repository.removeWhole(), "bigint", Map.of("sessions", "'{1,2,3}'")))
			.allSatisfy((plan) -> assertThat(plan).contains("sessions_pkey").doesNotContain("Seq Scan"));
		assertThat(plans(repository.removeEmptied(), "bigint", Map.of("session", large())))
			.allSatisfy((plan) -> assertThat(plan).contains("sessions_pkey").doesNotContain("Seq Scan"));
	}

	@ParameterizedTest
	@EnumSource(SessionPart.class)
	void piecesAreFoundByTheirOwnerAndKey(SessionPart part) throws SQLException {
		String index = switch (part) {
			case MESSAGES -> "uq_messages_session_seq";
			case SWITCHES -> "uq_agent_switches_context_no";
			case KEYS -> "append_keys_pkey";
			case WORDS -> "message_words_pkey";
		};
		RemovalRepository repository = store.bean(RemovalRepository.class);
		boolean text = part == SessionPart.KEYS;
		String type = text ? "varchar" : "bigint";
		assertThat(plans(part.reach(), type, Map.of("session", large(), "from", text ? "'key 1'" : "30000")))
			.allSatisfy((plan) -> assertThat(plan).contains(index).doesNotContain("Seq Scan", "Sort"));
		assertThat(plans(repository.removePiece(part), type,
				Map.of("session", large(), "from", text ? "'key 1'" : "30000", "reach", text ? "'key 1500'" : "29500")))
			.allSatisfy((plan) -> assertThat(plan).contains(index).doesNotContain("Seq Scan"));
	}

	private static long large() throws SQLException {
		return Long.parseLong(value("select id from sessions where session_id = 'purged 1'"));
	}

	private static String value(String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(sql)) {
			row.next();
			return row.getString(1);
		}
	}

	/**
	 * The plan for these values: the connections of the pool use no other.
	 * @param values of the parameters that have no usual one
	 */
	private static List<String> plans(String sql, String typeOfKeys, Map<String, ?> values) throws SQLException {
		List<String> names = new ArrayList<>();
		String prepared = Pattern.compile(":(\\w+)").matcher(sql).replaceAll((found) -> {
			if (!names.contains(found.group(1))) {
				names.add(found.group(1));
			}
			return Matcher.quoteReplacement("$" + (names.indexOf(found.group(1)) + 1));
		});
		List<String> types = names.stream().map((name) -> TYPES.getOrDefault(name, typeOfKeys)).toList();
		List<String> given = names.stream()
			.map((name) -> String.valueOf(values.containsKey(name) ? values.get(name) : USUAL.get(name)))
			.toList();
		execute("prepare asked (" + String.join(", ", types) + ") as " + prepared);
		try {
			execute("set local plan_cache_mode = force_custom_plan");
			return List.of(TestPostgres.plan(connection, "execute asked (" + String.join(", ", given) + ")"));
		}
		finally {
			connection.rollback();
			execute("deallocate asked");
		}
	}

	private static void execute(String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

}
