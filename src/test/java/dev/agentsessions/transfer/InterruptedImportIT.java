package dev.agentsessions.transfer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.Callable;

import dev.agentsessions.TestPostgres;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Buckets;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.connect.DatabaseUrl;
import dev.agentsessions.database.connect.JdbcConnections;
import dev.agentsessions.database.connect.Schema;
import dev.agentsessions.transfer.legacy.OldDatabase;
import dev.agentsessions.transfer.legacy.TableLayout;
import dev.agentsessions.transfer.legacy.value.OldTimes;
import dev.agentsessions.transfer.store.StoreReads;
import dev.agentsessions.transfer.store.StoreSink;
import dev.agentsessions.transfer.store.StoreTables;
import dev.agentsessions.transfer.store.StoreWrites;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Whatever becomes of an import, a session in the store is whole, and the next import
 * brings the others.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class InterruptedImportIT {

	private static final int SESSIONS = 400;

	private static final int MESSAGES = 30;

	private final Engine engine;

	@TempDir
	private Path directory;

	InterruptedImportIT(Engine engine) {
		this.engine = engine;
	}

	@Test
	void anImportThatIsKilledIsCompletedByTheNext() throws IOException, SQLException {
		OldFile old = LargeSources.sessions(this.directory, SESSIONS, MESSAGES, 300);
		String store = (this.engine == Engine.H2) ? "h2:file:" + this.directory.resolve("store")
				: TestStore.newDatabase(this.engine);
		try (ChildCommand child = new ChildCommand(this.directory, store, "128m", "import", "--from", old.url())) {
			Awaitility.await("the import has begun to write: " + child.err())
				.atMost(Duration.ofSeconds(60))
				.pollInterval(Duration.ofMillis(5))
				.failFast("the import has ended", () -> !child.isAlive())
				.until(hasBegun(store));
			child.kill();
		}
		long there = whole(store);
		assertThat(there).isPositive().isLessThan(SESSIONS);

		Command again = Command.run(store, "import", "--from", old.url()).expect(0);
		assertThat(again.count("already there")).isEqualTo(there);
		assertThat(again.count("sessions")).isEqualTo(SESSIONS - there);
		assertThat(whole(store)).isEqualTo(SESSIONS);
		assertThat(Command.run(store, "import", "--from", old.url()).expect(0).count("already there"))
			.isEqualTo(SESSIONS);
	}

	@Test
	void aSourceThatBreaksInTheMiddleOfASessionLeavesNoneHalf() throws Exception {
		OldFile old = LargeSources.sessions(this.directory, 3, 2500, 10);
		String store = TestStore.newDatabase(this.engine);
		DatabaseUrl url = DatabaseUrl.parse(store);
		Schema.update(url, new Buckets(1));
		TransferTally tally = new TransferTally(
				new RetentionOutlook(false, Duration.ZERO, Duration.ZERO, Instant.EPOCH));
		try (Rejects rejects = new Rejects(null);
				Connection connection = JdbcConnections.open(url);
				SessionSource source = new TableLayout(OldDatabase.sqlite(old.path()), "default",
						new OldTimes(ZoneOffset.UTC), rejects)) {
			connection.setAutoCommit(false);
			StoreSink sink = new StoreSink(new StoreReads(connection, this.engine),
					new StoreWrites(connection, this.engine), tally, rejects, (line) -> {
					});
			assertThatExceptionOfType(IOException.class).isThrownBy(() -> source.readAll(new BreakingSink(sink, 7000)));
		}
		assertThat(StoreDump.rows(store, "select session_id, last_seq from sessions order by id").toString())
			.isEqualTo("[{session_id=s1, last_seq=2500}, {session_id=s2, last_seq=2500}]");
		assertThat(StoreDump.rows(store, "select count(*) as n from messages").toString()).isEqualTo("[{n=5000}]");
		assertThat(Command.run(store, "import", "--from", old.url()).expect(0).count("messages")).isEqualTo(2500);
	}

	private Callable<Boolean> hasBegun(String store) {
		if (this.engine == Engine.H2) {
			return () -> Files.exists(this.directory.resolve("store.mv.db"))
					&& Files.size(this.directory.resolve("store.mv.db")) > 6 << 20;
		}
		return () -> {
			try (Connection connection = TestPostgres.connect(store)) {
				return StoreTables.isStore(connection)
						&& StoreDump.rows(connection, "select 1 from sessions limit 1").size() == 1;
			}
		};
	}

	/** How many sessions there are; each of them must have all that the source has. */
	private static long whole(String store) throws SQLException {
		try (Connection connection = JdbcConnections.open(DatabaseUrl.parse(store))) {
			assertThat(StoreDump.rows(connection, """
					select session_id from sessions s where last_seq <> %d or last_message_at is null
					    or (select count(*) from messages m where m.session_db_id = s.id) <> %d
					""".formatted(MESSAGES, MESSAGES))).isEmpty();
			return StoreDump.rows(connection, "select id from sessions").size();
		}
	}

	/** Passes on so many messages, and then fails. */
	private static final class BreakingSink implements SessionSink {

		private final SessionSink sink;

		private int left;

		BreakingSink(SessionSink sink, int messages) {
			this.sink = sink;
			this.left = messages;
		}

		@Override
		public void begin(SessionRecord session) throws SQLException, IOException {
			this.sink.begin(session);
		}

		@Override
		public void context(ContextRecord context) throws SQLException, IOException {
			this.sink.context(context);
		}

		@Override
		public void message(MessageRecord message) throws SQLException, IOException {
			if (this.left-- == 0) {
				throw new IOException("broken");
			}
			this.sink.message(message);
		}

		@Override
		public void agentSwitch(SwitchRecord agentSwitch) throws SQLException, IOException {
			this.sink.agentSwitch(agentSwitch);
		}

		@Override
		public void end() throws SQLException, IOException {
			this.sink.end();
		}

	}

}
