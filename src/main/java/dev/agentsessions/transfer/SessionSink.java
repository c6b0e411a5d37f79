package dev.agentsessions.transfer;

import java.io.IOException;
import java.sql.SQLException;

/**
 * Where sessions go. Of each session: {@link #begin}, its context if it has one, its
 * messages in the order of <code>seq</code> with its switches in their own order among or
 * after them, {@link #end}.
 */
public interface SessionSink {

	/** Where nothing is kept. */
	SessionSink NOWHERE = new SessionSink() {
	};

	default void begin(SessionRecord session) throws SQLException, IOException {
	}

	default void context(ContextRecord context) throws SQLException, IOException {
	}

	default void message(MessageRecord message) throws SQLException, IOException {
	}

	default void agentSwitch(SwitchRecord agentSwitch) throws SQLException, IOException {
	}

	default void end() throws SQLException, IOException {
	}

}
