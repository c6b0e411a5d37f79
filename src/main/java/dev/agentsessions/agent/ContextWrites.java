package dev.agentsessions.agent;

import java.time.Instant;
import java.util.List;
import java.util.Objects;

import dev.agentsessions.database.Binding;
import dev.agentsessions.database.JsonText;
import dev.agentsessions.database.LaneConnection;
import dev.agentsessions.session.LockedSession;
import dev.agentsessions.session.SessionLock;
import dev.agentsessions.web.JsonValues;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.r2dbc.core.DatabaseClient.GenericExecuteSpec;

/**
 * Saving a whole context: its history is handled as that of messages is. If what is
 * stored is a prefix of what is sent, the rest is appended; otherwise it is replaced, and
 * the replacement takes one number itself.
 */
final class ContextWrites {

	private static final String SELECT = "select " + AgentContext.COLUMNS + """
			 from agent_contexts c join sessions s on s.id = c.session_db_id where c.session_db_id = :session
			""";

	private final AgentWrites writes;

	ContextWrites(AgentWrites writes) {
		this.writes = writes;
	}

	/** Errors: 404 if there is no session, 410. */
	Mono<AgentContext> save(LaneConnection connection, ContextSave save) {
		return SessionLock.take(connection, save.session(), false)
			.flatMap((session) -> this.writes.find(connection, session)
				.switchIfEmpty(
						Mono.defer(() -> this.writes.create(connection, session, save.currentAgent(), save.metadata())))
				.flatMap((held) -> saveHistory(connection, session, held, save.history())
					.then(update(connection, session, held, save)))
				.then(SessionLock.touch(connection, session))
				.then(select(connection, session)));
	}

	private static Mono<AgentContext> select(LaneConnection connection, LockedSession session) {
		return connection.client().sql(SELECT).bind("session", session.id()).map(AgentContext::of).one();
	}

	private Mono<Void> saveHistory(LaneConnection connection, LockedSession session, HeldContext held,
			@Nullable List<NewSwitch> history) {
		if (history == null) {
			return Mono.empty();
		}
		return SwitchRows.all(connection, held.id()).flatMap((stored) -> {
			if (isPrefix(stored, history)) {
				return add(connection, session, held, session.lastSwitchNo(),
						history.subList(stored.size(), history.size()));
			}
			return SwitchRows.delete(connection, held.id())
				.then(add(connection, session, held, session.lastSwitchNo() + 1, history));
		});
	}

	private Mono<Void> add(LaneConnection connection, LockedSession session, HeldContext held, long base,
			List<NewSwitch> rest) {
		return SwitchRows.insert(connection, session, held.id(), base, rest)
			.then(this.writes.setNumber(connection, session, base + rest.size()));
	}

	private static boolean isPrefix(List<NewSwitch> stored, List<NewSwitch> sent) {
		if (stored.size() > sent.size()) {
			return false;
		}
		for (int i = 0; i < stored.size(); i++) {
			if (!matches(stored.get(i), sent.get(i))) {
				return false;
			}
		}
		return true;
	}

	/**
	 * Time and metadata count where they are sent. A switch without metadata is answered
	 * with an empty object, so one that comes back with it is the same.
	 */
	private static boolean matches(NewSwitch stored, NewSwitch sent) {
		return Objects.equals(stored.fromAgent(), sent.fromAgent()) && stored.toAgent().equals(sent.toAgent())
				&& Objects.equals(stored.reason(), sent.reason())
				&& (sent.switchedAt() == null || sent.switchedAt().equals(stored.switchedAt()))
				&& (sent.metadata() == null || JsonValues
					.equal(Objects.requireNonNullElse(stored.metadata(), JsonText.EMPTY_OBJECT), sent.metadata()));
	}

	private static Mono<Void> update(LaneConnection connection, LockedSession session, HeldContext held,
			ContextSave save) {
		Long given = save.switchCount();
		List<NewSwitch> history = save.history();
		long count = (given != null) ? given : (history != null) ? history.size() : held.switchCount();
		GenericExecuteSpec update = connection.client()
			.sql("""
					update agent_contexts set current_agent = :agent, switch_count = :count, updated_at = :now,
					    metadata_json = coalesce(%s, metadata_json), created_at = coalesce(:created, created_at)
					where id = :context
					""".formatted(connection.engine().json(":metadata")))
			.bind("agent", save.currentAgent())
			.bind("count", count)
			.bind("now", session.now())
			.bind("context", held.id());
		update = Binding.bind(update, "created", save.createdAt(), Instant.class);
		return Binding.bind(update, "metadata", save.metadata()).then();
	}

}
