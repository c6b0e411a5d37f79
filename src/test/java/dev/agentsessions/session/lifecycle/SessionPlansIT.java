package dev.agentsessions.session.lifecycle;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;

import dev.agentsessions.TestPostgres;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import dev.agentsessions.session.SessionDetails;
import dev.agentsessions.session.SessionTerms;
import dev.agentsessions.session.lifecycle.SessionLists.ListPlace;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How PostgreSQL goes about filtered lists when there are 1,000,000 sessions of one
 * tenant, made one a second: a tenth has one owner, another tenth has 1,000 owners. Each
 * tenth of these is labelled <code>env:prod</code>, and each 20,000th
 * <code>env:odd</code> with a title of its own.
 */
class SessionPlansIT {

	private static final String PROD = label("prod");

	/** Indexes are made when all rows are there: that takes a tenth of the time. */
	private static final String FILL = """
			do $$
			declare
			    indexes text[] := (select array_agg(indexdef) from pg_indexes
			        where tablename in ('sessions', 'session_terms') and indexname like 'idx%%');
			    names text := (select string_agg(indexname, ', ') from pg_indexes
			        where tablename in ('sessions', 'session_terms') and indexname like 'idx%%');
			    each text;
			begin
			    execute 'drop index ' || names;
			    insert into sessions (session_id, created_at, last_activity, owner, labels_json, title)
			    select 'session ' || n, now() - (1000000 - n) * interval '1 second',
			        now() - (1000000 - n) * interval '1 second',
			        case n %% 10 when 0 then 'large' when 1 then 'owner ' || n %% 1000 end,
			        case when n %% 20000 = 1 then jsonb '{"env": "odd"}'
			            when n %% 100 in (10, 11) then jsonb '{"env": "prod"}' end,
			        case when n %% 20000 = 1 then 'An odd one' when n %% 100 = 11 then 'Another' end
			    from generate_series(1, 1000000) n;
			    insert into session_terms (session_db_id, tenant, owner, folded_title, terms)
			    select id, tenant, owner, coalesce(lower(title), ''),
			        cast(case when title = 'An odd one' then '%s' when title is not null then '%s'
			            when labels_json is not null then '%s' else '{}' end as integer[])
			    from sessions where owner is not null;
			    foreach each in array indexes loop
			        execute each;
			    end loop;
			end $$
			""";

	private static TestStore store;

	private static Connection connection;

	private static SessionListRepository repository;

	@BeforeAll
	static void fill() throws SQLException {
		store = TestStore.start(TestStore.newDatabase(Engine.POSTGRESQL));
		repository = store.bean(SessionListRepository.class);
		connection = TestPostgres.connect(store.databaseUrl());
		execute("set maintenance_work_mem = '256MB'");
		execute(FILL.formatted(terms("odd", "An odd one"), terms("prod", "Another"), PROD));
		execute("insert into sessions (tenant, session_id, created_at, last_activity) select 'small', 'session ' || n,"
				+ " now() - interval '100 days', now() - interval '100 days' from generate_series(1, 3) n");
		execute("insert into sessions (tenant, session_id, owner, last_activity, is_active, deleted_at)"
				+ " select 'third', 'owned ' || n, 'cleaner', now() - n * interval '1 minute', n > 3000,"
				+ " case when n <= 3000 then now() end from generate_series(1, 3003) n");
		// each second one of these was deleted
		execute("insert into sessions (tenant, session_id, last_activity, is_active, deleted_at)"
				+ " select 'fourth', 'session ' || n, now() - interval '1 hour' - n * interval '1 minute', n % 2 = 1,"
				+ " case when n % 2 = 0 then now() end from generate_series(1, 80) n");
		execute("vacuum analyze");
	}

	@AfterAll
	static void close() throws SQLException {
		connection.close();
		store.close();
	}

	@ParameterizedTest
	@ValueSource(strings = { "large", "owner 1", "nobody" })
	void theSessionsOfAnOwnerAreWalkedInOrder(String owner) throws SQLException {
		ListPlace place = ListPlace.latest("default", filter(owner, null, null), 21);
		assertThat(plan(IndexedList.walk(SessionLists.OWNED, "id", SessionLists.LATEST_ROWS, 500), place))
			.contains("idx_session_owner")
			.doesNotContain("Seq Scan", "Sort");
		ListPlace first = ListPlace.oldest("default", filter(owner, null, null), 21);
		// few of an owner may be sorted
		assertThat(plan(repository.byCreationSql(first), first))
			.contains("idx_session_terms_owner", owner.equals("large") ? "sessions_pkey" : "idx_session_owner")
			.doesNotContain("Seq Scan");
	}

	@Test
	void theFewWithALabelAreReadOneByOne() throws SQLException {
		ListPlace place = ListPlace.latest("default", filter(null, "odd", null), 21);
		assertThat(plan(IndexedList.few(SessionLists.LABELLED, 500), place))
			.contains("idx_session_terms", "sessions_pkey")
			.doesNotContain("Seq Scan");
		assertThat(names(place)).containsExactlyElementsOf(
				IntStream.range(0, 21).mapToObj((n) -> "session " + (980_001 - n * 20_000)).toList());
	}

