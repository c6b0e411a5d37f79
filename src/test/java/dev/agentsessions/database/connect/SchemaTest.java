package dev.agentsessions.database.connect;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import dev.agentsessions.TestStore;
import dev.agentsessions.database.Buckets;
import dev.agentsessions.database.Engine;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.Liquibase;
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.LiquibaseException;
import liquibase.resource.ClassLoaderResourceAccessor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The tables as other programs know them: names, types, defaults, checks, keys, indexes.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class SchemaTest {

	/** The columns of our tables; H2 has the names in upper case. */
	private static final String COLUMNS = """
			(select lower(table_name) as table_name, lower(column_name) as column_name, is_nullable,
			lower(data_type) as data_type, column_default, ordinal_position from information_schema.columns where lower(table_schema) = 'public'
			and lower(table_name) in ('sessions', 'messages', 'agent_contexts', 'agent_switches', 'session_terms', 'erasures', 'append_keys')) c
			""";

	private final Engine engine;

	private final DatabaseUrl url;

	private final Connection connection;

	SchemaTest(Engine engine) throws SQLException {
		this.engine = engine;
		this.url = DatabaseUrl.parse(TestStore.on(engine).databaseUrl());
		this.connection = connect(this.url);
	}

	@BeforeEach
	void beginTransaction() throws SQLException {
		this.connection.setAutoCommit(false);
	}

	@AfterEach
	void rollBack() throws SQLException {
		this.connection.rollback();
		this.connection.close();
	}

	/** Nobody else can have the file open: whoever held it is gone. */
	@Test
	void theLockOfAMigrationThatWasKilledIsNoHindranceOnH2() throws LiquibaseException, SQLException {
		assumeTrue(this.engine == Engine.H2);
		DatabaseUrl own = DatabaseUrl.parse(TestStore.newDatabase(Engine.H2));
		Schema.update(own, new Buckets(1));
		try (Connection killed = connect(own); Statement statement = killed.createStatement()) {
			statement.execute("drop index idx_message_newest");
			statement.execute("delete from databasechangelog where id = '0013-search-h2'");
			statement
				.execute("update databasechangeloglock set locked = true, lockgranted = now(), lockedby = 'killed'");
			Schema.update(own, new Buckets(1));
			try (ResultSet rows = statement
				.executeQuery("select 1 from databasechangelog where id = '0013-search-h2'")) {
				assertThat(rows.next()).isTrue();
			}
		}
	}

	@Test
	void tablesHaveTheseColumns() throws SQLException {
		assertThat(rows("select table_name, column_name, is_nullable from " + COLUMNS
				+ "order by table_name, ordinal_position"))
			.containsExactly("agent_contexts id NO", "agent_contexts session_db_id NO",
					"agent_contexts current_agent NO", "agent_contexts created_at NO", "agent_contexts updated_at NO",
					"agent_contexts switch_count NO", "agent_contexts metadata_json YES",
					// switches
					"agent_switches id NO", "agent_switches context_db_id NO", "agent_switches switch_no NO",
					"agent_switches at_seq NO", "agent_switches from_agent YES", "agent_switches to_agent NO",
					"agent_switches switched_at NO", "agent_switches reason YES", "agent_switches metadata_json YES",
					// keys
					"append_keys session_db_id NO", "append_keys idempotency_key NO", "append_keys fingerprint NO",
					"append_keys first_seq YES", "append_keys last_seq NO", "append_keys switch_no YES",
					"append_keys switch_json YES", "append_keys created_at NO", "append_keys view_json YES",
					// erasures
					"erasures id NO", "erasures tenant NO", "erasures erasure_id NO", "erasures owner YES",
					"erasures session_ids_json YES", "erasures horizon NO", "erasures state NO", "erasures sessions NO",
					"erasures messages NO", "erasures requested_at NO", "erasures removed_at YES",
					"erasures finished_at YES",
					// messages
					"messages id NO", "messages session_db_id NO", "messages seq NO", "messages role NO",
					"messages content YES", "messages timestamp NO", "messages name YES", "messages tool_call_id YES",
					"messages tool_calls YES", "messages token_count YES", "messages metadata_json YES",
					"messages message_id YES", "messages parts_json YES", "messages extra_json YES",
					// terms
					"session_terms session_db_id NO", "session_terms tenant NO", "session_terms owner YES",
					"session_terms folded_title NO", "session_terms terms NO",
					// sessions
					"sessions id NO", "sessions tenant NO", "sessions session_id NO", "sessions created_at NO",
					"sessions last_activity NO", "sessions is_active NO", "sessions deleted_at YES",
					"sessions metadata_json YES", "sessions first_seq NO", "sessions last_seq NO",
					"sessions last_switch_no NO", "sessions total_tokens NO", "sessions last_message_at YES",
					"sessions last_view_no NO", "sessions view_json YES", "sessions forked_from_json YES",
					"sessions owner YES", "sessions title YES", "sessions labels_json YES", "sessions expires_at YES",
					"sessions erasure_db_id YES");
	}

	@Test
	void jsonTimesAndNumbersHaveTypesThatKeepThem() throws SQLException {
		String json = (this.engine == Engine.POSTGRESQL) ? "jsonb" : "character large object";
		assertThat(rows("select distinct data_type from " + COLUMNS
				+ "where column_name like '%\\_json' or column_name = 'tool_calls'"))
			.containsExactly(json);
		assertThat(rows("select distinct data_type from " + COLUMNS
				+ "where column_name like '%\\_at' or column_name in ('timestamp', 'last_activity')"))
			.containsExactly("timestamp with time zone");
		assertThat(rows("select distinct data_type from " + COLUMNS
				+ "where (column_name like '%id' or column_name like '%seq' or column_name like '%\\_no'"
				+ " or column_name in ('total_tokens', 'token_count'))"
				+ " and column_name not in ('session_id', 'tool_call_id', 'erasure_id', 'message_id')"))
			.containsExactly("bigint");
	}

	@Test
	void rowsCanBeInsertedWithTheNaturalColumnsOnly() throws SQLException {
		long session = insert("insert into sessions (session_id) values ('" + UUID.randomUUID() + "')");
		assertThat(rows("select tenant, is_active, deleted_at, metadata_json, first_seq, last_seq, last_switch_no,"
				+ " total_tokens, last_message_at from sessions where id = " + session))
			.map(String::toLowerCase)
			.first()
			.isIn("default t null null 1 0 0 0 null", "default true null null 1 0 0 0 null");
		long message = insert("insert into messages (session_db_id, seq, role, content) values (" + session
				+ ", 1, 'user', 'hello')");
		long context = insert(
				"insert into agent_contexts (session_db_id, current_agent) values (" + session + ", 'a')");
		long change = insert(
				"insert into agent_switches (context_db_id, switch_no, to_agent) values (" + context + ", 1, 'a')");
		execute("insert into append_keys (session_db_id, idempotency_key, fingerprint, last_seq) values (" + session
				+ ", 'k', 'f', 1)");
		assertThat(rows("select switch_count from agent_contexts where id = " + context)).containsExactly("0");
		assertThat(rows("select at_seq from agent_switches where id = " + change)).containsExactly("0");
		assertRecent("sessions", "created_at", session);
		assertRecent("sessions", "last_activity", session);
		assertRecent("messages", "timestamp", message);
		assertRecent("agent_contexts", "created_at", context);
		assertRecent("agent_contexts", "updated_at", context);
		assertRecent("agent_switches", "switched_at", change);
	}

	@Test
	void deletingASessionDeletesAllThatBelongsToIt() throws SQLException {
		long session = newSession();
		execute("insert into messages (session_db_id, seq, role, content) values (" + session
				+ ", 1, 'user', 'hello')");
		long context = insert(
				"insert into agent_contexts (session_db_id, current_agent) values (" + session + ", 'a')");
		execute("insert into agent_switches (context_db_id, switch_no, to_agent) values (" + context + ", 1, 'a')");
		execute("insert into append_keys (session_db_id, idempotency_key, fingerprint, last_seq) values (" + session
				+ ", 'k', 'f', 1)");
		execute("delete from sessions where id = " + session);
		assertThat(rows("select count(*) from messages where session_db_id = " + session)).containsExactly("0");
		assertThat(rows("select count(*) from agent_contexts where session_db_id = " + session)).containsExactly("0");
		assertThat(rows("select count(*) from agent_switches where context_db_id = " + context)).containsExactly("0");
		assertThat(rows("select count(*) from append_keys where session_db_id = " + session)).containsExactly("0");
	}

	@Test
	void nothingBelongsToASessionThatDoesNotExist() {
		assertRefused("insert into messages (session_db_id, seq, role, content) values (-1, 1, 'user', 'hello')",
				"23503", "23506");
		assertRefused("insert into agent_contexts (session_db_id, current_agent) values (-1, 'a')", "23503", "23506");
		assertRefused("insert into agent_switches (context_db_id, switch_no, to_agent) values (-1, 1, 'a')", "23503",
				"23506");
		assertRefused("insert into append_keys (session_db_id, idempotency_key, fingerprint, last_seq)"
				+ " values (-1, 'k', 'f', 1)", "23503", "23506");
	}

	@Test
	void naturalKeysAreUnique() throws SQLException {
		long session = newSession();
		String id = rows("select session_id from sessions where id = " + session).get(0);
		assertRefused("insert into sessions (session_id) values ('" + id + "')", "23505");
		execute("insert into sessions (tenant, session_id) values ('other', '" + id + "')");
		execute("insert into messages (session_db_id, seq, role, content) values (" + session
				+ ", 1, 'user', 'hello')");
		assertRefused(
				"insert into messages (session_db_id, seq, role, content) values (" + session + ", 1, 'tool', 'again')",
				"23505");
		long context = insert(
				"insert into agent_contexts (session_db_id, current_agent) values (" + session + ", 'a')");
		assertRefused("insert into agent_contexts (session_db_id, current_agent) values (" + session + ", 'b')",
				"23505");
		execute("insert into agent_switches (context_db_id, switch_no, to_agent) values (" + context + ", 1, 'a')");
		assertRefused(
				"insert into agent_switches (context_db_id, switch_no, to_agent) values (" + context + ", 1, 'b')",
				"23505");
		String key = "insert into append_keys (session_db_id, idempotency_key, fingerprint, last_seq) values ("
				+ session + ", 'k', 'f', 1)";
		execute(key);
		assertRefused(key, "23505");
	}

	@ParameterizedTest
	@ValueSource(strings = { "1, 'robot', 'hello', null, null", "1, 'User', 'hello', null, null",
			"1, 'user', null, null, null", "1, 'user', 'hello', null, -1" })
	void messagesThatBreakACheckAreRefused(String values) throws SQLException {
		assertRefused(message(newSession(), values), "23514", "23513");
	}

	@Test
	void aMessageHasARoleAndANumber() throws SQLException {
		assertRefused(message(newSession(), "null, 'user', 'hello', null, null"), "23502");
		assertRefused(message(newSession(), "1, null, 'hello', null, null"), "23502");
	}

	@ParameterizedTest
	@ValueSource(strings = { "1, 'user', 'hello', null, 0", "1, 'assistant', 'hello', '[]', null",
			"1, 'system', ' ', null, 1000000000000", "1, 'assistant', null, '[{\"id\":1}]', null",
			"1, 'tool', 'done', null, 5", "1, 'tool', '', null, null", "1, '', 'hello', null, null" })
	void messagesThatKeepTheChecksAreTaken(String values) throws SQLException {
		assertThat(execute(message(newSession(), values))).isOne();
	}

	@Test
	void checksAndUniqueKeysHaveTheirNames() throws SQLException {
		assertThat(rows("select lower(constraint_name) as name from information_schema.table_constraints"
				+ " where constraint_type in ('CHECK', 'UNIQUE') and lower(table_schema) = 'public' order by name"))
			.filteredOn((name) -> name.matches("(uq|valid|non)_.*"))
			.containsExactly("non_empty_content", "uq_agent_contexts_session", "uq_agent_switches_context_no",
					"uq_drafts_session_message_id", "uq_erasures_tenant_erasure_id", "uq_messages_session_seq",
					"uq_sessions_tenant_session_id", "valid_erasure_state", "valid_role", "valid_token_count");
	}

	@Test
	void indexesHaveTheirNamesAndColumns() throws SQLException {
		String indexes = (this.engine == Engine.POSTGRESQL) ? """
				select c.relname, string_agg(a.attname, ',' order by a.attnum), m.amname from pg_index i
				join pg_class c on c.oid = i.indexrelid join pg_am m on m.oid = c.relam
				join pg_attribute a on a.attrelid = i.indexrelid
				where c.relname like 'idx\\_%' group by c.relname, m.amname order by 1
				""" : """
				select lower(index_name), listagg(lower(column_name), ',') within group (order by ordinal_position),
						'btree' from information_schema.index_columns where lower(index_name) like 'idx\\_%'
						group by index_name order by 1
				""";
		String brin = (this.engine == Engine.POSTGRESQL) ? "brin" : "btree";
		List<String> names = new ArrayList<>(rows(indexes));
		assertThat(names.remove("idx_inactive_sessions last_activity btree"))
			.isEqualTo(this.engine == Engine.POSTGRESQL);
		assertThat(names.remove("idx_instructions session_db_id,seq btree"))
			.isEqualTo(this.engine == Engine.POSTGRESQL);
		assertThat(names.remove("idx_session_terms terms gin")).isEqualTo(this.engine == Engine.POSTGRESQL);
		assertThat(names.remove("idx_message_words words gin")).isEqualTo(this.engine == Engine.POSTGRESQL);
		assertThat(names.remove("idx_message_words_time tenant,timestamp,session_db_id,seq btree"))
			.isEqualTo(this.engine == Engine.POSTGRESQL);
		assertThat(names.remove("idx_message_newest timestamp,session_db_id,seq btree"))
			.isEqualTo(this.engine == Engine.H2);
		assertThat(names.remove("idx_unfinished_erasures id btree")).isEqualTo(this.engine == Engine.POSTGRESQL);
		assertThat(names).containsExactly("idx_active_sessions is_active,last_activity btree",
				"idx_append_keys_created created_at btree", "idx_context_current_agent current_agent btree",
				"idx_context_switched context_db_id,switched_at btree", "idx_deleted_sessions deleted_at btree",
				"idx_draft_tenant tenant btree", "idx_erased_sessions erasure_db_id btree",
				"idx_expiring_sessions expires_at btree", "idx_message_timestamp timestamp " + brin,
				"idx_role_timestamp role,timestamp btree", "idx_session_activity session_id,last_activity btree",
				"idx_session_created created_at " + brin, "idx_session_owner tenant,owner,last_activity,id btree",
				"idx_session_terms_owner tenant,owner,session_db_id btree",
				"idx_session_timestamp session_db_id,timestamp btree", "idx_switched_at switched_at btree");
	}

	@Test
	void identifiersOf255CodePointsFit() throws SQLException {
		String id = "\uD83D\uDE00".repeat(219) + UUID.randomUUID();
		assertThat(execute("insert into sessions (session_id) values ('" + id + "')")).isOne();
		assertThat(rows("select session_id from sessions where session_id = '" + id + "'")).containsExactly(id);
	}

	@Test
	void postgresqlKeepsJsonAsJsonb() throws SQLException {
		assumeTrue(this.engine == Engine.POSTGRESQL);
		long session = newSession();
		execute(message(session, "1, 'assistant', null, '[{\"id\": \"a\", \"n\": 1e3}]', null"));
		assertThat(rows("select tool_calls -> 0 ->> 'n' from messages where session_db_id = " + session))
			.containsExactly("1000");
	}

	@Test
	void theServiceHasAppliedEveryChange() throws LiquibaseException, SQLException {
		try (Connection own = connect(this.url); Liquibase liquibase = liquibase(own)) {
			assertThat(liquibase.listUnrunChangeSets(new Contexts(), new LabelExpression())).isEmpty();
		}
	}

	@Test
	void theServiceStartsAgainOnItsDatabase() {
		String database = TestStore.newDatabase(this.engine);
		TestStore.start(database).close();
		TestStore.start(database).close();
	}

	@Test
	void everyChangeCanBeRolledBackAndAppliedAgain() throws LiquibaseException, SQLException {
		DatabaseUrl fresh = DatabaseUrl.parse(TestStore.newDatabase(this.engine));
		try (Connection own = connect(fresh); Liquibase liquibase = liquibase(own)) {
			liquibase.update(new Contexts());
			List<String> schema = schema(own);
			assertThat(schema).hasSizeGreaterThan(40);
			int changes = liquibase.getDatabase().getRanChangeSetList().size();
			assertThat(changes).isGreaterThanOrEqualTo(4);
			liquibase.rollback(changes, "");
			assertThat(schema(own)).isEmpty();
			liquibase.update(new Contexts());
			assertThat(schema(own)).isEqualTo(schema);
		}
	}

	/** Everything there is but for Liquibase's own tables. */
	private List<String> schema(Connection connection) throws SQLException {
		return rows(connection,
				"select table_name, column_name, data_type, column_default from " + COLUMNS + "order by 1, 2");
	}

	private long newSession() throws SQLException {
		return insert("insert into sessions (session_id) values ('" + UUID.randomUUID() + "')");
	}

	private String message(long session, String values) {
		String toolCalls = (this.engine == Engine.POSTGRESQL) ? "cast(v.tool_calls as jsonb)" : "v.tool_calls";
		return "insert into messages (session_db_id, seq, role, content, tool_calls, token_count) select " + session
				+ ", cast(v.seq as bigint), v.role, v.content, " + toolCalls
				+ ", cast(v.tokens as bigint) from (values (" + values
				+ ")) as v(seq, role, content, tool_calls, tokens)";
	}

	private void assertRecent(String table, String column, long id) throws SQLException {
		assertThat(rows("select count(*) from " + table + " where id = " + id + " and " + column
				+ " between now() - interval '1' minute and now()"))
			.as("%s.%s", table, column)
			.containsExactly("1");
	}

	/** Tries in a savepoint, so that the transaction can go on. */
	private void assertRefused(String sql, String... states) {
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> {
			Savepoint before = this.connection.setSavepoint();
			try {
				execute(sql);
			}
			finally {
				this.connection.rollback(before);
			}
		}).satisfies((error) -> assertThat(error.getSQLState()).isIn((Object[]) states));
	}

	private long insert(String sql) throws SQLException {
		try (Statement statement = this.connection.createStatement()) {
			statement.executeUpdate(sql, new String[] { "id" });
			try (ResultSet keys = statement.getGeneratedKeys()) {
				assertThat(keys.next()).isTrue();
				return keys.getLong("id");
			}
		}
	}

	private int execute(String sql) throws SQLException {
		try (Statement statement = this.connection.createStatement()) {
			return statement.executeUpdate(sql);
		}
	}

	private List<String> rows(String sql) throws SQLException {
		return rows(this.connection, sql);
	}

	private static List<String> rows(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet found = statement.executeQuery(sql)) {
			List<String> rows = new ArrayList<>();
			while (found.next()) {
				List<String> row = new ArrayList<>();
				for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
					row.add(String.valueOf(found.getString(i)));
				}
				rows.add(String.join(" ", row));
			}
			return rows;
		}
	}

	private static Connection connect(DatabaseUrl url) throws SQLException {
		return DriverManager.getConnection(url.jdbc(), url.username(), (url.password() != null) ? url.password() : "");
	}

	private static Liquibase liquibase(Connection connection) throws LiquibaseException {
		return new Liquibase("liquibase/changelog.yaml", new ClassLoaderResourceAccessor(),
				DatabaseFactory.getInstance().findCorrectDatabaseImplementation(new JdbcConnection(connection)));
	}

}
