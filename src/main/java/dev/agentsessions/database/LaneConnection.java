package dev.agentsessions.database;

import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.Statement;
import io.r2dbc.spi.ValidationDepth;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.r2dbc.connection.SingleConnectionFactory;
import org.springframework.r2dbc.core.DatabaseClient;

/**
 * The one connection of a lane, used by one batch at a time and by nobody else.
 */
public final class LaneConnection {

	/**
	 * As long as the statements of another replica take, and so short that even a batch
	 * full of locked sessions comes to an end within the time that its callers wait.
	 */
	private static final String HURRY = "set lock_timeout = '50ms'";

	private static final String TAKE_YOUR_TIME = "reset lock_timeout";

	private final Connection connection;

	private final Engine engine;

	private final DatabaseClient client;

	private boolean hasty;

	/** Of what runs now, or ran last. */
	private volatile boolean mayHaveCommitted;

	LaneConnection(Connection connection, Engine engine) {
		this.connection = connection;
		this.engine = engine;
		this.client = DatabaseClient.create(
				new SingleConnectionFactory(connection, () -> connection.getMetadata().getDatabaseProductName(), true));
	}

	public Connection connection() {
		return this.connection;
	}

	public Engine engine() {
		return this.engine;
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
	 * @param work must emit one value
	 * @param hasWritten whether there is anything to commit, seen from that value; if
	 * not, it is rolled back, which needs no disk
	 */
	public <T> Mono<T> atomically(Supplier<Mono<T>> work, Predicate<T> hasWritten) {
		return Mono.defer(() -> {
			this.mayHaveCommitted = false;
			return begin(work)
				.switchIfEmpty(Mono.error(() -> new IllegalStateException("the work of a transaction emitted nothing")))
				.onErrorResume(this::rollBack);
		}).flatMap((result) -> {
			if (!hasWritten.test(result)) {
				return Mono.from(this.connection.rollbackTransaction()).thenReturn(result);
			}
			this.mayHaveCommitted = true;
			return Mono.from(this.connection.commitTransaction()).thenReturn(result);
		});
	}

	/**
	 * The first statement is sent with BEGIN, and not a round trip later. Should BEGIN
	 * fail, that is known before the answer to the statement, and nothing follows it.
	 */
	private <T> Mono<T> begin(Supplier<Mono<T>> work) {
		Mono<Void> begin = Mono.from(this.connection.beginTransaction());
		return (this.engine == Engine.H2) ? begin.then(Mono.defer(work))
				: Mono.zip(begin.thenReturn(true), Mono.defer(work), (begun, result) -> result);
	}

	/** What begins now commits by itself, unless it opens a transaction. */
	void begins() {
		this.mayHaveCommitted = true;
	}

	/**
	 * Whether a statement that ended without an answer may have been committed: not while
	 * a transaction is open whose commit was not asked for.
	 */
	boolean mayHaveCommitted() {
		return this.mayHaveCommitted;
	}

	private <T> Mono<T> rollBack(Throwable error) {
		return Mono.from(this.connection.rollbackTransaction()).then(Mono.error(error));
	}

	/**
	 * Whether the next statements wait for locks only for a moment, or as long as the
	 * settings say.
	 */
	Mono<Void> hurry(boolean hasty) {
		if (this.hasty == hasty || this.engine == Engine.H2) {
			return Mono.empty();
		}
		return Flux.from(this.connection.createStatement(hasty ? HURRY : TAKE_YOUR_TIME).execute())
			.flatMap(Result::getRowsUpdated)
			.then(Mono.fromRunnable(() -> this.hasty = hasty));
	}

	Mono<Boolean> isOpen() {
		return Mono.from(this.connection.validate(ValidationDepth.LOCAL)).onErrorReturn(false);
	}

	/** Closes without waiting: a frozen server would never answer. */
	void discard() {
		Mono.from(this.connection.close()).onErrorComplete().subscribe();
	}

}
