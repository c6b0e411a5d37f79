package dev.agentsessions.tail.draft.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

import dev.agentsessions.database.BucketTurns;
import dev.agentsessions.database.Buckets;
import dev.agentsessions.database.DatabaseCalls;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.SqlErrors;
import dev.agentsessions.database.lane.Lanes;
import dev.agentsessions.database.lane.operation.BatchedSelect;
import dev.agentsessions.database.rows.Columns;
import dev.agentsessions.database.rows.RowArrays;
import dev.agentsessions.database.rows.RowReader;
import dev.agentsessions.session.SessionKey;
import io.r2dbc.spi.Statement;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Repository;

/**
 * The SQL of drafts. Each method is one statement in auto-commit. Errors of all: 503.
 */
@Repository
public class DraftRepository {

	/** Some milliseconds are enough, but where a machine is away. */
	private static final Duration MOST_WAITED = Duration.ofMillis(500);

	/** Of a code point in UTF-8. */
	private static final int MOST_BYTES = 4;

	/** What a count is taken for when a batch is weighed, in bytes. */
	private static final long COUNT_SIZE = 32 * 1024;

	/** In one statement: those that are left go with the next one. */
	private static final int MOST_REMOVED = 1000;

	private static final DraftFlushes FLUSHES = new DraftFlushes();

	/**
	 * A draft whose message is in the log is over, whoever has not removed it yet. The
	 * message is selected, and not joined: so it is always looked for in the index.
	 */
	private static final String ITS_MESSAGE = """
			(select m.seq from messages m where m.session_db_id = d.session_db_id and m.message_id = d.message_id)
			""";

	private static final BatchedSelect<StoredText, DraftPiece> PIECES = new BatchedSelect<StoredText, DraftPiece>(
			new RowArrays<StoredText>("t").number("draft", StoredText::draft).number("from_offset", StoredText::from),
			"""
					select p.from_offset, p.text from draft_pieces p
					where p.draft_id = :draft and p.from_offset >= :from_offset order by p.from_offset""",
			(text, row) -> new DraftPiece(row.number(), row.text()))
		.heavy((text) -> text.mostBytes);

	private static final BatchedSelect<DraftPlace.DraftName, Long> MESSAGE = new BatchedSelect<>(names(), """
			select m.seq from sessions s join messages m on m.session_db_id = s.id
			where s.tenant = :tenant and s.session_id = :sid and m.message_id = :mid""", (name, row) -> row.number());

	private static final BatchedSelect<String, Long> OF_TENANT = new BatchedSelect<String, Long>(
			new RowArrays<String>("t").text("tenant", (tenant) -> tenant),
			"select count(*) from drafts where tenant = :tenant", (tenant, row) -> row.number())
		.heavy((tenant) -> COUNT_SIZE);

	private final BatchedSelect<SessionKey, DraftRow> rows;

	private final BatchedSelect<DraftPlace.DraftName, DraftPlace> places;

	private final Lanes lanes;

	private final DatabaseClient client;

	private final DatabaseCalls database;

	private final BucketTurns turns;

	private final BucketTurns turnsOfDeleted;

	DraftRepository(Lanes lanes, DatabaseClient client, DatabaseCalls database) {
		this.lanes = lanes;
		this.client = client;
		this.database = database;
		this.turns = new BucketTurns(database.buckets());
		this.turnsOfDeleted = new BucketTurns(database.buckets());
		String columns = DraftRow.columns(database.engine());
		this.rows = new BatchedSelect<>(sessions(), """
				select %s from sessions s join drafts d on d.session_db_id = s.id
				where s.tenant = :tenant and s.session_id = :sid and s.deleted_at is null and %s is null"""
			.formatted(columns, ITS_MESSAGE), (key, row) -> DraftRow.of(row));
		this.places = new BatchedSelect<>(names(), """
				select s.id, s.last_seq, s.deleted_at is not null,
				    (select m.seq from messages m where m.session_db_id = s.id and m.message_id = :mid),
				    (select count(*) from drafts d where d.session_db_id = s.id and %s is null),
				    d.id is not null, %s
				from sessions s left join drafts d on d.session_db_id = s.id and d.message_id = :mid
				where s.tenant = :tenant and s.session_id = :sid""".formatted(ITS_MESSAGE, columns),
				(name, row) -> new DraftPlace(row.number(), row.number(), row.flag(), row.optionalNumber(),
						row.number(), row.flag() ? DraftRow.of(row) : null));
	}

	public boolean hasReplicas() {
		return this.database.engine() == Engine.POSTGRESQL;
	}

	/** The drafts of a session, unless it is deleted or missing. */
	public Mono<List<DraftRow>> rows(SessionKey session) {
		return this.lanes.read(session, this.rows, session);
	}

