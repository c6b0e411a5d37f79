package dev.agentsessions.agent;

import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

import dev.agentsessions.database.Binding;
import dev.agentsessions.database.Columns;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.JsonText;
import dev.agentsessions.database.LaneConnection;
import dev.agentsessions.session.LockedSession;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.r2dbc.core.DatabaseClient.GenericExecuteSpec;

/**
 * The rows of switches within a transaction that holds the session's lock.
 */
final class SwitchRows {

	private static final String SELECT = """
			select from_agent, to_agent, switched_at, reason, cast(metadata_json as text) as metadata_json
			from agent_switches where context_db_id = :context order by switch_no
			""";

	private static final String DELETE = "delete from agent_switches where context_db_id = :context";

	private static final String INSERT_MANY = """
			insert into agent_switches (context_db_id, switch_no, at_seq, from_agent, to_agent, switched_at, reason,
			    metadata_json)
			select cast(:context as bigint), cast(:base as bigint) + i, cast(:seq as bigint), from_agent, to_agent,
			    switched_at, reason, cast(metadata as jsonb)
			from unnest(cast(:froms as text[]), cast(:tos as text[]), cast(:times as timestamptz[]),
			    cast(:reasons as text[]), cast(:metadata as text[]))
			    with ordinality w(from_agent, to_agent, switched_at, reason, metadata, i)
			""";

	private static final String INSERT_ONE = """
			insert into agent_switches (context_db_id, switch_no, at_seq, from_agent, to_agent, switched_at, reason,
			    metadata_json)
			values (:context, :no, :seq, :from, :to, :time, :reason, :metadata)
			""";

	private SwitchRows() {
	}

	/** All switches of a context, the oldest first. */
	static Mono<List<NewSwitch>> all(LaneConnection connection, long context) {
		return connection.client()
			.sql(SELECT)
			.bind("context", context)
			.map((row) -> new NewSwitch(Columns.optionalText(row, "from_agent"), Columns.text(row, "to_agent"),
					Columns.optionalText(row, "reason"), Columns.json(row, "metadata_json"),
					Columns.time(row, "switched_at")))
			.all()
			.collectList();
	}

	static Mono<Void> delete(LaneConnection connection, long context) {
		return connection.client().sql(DELETE).bind("context", context).then();
	}

	/**
	 * Adds switches, numbered from base + 1 on.
	 */
	static Mono<Void> insert(LaneConnection connection, LockedSession session, long context, long base,
			List<NewSwitch> switches) {
		if (switches.isEmpty()) {
			return Mono.empty();
		}
		if (connection.engine() == Engine.H2) {
			return Flux.fromStream(IntStream.range(0, switches.size()).boxed())
				.concatMap((i) -> insertOne(connection, session, context, base + 1 + i, switches.get(i)))
				.then();
		}
		return connection.client()
			.sql(INSERT_MANY)
			.bind("context", context)
			.bind("base", base)
			.bind("seq", session.lastSeq())
			.bind("froms", texts(switches, NewSwitch::fromAgent))
			.bind("tos", texts(switches, NewSwitch::toAgent))
			.bind("times", switches.stream().map((each) -> time(each, session)).toArray(Instant[]::new))
			.bind("reasons", texts(switches, NewSwitch::reason))
			.bind("metadata", texts(switches, (each) -> json(each.metadata())))
			.then();
	}

	private static Mono<Void> insertOne(LaneConnection connection, LockedSession session, long context, long no,
			NewSwitch each) {
		GenericExecuteSpec insert = connection.client()
			.sql(INSERT_ONE)
			.bind("context", context)
			.bind("no", no)
			.bind("seq", session.lastSeq())
			.bind("to", each.toAgent())
			.bind("time", time(each, session));
		insert = Binding.bind(insert, "from", each.fromAgent(), String.class);
		insert = Binding.bind(insert, "reason", each.reason(), String.class);
		return Binding.bind(insert, "metadata", each.metadata()).then();
	}

	private static Instant time(NewSwitch each, LockedSession session) {
		Instant given = each.switchedAt();
		return (given != null) ? given : session.now();
	}

	private static @Nullable String json(@Nullable JsonText json) {
		return (json != null) ? json.json() : null;
	}

	private static String[] texts(List<NewSwitch> switches, Function<NewSwitch, @Nullable String> column) {
		return switches.stream().map(column).toArray(String[]::new);
	}

}
