package dev.agentsessions.transfer.command;

import java.io.IOException;
import java.io.PrintStream;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Function;

import dev.agentsessions.transfer.ContextRecord;
import dev.agentsessions.transfer.MessageRecord;
import dev.agentsessions.transfer.SessionRecord;
import dev.agentsessions.transfer.SessionSink;
import dev.agentsessions.transfer.SessionSource;
import dev.agentsessions.transfer.SwitchRecord;

/**
 * Passes sessions on, and says in a line every ten seconds how far it is.
 */
final class ReportedProgress implements SessionSink {

	private static final long BETWEEN_LINES = Duration.ofSeconds(10).toNanos();

	/** Looking at the clock costs, too. */
	private static final int MESSAGES_PER_LOOK = 256;

	private final Function<SessionRecord, SessionSink> sinks;

	private final SessionSource source;

	private final PrintStream out;

	private final long start = System.nanoTime();

	private long said = this.start;

	private long sessions;

	private long messages;

	private SessionSink sink = SessionSink.NOWHERE;

	/**
	 * Begins to report.
	 * @param sinks where each session goes
	 */
	ReportedProgress(Function<SessionRecord, SessionSink> sinks, SessionSource source, PrintStream out) {
		this.sinks = sinks;
		this.source = source;
		this.out = out;
	}

	@Override
	public void begin(SessionRecord session) throws SQLException, IOException {
		this.sink = this.sinks.apply(session);
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
		if (now - this.said >= BETWEEN_LINES) {
			this.said = now;
			this.out.println(line(now - this.start, this.source.fraction()));
		}
	}

	/** Says how it ended. */
	void finish() {
		this.out.println(line(System.nanoTime() - this.start, 1));
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
