package dev.agentsessions.transfer;

import java.io.IOException;
import java.sql.SQLException;

/**
 * Where sessions go. Of each session: {@link #begin}, its context if it has one, its
 * messages in the order of <code>seq</code> with its switches in their own order among or
 * after them, {@link #end}.
 */
public interface SessionSink {

	void begin(SessionRecord session) throws SQLException, IOException;

	void context(ContextRecord context) throws SQLException, IOException;

	void message(MessageRecord message) throws SQLException, IOException;

	void agentSwitch(SwitchRecord agentSwitch) throws SQLException, IOException;

	void end() throws SQLException, IOException;

}
