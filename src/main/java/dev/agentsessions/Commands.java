package dev.agentsessions;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Properties;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line. Settings such as <code>--store.lanes.writers=4</code> are Spring
 * Boot's; all else is a command, or refused.
 */
@Command(name = "java -jar agent-session-store.jar", mixinStandardHelpOptions = true, usageHelpAutoWidth = true,
		versionProvider = Commands.Version.class, synopsisSubcommandLabel = "[COMMAND]",
		description = "Without a command it starts the service, which ends with Ctrl-C. DATABASE_URL names its database;"
				+ " settings can be given as --store.NAME=VALUE, --server.NAME=VALUE, --spring.NAME=VALUE,"
				+ " --logging.NAME=VALUE and --management.NAME=VALUE, too.",
		commandListHeading = "%nCommands:%n", footer = "%nCOMMAND --help tells the options of a command.")
public final class Commands {

	private static final Pattern SETTING = Pattern.compile("--(store|server|spring|logging|management)\\.[^=]+=.*",
			Pattern.DOTALL);

	private Commands() {
	}

	/** Whether it is a setting for Spring Boot. */
	public static boolean isSetting(String argument) {
		return SETTING.matcher(argument).matches();
	}

	/** All that can be done, with these commands. */
	public static CommandLine line(Object... commands) {
		CommandLine line = new CommandLine(new Commands());
		List.of(commands).forEach(line::addSubcommand);
		line.addSubcommand(new CommandLine.HelpCommand());
		line.setParameterExceptionHandler(Commands::refuse);
		line.setExecutionExceptionHandler((ex, command, parsed) -> {
			command.getErr().println("Failed: " + ex.getMessage());
			return CommandLine.ExitCode.SOFTWARE;
		});
		return line;
	}

	private static int refuse(ParameterException wrong, String[] arguments) {
		CommandLine command = wrong.getCommandLine();
		command.getErr().println(text(wrong) + ". See " + command.getCommandSpec().qualifiedName() + " --help.");
		return CommandLine.ExitCode.USAGE;
	}

	private static @Nullable String text(ParameterException wrong) {
		if (!(wrong instanceof UnmatchedArgumentException unmatched)) {
			return String.valueOf(wrong.getMessage()).replaceFirst("\\.$", "");
		}
		String argument = unmatched.getUnmatched().get(0);
		boolean atTheRoot = wrong.getCommandLine().getParent() == null;
		String text = argument.startsWith("-") ? "There is no option " + argument.replaceFirst("=.*", "")
				: atTheRoot ? "There is no command " + argument : "There is nothing to be done with " + argument;
		List<String> similar = unmatched.getSuggestions();
		return similar.isEmpty() ? text : text + "; did you mean " + String.join(" or ", similar) + "?";
	}

	static final class Version implements CommandLine.IVersionProvider {

		@Override
		public String[] getVersion() throws IOException {
			Properties build = new Properties();
			try (InputStream file = Commands.class.getResourceAsStream("/META-INF/build-info.properties")) {
				if (file != null) {
					build.load(file);
				}
			}
			return new String[] {
					"agent-session-store " + build.getProperty("build.version", "of an unknown version") };
		}

	}

}
