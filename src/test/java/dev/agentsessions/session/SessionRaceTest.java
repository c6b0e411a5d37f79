package dev.agentsessions.session;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;

import dev.agentsessions.Api;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Commits;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is acknowledged was done, also if the session comes back between a statement that
 * did not find it and the look at why.
 */
class SessionRaceTest {

	@Test
	void aSessionThatIsRestoredWhileItIsDeletedIsDeletedAfterAll() {
		TestStore store = TestStore.on(Engine.H2);
		Api api = Api.on(store);
		String session = api.sessionOf(1);
		api.softDelete(session);
		AtomicInteger statements = new AtomicInteger();
		store.bean(Commits.class).listen((key, answer) -> {
			if (key.equals(new SessionKey("default", session)) && statements.incrementAndGet() == 1) {
				restore(store, session);
			}
		});
		api.delete(Api.SESSION, session).expect(204);
		api.get(Api.SESSION, session).problem(410, "session-deleted");
		assertThat(statements).hasValue(2);
	}

	private static void restore(TestStore store, String session) {
		try (Connection connection = DriverManager.getConnection("jdbc:" + store.databaseUrl(), "", "")) {
			connection.createStatement()
				.executeUpdate("update sessions set deleted_at = null where session_id = '" + session + "'");
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
