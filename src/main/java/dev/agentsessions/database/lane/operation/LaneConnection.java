package dev.agentsessions.database.lane.operation;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

import dev.agentsessions.database.Engine;
import dev.agentsessions.database.SqlErrors;
import dev.agentsessions.database.rows.RowReader;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.Statement;
import io.r2dbc.spi.ValidationDepth;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.function.Tuple2;

import org.springframework.r2dbc.connection.SingleConnectionFactory;
import org.springframework.r2dbc.core.DatabaseClient;

/**
 * The one connection of a lane, used by one batch at a time and by nobody else.
 */
public final class LaneConnection {

	/**
	 * As long as the statements of another replica take, and so short that a few locked
	 * sessions hardly hold up the others.
	 */
	private static final String HURRY = """
			select set_config('agent_session_store.lock_timeout', current_setting('lock_timeout'), false),
			    set_config('lock_timeout', '50ms', false)""";

	/** Not RESET, which knows only what the server has by default. */
	private static final String TAKE_YOUR_TIME = """
			select set_config('lock_timeout', current_setting('agent_session_store.lock_timeout'), false)""";

	private final Connection connection;

	private final Engine engine;

	private final boolean toNodes;

	private final DatabaseClient client;

	private boolean hasty;

	/** Of what runs now, or ran last. */
	private volatile boolean mayHaveCommitted;

	/** Of what runs now, or ran last. */
	private volatile long lockWait;

	public LaneConnection(Connection connection, Engine engine) {
		this(connection, engine, false);
	}

	/**
	 * A connection.
	 * @param toNodes whether its server sends statements on to the nodes of Citus
	 */
	public LaneConnection(Connection connection, Engine engine, boolean toNodes) {
		this.connection = connection;
		this.engine = engine;
		this.toNodes = toNodes;
		this.client = DatabaseClient.create(
				new SingleConnectionFactory(connection, () -> connection.getMetadata().getDatabaseProductName(), true));
	}

	public Connection connection() {
		return this.connection;
	}

	public Engine engine() {
		return this.engine;
	}

	/** Whether its server sends statements on to the nodes of Citus. */
	public boolean leadsToNodes() {
		return this.toNodes;
	}

	/**
	 * Statements with named parameters, in auto-commit unless within {@link #atomically}.
	 */
	public DatabaseClient client() {
		return this.client;
	}

	/** Runs a statement and hands on its rows as they come. */
	public Mono<Void> forEachRow(Statement statement, Consumer<RowReader> use) {
		return Flux.from(statement.execute()).concatMap((result) -> result.map((row) -> {
			use.accept(new RowReader(row));
			return row;
		})).then();
	}

	/**
	 * Runs statements in one transaction, and rolls it back when they end with an error.
	 * Only a lane may do this: its work is never cancelled by a caller (a transaction
	 * cancelled in the middle can undo somebody else's writes).
	 * <p>
	 * What need not wait for an answer is sent at once: the first statement with BEGIN,
	 * COMMIT with the last one. So the last one has to make sure that it runs within this
	 * transaction: after some errors the driver sends a statement again, which is then
	 * behind the COMMIT (that rolled back).
	 * @param first must emit one value
	 * @param writes the statements that follow, one after the other, seen from that
	 * value; if there are none, it is rolled back, which needs no disk
	 */
	public <T> Mono<T> atomically(Supplier<Mono<T>> first, Function<T, List<Mono<Void>>> writes) {
		return Mono.defer(() -> {
			this.mayHaveCommitted = false;
			return together(Mono.from(this.connection.beginTransaction()), Mono.defer(first));
		}).flatMap((value) -> end(writes.apply(value)).thenReturn(value)).onErrorResume(this::rollBack);
	}

	private Mono<Void> end(List<Mono<Void>> writes) {
		if (writes.isEmpty()) {
			return Mono.from(this.connection.rollbackTransaction());
		}
		int last = writes.size() - 1;
		return Flux.concat(writes.subList(0, last)).then(Mono.defer(() -> {
			Mono<Void> commit = Mono.defer(() -> {
				this.mayHaveCommitted = true;
				return Mono.from(this.connection.commitTransaction());
			});
			return together(writes.get(last), commit.thenReturn(true)).then();
		}));
	}

	/**
	 * Sends both without waiting for an answer to the first, if the driver can do that.
	 * If both fail, then with the error of the first, after which PostgreSQL does nothing
	 * more in this transaction.
	 * @return the value of the second
	 */
	public <T> Mono<T> together(Mono<Void> first, Mono<T> second) {
		return (this.engine == Engine.H2) ? first.then(second)
				: Mono.zipDelayError(first.thenReturn(true), second)
					.map(Tuple2::getT2)
					.onErrorMap((error) -> Exceptions.unwrapMultiple(error).get(0));
	}

	/** What begins now commits by itself, unless it opens a transaction. */
	public void begins() {
		this.mayHaveCommitted = true;
		this.lockWait = 0;
	}

	/**
	 * Tells how long it took to get the locks, which other replicas hold now and then.
	 */
	public void hasWaitedForLocks(long microseconds) {
		this.lockWait = TimeUnit.MICROSECONDS.toNanos(microseconds);
	}

	/** How long the batch that ran last has waited for locks, in nanoseconds. */
	public long lockWait() {
		return this.lockWait;
	}

	/**
	 * Whether a statement that ended without an answer may have been committed: not while
	 * a transaction is open whose commit was not asked for, or that was refused.
	 */
	public boolean mayHaveCommitted() {
		return this.mayHaveCommitted;
	}

	private <T> Mono<T> rollBack(Throwable error) {
		if (SqlErrors.refusal(error) != null) {
			this.mayHaveCommitted = false;
		}
		return Mono.from(this.connection.rollbackTransaction()).then(Mono.error(error));
	}

	/**
	 * Whether the next statements wait for locks only for a moment, or as long as the
	 * settings say. Comes before all else that is done for a batch.
	 */
	public Mono<Void> hurry(boolean hasty) {
		this.mayHaveCommitted = false; // that was the batch before
		if (this.hasty == hasty || this.engine == Engine.H2) {
			return Mono.empty();
		}
		return Flux.from(this.connection.createStatement(hasty ? HURRY : TAKE_YOUR_TIME).execute())
			.flatMap(Result::getRowsUpdated)
			.then(Mono.fromRunnable(() -> this.hasty = hasty));
	}

	public Mono<Boolean> isOpen() {
		return Mono.from(this.connection.validate(ValidationDepth.LOCAL)).onErrorReturn(false);
	}

	/** Closes without waiting: a frozen server would never answer. */
	public void discard() {
		Mono.from(this.connection.close()).subscribeOn(this.engine.scheduler()).onErrorComplete().subscribe();
	}

}
