package dev.agentsessions.session;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;

import dev.agentsessions.database.Answer;
import dev.agentsessions.database.Columns;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.LaneConnection;
import dev.agentsessions.database.LaneOperation;
import io.r2dbc.spi.Readable;
import io.r2dbc.spi.Statement;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Rows of sessions by their keys, many in one statement; a session that many ask for at
 * once is looked up once.
 *
 * @param <R> what a row is read into
 */
final class SessionLookup<R> implements LaneOperation<SessionKey, Optional<R>> {

	private final BiFunction<SessionKey, Readable, R> mapper;

	private final String selectMany;

	private final String selectOne;

	/**
	 * Makes an operation that reads these columns.
	 * @param mapper from a row to what is asked for
	 */
	SessionLookup(String columns, BiFunction<SessionKey, Readable, R> mapper) {
		this.mapper = mapper;
		// the lateral makes it one probe of the unique index each; a join would hash the
		// whole table
		this.selectMany = """
				select t.n, s.* from unnest($1::text[], $2::text[]) with ordinality t(tenant, sid, n)
				cross join lateral (
				    select %s from sessions where tenant = t.tenant and session_id = t.sid offset 0) s
				""".formatted(columns);
		this.selectOne = "select %s from sessions where tenant = :tenant and session_id = :sid".formatted(columns);
	}

	@Override
	public boolean isRead() {
		return true;
	}

	@Override
	public Mono<List<Answer<Optional<R>>>> run(LaneConnection connection, List<SessionKey> keys) {
		return (connection.engine() == Engine.H2)
				? Flux.fromIterable(keys).concatMap((key) -> one(connection, key)).map(Answer::of).collectList()
				: many(connection, keys);
	}

	private Mono<List<Answer<Optional<R>>>> many(LaneConnection connection, List<SessionKey> keys) {
		Map<SessionKey, Answer<Optional<R>>> found = new HashMap<>();
		List<SessionKey> distinct = new ArrayList<>(keys.size());
		for (SessionKey key : keys) {
			if (found.putIfAbsent(key, Answer.of(Optional.empty())) == null) {
				distinct.add(key);
			}
		}
		String[] tenants = new String[distinct.size()];
		String[] sessionIds = new String[distinct.size()];
		for (int i = 0; i < distinct.size(); i++) {
			tenants[i] = distinct.get(i).tenant();
			sessionIds[i] = distinct.get(i).sessionId();
		}
		Statement statement = connection.connection()
			.createStatement(this.selectMany)
			.bind(0, tenants)
			.bind(1, sessionIds);
		return Flux.from(statement.execute()).concatMap((result) -> result.map((row) -> {
			SessionKey key = distinct.get((int) Columns.number(row, "n") - 1);
			found.put(key, Answer.of(Optional.of(this.mapper.apply(key, row))));
			return row;
		})).then(Mono.fromSupplier(() -> answers(keys, found)));
	}

	private static <R> List<Answer<Optional<R>>> answers(List<SessionKey> keys,
			Map<SessionKey, Answer<Optional<R>>> found) {
		List<Answer<Optional<R>>> answers = new ArrayList<>(keys.size());
		for (SessionKey key : keys) {
			answers.add(Objects.requireNonNull(found.get(key)));
		}
		return answers;
	}

	private Mono<Optional<R>> one(LaneConnection connection, SessionKey key) {
		return connection.client()
			.sql(this.selectOne)
			.bind("tenant", key.tenant())
			.bind("sid", key.sessionId())
			.map((row) -> this.mapper.apply(key, row))
			.one()
			.map(Optional::of)
			.defaultIfEmpty(Optional.empty());
	}

}
