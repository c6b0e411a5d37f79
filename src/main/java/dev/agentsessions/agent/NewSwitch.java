package dev.agentsessions.agent;

import java.time.Instant;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.web.request.Fields;
import dev.agentsessions.web.request.LimitSettings;
import org.jspecify.annotations.Nullable;

/**
 * A switch that has been checked and can be stored.
 *
 * @param fromAgent 1 to 255 characters, null for whoever holds the session
 * @param toAgent 1 to 255 characters
 * @param switchedAt null for now
 */
public record NewSwitch(@Nullable String fromAgent, String toAgent, @Nullable String reason,
		@Nullable JsonText metadata, @Nullable Instant switchedAt) {

	private static final int MAX_AGENT = 255;

	/** Reads a switch to be made: its time is the database's. */
	public static NewSwitch read(Fields fields, LimitSettings limits) {
		NewSwitch read = new NewSwitch(fields.nonEmptyText("from_agent", MAX_AGENT), agent(fields, "to_agent"),
				fields.text("reason", limits.message()), fields.object("metadata", limits.message()), null);
		fields.noMore();
		return read;
	}

	/**
	 * Reads a switch that was made already, an entry of an <code>agent_history</code>.
	 */
	public static NewSwitch readPast(Fields fields, LimitSettings limits) {
		NewSwitch read = new NewSwitch(fields.nonEmptyText("from", MAX_AGENT), agent(fields, "to"),
				fields.text("reason", limits.message()), fields.object("metadata", limits.message()),
				fields.time("timestamp"));
		fields.noMore();
		return read;
	}

	public static String agent(Fields fields, String name) {
		return fields.requiredText(name, MAX_AGENT);
	}

	/** Approximate bytes: its text, at one a character, and what its row costs. */
	public long size() {
		return 100L + this.toAgent.length() + ((this.fromAgent != null) ? this.fromAgent.length() : 0)
				+ ((this.reason != null) ? this.reason.length() : 0) + JsonText.size(this.metadata);
	}

}