	/** What was read or written in an earlier one the database may have lost since. */
	public long epoch() {
		return this.lanes.epoch();
	}

	/** Where a draft is, or would be; empty if the session is missing. */
	public Mono<Optional<DraftPlace>> place(SessionKey session, String messageId) {
		return this.lanes.read(session, this.places, new DraftPlace.DraftName(session, messageId))
			.map((found) -> found.stream().findFirst());
	}

	/**
	 * How many drafts a tenant has, all replicas together; 0 while one of several buckets
	 * is away, or slow.
	 */
	public Mono<Long> ofTenant(String tenant) {
		Mono<Long> count = this.lanes.readInEach(OF_TENANT, tenant)
			.map((counts) -> counts.stream().flatMap(List::stream).mapToLong(Long::longValue).sum());
		return (buckets().count() == 1) ? count : count.timeout(MOST_WAITED).onErrorReturn(0L);
	}

	/**
	 * The text of a draft, in its order.
	 * @param from the offset of a piece, or the end
	 */
	public Mono<List<DraftPiece>> pieces(DraftRow row, long from) {
		return this.lanes.readOf(row.id(), PIECES, new StoredText(row.id(), from, MOST_BYTES * (row.length() - from)));
	}

	/** The number of the message with this id; empty if the log has none. */
	public Mono<Optional<Long>> message(SessionKey session, String messageId) {
		return this.lanes.read(session, MESSAGE, new DraftPlace.DraftName(session, messageId))
			.map((found) -> found.stream().findFirst());
	}

