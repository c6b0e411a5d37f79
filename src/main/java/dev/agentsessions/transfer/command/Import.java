package dev.agentsessions.transfer.command;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;

import dev.agentsessions.database.connect.DatabaseUrl;
import dev.agentsessions.database.connect.JdbcConnections;
import dev.agentsessions.database.connect.Schema;
import dev.agentsessions.transfer.Rejects;
import dev.agentsessions.transfer.SessionSource;
import dev.agentsessions.transfer.TransferTally;
import dev.agentsessions.transfer.TransferFailure;
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

	/** A dry run writes a file only if one was asked for. */
	private @Nullable Path rejectsFile() {
		Path named = this.arguments.rejects();
		return (named != null || this.arguments.dryRun()) ? named : REJECTS;
	}

	private void check(SessionSource source, Rejects rejects) throws SQLException, IOException {
		Optional<Connection> existing = JdbcConnections.openExisting(this.settings.database());
		if (existing.isEmpty()) {
			copy(source, new StoreSink(null, null, this.tally, rejects, this.console.err()::println));
			return;
		}
		try (Connection connection = existing.get()) {
			connection.setReadOnly(true);
			connection.setAutoCommit(false);
			refuseOlder(connection);
			StoreReads reads = StoreTables.isStore(connection)
					? new StoreReads(connection, this.settings.database().engine()) : null;
			copy(source, new StoreSink(reads, null, this.tally, rejects, this.console.err()::println));
		}
	}

	private void write(SessionSource source, Rejects rejects) throws SQLException, IOException, LiquibaseException {
		DatabaseUrl url = this.settings.database();
		try (Connection connection = JdbcConnections.open(url)) {
			refuseOlder(connection);
			Schema.update(url);
			connection.setAutoCommit(false);
			StoreWrites writes = new StoreWrites(connection, url.engine());
			copy(source, new StoreSink(new StoreReads(connection, url.engine()), writes, this.tally, rejects,
					this.console.err()::println));
		}
	}

	private void copy(SessionSource source, StoreSink sink) throws SQLException, IOException {
		ReportedProgress progress = new ReportedProgress(sink, source, this.console.err());
		source.readAll(progress);
		sink.finish();
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

}
