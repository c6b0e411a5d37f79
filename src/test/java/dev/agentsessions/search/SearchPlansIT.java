package dev.agentsessions.search;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.TreeMap;

import dev.agentsessions.TestPostgres;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import dev.agentsessions.search.text.Lexemes;
import dev.agentsessions.search.text.SearchQuery;
import dev.agentsessions.session.lifecycle.SessionFilter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How PostgreSQL goes about searches among 200,000 messages of 2,000 sessions: each tenth
 * message has the word <code>frequent</code>, each 20,000th <code>rare</code>.
 */
class SearchPlansIT {

	private static final String FILL = """
			insert into sessions (session_id, last_seq, owner, created_at, last_activity)
			select 's' || n, 100, 'owner ' || n %% 500, '2026-01-01', '2026-01-01' from generate_series(1, 2000) n;
			insert into search_state (session_db_id, first_seq, indexed_seq) select id, 1, 100 from sessions;
			insert into message_words (session_db_id, seq, tenant, timestamp, role, words)
			select s.id, n, 'default', timestamptz '2026-01-01' + (n * 2000 + s.id) * interval '1 second', 'user',
			    array_to_tsvector(array['%1$sword' || (n * 2000 + s.id) %% 5000, '%1$sother' || n]
			        || case when (n * 2000 + s.id) %% 10 = 1 then '%1$sfrequent' else '%1$snot' end
			        || case when (n * 2000 + s.id) %% 20000 = 2 then '%1$srare' else '%1$snot' end)
			from generate_series(1, 100) n, sessions s;
			analyze;
			""";

	private static TestStore store;

	private static Connection connection;

	private static SearchRepository repository;

	@BeforeAll
	static void fill() throws SQLException {
		store = TestStore.start(TestStore.newDatabase(Engine.POSTGRESQL), "store.search.enabled=false");
		repository = store.bean(SearchRepository.class);
		connection = TestPostgres.connect(store.databaseUrl());
		String prefix = Lexemes.of("default", SearchQuery.parse("x")).replaceAll(".*?'(..)x'.*", "$1");
		try (Statement statement = connection.createStatement()) {
			statement.execute(FILL.formatted(prefix));
		}
	}

	@AfterAll
	static void close() throws SQLException {
		connection.close();
		store.close();
	}

	@Test
	void rareWordsAreFoundByTheirIndex() throws SQLException {
		for (String query : new String[] { "rare", "frequent rare", "word77", "word7*  other1", "nowhere",
				"rare OR nowhere", "frequent -other1 word1" }) {
			assertThat(plan(query, null)).as(query)
				.contains("idx_message_words")
				.doesNotContain("idx_message_words_time", "Seq Scan on message_words");
		}
	}

	@Test
	void frequentWordsAreLookedForFromTheNewestMessageOn() throws SQLException {
		for (String query : new String[] { "frequent", "not", "frequent not", "w*" }) {
			assertThat(plan(query, null)).as(query)
				.contains("idx_message_words_time")
				.doesNotContain("Seq Scan on message_words", "Bitmap");
		}
	}

	@Test
	void whatTakesTooLongIsSorted() throws SQLException {
		for (String query : new String[] { "frequent", "frequent not" }) {
			assertThat(plan(query, null, SearchRepository.SORTED)).as(query)
				.contains("Sort")
				.doesNotContain("idx_message_words_time on message_words");
		}
	}

	@Test
	void ofOneSessionOnlyItsMessagesAreLookedAt() throws SQLException {
		assertThat(plan("frequent", 5L)).contains("message_words_pkey").doesNotContain("Seq Scan on message_words");
	}

	private static String plan(String query, @Nullable Long session) throws SQLException {
		return plan(query, session, SearchRepository.ORDER);
	}

	private static String plan(String query, @Nullable Long session, String order) throws SQLException {
		SessionFilter all = new SessionFilter(false, null, new TreeMap<>(), null, null, null, false);
		Search search = new Search("default", SearchQuery.parse(query), new SearchFilter(all, null, null), session);
		return TestPostgres.plan(connection, repository.indexedSql(search, order, 21),
				SearchRepository.values(search, SearchPlace.before(Instant.parse("9999-12-31T23:59:59Z"))));
	}

}
