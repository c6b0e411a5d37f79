package dev.agentsessions.database.health;

import java.util.function.Supplier;

import dev.agentsessions.database.Buckets;
import dev.agentsessions.database.SqlErrors;
import dev.agentsessions.database.lane.operation.LaneConnection;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Asks the database whether it answers and has the tables of this version. It does so on
 * a connection of its own: behind the requests of clients it would take a replica out of
 * service that has nothing but much to do, and then the next.
 */
public final class DatabaseQuestion {

	private static final Logger log = LoggerFactory.getLogger(DatabaseQuestion.class);

	private static final String ONE_BUCKET = "select count(*) from databasechangelog where id = :id";

	private static final String ALL_BUCKETS = """
			select count(*) from public.store_buckets where newest_change >= cast(:id as varchar) collate "C"
			""";

	private final Supplier<Mono<LaneConnection>> connect;

	private final String newestChange;

	private final String question;

	private volatile @Nullable LaneConnection connection;

	private volatile boolean saidSo;

	/**
	 * Makes a question that has not connected yet.
	 * @param connect opens a connection, in bounded time
	 * @param newestChange the id of the last changeset that this version needs
	 * @param buckets where there are several, their machines need not be there
	 */
	public DatabaseQuestion(Supplier<Mono<LaneConnection>> connect, String newestChange, Buckets buckets) {
		this.question = (buckets.count() == 1) ? ONE_BUCKET : ALL_BUCKETS;
		this.connect = connect;
		this.newestChange = newestChange;
	}

	/**
	 * Completes when the database has answered and is as this version needs it, or newer.
	 * One at a time; one that is cancelled costs the connection, since what comes on it
	 * later would be taken for the next answer.
	 */
	public Mono<Void> ask() {
		return connected().flatMap((open) -> answered(open)
			.doOnError((error) -> !(error instanceof TablesAreMissing), (error) -> discard(open))
			.doOnCancel(() -> discard(open)));
	}

	private Mono<Void> answered(LaneConnection open) {
		return open.client()
			.sql(this.question)
			.bind("id", this.newestChange)
			.map((row) -> row.get(0, Long.class))
			.one()
			.flatMap((count) -> (count > 0) ? Mono.just(count) : Mono.error(new TablesAreMissing()))
			.doOnError(this::sayOnce)
			.then()
			.subscribeOn(open.engine().scheduler());
	}

	private void sayOnce(Throwable error) {
		if (!this.saidSo && (error instanceof TablesAreMissing || SqlErrors.isWithoutTables(error))) {
			this.saidSo = true;
			log.warn("The database has no tables yet, or lacks the change {}: not ready", this.newestChange);
		}
	}

	private Mono<LaneConnection> connected() {
		return Mono.defer(() -> {
			LaneConnection last = this.connection;
			return (last != null) ? Mono.just(last) : this.connect.get().doOnNext((opened) -> this.connection = opened);
		});
	}

	private void discard(LaneConnection open) {
		this.connection = null;
		open.discard();
	}

	void disconnect() {
		LaneConnection last = this.connection;
		if (last != null) {
			discard(last);
		}
	}

	private static final class TablesAreMissing extends RuntimeException {

		TablesAreMissing() {
			super("the newest change is missing", null, false, false);
		}

	}

}
