package dev.agentsessions.transfer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * Databases of the older service that are larger than the samples.
 */
final class LargeSources {

	private LargeSources() {
	}

	/** Four tables; the messages of all sessions are of the same moment. */
	static OldFile sessions(Path directory, int sessions, int messages, int length) throws IOException, SQLException {
		OldFile old = OldFile.empty(OldFile.V2, directory);
		String content = "x".repeat(length);
		try (Connection connection = old.connect();
				PreparedStatement session = connection.prepareStatement(
						"insert into sessions values (?, ?, '2026-01-01 00:00:00', '2026-01-01 00:00:00', 1, null)");
				PreparedStatement message = connection.prepareStatement("insert into messages (session_db_id, role,"
						+ " content, timestamp) values (?, 'user', ?, '2026-01-01 00:00:00')")) {
			connection.setAutoCommit(false);
			for (int s = 1; s <= sessions; s++) {
				session.setInt(1, s);
				session.setString(2, "s" + s);
				session.executeUpdate();
				for (int m = 1; m <= messages; m++) {
					message.setInt(1, s);
					message.setString(2, m + content);
					message.addBatch();
				}
				message.executeBatch();
			}
			connection.commit();
		}
		return old;
	}

	/** Two tables; one session, whose list is made in the database piece by piece. */
	static OldFile list(Path directory, int messages, int length) throws IOException, SQLException {
		OldFile old = OldFile.empty(OldFile.V1, directory);
		String message = "{\"role\": \"user\", \"content\": \"" + "x".repeat(length) + "\"}";
		try (Connection connection = old.connect(); PreparedStatement insert = connection.prepareStatement("""
				insert into sessions
				select 's', '[' || replace(hex(zeroblob(?)), '00', cast(? as text) || ',') || cast(? as text) || ']',
				    '2026-01-01 00:00:00', '2026-01-01 00:00:00'
				""")) {
			insert.setInt(1, messages - 1);
			insert.setBytes(2, message.getBytes(StandardCharsets.UTF_8));
			insert.setBytes(3, message.getBytes(StandardCharsets.UTF_8));
			insert.executeUpdate();
		}
		return old;
	}

}