	/**
	 * Begins a draft. If it is not known whether that was done, whoever tries again finds
	 * out: to the caller it is a look-up that failed.
	 * @param place where it would be, which is no message
	 * @return empty if somebody else has begun it, or the session is gone
	 */
	public Mono<DraftRow> begin(SessionKey key, DraftPlace place, String messageId, String replica) {
		String sql = """
				insert into drafts (id, session_db_id, tenant, message_id, replica, started_at, written_at)
				select cast(:id as bigint), s.id, s.tenant, :mid, :replica, %1$s, %1$s from sessions s
				where s.id = :session and s.tenant = :tenant and s.session_id = :sid and s.deleted_at is null
				""".formatted(this.database.engine().clock());
		String returning = hasReplicas()
				? "with begun as (" + sql
						+ " on conflict do nothing returning *) select id, cast(started_at as varchar) from begun"
				: "select id, cast(started_at as varchar) from final table (" + sql + ")";
		int bucket = buckets().of(key);
		long random = ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE / buckets().count());
		return this.database.find(bucket,
				this.client.sql(returning)
					.bind("id", buckets().rowId(random, bucket))
					.bind("mid", messageId)
					.bind("replica", replica)
					.bind("session", place.session())
					.bind("tenant", key.tenant())
					.bind("sid", key.sessionId())
					.map((found) -> {
						RowReader row = new RowReader(found);
						return DraftRow.begun(row.number(), messageId, replica, row.time(), place.session(),
								place.lastSeq());
					})
					.one())
			.onErrorResume(SqlErrors::isUniqueViolation, (error) -> Mono.empty());
	}

	/**
	 * Has another writer go on with a draft. If it is not known whether that was done,
	 * whoever tries again finds out.
	 * @return whether it is still as it was found
	 */
	public Mono<Boolean> takeOver(DraftRow found, String replica) {
		return this.database.find(buckets().ofRow(found.id()),
				this.client.sql("""
						update drafts set draft_no = draft_no + 1, replica = :replica, written_at = (select %s)
						where id = :id and draft_no = :no and text_length = :length
						""".formatted(this.database.engine().clock()))
					.bind("replica", replica)
					.bind("id", found.id())
					.bind("no", found.no())
					.bind("length", found.length())
					.fetch()
					.rowsUpdated())
			.map((rows) -> rows > 0);
	}

	/** What a writer has to tell, through the lane of its session. */
	public Mono<DraftFlush.Flushed> flush(SessionKey session, DraftFlush flush) {
		return this.lanes.write(session.tenant(), session, FLUSHES, flush);
	}

	/**
	 * Removes a draft with its text.
	 * @return whether its writer was still the present one
	 */
	public Mono<Boolean> end(long id, long no) {
		return end(id, no, "");
	}

	/**
	 * Removes a draft with its text, unless the log has its message.
	 * @return whether it had none, and its writer was still the present one
	 */
	public Mono<Boolean> discard(long id, long no) {
		return end(id, no, """
				and not exists (select 1 from messages m
				    where m.session_db_id = drafts.session_db_id and m.message_id = drafts.message_id)""");
	}

	private Mono<Boolean> end(long id, long no, String condition) {
		return this.database
			.write(buckets().ofRow(id),
					this.client.sql("delete from drafts where id = :id and draft_no = :no " + condition)
						.bind("id", id)
						.bind("no", no)
						.fetch()
						.rowsUpdated())
			.map((rows) -> rows > 0);
	}

	/**
	 * Has the replicas that write these drafts of a session tell all their text, for a
	 * while.
	 */
	public Mono<Void> want(SessionKey session, List<DraftRow> drafts) {
		Long[] ids = drafts.stream().map(DraftRow::id).toArray(Long[]::new);
		return this.database.write(buckets().of(session), this.client.sql("""
				update drafts set wanted_at = (select clock_timestamp())
				where id = any (array(select id from drafts where id = any (:ids) order by id for no key update))
				""").bind("ids", ids).fetch().rowsUpdated()).then();
	}

	/**
	 * Removes drafts that are over: nobody has written to them for so long, or they are
	 * left and the log has their message. In the {@link BucketTurns} of this call.
	 * @return their sessions, also if it fails in another bucket
	 */
	public Flux<SessionKey> removeOver(Duration silence) {
		Engine engine = this.database.engine();
		return remove(this.turns, """
				select d.id from drafts d where d.written_at < %s
				or (d.replica is null or d.written_at < %s) and %s is not null"""
			.formatted(engine.secondsAgo(Long.toString(silence.toSeconds())), engine.secondsAgo("5"), ITS_MESSAGE));
	}

	/**
	 * Removes drafts of deleted sessions, in the {@link BucketTurns} of this call. This
	 * looks at the session of each draft.
	 * @return their sessions, also if it fails in another bucket
	 */
	public Flux<SessionKey> removeOfDeleted() {
		return remove(this.turnsOfDeleted, """
				select d.id from drafts d left join sessions s on s.id = d.session_db_id and s.tenant = d.tenant
				where s.id is null or s.deleted_at is not null""");
	}

	private Flux<SessionKey> remove(BucketTurns turns, String drafts) {
		String sql = hasReplicas() ? """
				with gone as (
				    delete from drafts where id = any (array(
				        %s order by d.id limit %d for update of d skip locked))
				    returning session_db_id)
				select s.tenant, s.session_id from gone join sessions s on s.id = gone.session_db_id
				where s.tenant <> '%s'
				""".formatted(drafts, MOST_REMOVED, SessionKey.PURGED) : """
				select s.tenant, s.session_id from old table (delete from drafts where id in (%s limit %d)) gone
				join sessions s on s.id = gone.session_db_id and s.tenant <> '%s'
				""".formatted(drafts, MOST_REMOVED, SessionKey.PURGED);
		Flux<SessionKey> sessions = this.client.sql(sql)
			.map((row) -> new SessionKey(Columns.text(row, "tenant"), Columns.text(row, "session_id")))
			.all();
		return turns.round((bucket) -> this.database.findAll(bucket, sessions))
			.flatMapIterable((found) -> found)
			.distinct();
	}

	/** Which of these sessions have drafts; some hundred at most. */
	public Mono<List<SessionKey>> withDrafts(List<SessionKey> sessions) {
		RowArrays<SessionKey> keys = sessions();
		String sql = """
				select t.n from %s where exists (
				    select 1 from sessions s join drafts d on d.session_db_id = s.id
				    where s.tenant = t.tenant and s.session_id = t.sid)
				""".formatted(keys.numbered(1, "n"));
		return Flux.fromIterable(buckets().divide(sessions))
			.concatMap((some) -> this.database.findAll(buckets().of(some.get(0)),
					this.client.inConnectionMany((connection) -> {
						Statement statement = connection.createStatement(sql);
						keys.bind(statement, 1, some);
						return Flux.from(statement.execute())
							.concatMap((result) -> result.map((row) -> some.get((int) Columns.number(row, "n") - 1)));
					})))
			.collect(ArrayList::new, List::addAll);
	}

	private Buckets buckets() {
		return this.database.buckets();
	}

	private static RowArrays<SessionKey> sessions() {
		return new RowArrays<SessionKey>("t").text("tenant", SessionKey::tenant).text("sid", SessionKey::sessionId);
	}

	private static RowArrays<DraftPlace.DraftName> names() {
		return new RowArrays<DraftPlace.DraftName>("t").text("tenant", (name) -> name.session().tenant())
			.text("sid", (name) -> name.session().sessionId())
			.text("mid", DraftPlace.DraftName::messageId);
	}

	/** The text of a draft from an offset on. */
	private record StoredText(long draft, long from, long mostBytes) {
	}

}
