package dev.agentsessions.search;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

import dev.agentsessions.database.DatabaseCalls;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.SqlErrors;
import dev.agentsessions.database.rows.Binding;
import dev.agentsessions.database.rows.Columns;
import dev.agentsessions.paging.Merged;
import dev.agentsessions.search.text.Lexemes;
import dev.agentsessions.session.lifecycle.SessionConditions;
import dev.agentsessions.session.lifecycle.SessionFilter;
import io.r2dbc.spi.Readable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Repository;

/**
 * The SQL that finds messages which may contain some words: on PostgreSQL by their index
 * if few do, or along the times of the tenant's messages if many do, as it decides from
 * its statistics with the words before it. H2 has no index for that, and gives all
 * messages.
 */
@Repository
class SearchRepository {

	/**
	 * What is visible of the messages that a query finds, in their order; what is not
	 * comes without a session. PostgreSQL looks for the messages by themselves: joined to
	 * their sessions at once, it might go through all sessions.
	 */
	private static final String VISIBLE = """
			select m.session_db_id, sessions.session_id, sessions.title, m.seq, m.timestamp from (%s) m
			left join sessions on sessions.id = m.session_db_id
			    and m.seq between sessions.first_seq and sessions.last_seq and %s
			order by m.timestamp desc, m.session_db_id desc, m.seq desc
			""";

	private static final String BEFORE = "(m.timestamp, m.session_db_id, m.seq) < (:time, :place, :seq)";

	static final String ORDER = " order by m.timestamp desc, m.session_db_id desc, m.seq desc limit ";

	/** The same order, which no index has. */
	static final String SORTED = ORDER.replaceFirst("m.timestamp", "m.timestamp + interval '0'");

	private static final Comparator<MessageCandidate> NEWEST_FIRST = Comparator.comparing(MessageCandidate::timestamp)
		.thenComparing(MessageCandidate::session)
		.thenComparing(MessageCandidate::seq)
		.reversed();

	/** How many messages H2 looks at in one statement. */
	private static final int SCANNED = 500;

	private final DatabaseClient client;

	private final DatabaseCalls database;

	SearchRepository(DatabaseClient client, DatabaseCalls database) {
		this.client = client;
		this.database = database;
	}

	/** Up to which time of commits searches that begin from now on find everything. */
	Mono<Instant> indexedThrough() {
		String sql = isPostgres() ? "select indexed_through from search_progress"
				: "select current_timestamp as indexed_through";
		return this.database.findInEach(this.client.sql(sql).map((row) -> Columns.time(row, "indexed_through")).all())
			.map((found) -> found.stream().flatMap(List::stream).min(Comparator.naturalOrder()).orElseThrow());
	}

	/**
	 * The next candidates.
	 * @param most how many are worth looking through
	 * @param isGone whether nobody waits for them any longer
	 */
	Mono<Candidates> find(Search search, SearchPlace place, int most, BooleanSupplier isGone) {
		return isPostgres() ? indexed(search, place, most, isGone) : scanned(search, place);
	}

	/**
	 * Words that many messages have, but hardly one together, are sought in vain along
	 * the times: what takes too long is found by the index and sorted.
	 */
	private Mono<Candidates> indexed(Search search, SearchPlace place, int most, BooleanSupplier isGone) {
		return read(indexedSql(search, ORDER, most), search, place, most).onErrorResume(
				(error) -> error == SqlErrors.TOO_SLOW && !isGone.getAsBoolean(),
				(slow) -> read(indexedSql(search, SORTED, most), search, place, most));
	}

	/**
	 * The statement.
	 * @param order {@link #ORDER} or {@link #SORTED}
	 */
	String indexedSql(Search search, String order, int most) {
		SessionFilter filter = search.filter().sessions();
		String found = "select m.session_db_id, m.seq, m.timestamp from message_words m where m.tenant = :tenant"
				+ " and m.words @@ cast(:words as tsquery) and " + messages(search);
		if (filter.owner() != null || filter.needsTerms()) {
			found += " and m.session_db_id in (select id from sessions where " + sessions(search) + ")";
		}
		return VISIBLE.formatted(found + order + most, sessions(search));
	}

	private Mono<Candidates> scanned(Search search, SearchPlace place) {
		String all = "select * from messages m where m.timestamp <= :time and " + messages(search);
		return read(VISIBLE.formatted(all + ORDER + SCANNED, sessions(search)), search, place, SCANNED);
	}

	private String sessions(Search search) {
		return SessionConditions.sql(this.database.engine(), search.filter().sessions());
	}

	private static String messages(Search search) {
		SearchFilter filter = search.filter();
		return BEFORE + ((filter.sessions().from() != null) ? " and m.timestamp >= :from" : "")
				+ ((filter.role() != null) ? " and m.role = :role" : "")
				+ ((search.session() != null) ? " and m.session_db_id = :session" : "");
	}

	private Mono<Candidates> read(String sql, Search search, SearchPlace place, int most) {
		Flux<MessageCandidate> select = Binding.bindNamed(this.client.sql(sql), sql, values(search, place))
			.map(SearchRepository::candidate)
			.all();
		Long session = search.session();
		Mono<List<MessageCandidate>> all = (session != null)
				? this.database.findAll(this.database.buckets().ofRow(session), select)
				: this.database.findInEach(select).map((found) -> Merged.first(found, NEWEST_FIRST, most, (row) -> 0));
		return all.map((found) -> {
			boolean isLast = found.size() < most;
			return new Candidates(found.stream().filter((each) -> !each.sessionId().isEmpty()).toList(),
					isLast ? place : found.get(most - 1).place(), isLast);
		});
	}

	/** Everything that a statement may name. */
	static Map<String, Object> values(Search search, SearchPlace place) {
		SearchFilter filter = search.filter();
		Map<String, Object> values = SessionConditions.values(search.tenant(), filter.sessions());
		values.put("words", Lexemes.of(search.tenant(), search.query()));
		values.put("time", place.time());
		values.put("place", place.session());
		values.put("seq", place.seq());
		values.put("from", (filter.sessions().from() != null) ? filter.sessions().from() : Instant.EPOCH);
		values.put("role", String.valueOf(filter.role()));
		values.put("session", (search.session() != null) ? search.session() : 0L);
		return values;
	}

	private static MessageCandidate candidate(Readable row) {
		String sessionId = Columns.optionalText(row, "session_id");
		return new MessageCandidate(Columns.number(row, "session_db_id"), (sessionId != null) ? sessionId : "",
				Columns.optionalText(row, "title"), Columns.number(row, "seq"), Columns.time(row, "timestamp"));
	}

	private boolean isPostgres() {
		return this.database.engine() == Engine.POSTGRESQL;
	}

}
