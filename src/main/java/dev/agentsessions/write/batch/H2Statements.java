package dev.agentsessions.write.batch;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

import dev.agentsessions.database.lane.operation.LaneConnection;
import dev.agentsessions.database.rows.Binding;
import dev.agentsessions.database.rows.Columns;
import dev.agentsessions.database.rows.RowReader;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.StoredLines;
import dev.agentsessions.session.SessionDetails;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionRow;
import dev.agentsessions.session.SessionTerms;
import dev.agentsessions.write.HeldContext;
import dev.agentsessions.write.KeptAnswer;
import dev.agentsessions.write.LockedSession;
import dev.agentsessions.write.LockedSession.KnownMessage;
import dev.agentsessions.write.batch.Rows.Changed;
import dev.agentsessions.write.batch.Rows.ContextRow;
import dev.agentsessions.write.batch.Rows.KeyRow;
import dev.agentsessions.write.batch.Rows.MessageRow;
import dev.agentsessions.write.batch.Rows.SwitchRow;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.r2dbc.core.DatabaseClient.GenericExecuteSpec;

/**
 * What {@link LockStatement} and {@link WriteStatement} do, on H2 and row by row: simple,
 * and slow. A session that may be new is inserted before it is locked, which is undone
 * with the rest if nothing comes of it.
 */
final class H2Statements {

	private H2Statements() {
	}

	static Mono<LockedSessions> lock(LaneConnection connection, List<Wanted> wanted) {
		DatabaseClient client = connection.client();
		return Flux.fromIterable(wanted)
			.concatMap((each) -> lock(client, each).flatMap((session) -> readRelated(client, each, session)))
			.collectMap(LockedSession::key)
			.zipWhen((found) -> client.sql("select current_timestamp as now")
				.map((row) -> Columns.time(row, "now"))
				.one(), (found, now) -> new LockedSessions(found, now, ""));
	}

	static Mono<Void> write(LaneConnection connection, Rows rows) {
		DatabaseClient client = connection.client();
		return each(rows.sessions(), (session) -> updateSession(client, session))
			.then(each(rows.withNewTerms(), (session) -> mergeTerms(client, session)))
			.then(each(rows.sessions(), (session) -> deleteParts(client, session)))
			.then(each(rows.messages(), (row) -> insertMessage(client, row)))
			.then(each(rows.newContexts(), (row) -> insertContext(client, row)))
			.then(each(rows.changedContexts(), (row) -> updateContext(client, row)))
			.then(each(rows.switches(), (row) -> insertSwitch(client, row)))
			.then(each(rows.keys(), (row) -> insertKey(client, row)));
	}

	private static <T> Mono<Void> each(List<T> rows, Function<T, Mono<Void>> write) {
		return Flux.fromIterable(rows).concatMap(write).then();
	}

	private static Mono<LockedSession> lock(DatabaseClient client, Wanted wanted) {
		SessionKey key = wanted.session();
		Mono<Long> id = wanted.mayBeNew() ? insertSession(client, key) : Mono.just(0L);
		return client.sql("select " + SessionRow.COLUMNS + """
				, last_switch_no from sessions where tenant = :tenant and session_id = :sid for update
				""").bind("tenant", key.tenant()).bind("sid", key.sessionId()).map((row) -> {
			RowReader columns = new RowReader(row);
			return locked(key, SessionRow.of(columns), columns.number());
		}).one().switchIfEmpty(id.map((created) -> LockedSession.missing(key, created, 0)));
	}

	private static Mono<Long> insertSession(DatabaseClient client, SessionKey key) {
		return client.sql("""
				select id from final table (insert into sessions (tenant, session_id) values (:tenant, :sid))
				""")
			.bind("tenant", key.tenant())
			.bind("sid", key.sessionId())
			.map((row) -> Columns.number(row, "id"))
			.one();
	}

	private static LockedSession locked(SessionKey key, SessionRow row, long lastSwitchNo) {
		return new LockedSession(key, true, row.id(), row.firstSeq(), row.lastSeq(), lastSwitchNo, row.totalTokens(),
				row.createdAt(), row.lastActivity(), row.lastMessageAt(), row.deletedAt(), row.details(), null, 0,
				false, row.view(), row.forkedFrom(), Map.of(), Map.of());
	}

	private static Mono<LockedSession> readRelated(DatabaseClient client, Wanted wanted, LockedSession session) {
		Mono<LockedSession> withKeys = Flux.fromIterable(wanted.keys())
			.concatMap((key) -> findKey(client, session, key).map((answer) -> Map.entry(key, answer)))
			.collectMap(Map.Entry::getKey, Map.Entry::getValue)
			.map((kept) -> session.with(0, null, new HashMap<>(kept)));
		Mono<LockedSession> withKnown = wanted.messageIds().isEmpty() ? withKeys
				: withKeys.flatMap((found) -> findKnown(client, session, wanted.messageIds()).map(found::withKnown));
		return !wanted.agents() ? withKnown
				: withKnown.flatMap((found) -> findContext(client, session)
					.map((context) -> found.with(context.id(), context, found.kept()))
					.defaultIfEmpty(found));
	}

