package dev.agentsessions.exactness;

import java.io.IOException;
import java.sql.SQLException;

/**
 * A database on a server that others use as well: it can't be stopped, but all the
 * store's connections to it can be broken.
 */
record SharedPostgres(String url) implements TestedDatabase {

	@Override
	public void crash() throws IOException {
		try {
			terminateConnections();
		}
		catch (SQLException ex) {
			throw new IOException(ex);
		}
	}

	@Override
	public void close() {
		// dropped with the server's other test databases
	}

}
