package dev.agentsessions.agent;

import java.util.Objects;
import java.util.function.Function;

import dev.agentsessions.database.DatabaseCalls;
import dev.agentsessions.database.JsonText;
import dev.agentsessions.database.LaneConnection;
import dev.agentsessions.database.LaneTransaction;
import dev.agentsessions.database.Lanes;
import dev.agentsessions.paging.Cursor;
import dev.agentsessions.paging.Page;
import dev.agentsessions.session.IdempotencyKey;
import dev.agentsessions.session.IdempotencyKeys;
import dev.agentsessions.session.KeptAnswer;
import dev.agentsessions.session.LockedSession;
import dev.agentsessions.session.RowIds;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionLock;
import dev.agentsessions.session.SessionReads;
import dev.agentsessions.web.PathSegments;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Service;

/**
 * Contexts and switches. Writes go through the lane of the session, one transaction each.
 * Errors of all: 404, 410, 503.
 */
@Service
class Agents {

	private static final String CONTEXTS = "contexts-by-creation";

	/** With ids as they are. */
	private static final String OLDER_CONTEXTS = "agent-contexts";

	private static final String SWITCHES = "agent-switches:";

	private final AgentRepository contexts;

	private final SwitchRepository switches;

	private final SessionReads sessions;

	private final DatabaseCalls database;

	private final Lanes lanes;

	private final AgentWrites writes;

	private final RowIds rows;

	private final LaneTransaction<Switch, SwitchAnswer> makeSwitch = new LaneTransaction<>(this::makeSwitch,
			(request) -> request.wanted().size());

	private final LaneTransaction<ContextSave, AgentContext> saveContext;

	private final LaneTransaction<SessionKey, LockedSession> deleteContext = new LaneTransaction<>(this::deleteContext,
			(key) -> 0);

	Agents(AgentRepository contexts, SwitchRepository switches, SessionReads sessions, DatabaseCalls database,
			Lanes lanes, AgentWrites writes, RowIds rows) {
		this.contexts = contexts;
		this.switches = switches;
		this.sessions = sessions;
		this.database = database;
		this.lanes = lanes;
		this.writes = writes;
		this.rows = rows;
		this.saveContext = new LaneTransaction<>(new ContextWrites(writes)::save, ContextSave::size);
	}

	/** The context of a session. Errors: also 404 if it has none. */
	Mono<AgentContext> context(SessionKey key, boolean includeDeleted) {
		return this.sessions.require(key, includeDeleted).flatMap((session) -> context(session.id()));
	}

	/**
	 * All sessions of a tenant that have a context, in the order in which they got it.
	 */
	Mono<Page<AgentContext>> contexts(String tenant, int limit, @Nullable String cursor) {
		return this.rows.whenReady(Mono.defer(() -> {
			long after = (cursor != null) ? this.rows.open(Cursor.read(cursor, 1, CONTEXTS, OLDER_CONTEXTS)[0]) : 0;
			return this.database.findAll(this.contexts.list(tenant, after, limit + 1));
		}))
			.map((found) -> Page.of(found, limit, (last) -> "/v1/agent-contexts?limit=" + limit + "&cursor="
					+ Cursor.of(CONTEXTS, this.rows.seal(last.id()))));
	}

	/** Saves a context; the session must exist. */
	Mono<AgentContext> save(ContextSave save) {
		return this.lanes.write(save.session(), this.saveContext, save);
	}

	/** Removes a context with its switches. Errors: also 404 if there is none. */
	Mono<Void> delete(SessionKey key) {
		return this.lanes.write(key, this.deleteContext, key).then();
	}

	/** Makes a switch. Errors: also 409 if another agent holds the session, 422. */
	Mono<SwitchAnswer> makeSwitch(SessionKey key, NewSwitch wanted, @Nullable IdempotencyKey idempotencyKey) {
		return this.lanes.write(key, this.makeSwitch, new Switch(key, wanted, idempotencyKey));
	}

	/** The switches of a session, by their number; empty if it has no context. */
	Mono<Page<AgentSwitch>> switches(SessionKey key, boolean newestFirst, int limit, @Nullable String cursor,
			boolean includeDeleted) {
		String order = newestFirst ? "desc" : "asc";
		long[] after = (cursor != null) ? Cursor.read(cursor, 1, SWITCHES + order)
				: new long[] { newestFirst ? Long.MAX_VALUE : 0 };
		Function<AgentSwitch, String> next = (last) -> "/v1/sessions/" + PathSegments.encode(key.sessionId())
				+ "/agent-switches?order=" + order + (includeDeleted ? "&include_deleted=true" : "") + "&limit=" + limit
				+ "&cursor=" + Cursor.of(SWITCHES + order, last.switchNo());
		return this.sessions.require(key, includeDeleted)
			.flatMap((session) -> this.database
				.findAll(newestFirst ? this.switches.newestFirst(session.id(), after[0], limit + 1)
						: this.switches.oldestFirst(session.id(), after[0], limit + 1)))
			.map((rows) -> Page.of(rows, limit, next));
	}

	private Mono<AgentContext> context(long session) {
		return this.database.find(this.contexts.find(session)).switchIfEmpty(Mono.error(AgentProblems::noContext));
	}

	private Mono<SwitchAnswer> makeSwitch(LaneConnection connection, Switch request) {
		return SessionLock.take(connection, request.session(), false)
			.flatMap((session) -> IdempotencyKeys.find(connection, session, request.key())
				.map((kept) -> new SwitchAnswer(Objects.requireNonNullElse(kept.agentSwitch(), JsonText.EMPTY_OBJECT),
						true))
				.switchIfEmpty(Mono.defer(() -> makeSwitch(connection, session, request))));
	}

	private Mono<SwitchAnswer> makeSwitch(LaneConnection connection, LockedSession session, Switch request) {
		return this.writes.switchTo(connection, session, request.wanted())
			.flatMap((made) -> IdempotencyKeys
				.keep(connection, session, request.key(), new KeptAnswer(null, session.lastSeq(), made, session.now()))
				.then(SessionLock.touch(connection, session))
				.thenReturn(new SwitchAnswer(made, false)));
	}

	private Mono<LockedSession> deleteContext(LaneConnection connection, SessionKey key) {
		return SessionLock.take(connection, key, false)
			.flatMap((session) -> this.writes.delete(connection, session)
				.then(SessionLock.touch(connection, session))
				.thenReturn(session));
	}

	private record Switch(SessionKey session, NewSwitch wanted, @Nullable IdempotencyKey key) {
	}

}
