package dev.agentsessions.session;

import java.util.ArrayList;
import java.util.List;

import dev.agentsessions.database.Engine;
import dev.agentsessions.database.lane.operation.Answer;
import dev.agentsessions.database.lane.operation.LaneConnection;
import dev.agentsessions.database.lane.operation.LaneOperation;
import dev.agentsessions.database.rows.RowArrays;
import io.r2dbc.spi.Statement;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Which sessions are no longer where somebody knows them to be. The database compares: a
 * session that has not moved costs a probe of an index, and no row to read. H2 does not
 * compare, and says that all may have moved.
 */
final class MovedSessions implements LaneOperation<List<SessionState>, List<SessionKey>> {

	private static final RowArrays<SessionState> KNOWN = new RowArrays<SessionState>("t")
		.text("tenant", (state) -> state.key().tenant())
		.text("sid", (state) -> state.key().sessionId())
		.number("id", SessionState::id)
		.number("first_seq", SessionState::firstSeq)
		.number("last_seq", SessionState::lastSeq)
		.number("last_switch_no", SessionState::lastSwitchNo)
		.flag("deleted", SessionState::deleted)
		.number("view_no", (state) -> state.view().no());

	// the lateral makes it one probe of the unique index each; a join would hash the
	// whole table
	private static final String SELECT = """
			select t.n from %s
			left join lateral (
			    select id, first_seq, last_seq, last_switch_no, deleted_at is not null as deleted, last_view_no
			    from sessions where tenant = t.tenant and session_id = t.sid offset 0) s on true
			where (s.id, s.first_seq, s.last_seq, s.last_switch_no, s.deleted, s.last_view_no)
			    is distinct from (t.id, t.first_seq, t.last_seq, t.last_switch_no, t.deleted, t.view_no)
			""".formatted(KNOWN.numbered(1, "n"));

	@Override
	public boolean isRead() {
		return true;
	}

	/** Each is a batch already. */
	@Override
	public boolean endsBatch(List<SessionState> request) {
		return true;
	}

	@Override
	public Mono<List<Answer<List<SessionKey>>>> run(LaneConnection connection, List<List<SessionState>> requests) {
		return Flux.fromIterable(requests).concatMap((known) -> moved(connection, known)).map(Answer::of).collectList();
	}

	private static Mono<List<SessionKey>> moved(LaneConnection connection, List<SessionState> known) {
		if (connection.engine() == Engine.H2) {
			return Mono.just(known.stream().map(SessionState::key).toList());
		}
		Statement statement = connection.connection().createStatement(SELECT);
		KNOWN.bind(statement, 1, known);
		List<SessionKey> moved = new ArrayList<>();
		return connection.forEachRow(statement, (row) -> moved.add(known.get((int) row.number() - 1).key()))
			.thenReturn(moved);
	}

}
