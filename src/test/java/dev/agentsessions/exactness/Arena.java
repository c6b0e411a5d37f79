package dev.agentsessions.exactness;

import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where the clients meet: the replicas, the sessions they share, and the ledger.
 *
 * @param shared ids of the sessions that all write to for as long as the run lasts
 * @param writes how many writes have gone to young sessions
 */
record Arena(List<Replica> replicas, List<String> shared, Ledger ledger, StoreClient client, AtomicInteger writes) {

	/**
	 * How many writes meet in a young session: many of them while it is being created.
	 */
	private static final int YOUNG = 40;

	Replica anyReplica(Random random) {
		return this.replicas.get(random.nextInt(this.replicas.size()));
	}

	/** A session to write to, sometimes one that nobody has created yet. */
	String anySession(Random random) {
		return (random.nextInt(10) > 0) ? this.shared.get(random.nextInt(this.shared.size()))
				: "young-" + this.writes.getAndIncrement() / YOUNG;
	}

	/** A session that something was acknowledged in, if there is one. */
	SessionLedger anyWritten(Random random) {
		String young = "young-" + this.writes.get() / YOUNG;
		return this.ledger
			.session((random.nextInt(10) > 0) ? this.shared.get(random.nextInt(this.shared.size())) : young);
	}

}
