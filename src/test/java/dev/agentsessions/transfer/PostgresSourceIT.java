package dev.agentsessions.transfer;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import dev.agentsessions.TestPostgres;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The older service on PostgreSQL: what comes in is what comes in from its SQLite.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class PostgresSourceIT {

	/**
	 * The types that SQLAlchemy makes there, and in places those of databases made by
	 * hand.
	 */
	private static final List<String> FOUR_TABLES = List.of(
			"""
					create table sessions (id serial primary key, session_id varchar(255) not null, created_at timestamptz not null,
					    last_activity timestamp not null, is_active boolean, deleted_at timestamp)
					""",
			"""
					create table messages (id serial primary key, session_db_id integer not null references sessions (id),
					    role varchar(50) not null, content text not null, timestamp timestamp not null, name varchar(255),
					    tool_call_id varchar(255), tool_calls json, token_count integer, metadata_json jsonb)
					""",
			"""
					create table agent_contexts (id serial primary key, session_db_id integer not null references sessions (id),
					    current_agent varchar(100) not null, created_at timestamp not null, updated_at timestamptz not null,
					    switch_count integer not null, metadata_json text)
					""",
			"""
					create table agent_switches (id serial primary key, context_db_id integer not null
					    references agent_contexts (id), from_agent varchar(100), to_agent varchar(100) not null,
					    switched_at timestamp not null, reason text, metadata_json jsonb)
					""");

	private static final List<String> TWO_TABLES = List.of(
			"""
					create table sessions (session_id varchar primary key, messages text not null, last_activity timestamp not null,
					    created_at timestamp not null)
					""",
			"""
					create table agent_contexts (session_id varchar primary key, current_agent varchar not null,
					    agent_history text not null, context_metadata text not null, created_at timestamp not null,
					    last_switch_at timestamp, switch_count integer not null)
					""");

	private final Engine engine;

	@TempDir
	private Path directory;

	PostgresSourceIT(Engine engine) {
		this.engine = engine;
	}

	@Test
	void fourTables() throws IOException, SQLException {
		assertSame(OldFile.V2, FOUR_TABLES, 0, "sessions", "messages", "agent_contexts", "agent_switches");
	}

	@Test
	void twoTables() throws IOException, SQLException {
		assertSame(OldFile.V1, TWO_TABLES, 3, "sessions", "agent_contexts");
	}

	private void assertSame(String sample, List<String> tables, int status, String... names)
			throws IOException, SQLException {
		OldFile old = OldFile.sample(sample, this.directory);
		String postgres = TestPostgres.get().newDatabase();
		StoreDump.execute(postgres, tables.toArray(String[]::new));
		for (String table : names) {
			copy(old, postgres, table);
		}
		Command done = exportOf(postgres.replaceFirst("^postgresql", "postgresql+psycopg2"), status);
		assertThat(done.text()).isEqualTo(exportOf(old.url(), status).text()).contains("session_14");
		Command own = Command.run(postgres, "import", "--from", old.url()).expect(2);
		assertThat(own.err()).contains("DATABASE_URL names a database of the older service");
	}

	private Command exportOf(String source, int status) {
		String store = TestStore.newDatabase(this.engine);
		Command.run(store, "import", "--from", source, "--rejects", this.directory.resolve("r").toString())
			.expect(status);
		return Command.run(store, "export", "--to", "-").expect(0);
	}

	private static void copy(OldFile old, String postgres, String table) throws SQLException {
		try (Connection connection = TestPostgres.connect(postgres)) {
			for (Map<String, @Nullable String> row : old.rows("select * from " + table)) {
				String sql = "insert into " + table + " (" + String.join(", ", row.keySet()) + ") values ("
						+ row.values().stream().map((value) -> "?").collect(Collectors.joining(", ")) + ")";
				try (PreparedStatement insert = connection.prepareStatement(sql)) {
					int i = 0;
					for (String value : row.values()) {
						// of no type: the server makes it what the column is
						insert.setObject(++i, value, java.sql.Types.OTHER);
					}
					insert.executeUpdate();
				}
			}
		}
	}

}
