package dev.agentsessions.retention;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

import dev.agentsessions.database.DatabaseCalls;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.rows.Columns;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.write.Commits;
import io.r2dbc.spi.Readable;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.r2dbc.core.DatabaseClient.GenericExecuteSpec;
import org.springframework.stereotype.Repository;

/**
 * The SQL that takes sessions away, one batch of a bucket a statement, each in
 * auto-commit. A row that somebody else has locked is passed over, and what a row must be
 * like is looked at again once it is locked: whoever wrote to the session meanwhile has
 * saved it. A tenant of null stands for all.
 */
@Repository
public class RetentionRepository {

	private static final String COLUMNS = "tenant, session_id, last_seq - first_seq + 1 as messages, %s as since";

	/**
	 * Found by idx_active_sessions, the longest idle first. What expires is not taken for
	 * being idle.
	 */
	private static final String IDLE = "is_active and deleted_at is null and expires_at is null and last_activity < %s";

	/**
	 * A piece of what idle sessions are looked for in: index entries, whoever's they are
	 * and whether they expire. All that a clean-up has to pass over may be far too much
	 * for one statement.
	 */
	private static final String IDLE_PIECE = """
			select max(last_activity) as through, count(*) as sessions from (
			    select last_activity from sessions where is_active and last_activity >= :since and last_activity < %s
			    order by last_activity fetch first %s rows only) piece
			""";

	private static final int FULL_PIECE = 5000;

	/** What other programs have called inactive without deleting it. */
	private static final String INACTIVE = "not " + IDLE;

	/**
	 * Found by idx_deleted_sessions, which on PostgreSQL has nothing of what is out of
	 * reach already.
	 */
	private static final String OLD = "deleted_at < %s";

	/** Found by idx_expiring_sessions. */
	private static final String EXPIRED = "deleted_at is null and expires_at < %s";

	private final DatabaseClient client;

	private final DatabaseCalls database;

	private final RetentionMetrics metrics;

	private final Commits commits;

	public RetentionRepository(DatabaseClient client, DatabaseCalls database, RetentionMetrics metrics,
			Commits commits) {
		this.client = client;
		this.database = database;
		this.metrics = metrics;
		this.commits = commits;
	}

	/**
	 * The next active sessions that have been idle for longer than this; empty if there
	 * are none.
	 * @param since not those that were last used before this time
	 */
	Mono<IdlePiece> idlePiece(int bucket, Duration maxIdle, Instant since) {
		return this.database
			.find(bucket, bind(idlePiece(), null, maxIdle).bind("since", since)
				.map((row) -> Optional.ofNullable(Columns.optionalTime(row, "through"))
					.map((through) -> new IdlePiece(since, through, Columns.number(row, "sessions") == FULL_PIECE)))
				.one())
			.flatMap(Mono::justOrEmpty);
	}

	/**
	 * Soft-deletes some sessions that have been idle for longer than this, those first
	 * that have been for the longest time.
	 * @param since not those that were last used before this time: the batch before has
	 * passed over them, and each would have to again. This is so for the others below,
	 * each by the time that it goes by
	 * @param through not those that were used after this time
	 */
	Mono<List<Departure>> deleteIdle(int bucket, @Nullable String tenant, Duration maxIdle, Instant since,
			Instant through, int most) {
		return batch(bucket, bind(deleteIdle(tenant != null), tenant, maxIdle).bind("through", through), since, most,
				this.metrics::softDeleted);
	}

	/**
	 * Soft-deletes some sessions that have been idle for longer than this, of those that
	 * are not marked as active: they are found by another index.
	 */
	Mono<List<Departure>> deleteInactive(int bucket, @Nullable String tenant, Duration maxIdle, Instant since,
			int most) {
		return batch(bucket, bind(deleteInactive(tenant != null), tenant, maxIdle), since, most,
				this.metrics::softDeleted);
	}

	/** Soft-deletes some sessions whose time has come. */
	Mono<List<Departure>> deleteExpired(int bucket, @Nullable String tenant, Instant since, int most) {
		return batch(bucket, bind(deleteExpired(tenant != null), tenant, Duration.ZERO), since, most,
				this.metrics::softDeleted);
	}

	/** Puts some sessions out of reach that were soft-deleted longer ago. */
	Mono<List<Departure>> purge(int bucket, @Nullable String tenant, Duration age, Instant since, int most) {
		return batch(bucket, bind(purge(tenant != null), tenant, age), since, most, this.metrics::purged);
	}

	/** Whether a bucket has any that {@link #purge} would take, were they not locked. */
	Mono<Boolean> isOldLeft(int bucket, @Nullable String tenant, Duration age) {
		String sql = "select id from sessions where " + where(OLD, tenant != null) + " limit 1";
		return this.database.findAll(bucket, bind(sql, tenant, age).map((row) -> true).all())
			.map((found) -> !found.isEmpty());
	}

	/** How many sessions of a tenant all three of these would take, in all. */
	public Mono<Tally> countIdle(String tenant, Duration maxIdle) {
		return Flux
			.concat(count(IDLE, tenant, maxIdle), count(INACTIVE, tenant, maxIdle),
					count(EXPIRED, tenant, Duration.ZERO))
			.reduce(Tally.NONE, Tally::plus);
	}

