package dev.agentsessions.transfer.command;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.Locale;
import java.util.UUID;

import dev.agentsessions.transfer.TransferFailure;
import dev.agentsessions.transfer.TransferTally;
import dev.agentsessions.transfer.archive.ArchiveWriter;
import dev.agentsessions.transfer.store.StoreSource;

/**
 * Writes the whole store as an archive. A file gets its name when it is complete; what is
 * no file, such as a device or a pipe, is written to as it is.
 */
final class Export {

	private final String to;

	private final TransferSettings settings;

	private final Console console;

	private final TransferTally tally;

	Export(String to, TransferSettings settings, Console console) {
		this.to = to;
		this.settings = settings;
		this.console = console;
		this.tally = new TransferTally(settings.retention());
	}

	/** Refuses a place where no file can be, before the store is read. */
	static void requireWritable(Path file) {
		Path folder = file.toAbsolutePath().normalize().getParent();
		if (Files.isDirectory(file)) {
			throw new TransferFailure(file + " is a folder; --to must name a file.");
		}
		if (folder == null || !Files.isDirectory(folder)) {
			throw new TransferFailure("There is no folder " + folder + "; create it first, or name another.");
		}
		if (!Files.isWritable(folder)) {
			throw new TransferFailure("The folder " + folder + " can't be written to.");
		}
	}

	/**
	 * Runs it.
	 * @return the exit status, 0
	 */
	int run() throws SQLException, IOException {
		try (StoreSource source = new StoreSource(this.settings.database(), this.settings.buckets())) {
			if (this.to.equals("-")) {
				write(source, this.console.out());
				this.console.err().print(summary());
			}
			else {
				write(source, Path.of(this.to));
				this.console.print(summary());
			}
		}
		return 0;
	}

	private void write(StoreSource source, Path named) throws SQLException, IOException {
		Path file = Files.exists(named) ? named.toRealPath() : named;
		if (Files.exists(file) && !Files.isRegularFile(file)) {
			try (OutputStream out = Files.newOutputStream(file)) {
				write(source, out);
			}
			return;
		}
		// another name each time: two may be at work at once
		Path unfinished = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".part");
		try {
			try (OutputStream out = Files.newOutputStream(unfinished)) {
				write(source, out);
			}
			Files.move(unfinished, file, StandardCopyOption.REPLACE_EXISTING);
		}
		finally {
			Files.deleteIfExists(unfinished);
		}
	}

	private void write(StoreSource source, OutputStream out) throws SQLException, IOException {
		ArchiveWriter archive = new ArchiveWriter(out, this.tally);
		ReportedProgress progress = new ReportedProgress((session) -> archive, source, this.console.err());
		source.readAll(progress);
		archive.finish();
		progress.finish();
	}

	private String summary() {
		return String.format(Locale.ROOT, """
				Exported:
				  sessions       %,12d
				  messages       %,12d
				  contexts       %,12d
				  switches       %,12d
				""", this.tally.sessions, this.tally.messages, this.tally.contexts, this.tally.switches);
	}

}
