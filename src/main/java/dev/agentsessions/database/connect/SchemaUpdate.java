package dev.agentsessions.database.connect;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

import dev.agentsessions.database.Buckets;
import io.r2dbc.spi.ConnectionFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Has the tables up to date before anything asks for them. It begins when it is made, on
 * a thread of its own, for to make the other parts of the service takes as long; none of
 * them begins to work before it has ended.
 */
@Component
final class SchemaUpdate implements SmartInitializingSingleton {

	private final FutureTask<@Nullable Void> update;

	/**
	 * Begins.
	 * @param enabled whether the tables are made here; else only their number of buckets
	 * is looked at
	 */
	SchemaUpdate(@Qualifier("laneConnections") ConnectionFactory connections, DatabaseUrl url, Buckets buckets,
			@Value("${spring.liquibase.enabled:true}") boolean enabled) {
		this.update = new FutureTask<>(() -> {
			new PoolerCheck(connections, url).check();
			if (enabled) {
				Schema.update(url, buckets);
			}
			else {
				Schema.check(url, buckets);
			}
			return null;
		});
		Thread thread = new Thread(this.update, "schema");
		// a start that fails for another reason ends the process at once; tables that are
		// made in part are gone on with by the next one
		thread.setDaemon(true);
		thread.start();
	}

	/** Waits for the end, for as long as that takes. */
	@Override
	public void afterSingletonsInstantiated() {
		try {
			this.update.get();
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException("the database can't be used", ex.getCause());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("interrupted while the tables were brought up to date", ex);
		}
	}

}