	/** The first time it has to be found out that they are many. */
	@Test
	void theManyWithALabelAreFoundAsWell() {
		ListPlace place = ListPlace.latest("default", filter(null, "prod", null), 3);
		for (int i = 0; i < 2; i++) {
			assertThat(names(place)).containsExactly("session 999911", "session 999910", "session 999811");
		}
	}

	@Test
	void rareLabelsAndTitlesAreFoundByTheirTerms() throws SQLException {
		for (SessionFilter filter : List.of(filter(null, "odd", null), filter(null, null, "ODD"),
				filter(null, "odd", "one"))) {
			ListPlace place = ListPlace.latest("default", filter, 21);
			assertThat(plan(repository.byActivitySql(place), place)).contains("idx_session_terms")
				.doesNotContain("Seq Scan");
			ListPlace first = ListPlace.oldest("default", filter, 21);
			assertThat(plan(repository.byCreationSql(first), first)).contains("idx_session_terms")
				.doesNotContain("Seq Scan");
		}
	}

	/** Of 20,000 that have it, 21 are found in less time than all are sorted. */
	@Test
	void aFrequentLabelIsLookedForInTheOrderOfTheList() throws SQLException {
		ListPlace place = ListPlace.latest("default", filter(null, "prod", null), 21);
		assertThat(plan(repository.byActivitySql(place), place)).contains("idx_active_sessions")
			.doesNotContain("Seq Scan");
		ListPlace first = ListPlace.oldest("default", filter(null, "prod", null), 21);
		assertThat(plan(repository.byCreationSql(first), first)).doesNotContain("Seq Scan");
	}

	/** Behind all of another tenant, in the one order, and last of all in the other. */
	@Test
	void theFewOfATenantAreFoundAmongTheManyOfOthers() throws SQLException {
		ListPlace place = ListPlace.latest("small", filter(null, null, null), 21);
		assertThat(plan(repository.byActivitySql(place), place)).contains("uq_sessions_tenant_session_id")
			.doesNotContain("Seq Scan", "idx_active_sessions");
		ListPlace first = ListPlace.oldest("small", filter(null, null, null), 21);
		assertThat(plan(repository.byCreationSql(first), first)).contains("uq_sessions_tenant_session_id")
			.doesNotContain("Seq Scan", "sessions_pkey");
		SessionLists lists = store.bean(SessionLists.class);
		assertThat(lists.byActivity(place).block()).hasSize(3);
		assertThat(lists.byCreation(first).block()).hasSize(3);
	}

	/** Behind all that were deleted. */
	@Test
	void theFewSessionsOfAnOwnerAreFoundAmongItsManyDeletedOnes() {
		assertThat(names(ListPlace.latest("third", filter("cleaner", null, null), 21))).containsExactly("owned 3001",
				"owned 3002", "owned 3003");
	}

	/** The deleted ones are among the first of all tenants, the others are not. */
	@Test
	void deletedSessionsHideNoneOfTheOthersOfATenant() {
		SessionFilter all = new SessionFilter(true, null, new TreeMap<>(), null, null, null, false);
		assertThat(names(ListPlace.latest("fourth", all, 21)))
			.containsExactlyElementsOf(IntStream.rangeClosed(1, 21).mapToObj((n) -> "session " + n).toList());
	}

	@Test
	void aTimeOfCreationIsFoundByItsIndex() throws SQLException {
		Instant now = Instant.now();
		ListPlace place = ListPlace.oldest("default", new SessionFilter(false, null, new TreeMap<>(), null,
				now.minusSeconds(7200), now.minusSeconds(3600), false), 21);
		assertThat(plan(repository.byCreationSql(place), place)).contains("idx_session_created")
			.doesNotContain("Seq Scan");
	}

	private static List<String> names(ListPlace place) {
		return Objects.requireNonNull(store.bean(SessionLists.class).byActivity(place).block())
			.stream()
			.map((session) -> session.row().sessionId())
			.toList();
	}

	private static SessionFilter filter(@Nullable String owner, @Nullable String env, @Nullable String title) {
		return new SessionFilter(false, owner, (env != null) ? new TreeMap<>(Map.of("env", env)) : new TreeMap<>(),
				title, null, null, false);
	}

	private static String label(String env) {
		return SessionTerms.wanted("default", new TreeMap<>(Map.of("env", env)), "");
	}

	private static String terms(String env, String title) {
		return SessionTerms.of("default",
				new SessionDetails(null, null, title, new TreeMap<>(Map.of("env", env)), null));
	}

	private static String plan(String sql, ListPlace place) throws SQLException {
		Map<String, Object> values = SessionListRepository.values(place);
		values.put("with_deleted", place.withDeleted());
		return TestPostgres.plan(connection, sql, values);
	}

	private static void execute(String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

}
