package dev.agentsessions.database;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The lanes: how many, and how much they take at once.
 *
 * @param writers lanes for writes, one connection each; on H2 there is one in any case; 1
 * to 64
 * @param readers lanes for reads, one connection each: one for look-ups of sessions, the
 * others for ranges of messages; 1 to 64
 * @param batchRequests the most requests in one statement; 1 to 10000
 * @param batchSize the most bytes of requests in one statement; a single larger request
 * goes alone; 1B to 1GB
 * @param queueRequests the most requests waiting in one lane; beyond it the answer is
 * 503; 1 to 1000000
 * @param queueSize the most bytes of requests waiting in one lane; beyond it the answer
 * is 503; at least 1B
 * @param tenantShare how much of a queue the writes of one tenant may take, in percent;
 * beyond it that tenant is answered 429; 1 to 100
 */
@ConfigurationProperties("store.lanes")
public record LaneSettings(@DefaultValue("2") int writers, @DefaultValue("3") int readers,
		@DefaultValue("128") int batchRequests, @DefaultValue("1MB") DataSize batchSize,
		@DefaultValue("4096") int queueRequests, @DefaultValue("32MB") DataSize queueSize,
		@DefaultValue("50") int tenantShare) {

	public LaneSettings {
		requireFrom1To(64, "writers", writers);
		requireFrom1To(64, "readers", readers);
		requireFrom1To(10_000, "batch-requests", batchRequests);
		requireFrom1To(1_000_000, "queue-requests", queueRequests);
		requireFrom1To(DataSize.ofGigabytes(1).toBytes(), "batch-size", batchSize.toBytes());
		requireFrom1To(Long.MAX_VALUE, "queue-size", queueSize.toBytes());
		requireFrom1To(100, "tenant-share", tenantShare);
	}

	/** The most requests of one tenant in one queue. */
	public int tenantRequests() {
		return Math.max(1, (int) (this.queueRequests * (long) this.tenantShare / 100));
	}

	/** The most bytes of one tenant in one queue. */
	public long tenantBytes() {
		return this.queueSize.toBytes() / 100 * this.tenantShare;
	}

	private static void requireFrom1To(long most, String name, long value) {
		if (value < 1 || value > most) {
			throw new IllegalArgumentException(
					"store.lanes." + name + " must be from 1 to " + most + ", but is " + value);
		}
	}

}
