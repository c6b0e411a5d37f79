package dev.agentsessions.transfer;

import java.io.IOException;
import java.sql.SQLException;

/**
 * Sessions that can be read from somewhere, one after another, in constant memory.
 */
public interface SessionSource extends AutoCloseable {

	/** Hands everything over. */
	void readAll(SessionSink sink) throws SQLException, IOException;

	/** How much of it has been handed over, from 0 to 1. */
	double fraction();

	@Override
	void close() throws SQLException, IOException;

}
