package dev.agentsessions.database.connect;

import java.io.IOException;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.SQLException;

import dev.agentsessions.TestPostgres;
import dev.agentsessions.TestStore;
import liquibase.exception.LiquibaseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What a start that can't use its database says: one message with what to do.
 */
@ExtendWith(OutputCaptureExtension.class)
class DatabaseFailureIT {

	private final DatabaseUrl server = DatabaseUrl.parse(TestPostgres.get().newDatabase());

	private final String place = this.server.host() + ":" + this.server.port();

	@Test
	void nothingAnswers(CapturedOutput output) throws IOException {
		int port;
		try (ServerSocket free = new ServerSocket(0)) {
			port = free.getLocalPort();
		}
		assertRefused(output, "postgresql://ann:sekret@127.0.0.1:" + port + "/db",
				"No PostgreSQL answers at 127.0.0.1:" + port + ".", "Start the server");
	}

	@Test
	void theHostIsUnknown(CapturedOutput output) {
		assertRefused(output, "postgresql://ann:sekret@no-such-host.invalid/db",
				"The host no-such-host.invalid of DATABASE_URL is not known here.", "Correct the host");
	}

	@Test
	void theDatabaseIsMissing(CapturedOutput output) {
		assertRefused(output, "postgresql://postgres:postgres@" + this.place + "/missing",
				"PostgreSQL at " + this.place + " has no database missing.", "Create it (createdb");
	}

	@Test
	void theServerSpeaksNoTls(CapturedOutput output) {
		assertRefused(output, url("postgres", "postgres") + "?sslmode=require", "The server does not support SSL",
				"Leave sslmode out of DATABASE_URL");
	}

	@Test
	void aParameterIsWrong(CapturedOutput output) {
		assertRefused(output, url("ann", "sekret") + "?sslmode=always", "sslmode must be disable, allow,",
				"DATABASE_URL");
		assertRefused(output, url("ann", "sekret") + "?sslrootcert=/no/such.pem",
				"sslrootcert names no file that can be read: /no/such.pem", "DATABASE_URL");
	}

	@Test
	void theUserMayNotMakeTables(CapturedOutput output) throws SQLException {
		try (Connection connection = TestPostgres.connect(url("postgres", "postgres"))) {
			connection.createStatement().execute("create role powerless login password 'sekret'");
			assertRefused(output, url("powerless", "sekret"), "The user powerless may not create the tables in",
					"grant create, usage on schema public to \"powerless\"");
			connection.createStatement().execute("drop role powerless");
		}
	}

	@Test
	void anotherProcessHasTheFile() {
		SQLException locked = new SQLException("Database may be already in use", "90020");
		FailureAnalysis analysis = DatabaseFailure.analyze(new LiquibaseException(locked),
				DatabaseUrl.parse("h2:file:./data/store"));
		assertThat(analysis.getDescription()).isEqualTo("Another process has the database h2:file:./data/store open.");
		assertThat(analysis.getAction()).startsWith("Stop the other process");
	}

	private String url(String user, String password) {
		return "postgresql://" + user + ":" + password + "@" + this.place + "/" + this.server.database();
	}

	private static void assertRefused(CapturedOutput output, String url, String description, String action) {
		assertThatException().isThrownBy(() -> TestStore.start(url, "management.server.port=0").close());
		assertThat(output).contains("APPLICATION FAILED TO START", description, action)
			.doesNotContain("\tat ", "sekret", "cancelling refresh attempt", "condition evaluation report");
	}

}
