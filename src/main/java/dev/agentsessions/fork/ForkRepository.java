package dev.agentsessions.fork;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongConsumer;

import dev.agentsessions.database.Buckets;
import dev.agentsessions.database.DatabaseCalls;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.rows.Binding;
import dev.agentsessions.database.rows.Columns;
import dev.agentsessions.database.rows.RowReader;
import dev.agentsessions.message.log.MessageLog;
import dev.agentsessions.session.SessionDetails;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionRow;
import dev.agentsessions.session.SessionTerms;
import dev.agentsessions.view.View;
import dev.agentsessions.web.json.JsonWriter;
import dev.agentsessions.write.Commits;
import io.r2dbc.spi.Readable;
import reactor.core.publisher.Mono;

import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.r2dbc.core.DatabaseClient.GenericExecuteSpec;
import org.springframework.stereotype.Repository;

/**
 * The SQL of forks, run in the bucket of the fork; each statement in auto-commit.
 */
@Repository
class ForkRepository {

	/**
	 * It is taken for deleted, so that the clean-up of idle sessions passes over it, and
	 * as large as it will be, so that it is removed in pieces should it come to nothing.
	 */
	private static final String BEGIN = """
			insert into sessions (tenant, session_id, is_active, deleted_at, last_seq)
			values (:tenant, :name, false, now(), :last)""";

	private static final String COPY_MESSAGES = """
			insert into messages (session_db_id, seq, role, content, timestamp, name, tool_call_id, tool_calls, token_count,
			    metadata_json, message_id, parts_json, extra_json)
			select cast(:fork as bigint), seq - :shift, role, content, timestamp, name, tool_call_id, tool_calls, token_count,
			    metadata_json, message_id, parts_json, extra_json
			from %smessages where session_db_id = :source and seq between :lo and :hi order by seq""";

	private static final String SUMS = "select count(*) as copied, cast(coalesce(sum(token_count), 0) as bigint) as tokens,"
			+ " max(timestamp) as last_at from ";

	/**
	 * Who held the session then: who holds it now, if there was no switch since; nobody,
	 * if the first switch since names nobody.
	 */
	private static final String FIND_CONTEXT = """
			select id, created_at, updated_at, metadata, switches, last_no,
			    case when since is null then switch_count else switches end as switch_count,
			    case when since is null then current_agent else coalesce(
			        (select w.to_agent from agent_switches w where w.context_db_id = held.id and w.at_seq <= :through
			         order by w.switch_no desc limit 1),
			        (select w.from_agent from agent_switches w where w.context_db_id = held.id and w.switch_no = since))
			    end as agent
			from (select c.id, c.current_agent, c.switch_count, c.created_at, c.updated_at, %s as metadata,
			        (select min(w.switch_no) from agent_switches w
			         where w.context_db_id = c.id and w.at_seq > :through) as since,
			        (select count(*) from agent_switches w
			         where w.context_db_id = c.id and w.at_seq <= :through) as switches,
			        (select coalesce(max(w.switch_no), 0) from agent_switches w
			         where w.context_db_id = c.id and w.at_seq <= :through) as last_no
			    from agent_contexts c where c.session_db_id = :source) held""";

	private static final String ADD_CONTEXT = """
			insert into agent_contexts (session_db_id, current_agent, created_at, updated_at, switch_count, metadata_json)
			values (:fork, :agent, :createdAt, :updatedAt, :switches, %s)""";

	private static final String COPY_SWITCHES = """
			insert into agent_switches (context_db_id, switch_no, at_seq, from_agent, to_agent, switched_at, reason,
			    metadata_json)
			select cast(:context as bigint), w.switch_no, greatest(w.at_seq - :shift, 0), w.from_agent, w.to_agent, w.switched_at, w.reason,
			    w.metadata_json
			from %sagent_switches w where w.context_db_id = :source and w.at_seq <= :through
			    and w.switch_no > :after order by w.switch_no limit %d""";

	/** Switches that one statement copies. */
	private static final int SWITCHES = 10_000;

	/** The source is locked first, as in every batch that creates a session. */
	private static final String FINISH = """
			update sessions set tenant = :tenant, session_id = :name, created_at = (select %1$s), last_activity = (select %1$s),
			    is_active = true, deleted_at = null,
			    last_seq = :last, total_tokens = :tokens, last_message_at = :lastAt, metadata_json = %2$s,
			    owner = :owner, title = :title, labels_json = %6$s, expires_at = :expires, last_view_no = :viewNo, view_json = %3$s, forked_from_json = %4$s,
			    last_switch_no = coalesce((select max(w.switch_no) from agent_switches w
			        join agent_contexts c on c.id = w.context_db_id where c.session_db_id = :fork), 0)
			where id = :fork and tenant = :forking and exists (select 1 from %5$s)""";

