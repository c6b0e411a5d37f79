package dev.agentsessions.transfer.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

import dev.agentsessions.settings.SetupException;
import dev.agentsessions.transfer.TransferFailure;
import liquibase.exception.LiquibaseException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * <code>import</code> and <code>export</code> on the command line. The exit status is 0
 * when all is done, 1 if it failed, 2 for wrong arguments, 3 when it is done but
 * something was rejected.
 */
public abstract class TransferCommand implements Callable<Integer> {

	private static final int FAILED = 1;

	private final List<String> settings;

	private final Supplier<Console> console;

	@Option(names = { "-h", "--help" }, usageHelp = true, description = "shows this text")
	private boolean help;

	@Spec
	private CommandSpec spec;

	TransferCommand(List<String> settings, Supplier<Console> console) {
		this.settings = settings;
		this.console = console;
		this.spec = CommandSpec.create();
	}

	/** The command <code>import</code>, with settings for Spring Boot. */
	public static Object importing(List<String> settings) {
		return new Importing(settings, Console::ofProcess);
	}

	/** The command <code>export</code>, with settings for Spring Boot. */
	public static Object exporting(List<String> settings) {
		return new Exporting(settings, Console::ofProcess);
	}

	abstract int run(TransferSettings settings, Console console) throws SQLException, IOException, LiquibaseException;

	/** What can be known to fail before anything is read. */
	void check() {
	}

	@Override
	public Integer call() {
		Console console = this.console.get();
		try {
			check();
			return run(console);
		}
		catch (TransferFailure.Usage ex) {
			throw new ParameterException(this.spec.commandLine(), String.valueOf(ex.getMessage()));
		}
		catch (TransferFailure ex) {
			return failed(console, String.valueOf(ex.getMessage()), leftover());
		}
		catch (SetupException ex) {
			return failed(console, ex.getMessage() + " " + ex.action(), "");
		}
		catch (SQLException ex) {
			return failed(console, "A database failed: " + words(ex), leftover());
		}
		catch (IOException | UncheckedIOException | LiquibaseException ex) {
			return failed(console, String.valueOf(ex.getMessage()), leftover());
		}
	}

	private int run(Console console) throws SQLException, IOException, LiquibaseException {
		TransferSettings settings;
		try {
			settings = TransferSettings.load(this.settings, Clock.systemUTC());
		}
		catch (SetupException ex) {
			console.err().println(ex.getMessage());
			return FAILED;
		}
		return run(settings, console);
	}

	/** What to say of the part that was done before it failed. */
	abstract String leftover();

	private static int failed(Console console, String why, String leftover) {
		console.err().println("\nFailed: " + why + leftover);
		return FAILED;
	}

	/** The text of a batch would have the row in it; that of its cause has not. */
	private static String words(SQLException error) {
		SQLException cause = Objects.requireNonNullElse(error.getNextException(), error);
		return cause.getMessage() + ((cause.getSQLState() != null) ? " (SQLSTATE " + cause.getSQLState() + ")" : "");
	}

	@Command(name = "import", sortOptions = false, usageHelpAutoWidth = true,
			description = "Brings an older database, or a file that export wrote, into the store that DATABASE_URL names.",
			footer = { "", "Exit status: 0 all done, 3 done but something was rejected, 2 wrong arguments, 1 failed." })
	public static final class Importing extends TransferCommand {

		@Option(names = "--from", required = true, paramLabel = "URL|FILE|-",
				description = "an older database: sqlite:///relative.db, sqlite:////absolute.db,"
						+ " postgresql://user:password@host/db; a file that export wrote; or the standard input")
		private String from = "";

		@Option(names = "--dry-run", description = "reads and checks everything, and writes nothing to the store")
		private boolean dryRun;

		@Option(names = "--rejects", paramLabel = "FILE",
				description = "what cannot be stored, one JSON object a line; ./import-rejects.ndjson")
		private @Nullable Path rejects;

		@Option(names = "--zone", paramLabel = "ZONE",
				description = "of an older database's times that have none, for example Europe/Moscow; UTC")
		private @Nullable String zone;

		@Option(names = "--tenant", paramLabel = "NAME",
				description = "whose the sessions of an older database will be; default")
		private @Nullable String tenant;

		private @Nullable Arguments arguments;

		private @Nullable Import work;

		public Importing(List<String> settings, Supplier<Console> console) {
			super(settings, console);
		}

		@Override
		void check() {
			if (!this.from.isEmpty() && !this.from.contains("://") && Files.isDirectory(Path.of(this.from))) {
				throw new TransferFailure(this.from + " is a folder; --from must name a file that export wrote.");
			}
			this.arguments = Arguments.of(this.from, this.dryRun, this.rejects, this.zone, this.tenant);
		}

		@Override
		int run(TransferSettings settings, Console console) throws SQLException, IOException, LiquibaseException {
			this.work = new Import(Objects.requireNonNull(this.arguments), settings, console);
			return this.work.run();
		}

		@Override
		String leftover() {
			return (this.work == null || !this.work.hasWritten()) ? ""
					: "\nSessions that were imported before this stay imported, whole; run the same command again to go on.";
		}

	}

	@Command(name = "export", sortOptions = false, usageHelpAutoWidth = true,
			description = "Writes the whole store that DATABASE_URL names, as NDJSON.",
			footer = { "", "Exit status: 0 all done, 2 wrong arguments, 1 failed." })
	public static final class Exporting extends TransferCommand {

		@Option(names = "--to", required = true, paramLabel = "FILE|-",
				description = "the file to write, or the standard output")
		private String to = "";

		public Exporting(List<String> settings, Supplier<Console> console) {
			super(settings, console);
		}

		@Override
		void check() {
			Arguments.requireValue("--to", this.to);
			if (!this.to.equals("-")) {
				Export.requireWritable(Path.of(this.to));
			}
		}

		@Override
		int run(TransferSettings settings, Console console) throws SQLException, IOException {
			return new Export(this.to, settings, console).run();
		}

		@Override
		String leftover() {
			return "";
		}

	}

}
