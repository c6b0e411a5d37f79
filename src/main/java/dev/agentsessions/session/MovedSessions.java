package dev.agentsessions.session;

import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;

import dev.agentsessions.database.Answer;
import dev.agentsessions.database.Columns;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.LaneConnection;
import dev.agentsessions.database.LaneOperation;
import io.r2dbc.spi.Statement;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Which sessions are no longer where somebody knows them to be. The database compares: a
 * session that has not moved costs a probe of an index, and no row to read. H2 does not
 * compare, and says that all may have moved.
 */
final class MovedSessions implements LaneOperation<List<SessionState>, List<SessionKey>> {

	// the lateral makes it one probe of the unique index each; a join would hash the
	// whole table
	private static final String SELECT = """
			select t.n
			from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bool[])
			    with ordinality t(tenant, sid, id, first_seq, last_seq, last_switch_no, deleted, n)
			left join lateral (
			    select id, first_seq, last_seq, last_switch_no, deleted_at is not null as deleted
			    from sessions where tenant = t.tenant and session_id = t.sid offset 0) s on true
			where (s.id, s.first_seq, s.last_seq, s.last_switch_no, s.deleted)
			    is distinct from (t.id, t.first_seq, t.last_seq, t.last_switch_no, t.deleted)
			""";

	@Override
	public boolean isRead() {
		return true;
	}

	/** Each is a batch already. */
	@Override
	public int maxRequests() {
		return 1;
	}

	@Override
	public Mono<List<Answer<List<SessionKey>>>> run(LaneConnection connection, List<List<SessionState>> requests) {
		return Flux.fromIterable(requests).concatMap((known) -> moved(connection, known)).map(Answer::of).collectList();
	}

	private static Mono<List<SessionKey>> moved(LaneConnection connection, List<SessionState> known) {
		if (connection.engine() == Engine.H2) {
			return Mono.just(known.stream().map(SessionState::key).toList());
		}
		Statement statement = connection.connection()
			.createStatement(SELECT)
			.bind(0, column(known, (state) -> state.key().tenant(), String[]::new))
			.bind(1, column(known, (state) -> state.key().sessionId(), String[]::new))
			.bind(2, column(known, SessionState::id, Long[]::new))
			.bind(3, column(known, SessionState::firstSeq, Long[]::new))
			.bind(4, column(known, SessionState::lastSeq, Long[]::new))
			.bind(5, column(known, SessionState::lastSwitchNo, Long[]::new))
			.bind(6, column(known, SessionState::deleted, Boolean[]::new));
		return Flux.from(statement.execute())
			.concatMap((result) -> result.map((row) -> known.get((int) Columns.number(row, "n") - 1).key()))
			.collectList();
	}

	private static <T> T[] column(List<SessionState> known, Function<SessionState, T> column, IntFunction<T[]> array) {
		return known.stream().map(column).toArray(array);
	}

}
