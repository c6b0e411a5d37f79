package dev.agentsessions.agent.context;

import java.util.List;
import java.util.Objects;
import java.util.function.Function;

import dev.agentsessions.agent.AgentContext;
import dev.agentsessions.agent.AgentProblems;
import dev.agentsessions.agent.AgentSwitch;
import dev.agentsessions.agent.NewSwitch;
import dev.agentsessions.agent.SwitchLog;
import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.paging.Cursor;
import dev.agentsessions.paging.Page;
import dev.agentsessions.paging.RowIds;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionReads;
import dev.agentsessions.web.request.PathSegments;
import dev.agentsessions.write.ContextChange;
import dev.agentsessions.write.HeldContext;
import dev.agentsessions.write.IdempotencyKey;
import dev.agentsessions.write.Write;
import dev.agentsessions.write.Writes;
import dev.agentsessions.write.Written;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Service;

/**
 * Contexts and switches. Errors of all: 404, 410, 503.
 */
@Service
class Agents {

	private static final String CONTEXTS = "contexts-by-creation";

	private static final String SWITCHES = "agent-switches:";

	private final AgentReads reads;

	private final SwitchLog switches;

	private final SessionReads sessions;

	private final Writes writes;

	private final RowIds rows;

	Agents(AgentReads reads, SwitchLog switches, SessionReads sessions, Writes writes, RowIds rows) {
		this.reads = reads;
		this.switches = switches;
		this.sessions = sessions;
		this.writes = writes;
		this.rows = rows;
	}

	/** The context of a session. Errors: also 404 if it has none. */
	Mono<AgentContext> context(SessionKey key, boolean includeDeleted) {
		return this.reads.context(key, includeDeleted)
			.switchIfEmpty(Mono.defer(() -> this.sessions.require(key, includeDeleted)
				.flatMap((session) -> Mono.error(AgentProblems.noContext()))));
	}

	/**
	 * All sessions of a tenant that have a context, in the order in which they got it.
	 */
	Mono<Page<AgentContext>> contexts(String tenant, int limit, @Nullable String cursor) {
		return this.rows.whenReady(Mono.defer(() -> {
			long after = (cursor != null) ? this.rows.openCursor(Cursor.read(cursor, 1, CONTEXTS)[0]) : 0;
			return this.reads.contexts(tenant, after, limit + 1);
		}))
			.map((found) -> Page.of(found, limit, AgentContext::bytes, (last) -> "/v1/agent-contexts?limit=" + limit
					+ "&cursor=" + Cursor.of(CONTEXTS, this.rows.seal(last.id()))));
	}

	/**
	 * Saves a context; the session must exist. What is stored of its history is read and
	 * compared first, holding nothing; it is compared again if it changes meanwhile.
	 */
	Mono<AgentContext> save(SessionKey key, ContextSave save) {
		return change(key, save).flatMap((change) -> this.writes.write(Write.context(key, change)))
			.retryWhen(Writes.AGAIN)
			.mapNotNull((done) -> context(key, done));
	}

	private Mono<ContextChange> change(SessionKey key, ContextSave save) {
		List<NewSwitch> history = save.history();
		if (history == null) {
			return Mono.just(save.change());
		}
		return this.sessions.state(key)
			.flatMap((state) -> compare(state.id(), history, SwitchComparison.begin(history))
				.expand((part) -> part.isOver() ? Mono.empty() : compare(state.id(), history, part))
				.last()
				.map((whole) -> save.comparedWith(state.id(), state.lastSwitchNo(), whole)));
	}

	private Mono<SwitchComparison> compare(long sessionDbId, List<NewSwitch> history, SwitchComparison before) {
		return this.switches.next(sessionDbId, before.lastNo(), before.most())
			.map((stored) -> before.next(stored, history));
	}

	private static @Nullable AgentContext context(SessionKey key, Written done) {
		HeldContext held = done.context();
		return (held == null) ? null
				: new AgentContext(held.id(), key.sessionId(), held.currentAgent(), held.switchCount(),
						Objects.requireNonNullElse(held.metadata(), JsonText.EMPTY_OBJECT), held.createdAt(),
						held.updatedAt(), held.lastSwitchAt());
	}

	/** Removes a context with its switches. Errors: also 404 if there is none. */
	Mono<Void> delete(SessionKey key) {
		return this.writes.write(Write.context(key, ContextChange.removal())).then();
	}

	/** Makes a switch. Errors: also 409 if another agent holds the session, 422. */
	Mono<Written> makeSwitch(SessionKey key, NewSwitch wanted, @Nullable IdempotencyKey idempotencyKey) {
		return this.writes.write(Write.agentSwitch(key, wanted, idempotencyKey));
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
		return this.reads.switches(key, newestFirst, includeDeleted, after[0], limit + 1)
			.flatMap((found) -> !found.isEmpty() ? Mono.just(found)
					: this.sessions.require(key, includeDeleted).thenReturn(found))
			.map((found) -> Page.of(found, limit, AgentSwitch::bytes, next));
	}

}
