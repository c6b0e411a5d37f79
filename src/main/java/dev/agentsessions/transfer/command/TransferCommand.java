package dev.agentsessions.transfer.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;

import dev.agentsessions.transfer.TransferFailure;
import liquibase.exception.LiquibaseException;

/**
 * <code>import</code> and <code>export</code> on the command line.
 */
public final class TransferCommand {

	private static final int FAILED = 1;

	private static final int WRONG_ARGUMENTS = 2;

	private static final Set<String> HELP = Set.of("--help", "-h", "help");

	private TransferCommand() {
	}

	/** Whether the arguments are a command, and not settings for the service. */
	public static boolean isMeant(String[] args) {
		return args.length > 0 && (!args[0].startsWith("-") || HELP.contains(args[0]));
	}

	/**
	 * Runs a command; returns when it is done.
	 * @return the exit status: 0 all done, 1 failed, 2 wrong arguments, 3 done but
	 * something was rejected
	 */
	public static int run(String[] args) {
		return run(args, Console.ofProcess());
	}

	public static int run(String[] args, Console console) {
		try {
			if (Arrays.stream(args).anyMatch(HELP::contains)) {
				console.print(Arguments.USAGE);
				return 0;
			}
			Arguments arguments = Arguments.parse(args);
			TransferSettings settings = TransferSettings.load(arguments.settings(), Clock.systemUTC());
			return arguments.command().equals("import") ? new Import(arguments, settings, console).run()
					: new Export(arguments, settings, console).run();
		}
		catch (TransferFailure.Usage ex) {
			console.err().println(ex.getMessage() + "\n\n" + Arguments.USAGE);
			return WRONG_ARGUMENTS;
		}
		catch (TransferFailure ex) {
			return failed(console, String.valueOf(ex.getMessage()));
		}
		catch (SQLException ex) {
			return failed(console, "A database failed: " + words(ex));
		}
		catch (IOException | UncheckedIOException | LiquibaseException ex) {
			return failed(console, String.valueOf(ex.getMessage()));
		}
	}

	private static int failed(Console console, String why) {
		console.err()
			.println("\nFailed: " + why
					+ "\nSessions that were imported before this stay imported, whole; run the same command again to go on.");
		return FAILED;
	}

	/** The text of a batch would have the row in it; that of its cause has not. */
	private static String words(SQLException error) {
		SQLException cause = Objects.requireNonNullElse(error.getNextException(), error);
		return cause.getMessage() + " (SQLSTATE " + cause.getSQLState() + ")";
	}

}
