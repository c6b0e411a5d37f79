package dev.agentsessions.exactness;

import java.io.IOException;

import dev.agentsessions.database.connect.DatabaseUrl;
import org.jspecify.annotations.Nullable;

/**
 * What lies between the replicas and the database: a proxy, and if need be a pooler
 * behind it.
 *
 * @param url of the near end, as in <code>DATABASE_URL</code>
 */
record DatabasePath(String url, FaultyProxy proxy, @Nullable Pooler pooler) implements AutoCloseable {

	static DatabasePath to(TestedDatabase database, boolean pooled) throws IOException {
		DatabaseUrl target = DatabaseUrl.parse(database.url());
		Pooler pooler = pooled ? Pooler.start(database.url()) : null;
		FaultyProxy proxy = (pooler != null) ? FaultyProxy.to("127.0.0.1", pooler.port())
				: FaultyProxy.to(target.host(), target.port());
		String there = "@" + target.host() + ":" + target.port() + "/";
		return new DatabasePath(database.url().replace(there, "@127.0.0.1:" + proxy.port() + "/"), proxy, pooler);
	}

	@Override
	public void close() throws IOException {
		this.proxy.close();
		if (this.pooler != null) {
			this.pooler.close();
		}
	}

}