	private static Mono<KeptAnswer> findKey(DatabaseClient client, LockedSession session, String key) {
		return client.sql("""
				select fingerprint, first_seq, last_seq, cast(switch_json as text) switch_text,
				    cast(created_at as varchar) created, cast(view_json as text) view_text from append_keys
				where session_db_id = :session and idempotency_key = :key
				""")
			.bind("session", session.id())
			.bind("key", key)
			.map((row) -> Objects.requireNonNull(KeptAnswer.read(new RowReader(row))))
			.one();
	}

	private static Mono<Map<String, KnownMessage>> findKnown(DatabaseClient client, LockedSession session,
			Map<String, Long> ids) {
		// an outer join, so that it begins with the ids, each of which is found in the
		// index; else it would look through the whole log for them
		return client.sql("select " + StoredLines.COLUMNS + """
				 from unnest(cast(:ids as varchar array)) q(id)
				left join messages on session_db_id = :session and message_id = q.id where seq >= :first
				""")
			.bind("session", session.id())
			.bind("first", session.firstSeq())
			.bind("ids", ids.keySet().toArray(String[]::new))
			.map((row) -> Map.entry(Columns.text(row, "message_id"), EncodedMessage.of(row)))
			.all()
			.collectMap(Map.Entry::getKey, (entry) -> new KnownMessage(entry.getValue().seq(), entry.getValue()));
	}

	private static Mono<HeldContext> findContext(DatabaseClient client, LockedSession session) {
		return client.sql("""
				select id, current_agent, switch_count, cast(created_at as varchar) created,
				    cast(updated_at as varchar) updated, cast(metadata_json as text) metadata,
				    (select cast(s.switched_at as varchar) from agent_switches s where s.context_db_id = c.id
				     order by s.switch_no desc limit 1) last_switch
				from agent_contexts c where session_db_id = :session
				""")
			.bind("session", session.id())
			.map((row) -> Objects.requireNonNull(HeldContext.read(new RowReader(row))))
			.one();
	}

	private static Mono<Void> updateSession(DatabaseClient client, Changed session) {
		LockedSession after = session.after();
		GenericExecuteSpec update = client.sql("""
				update sessions set tenant = :tenant, session_id = :sid, created_at = :created,
				    last_activity = :activity, is_active = :active, deleted_at = :deleted, metadata_json = :metadata,
				    owner = :owner, title = :title, labels_json = :labels, expires_at = :expires,
				    first_seq = :first, last_seq = :last, last_switch_no = :no, total_tokens = :tokens,
				    last_message_at = :messageAt, last_view_no = :viewNo, view_json = coalesce(:view, view_json)
				where id = :id
				""")
			.bind("tenant", after.storedTenant())
			.bind("sid", after.storedId())
			.bind("created", after.createdAt())
			.bind("activity", after.lastActivity())
			.bind("active", !after.isDeleted())
			.bind("first", after.firstSeq())
			.bind("last", after.lastSeq())
			.bind("no", after.lastSwitchNo())
			.bind("tokens", after.totalTokens())
			.bind("viewNo", after.view().no())
			.bind("id", after.id());
		update = Binding.bind(update, "view", session.newView());
		update = Binding.bind(update, "deleted", after.deletedAt(), Instant.class);
		update = Binding.bind(update, "messageAt", after.lastMessageAt(), Instant.class);
		SessionDetails details = after.details();
		update = Binding.bind(update, "metadata", details.metadata());
		update = Binding.bind(update, "owner", details.owner(), String.class);
		update = Binding.bind(update, "title", details.title(), String.class);
		update = Binding.bind(update, "labels", details.labelsJson());
		return Binding.bind(update, "expires", details.expiresAt(), Instant.class).then();
	}

	private static Mono<Void> mergeTerms(DatabaseClient client, Changed session) {
		SessionDetails details = session.after().details();
		GenericExecuteSpec merge = client.sql("""
				merge into session_terms (session_db_id, tenant, owner, folded_title, terms) key (session_db_id)
				values (:session, :tenant, :owner, :title, :terms)
				""")
			.bind("session", session.after().id())
			.bind("tenant", session.after().key().tenant())
			.bind("title", details.foldedTitle())
			.bind("terms", SessionTerms.of(session.after().key().tenant(), details));
		return Binding.bind(merge, "owner", details.owner(), String.class).then();
	}

