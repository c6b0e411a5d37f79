package dev.agentsessions.agent;

import java.util.List;

import dev.agentsessions.database.Binding;
import dev.agentsessions.database.Columns;
import dev.agentsessions.database.JsonText;
import dev.agentsessions.database.LaneConnection;
import dev.agentsessions.session.LockedSession;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.r2dbc.core.DatabaseClient.GenericExecuteSpec;
import org.springframework.stereotype.Component;

/**
 * What happens to the agents of a session within a transaction that holds its lock.
 * Published for turns, which do it together with messages.
 */
@Component
public final class AgentWrites {

	private static final String FIND = """
			select id, current_agent, switch_count from agent_contexts where session_db_id = :session
			""";

	private static final String SWITCH = """
			update agent_contexts set current_agent = :agent, switch_count = switch_count + 1, updated_at = :now
			where id = :context
			""";

	private static final String DELETE = "delete from agent_contexts where id = :context";

	private static final String NUMBER = "update sessions set last_switch_no = :no where id = :session";

	private final JsonMapper json;

	AgentWrites(JsonMapper json) {
		this.json = json;
	}

	/**
	 * Makes a switch; the first one creates the context. Errors: 409 if it names an agent
	 * that does not hold the session.
	 * @return the switch as it is answered
	 */
	public Mono<JsonText> switchTo(LaneConnection connection, LockedSession session, NewSwitch wanted) {
		return find(connection, session)
			.switchIfEmpty(Mono.defer(() -> create(connection, session, wanted.toAgent(), null)))
			.flatMap((held) -> switchFrom(connection, session, held, wanted));
	}

	/** Replaces the context's metadata. Errors: 404 if there is no context. */
	public Mono<Void> setMetadata(LaneConnection connection, LockedSession session, JsonText metadata) {
		return require(connection, session).flatMap((held) -> connection.client()
			.sql("update agent_contexts set metadata_json = " + connection.engine().json(":metadata")
					+ ", updated_at = :now where id = :context")
			.bind("metadata", metadata.json())
			.bind("now", session.now())
			.bind("context", held.id())
			.then());
	}

	/**
	 * Removes the context and its switches. It takes a number, so that a follower can
	 * tell. Errors: 404.
	 */
	Mono<Void> delete(LaneConnection connection, LockedSession session) {
		return require(connection, session)
			.flatMap((held) -> connection.client().sql(DELETE).bind("context", held.id()).then())
			.then(setNumber(connection, session, session.lastSwitchNo() + 1));
	}

	Mono<HeldContext> find(LaneConnection connection, LockedSession session) {
		return connection.client()
			.sql(FIND)
			.bind("session", session.id())
			.map((row) -> new HeldContext(Columns.number(row, "id"), Columns.text(row, "current_agent"),
					Columns.number(row, "switch_count")))
			.one();
	}

	Mono<HeldContext> create(LaneConnection connection, LockedSession session, String agent,
			@Nullable JsonText metadata) {
		GenericExecuteSpec insert = connection.client()
			.sql("""
					insert into agent_contexts (session_db_id, current_agent, created_at, updated_at, metadata_json)
					values (:session, :agent, :now, :now, %s)
					""".formatted(connection.engine().json(":metadata")))
			.bind("session", session.id())
			.bind("agent", agent)
			.bind("now", session.now());
		return Binding.bind(insert, "metadata", metadata)
			.then()
			.then(find(connection, session))
			.map((held) -> new HeldContext(held.id(), "", 0));
	}

	/** Records the last number that the session's switches have used. */
	Mono<Void> setNumber(LaneConnection connection, LockedSession session, long no) {
		return connection.client().sql(NUMBER).bind("no", no).bind("session", session.id()).then();
	}

	private Mono<HeldContext> require(LaneConnection connection, LockedSession session) {
		return find(connection, session).switchIfEmpty(Mono.error(AgentProblems::noContext));
	}

	private Mono<JsonText> switchFrom(LaneConnection connection, LockedSession session, HeldContext held,
			NewSwitch wanted) {
		// nobody held a context that this switch has just created: whoever is named then
		// is only written down
		String current = held.currentAgent().isEmpty() ? wanted.fromAgent() : held.currentAgent();
		if (wanted.fromAgent() != null && !wanted.fromAgent().equals(current)) {
			return Mono.error(AgentProblems.conflict(held.currentAgent()));
		}
		long no = session.lastSwitchNo() + 1;
		NewSwitch made = new NewSwitch(current, wanted.toAgent(), wanted.reason(), wanted.metadata(), session.now());
		return SwitchRows.insert(connection, session, held.id(), no - 1, List.of(made))
			.then(connection.client()
				.sql(SWITCH)
				.bind("agent", made.toAgent())
				.bind("now", session.now())
				.bind("context", held.id())
				.then())
			.then(setNumber(connection, session, no))
			.then(Mono.fromSupplier(() -> answer(session, no, made)));
	}

	private JsonText answer(LockedSession session, long no, NewSwitch made) {
		JsonText metadata = made.metadata();
		return new JsonText(
				this.json.writeValueAsString(new AgentSwitch(no, made.fromAgent(), made.toAgent(), session.now(),
						made.reason(), (metadata != null) ? metadata : JsonText.EMPTY_OBJECT, session.lastSeq())));
	}

}
