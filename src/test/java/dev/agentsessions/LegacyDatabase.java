package dev.agentsessions;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * Sessions of an older program, from the SQLite file in which it kept them.
 */
final class LegacyDatabase {

	private static final String FILE = "/legacy/agent_runtime_v2.db";

	private LegacyDatabase() {
	}

	/** All sessions, in the order in which they were made. */
	static List<LegacySession> sessions() throws IOException, SQLException {
		Path copy = Files.createTempFile("legacy", ".db");
		try (InputStream file = LegacyDatabase.class.getResourceAsStream(FILE)) {
			Files.copy(Objects.requireNonNull(file, FILE), copy, StandardCopyOption.REPLACE_EXISTING);
			try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + copy)) {
				return sessions(connection);
			}
		}
		finally {
			Files.delete(copy);
		}
	}

	private static List<LegacySession> sessions(Connection connection) throws SQLException {
		Map<Long, LegacySession> sessions = new LinkedHashMap<>();
		for (Row row : rows(connection, "select id, session_id from sessions order by id")) {
			sessions.put(row.number("id"),
					new LegacySession(row.required("session_id"), new ArrayList<>(), new ArrayList<>()));
		}
		for (Row row : rows(connection, "select * from messages order by session_db_id, id")) {
			session(sessions, row).messages()
				.add(new LegacyMessage(row.required("role"), row.required("content"), row.text("name"),
						row.text("tool_call_id"), row.text("tool_calls")));
		}
		for (Row row : rows(connection, "select * from agent_contexts order by id")) {
			List<LegacySwitch> history = new ArrayList<>();
			for (Row each : rows(connection,
					"select * from agent_switches where context_db_id = " + row.number("id") + " order by id")) {
				history.add(new LegacySwitch(each.text("from_agent"), each.required("to_agent"),
						time(each.required("switched_at")), each.text("reason"), each.text("metadata_json")));
			}
			session(sessions, row).contexts()
				.add(new LegacyContext(row.required("current_agent"), time(row.required("created_at")),
						row.number("switch_count"), row.text("metadata_json"), history));
		}
		return List.copyOf(sessions.values());
	}

	private static LegacySession session(Map<Long, LegacySession> sessions, Row row) {
		return Objects.requireNonNull(sessions.get(row.number("session_db_id")));
	}

	/** SQLite's form of a time, as ISO-8601 without a zone. */
	private static String time(String text) {
		return text.replace(' ', 'T');
	}

	private static List<Row> rows(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet found = statement.executeQuery(sql)) {
			List<Row> rows = new ArrayList<>();
			while (found.next()) {
				Map<String, @Nullable String> values = new LinkedHashMap<>();
				for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
					values.put(found.getMetaData().getColumnName(i), found.getString(i));
				}
				rows.add(new Row(values));
			}
			return rows;
		}
	}

	private record Row(Map<String, @Nullable String> values) {

		@Nullable String text(String column) {
			return this.values.get(column);
		}

		String required(String column) {
			return Objects.requireNonNull(text(column), column);
		}

		long number(String column) {
			return Long.parseLong(required(column));
		}

	}

	/**
	 * A session of the older program.
	 *
	 * @param contexts at most one
	 */
	record LegacySession(String id, List<LegacyMessage> messages, List<LegacyContext> contexts) {
	}

	/**
	 * A message of the older program.
	 *
	 * @param toolCalls JSON
	 */
	record LegacyMessage(String role, String content, @Nullable String name, @Nullable String toolCallId,
			@Nullable String toolCalls) {
	}

	/**
	 * The agent at work in a session of the older program.
	 *
	 * @param createdAt without a zone, which means UTC
	 * @param metadata JSON
	 */
	record LegacyContext(String currentAgent, String createdAt, long switchCount, @Nullable String metadata,
			List<LegacySwitch> history) {
	}

	/**
	 * A switch of the older program.
	 *
	 * @param at without a zone, which means UTC
	 * @param metadata JSON
	 */
	record LegacySwitch(@Nullable String from, String to, String at, @Nullable String reason,
			@Nullable String metadata) {
	}

}