	/**
	 * As it was, and not about to be erased: the erasure knows only of forks that were
	 * begun before it.
	 */
	private static final String SOURCE = """
			select id from %1$ssessions s where id = :source and tenant = :tenant and session_id = :sourceName
			    and first_seq = :first and deleted_at is null and not exists (
			        select 1 from %1$serasures e where e.tenant = s.tenant and e.state = 'marking' and e.horizon >= s.id
			            and (e.owner = s.owner or %2$s))""";

	private static final String IS_NAMED = "e.session_ids_json @> to_jsonb(cast(s.session_id as text))";

	private static final String IS_NAMED_ON_H2 = """
			position('"' || replace(s.session_id, '"', '\\"') || '"' in e.session_ids_json) > 0""";

	private static final String DISCARD = """
			update sessions set tenant = '%s', session_id = '%s' || cast(id as varchar) where tenant = '%s' and
			""".formatted(SessionKey.PURGED, SessionKey.LOST_FORK, SessionKey.FORKING);

	private final DatabaseClient client;

	private final DatabaseCalls database;

	private final Commits commits;

	ForkRepository(DatabaseClient client, DatabaseCalls database, Commits commits) {
		this.commits = commits;
		this.client = client;
		this.database = database;
	}

	/**
	 * Makes the row of a session that nobody sees; answers its id.
	 * @param begun told the id also if the caller has gone away meanwhile
	 */
	Mono<Long> begin(Fork fork, LongConsumer begun) {
		return this.database.write(here(fork),
				this.client.sql(returningId(BEGIN))
					.bind("tenant", SessionKey.FORKING)
					.bind("name", UUID.randomUUID().toString())
					.bind("last", fork.lastSeq())
					.map((row) -> Columns.number(row, "id"))
					.one()
					.doOnNext(begun::accept));
	}

	/** Adds what the fork is found by, for as long as it is. */
	Mono<Void> addTerms(Fork fork, long id) {
		SessionDetails details = fork.details();
		if (!details.hasTerms()) {
			return Mono.empty();
		}
		GenericExecuteSpec insert = this.client.sql("""
				insert into session_terms (session_db_id, tenant, owner, folded_title, terms)
				values (:fork, :tenant, :owner, :title, %s)
				""".formatted(this.database.engine().integers(":terms")))
			.bind("fork", id)
			.bind("tenant", fork.target().tenant())
			.bind("title", details.foldedTitle())
			.bind("terms", SessionTerms.of(fork.target().tenant(), details));
		return this.database
			.write(here(fork), Binding.bind(insert, "owner", details.owner(), String.class).fetch().rowsUpdated())
			.then();
	}

	/** Copies the messages of a range; those that are there. */
	Mono<CopiedMessages> copyMessages(Fork fork, long id, long from, long to) {
		String copy = COPY_MESSAGES.formatted(there(fork));
		String sql = isPostgres() ? "with copied as (" + copy + " returning token_count, timestamp) " + SUMS + "copied"
				: SUMS + "final table (" + copy + ")";
		return this.database.write(here(fork),
				this.client.sql(sql)
					.bind("fork", id)
					.bind("shift", fork.shift())
					.bind("source", fork.source().id())
					.bind("lo", from)
					.bind("hi", to)
					.map((row) -> new CopiedMessages(Columns.number(row, "copied"), Columns.number(row, "tokens"),
							Columns.optionalTime(row, "last_at")))
					.one());
	}

	/** Copies the agent context with the switches up to the last message. */
	Mono<Void> copyAgents(Fork fork, long id) {
		return findContext(fork, id).flatMap((context) -> copyAgents(fork, context));
	}

	Mono<CopiedContext> findContext(Fork fork, long id) {
		return this.database.find(buckets().ofRow(fork.source().id()),
				this.client.sql(FIND_CONTEXT.formatted(this.database.engine().jsonText("metadata_json")))
					.bind("source", fork.source().id())
					.bind("through", fork.throughSeq())
					.map((row) -> Optional.ofNullable(Columns.optionalText(row, "agent"))
						.map((agent) -> new CopiedContext(Columns.number(row, "id"), Columns.number(row, "switches"),
								Columns.number(row, "last_no"), addContext(id, agent, row))))
					.one()
					.flatMap(Mono::justOrEmpty));
	}

	/**
	 * Errors: {@link MessageLog#CHANGED} if there was a switch meanwhile, or another
	 * history: it has other numbers, for none is used twice.
	 */
	Mono<Void> copyAgents(Fork fork, CopiedContext context) {
		return this.database.write(here(fork), context.add.map((row) -> Columns.number(row, "id")).one())
			.flatMap((made) -> copySwitches(fork, context, made, 0)
				.expand((piece) -> (piece.count < SWITCHES) ? Mono.empty()
						: copySwitches(fork, context, made, piece.lastNo))
				.reduce((copied, piece) -> new CopiedSwitches(copied.count + piece.count,
						Math.max(copied.lastNo, piece.lastNo))))
			.filter((copied) -> copied.count == context.switches && copied.lastNo == context.lastNo)
			.switchIfEmpty(Mono.error(MessageLog.CHANGED))
			.then();
	}

