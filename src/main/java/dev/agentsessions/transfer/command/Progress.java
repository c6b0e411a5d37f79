package dev.agentsessions.transfer.command;

import java.io.IOException;
import java.io.PrintStream;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.function.DoubleConsumer;

import dev.agentsessions.transfer.ContextRecord;
import dev.agentsessions.transfer.MessageRecord;
import dev.agentsessions.transfer.SessionRecord;
import dev.agentsessions.transfer.SessionSink;
import dev.agentsessions.transfer.SessionSource;
import dev.agentsessions.transfer.SwitchRecord;

/**
 * Passes sessions on, and says now and then how far it is: on a terminal on one line,
 * elsewhere line by line.
 */
final class Progress implements SessionSink {

	private static final long ON_TERMINAL = Duration.ofMillis(500).toNanos();

	private static final long IN_LOG = Duration.ofSeconds(10).toNanos();

	/** Looking at the clock costs, too. */
	private static final int MESSAGES_PER_LOOK = 256;

	private final SessionSink sink;

	private final SessionSource source;

	private final PrintStream out;

	private final boolean terminal;

	private final DoubleConsumer listener;

	private final long start = System.nanoTime();

	private long said = this.start;

	private long sessions;

	private long messages;

	/**
	 * Begins.
	 * @param listener hears now and then how much of the source was read, from 0 to 1
	 */
	Progress(SessionSink sink, SessionSource source, Console console, DoubleConsumer listener) {
		this.listener = listener;
		this.sink = sink;
		this.source = source;
		this.out = console.err();
		this.terminal = console.terminal();
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
		this.sink.message(message);
		this.messages++;
		if (this.messages % MESSAGES_PER_LOOK == 0) {
			look();
		}
	}

	@Override
	public void agentSwitch(SwitchRecord agentSwitch) throws SQLException, IOException {
		this.sink.agentSwitch(agentSwitch);
	}

	@Override
	public void end() throws SQLException, IOException {
		this.sink.end();
		this.sessions++;
		look();
	}

	private void look() {
		long now = System.nanoTime();
		this.listener.accept(this.source.fraction());
		if (now - this.said >= (this.terminal ? ON_TERMINAL : IN_LOG)) {
			this.said = now;
			say(line(now - this.start, this.source.fraction()));
		}
	}

	/** Says how it ended. */
	void finish() {
		say(line(System.nanoTime() - this.start, 1));
		if (this.terminal) {
			this.out.println();
		}
	}

	private void say(String line) {
		if (this.terminal) {
			// back to the start of the line, and clear what is left of the one before
			this.out.print("\r" + line + "\033[K");
			this.out.flush();
		}
		else {
			this.out.println(line);
		}
	}

	private String line(long nanos, double fraction) {
		double seconds = Math.max(nanos / 1e9, 1e-3);
		String left = (fraction >= 1) ? "in " + time(seconds)
				: (fraction > 0) ? time(seconds * (1 - fraction) / fraction) + " left" : "";
		return String.format(Locale.ROOT, "%,d sessions, %,d messages, %,.0f messages/s, %.0f %%, %s", this.sessions,
				this.messages, this.messages / seconds, Math.floor(fraction * 100), left);
	}

	private static String time(double seconds) {
		long whole = Math.round(seconds);
		return "%d:%02d:%02d".formatted(whole / 3600, whole / 60 % 60, whole % 60);
	}

}
