package dev.agentsessions.session;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import dev.agentsessions.database.Answer;
import dev.agentsessions.database.Columns;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.LaneConnection;
import dev.agentsessions.database.LaneOperation;
import dev.agentsessions.database.Lanes;
import io.r2dbc.spi.Statement;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Component;

/**
 * The rows of sessions, many in one statement. Every read of a log begins with one: it
 * says what the log holds now.
 */
@Component
public final class SessionReads implements LaneOperation<SessionKey, Optional<SessionRow>> {

	/**
	 * The lateral look-up makes it one probe of the unique index each; a join would hash
	 * the whole table.
	 */
	private static final String SELECT_MANY = "select t.n, s.* from unnest($1::text[], $2::text[])"
			+ " with ordinality t(tenant, sid, n) cross join lateral (select " + SessionRow.COLUMNS + """
					 from sessions where tenant = t.tenant and session_id = t.sid offset 0) s
					""";

	private static final String SELECT_ONE = "select " + SessionRow.COLUMNS + """
			 from sessions where tenant = :tenant and session_id = :sid
			""";

	private final Lanes lanes;

	SessionReads(Lanes lanes) {
		this.lanes = lanes;
	}

	/** The row as it is now; empty if the session does not exist. Errors: 503. */
	public Mono<Optional<SessionRow>> find(SessionKey key) {
		return this.lanes.read(this, key);
	}

	/**
	 * The row as it is now. Errors: 404, 410 unless deleted sessions are asked for as
	 * well, 503.
	 */
	public Mono<SessionRow> require(SessionKey key, boolean includeDeleted) {
		return find(key).map((row) -> row.orElseThrow(SessionProblems::notFound).requireVisible(includeDeleted));
	}

	@Override
	public Mono<List<Answer<Optional<SessionRow>>>> run(LaneConnection connection, List<SessionKey> keys) {
		if (connection.engine() == Engine.H2) {
			return Flux.fromIterable(keys).concatMap((key) -> one(connection, key)).map(Answer::of).collectList();
		}
		Statement statement = connection.connection()
			.createStatement(SELECT_MANY)
			.bind(0, keys.stream().map(SessionKey::tenant).toArray(String[]::new))
			.bind(1, keys.stream().map(SessionKey::sessionId).toArray(String[]::new));
		List<Answer<Optional<SessionRow>>> answers = new ArrayList<>(keys.size());
		keys.forEach((key) -> answers.add(Answer.of(Optional.empty())));
		return Flux.from(statement.execute()).concatMap((result) -> result.map((row) -> {
			int n = (int) Columns.number(row, "n");
			return answers.set(n - 1, Answer.of(Optional.of(SessionRow.of(row))));
		})).then(Mono.just(answers));
	}

	private static Mono<Optional<SessionRow>> one(LaneConnection connection, SessionKey key) {
		return connection.client()
			.sql(SELECT_ONE)
			.bind("tenant", key.tenant())
			.bind("sid", key.sessionId())
			.map(SessionRow::of)
			.one()
			.map(Optional::of)
			.defaultIfEmpty(Optional.empty());
	}

}
