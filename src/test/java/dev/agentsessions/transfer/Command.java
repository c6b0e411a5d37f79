package dev.agentsessions.transfer;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.agentsessions.Commands;
import dev.agentsessions.transfer.command.Console;
import dev.agentsessions.transfer.command.TransferCommand;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A command that has run in this process, and what it said.
 */
public record Command(int status, byte[] out, String err) {

	public static Command run(String databaseUrl, String... arguments) {
		return run(databaseUrl, new byte[0], arguments);
	}

	/** With something on the standard input. */
	public static Command run(String databaseUrl, byte[] in, String... arguments) {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		ByteArrayOutputStream err = new ByteArrayOutputStream();
		List<String> settings = Stream.concat(Arrays.stream(arguments).filter(Commands::isSetting),
				Stream.of("--store.database.url=" + databaseUrl, "--logging.level.liquibase=warn",
						"--spring.main.log-startup-info=false"))
			.toList();
		Console console = new Console(new ByteArrayInputStream(in), out,
				new PrintStream(err, true, StandardCharsets.UTF_8));
		int status = Commands
			.line(new TransferCommand.Importing(settings, () -> console),
					new TransferCommand.Exporting(settings, () -> console))
			.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
			.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
			.execute(Arrays.stream(arguments).filter((each) -> !Commands.isSetting(each)).toArray(String[]::new));
		return new Command(status, out.toByteArray(), err.toString(StandardCharsets.UTF_8));
	}

	public Command expect(int expected) {
		assertThat(this.status).as(this.err + text()).isEqualTo(expected);
		return this;
	}

	public String text() {
		return new String(this.out, StandardCharsets.UTF_8);
	}

	/** A number of the summary. */
	public long count(String name) {
		Matcher line = Pattern.compile("(?m)^  " + name + " +([0-9,]+)$").matcher(text());
		assertThat(line.find()).as(name + " in " + text()).isTrue();
		return Long.parseLong(line.group(1).replace(",", ""));
	}

}
