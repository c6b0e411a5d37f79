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

		@Override
		public void begin(SessionRecord session) {
		}

		@Override
		public void context(ContextRecord context) {
		}

		@Override
		public void message(MessageRecord message) {
		}

		@Override
		public void agentSwitch(SwitchRecord agentSwitch) {
		}

		@Override
		public void end() {
		}

	};

	void begin(SessionRecord session) throws SQLException, IOException;

	void context(ContextRecord context) throws SQLException, IOException;

	void message(MessageRecord message) throws SQLException, IOException;

	void agentSwitch(SwitchRecord agentSwitch) throws SQLException, IOException;

	void end() throws SQLException, IOException;

}