	private Mono<CopiedSwitches> copySwitches(Fork fork, CopiedContext context, long made, long after) {
		String copy = COPY_SWITCHES.formatted(there(fork), SWITCHES);
		String sums = "select count(*) as copied, coalesce(max(switch_no), 0) as last_no from ";
		String sql = isPostgres() ? "with copied as (" + copy + " returning switch_no) " + sums + "copied"
				: sums + "final table (" + copy + ")";
		return this.database.write(here(fork),
				this.client.sql(sql)
					.bind("context", made)
					.bind("source", context.source)
					.bind("through", fork.throughSeq())
					.bind("shift", fork.shift())
					.bind("after", after)
					.map((row) -> new CopiedSwitches(Columns.number(row, "copied"), Columns.number(row, "last_no")))
					.one());
	}

	private GenericExecuteSpec addContext(long id, String agent, Readable source) {
		GenericExecuteSpec add = this.client
			.sql(returningId(ADD_CONTEXT.formatted(this.database.engine().json(":metadata"))))
			.bind("fork", id)
			.bind("agent", agent)
			.bind("createdAt", Columns.time(source, "created_at"))
			.bind("updatedAt", Columns.time(source, "updated_at"))
			.bind("switches", Columns.number(source, "switch_count"));
		return Binding.bind(add, "metadata", Columns.json(source, "metadata"));
	}

	private String returningId(String insert) {
		return isPostgres() ? insert + " returning id" : "select id from final table (" + insert + ")";
	}

	/**
	 * Gives the session its name, and what belongs on its row. Empty if the source is not
	 * what it was. Errors: a unique violation if the name is taken.
	 */
	Mono<SessionRow> finish(Fork fork, long id, CopiedMessages copied) {
		Engine engine = this.database.engine();
		String source = SOURCE.formatted(there(fork), isPostgres() ? IS_NAMED : IS_NAMED_ON_H2);
		String update = FINISH.formatted(engine.clock(), engine.json(":metadata"), engine.json(":view"),
				engine.json(":forkedFrom"), isPostgres() ? "source" : "(" + source + ")", engine.json(":labels"));
		String sql = isPostgres()
				? "with source as materialized (" + source + " for no key update), made as (" + update
						+ " returning *) select " + SessionRow.COLUMNS + " from made"
				: "select " + SessionRow.COLUMNS + " from final table (" + update + ")";
		View view = fork.view();
		GenericExecuteSpec finish = this.client.sql(sql)
			.bind("tenant", fork.target().tenant())
			.bind("name", fork.target().sessionId())
			.bind("last", fork.lastSeq())
			.bind("tokens", copied.tokens())
			.bind("viewNo", view.no())
			.bind("forkedFrom", forkedFrom(fork))
			.bind("fork", id)
			.bind("forking", SessionKey.FORKING)
			.bind("source", fork.source().id())
			.bind("sourceName", fork.source().sessionId())
			.bind("first", fork.source().firstSeq());
		finish = Binding.bind(finish, "lastAt", copied.lastAt(), Instant.class);
		SessionDetails details = fork.details();
		finish = Binding.bind(finish, "metadata", details.metadata());
		finish = Binding.bind(finish, "owner", details.owner(), String.class);
		finish = Binding.bind(finish, "title", details.title(), String.class);
		finish = Binding.bind(finish, "labels", details.labelsJson());
		finish = Binding.bind(finish, "expires", details.expiresAt(), Instant.class);
		finish = Binding.bind(finish, "view", view.isWhole() ? null : view.json(1));
		// told also if the caller has gone away meanwhile
		return this.database.write(here(fork),
				finish.map((row) -> SessionRow.of(new RowReader(row)))
					.one()
					.doOnNext((made) -> this.commits.changed(fork.target())));
	}

	private static String forkedFrom(Fork fork) {
		return new JsonWriter().raw("{")
			.text("session_id", fork.source().sessionId())
			.number("seq", fork.throughSeq())
			.raw("}")
			.toString();
	}

	/** Leaves a session that nobody sees to be removed. */
	Mono<Void> discard(long id) {
		return this.database
			.write(this.database.buckets().ofRow(id),
					this.client.sql(DISCARD + "id = :id").bind("id", id).fetch().rowsUpdated())
			.then();
	}

	private Buckets buckets() {
		return this.database.buckets();
	}

	/** The bucket of the fork, in which all statements are run. */
	private int here(Fork fork) {
		return buckets().of(fork.target());
	}

	/** Where the tables with the source are. */
	private String there(Fork fork) {
		return buckets().qualifier(buckets().ofRow(fork.source().id()));
	}

	private boolean isPostgres() {
		return this.database.engine() == Engine.POSTGRESQL;
	}

	/**
	 * The context of the source, by its row.
	 *
	 * @param switches how many of it are taken over
	 * @param lastNo the number of the last of them, 0 for none
	 * @param add the statement that adds that of the fork
	 */
	record CopiedContext(long source, long switches, long lastNo, GenericExecuteSpec add) {
	}

	/** A piece of the switches. */
	private record CopiedSwitches(long count, long lastNo) {
	}

}
