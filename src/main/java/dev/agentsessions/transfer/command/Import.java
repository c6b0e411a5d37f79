package dev.agentsessions.transfer.command;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import dev.agentsessions.database.Buckets;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.connect.DatabaseUrl;
import dev.agentsessions.database.connect.JdbcConnections;
import dev.agentsessions.database.connect.Schema;
import dev.agentsessions.database.migration.BucketSchemas;
import dev.agentsessions.transfer.Rejects;
import dev.agentsessions.transfer.SessionSource;
import dev.agentsessions.transfer.TransferFailure;
import dev.agentsessions.transfer.TransferTally;
import dev.agentsessions.transfer.archive.ArchiveSource;
import dev.agentsessions.transfer.store.StoreReads;
import dev.agentsessions.transfer.store.StoreSink;
import dev.agentsessions.transfer.store.StoreTables;
import dev.agentsessions.transfer.store.StoreWrites;
import liquibase.exception.LiquibaseException;
import org.jspecify.annotations.Nullable;

/**
 * Brings an older database, or an archive, into the store.
 */
final class Import {

	private static final Path REJECTS = Path.of("import-rejects.ndjson");

	private final Arguments arguments;

	private final TransferSettings settings;

	private final Console console;

	private final TransferTally tally;

	Import(Arguments arguments, TransferSettings settings, Console console) {
		this.arguments = arguments;
		this.settings = settings;
		this.console = console;
		this.tally = new TransferTally(settings.retention());
	}

	/**
	 * Runs it.
	 * @return the exit status: 0, or 3 if there were rejects
	 */
	int run() throws SQLException, IOException, LiquibaseException {
		try (Rejects rejects = new Rejects(rejectsFile());
				SessionSource source = SourceUrl.open(this.arguments, this.settings.database(), this.console,
						rejects)) {
			if (source instanceof ArchiveSource archive) {
				archive.verify();
			}
			if (this.arguments.dryRun()) {
				check(source, rejects);
			}
			else {
				write(source, rejects);
			}
			this.console.print(summary(rejects));
			return (rejects.count() > 0) ? 3 : 0;
		}
	}

	/** Whether something of it is in the store. */
	boolean hasWritten() {
		return !this.arguments.dryRun() && this.tally.changes() > 0;
	}

	/** A dry run writes a file only if one was asked for. */
	private @Nullable Path rejectsFile() {
		Path named = this.arguments.rejects();
		return (named != null || this.arguments.dryRun()) ? named : REJECTS;
	}

	private void check(SessionSource source, Rejects rejects) throws SQLException, IOException {
		Optional<Connection> existing = JdbcConnections.openExisting(this.settings.database());
		if (existing.isEmpty()) {
			copy(source, List.of(sink(null, null, rejects)));
			return;
		}
		try (Connection connection = existing.get(); OpenBuckets opened = new OpenBuckets(this.settings)) {
			refuseOlder(connection);
			if (this.settings.database().engine() == Engine.POSTGRESQL) {
				BucketSchemas.check(connection, this.settings.buckets());
			}
			List<StoreSink> sinks = new ArrayList<>();
			for (Connection bucket : opened.connections()) {
				bucket.setReadOnly(true);
				sinks.add(sink(StoreTables.isStore(bucket) ? reads(bucket) : null, null, rejects));
			}
			copy(source, sinks);
		}
	}

	private void write(SessionSource source, Rejects rejects) throws SQLException, IOException, LiquibaseException {
		DatabaseUrl url = this.settings.database();
		try (Connection connection = JdbcConnections.open(url)) {
			refuseOlder(connection);
			Schema.update(url, this.settings.buckets());
		}
		try (OpenBuckets opened = new OpenBuckets(this.settings)) {
			List<StoreSink> sinks = new ArrayList<>();
			for (Connection bucket : opened.connections()) {
				sinks.add(sink(reads(bucket), new StoreWrites(bucket, url.engine()), rejects));
			}
			copy(source, sinks);
		}
	}

	private StoreReads reads(Connection bucket) {
		return new StoreReads(bucket, this.settings.database().engine());
	}

	private StoreSink sink(@Nullable StoreReads reads, @Nullable StoreWrites writes, Rejects rejects) {
		return new StoreSink(reads, writes, this.tally, rejects, this.console.err()::println);
	}

	private void copy(SessionSource source, List<StoreSink> sinks) throws SQLException, IOException {
		Buckets buckets = new Buckets(sinks.size());
		ReportedProgress progress = new ReportedProgress((session) -> sinks.get(buckets.of(session.key())), source,
				this.console.err());
		source.readAll(progress);
		for (StoreSink each : sinks) {
			each.finish();
		}
		progress.finish();
	}

	private static void refuseOlder(Connection connection) throws SQLException {
		if (StoreTables.isOlder(connection)) {
			throw new TransferFailure.Usage("DATABASE_URL names a database of the older service."
					+ " Create another one for the store; nothing is changed in the older one");
		}
	}

	private String summary(Rejects rejects) {
		String text = String.format(Locale.ROOT, """
				%s
				  sessions       %,12d
				  messages       %,12d
				  contexts       %,12d
				  switches       %,12d
				  already there  %,12d
				  continued      %,12d
				  left alone     %,12d
				  rejected       %,12d
				""", this.arguments.dryRun() ? "Dry run, nothing was written. It would import:" : "Imported:",
				this.tally.sessions, this.tally.messages, this.tally.contexts, this.tally.switches,
				this.tally.alreadyThere, this.tally.continued, this.tally.leftAlone, rejects.count());
		if (this.tally.changes() == 0) {
			text += "Nothing had to be written: all that can be stored is in the store.\n";
		}
		return text + ((rejects.file() != null) ? "The rejects are in " + rejects.file() + "\n" : "")
				+ this.tally.warning();
	}

	/** Connections to all buckets, in transactions. */
	private static final class OpenBuckets implements AutoCloseable {

		private final List<Connection> connections = new ArrayList<>();

		OpenBuckets(TransferSettings settings) throws SQLException {
			for (int bucket = 0; bucket < settings.buckets().count(); bucket++) {
				Connection connection = JdbcConnections.open(settings.database(), settings.buckets().schema(bucket));
				this.connections.add(connection);
				connection.setAutoCommit(false);
			}
		}

		List<Connection> connections() {
			return this.connections;
		}

		@Override
		public void close() throws SQLException {
			for (Connection connection : this.connections) {
				connection.close();
			}
		}

	}

}
