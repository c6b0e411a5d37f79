package dev.agentsessions.transfer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * A copy of one of the two samples that the older service's own code wrote, or an empty
 * database of the same layout.
 */
public record OldFile(Path path) {

	/** Two tables. */
	public static final String V1 = "agent_runtime_v1.db";

	/** Four tables. */
	public static final String V2 = "agent_runtime_v2.db";

	public static OldFile sample(String name, Path directory) throws IOException {
		Path copy = directory.resolve(name);
		try (InputStream file = OldFile.class.getResourceAsStream("/legacy/" + name)) {
			Files.copy(Objects.requireNonNull(file, name), copy, StandardCopyOption.REPLACE_EXISTING);
		}
		return new OldFile(copy);
	}

	public static OldFile empty(String name, Path directory) throws IOException, SQLException {
		OldFile file = sample(name, directory);
		file.execute(name.equals(V1) ? List.of("delete from sessions", "delete from agent_contexts")
				: List.of("delete from agent_switches", "delete from agent_contexts", "delete from messages",
						"delete from sessions"));
		return file;
	}

	/** As the older service's configuration has it. */
	public String url() {
		return "sqlite:///" + this.path;
	}

	public Connection connect() throws SQLException {
		return DriverManager.getConnection("jdbc:sqlite:" + this.path);
	}

	public List<Map<String, @Nullable String>> rows(String sql) throws SQLException {
		try (Connection connection = connect()) {
			return StoreDump.rows(connection, sql);
		}
	}

	public void execute(String... statements) throws SQLException {
		execute(List.of(statements));
	}

	private void execute(List<String> statements) throws SQLException {
		try (Connection connection = connect(); Statement statement = connection.createStatement()) {
			for (String each : statements) {
				statement.execute(each);
			}
		}
	}

}