	/** How many sessions of a tenant {@link #purge} would take, in all. */
	public Mono<Tally> countOld(String tenant, Duration age) {
		return count(OLD, tenant, age);
	}

	public String idlePiece() {
		return IDLE_PIECE.formatted(engine().secondsAgo(":seconds"), FULL_PIECE);
	}

	public String deleteIdle(boolean oneTenant) {
		return softDelete(where(IDLE + " and last_activity <= :through", oneTenant), "last_activity");
	}

	public String deleteInactive(boolean oneTenant) {
		return softDelete(where(INACTIVE, oneTenant), "last_activity");
	}

	public String deleteExpired(boolean oneTenant) {
		return softDelete(where(EXPIRED, oneTenant), "expires_at");
	}

	private String softDelete(String due, String order) {
		String update = "update sessions s set deleted_at = (select " + engine().clock()
				+ "), is_active = false where ";
		return (engine() == Engine.POSTGRESQL)
				? update + chosen(due, order, "no key update") + " returning " + COLUMNS.formatted(order)
				: h2(update + due, order);
	}

	/**
	 * On PostgreSQL a look-up in the returned columns still sees the row as it was before
	 * the statement.
	 */
	public String purge(boolean oneTenant) {
		String update = """
				update sessions s set tenant = '%s', session_id = cast(s.id as varchar(255))
				where\s""".formatted(SessionKey.PURGED);
		String old = where(OLD, oneTenant);
		return (engine() == Engine.POSTGRESQL) ? update + chosen(old, "deleted_at", "update") + """
				 returning (select o.tenant from sessions o where o.id = s.id) as tenant,
				    (select o.session_id from sessions o where o.id = s.id) as session_id,
				    s.last_seq - s.first_seq + 1 as messages, s.deleted_at as since
				""" : h2(update + old, "deleted_at");
	}

	/**
	 * An array, not a join: whatever PostgreSQL expects, it finds the rows by their id
	 * and never reads the whole table.
	 * @param lock the weakest that the change needs: a stronger one would pass over what
	 * is only being indexed
	 */
	private static String chosen(String where, String order, String lock) {
		return """
				s.id = any (array(
				    select id from sessions where %1$s and %2$s >= :since
				    order by %2$s limit :most for %3$s skip locked))
				""".formatted(where, order, lock);
	}

	/**
	 * The rows as they were. H2 would choose anew for each row that it changes, but it
	 * can end an update after some rows; it looks at a row again when it locks it. It
	 * takes them in any order, and looks at all.
	 */
	private static String h2(String update, String order) {
		return "select " + COLUMNS.formatted(order) + " from old table (" + update + " fetch first :most rows only)";
	}

	private String where(String condition, boolean oneTenant) {
		return condition.formatted(engine().secondsAgo(":seconds")) + " and " + SessionKey.REACHABLE
				+ (oneTenant ? " and tenant = :tenant" : "");
	}

	private Mono<List<Departure>> batch(int bucket, GenericExecuteSpec statement, Instant since, int most,
			LongConsumer count) {
		GenericExecuteSpec bound = statement.bind("most", most);
		bound = (engine() == Engine.POSTGRESQL) ? bound.bind("since", since) : bound;
		// announced before the caller is told: who hangs up must not keep it from others
		return this.database.write(bucket,
				bound.map(RetentionRepository::departure).all().collectList().doOnNext((gone) -> {
					count.accept(gone.size());
					gone.forEach((each) -> this.commits.changed(each.session()));
				}));
	}

	private Mono<Tally> count(String condition, String tenant, Duration age) {
		String sql = """
				select count(*) as sessions, cast(coalesce(sum(last_seq - first_seq + 1), 0) as bigint) as messages
				from sessions where\s""" + where(condition, true);
		return this.database
			.findInEach(bind(sql, tenant, age)
				.map((row) -> new Tally(Columns.number(row, "sessions"), Columns.number(row, "messages")))
				.all())
			.map((found) -> found.stream().flatMap(List::stream).reduce(Tally.NONE, Tally::plus));
	}

	private GenericExecuteSpec bind(String sql, @Nullable String tenant, Duration age) {
		GenericExecuteSpec statement = this.client.sql(sql).bind("seconds", age.toSeconds());
		return (tenant != null) ? statement.bind("tenant", tenant) : statement;
	}

	private Engine engine() {
		return this.database.engine();
	}

	private static Departure departure(Readable row) {
		return new Departure(new SessionKey(Columns.text(row, "tenant"), Columns.text(row, "session_id")),
				Columns.number(row, "messages"), Columns.time(row, "since"));
	}

	/**
	 * Some active sessions, whoever's they are and whether they expire, that were last
	 * used between these times, both inclusive.
	 *
	 * @param isFull whether there may be more behind it
	 */
	record IdlePiece(Instant since, Instant through, boolean isFull) {

		/** Where the next piece begins; null if this is the last. */
		@Nullable Instant next() {
			return this.isFull ? this.through.plus(1, ChronoUnit.MICROS) : null;
		}

	}

}
