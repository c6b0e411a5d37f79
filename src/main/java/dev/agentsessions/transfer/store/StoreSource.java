package dev.agentsessions.transfer.store;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Queue;

import dev.agentsessions.database.Buckets;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.connect.DatabaseUrl;
import dev.agentsessions.database.connect.JdbcConnections;
import dev.agentsessions.database.migration.BucketSchemas;
import dev.agentsessions.transfer.MessageRecord;
import dev.agentsessions.transfer.SessionSink;
import dev.agentsessions.transfer.SessionSource;
import dev.agentsessions.transfer.SwitchRecord;
import dev.agentsessions.transfer.TransferFailure;

/**
 * The whole store as it was at one moment (where buckets are on several machines: at a
 * moment of each), in the order in which it got to know its sessions. Switches come after
 * all messages.
 */
public final class StoreSource implements SessionSource {

	private final Connection connection;

	private final Buckets buckets;

	private final StoreReads reads;

	private final long total;

	private long done;

	/** The bucket whose tables are read; none at first. */
	private int current = -1;

	/** Opens the store. Errors: {@link TransferFailure} if there is none. */
	public StoreSource(DatabaseUrl url, Buckets buckets) throws SQLException {
		this.buckets = buckets;
		this.connection = JdbcConnections.openExisting(url)
			.orElseThrow(() -> new TransferFailure("There is no store at " + url + "."));
		if (url.engine() == Engine.POSTGRESQL) {
			// H2 is open in this process only: nobody writes meanwhile, and in a
			// transaction it
			// would keep a copy of each long text that is read
			this.connection.setReadOnly(true);
			this.connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
			this.connection.setAutoCommit(false);
			BucketSchemas.check(this.connection, buckets);
		}
		turnTo(0);
		if (!StoreTables.isStore(this.connection)) {
			this.connection.close();
			throw new TransferFailure("There is no store at " + url + ".");
		}
		this.reads = new StoreReads(this.connection, url.engine());
		this.total = rows();
	}

	private long rows() throws SQLException {
		long rows = 0;
		for (int bucket = 0; bucket < this.buckets.count(); bucket++) {
			turnTo(bucket);
			rows += this.reads.rows();
		}
		return rows;
	}

	/** One connection for all buckets, so that it sees all as they were at one moment. */
	private void turnTo(int bucket) throws SQLException {
		if (this.buckets.count() > 1 && bucket != this.current) {
			this.connection.setSchema(this.buckets.schema(bucket));
			this.current = bucket;
		}
	}

	@Override
	public void readAll(SessionSink sink) throws SQLException, IOException {
		// of all buckets the one with the session that the store got to know first
		PriorityQueue<OpenBucket> open = new PriorityQueue<>(
				Comparator.comparingLong((bucket) -> bucket.next.element().id()));
		for (int bucket = 0; bucket < this.buckets.count(); bucket++) {
			keepOpen(new OpenBucket(bucket, new ArrayDeque<>()), 0, open);
		}
		while (!open.isEmpty()) {
			OpenBucket bucket = open.remove();
			StoredSession session = bucket.next.remove();
			turnTo(bucket.number);
			read(session, sink);
			keepOpen(bucket, session.id(), open);
		}
	}

	/** As long as it has more. */
	private void keepOpen(OpenBucket bucket, long after, Queue<OpenBucket> open) throws SQLException {
		if (bucket.next.isEmpty()) {
			turnTo(bucket.number);
			bucket.next.addAll(this.reads.sessionsAfter(after, Math.max(1, StoreReads.PAGE / this.buckets.count())));
		}
		if (!bucket.next.isEmpty()) {
			open.add(bucket);
		}
	}

	private void read(StoredSession session, SessionSink sink) throws SQLException, IOException {
		sink.begin(session.record());
		StoredContext context = this.reads.context(session.id());
		if (context != null) {
			sink.context(context.record());
		}
		readMessages(session, sink);
		if (context != null) {
			readSwitches(context.id(), sink);
		}
		sink.end();
		this.done++;
	}

	private void readMessages(StoredSession session, SessionSink sink) throws SQLException, IOException {
		long seq = session.record().firstSeq() - 1;
		while (seq < session.lastSeq()) {
			List<StoredMessage> page = this.reads.messagesAfter(session, seq);
			for (StoredMessage message : page) {
				seq++;
				if (message.seq() != seq) {
					throw missing(session, seq);
				}
				sink.message(new MessageRecord(message.timestamp(), message.message()));
				this.done++;
			}
			if (page.isEmpty()) {
				throw missing(session, seq + 1);
			}
		}
	}

	private static TransferFailure missing(StoredSession session, long seq) {
		return new TransferFailure("The store is damaged: session " + session.record().key().sessionId()
				+ " has no message " + seq + ", which must be there.");
	}

	private void readSwitches(long context, SessionSink sink) throws SQLException, IOException {
		List<SwitchRecord> page = this.reads.switchesAfter(context, 0);
		while (!page.isEmpty()) {
			for (SwitchRecord each : page) {
				sink.agentSwitch(each);
			}
			page = this.reads.switchesAfter(context, Objects.requireNonNull(page.get(page.size() - 1).switchNo()));
		}
	}

	@Override
	public double fraction() {
		return (this.total == 0) ? 1 : Math.min(1, (double) this.done / this.total);
	}

	@Override
	public void close() throws SQLException {
		this.connection.close();
	}

	/** A bucket that has more, with some of that. */
	private record OpenBucket(int number, Deque<StoredSession> next) {
	}

}