	private static Mono<Void> deleteParts(DatabaseClient client, Changed session) {
		long id = session.after().id();
		Mono<Void> drafts = client.sql("""
				delete from drafts where session_db_id = :session and message_id in (
				    select message_id from messages where session_db_id = :session and seq < :first)""")
			.bind("session", id)
			.bind("first", session.after().firstSeq())
			.then();
		Mono<Void> messages = client.sql("delete from messages where session_db_id = :session and seq < :first")
			.bind("session", id)
			.bind("first", session.after().firstSeq())
			.then();
		Mono<Void> context = client.sql("delete from agent_contexts where session_db_id = :session")
			.bind("session", id)
			.then();
		Mono<Void> switches = client
			.sql("delete from agent_switches where context_db_id = :context and switch_no < :no")
			.bind("context", session.after().contextId())
			.bind("no", session.firstSwitchNo())
			.then();
		return (session.hasNewLog() ? drafts.then(messages) : Mono.<Void>empty())
			.then(session.hasLostContext() ? context : Mono.empty())
			.then(session.hasLostSwitches() ? switches : Mono.empty());
	}

	private static Mono<Void> insertMessage(DatabaseClient client, MessageRow row) {
		GenericExecuteSpec insert = client.sql("""
				insert into messages (session_db_id, seq, timestamp, role, content, name, tool_call_id, token_count,
				    message_id, parts_json, tool_calls, metadata_json, extra_json)
				values (:session, :seq, :at, :role, :content, :name, :toolCallId, :tokenCount, :id, :parts, :toolCalls,
				    :metadata, :extra)
				""")
			.bind("session", row.sessionDbId())
			.bind("seq", row.seq())
			.bind("role", row.message().role())
			.bind("at", row.at());
		insert = Binding.bind(insert, "content", row.message().content(), String.class);
		insert = Binding.bind(insert, "name", row.message().name(), String.class);
		insert = Binding.bind(insert, "toolCallId", row.message().toolCallId(), String.class);
		insert = Binding.bind(insert, "id", row.message().id(), String.class);
		insert = Binding.bind(insert, "parts", row.message().parts());
		insert = Binding.bind(insert, "extra", row.message().extra());
		insert = Binding.bind(insert, "toolCalls", row.message().toolCalls());
		insert = Binding.bind(insert, "tokenCount", row.message().tokenCount(), Long.class);
		return Binding.bind(insert, "metadata", row.message().metadata()).then();
	}

	private static Mono<Void> insertContext(DatabaseClient client, ContextRow row) {
		GenericExecuteSpec insert = client.sql("""
				insert into agent_contexts (session_db_id, current_agent, created_at, updated_at, switch_count,
				    metadata_json)
				values (:session, :agent, :created, :updated, :switches, :metadata)
				""").bind("session", row.sessionDbId());
		return bind(insert, row).then();
	}

	private static Mono<Void> updateContext(DatabaseClient client, ContextRow row) {
		GenericExecuteSpec update = client.sql("""
				update agent_contexts set current_agent = :agent, created_at = :created, updated_at = :updated,
				    switch_count = :switches, metadata_json = coalesce(:metadata, metadata_json)
				where session_db_id = :session
				""").bind("session", row.sessionDbId());
		return bind(update, row).then();
	}

	private static GenericExecuteSpec bind(GenericExecuteSpec statement, ContextRow row) {
		HeldContext context = row.context();
		GenericExecuteSpec bound = statement.bind("agent", context.currentAgent())
			.bind("created", context.createdAt())
			.bind("updated", context.updatedAt())
			.bind("switches", context.switchCount());
		return Binding.bind(bound, "metadata", row.newMetadata());
	}

	private static Mono<Void> insertSwitch(DatabaseClient client, SwitchRow row) {
		GenericExecuteSpec insert = client
			.sql("""
					insert into agent_switches (context_db_id, switch_no, at_seq, from_agent, to_agent, switched_at, reason,
					    metadata_json)
					select id, :no, :seq, :from, :to, :at, :reason, :metadata from agent_contexts where session_db_id = :session
					""")
			.bind("session", row.sessionDbId())
			.bind("no", row.made().switchNo())
			.bind("seq", row.made().atSeq())
			.bind("to", row.made().toAgent())
			.bind("at", row.made().switchedAt());
		insert = Binding.bind(insert, "from", row.made().fromAgent(), String.class);
		insert = Binding.bind(insert, "reason", row.made().reason(), String.class);
		return Binding.bind(insert, "metadata", row.metadata()).then();
	}

	private static Mono<Void> insertKey(DatabaseClient client, KeyRow row) {
		GenericExecuteSpec insert = client.sql("""
				insert into append_keys (session_db_id, idempotency_key, fingerprint, first_seq, last_seq, switch_json,
				    created_at, view_json)
				values (:session, :key, :fingerprint, :first, :last, :switch, :at, :view)
				""")
			.bind("session", row.sessionDbId())
			.bind("key", row.key())
			.bind("fingerprint", row.answer().fingerprint())
			.bind("last", row.answer().lastSeq())
			.bind("at", row.answer().createdAt());
		insert = Binding.bind(insert, "first", row.answer().firstSeq(), Long.class);
		insert = Binding.bind(insert, "view", row.answer().view());
		return Binding.bind(insert, "switch", row.answer().agentSwitch()).then();
	}

}
