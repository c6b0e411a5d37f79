package dev.agentsessions.session;

import dev.agentsessions.database.Binding;
import dev.agentsessions.database.Columns;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.LaneConnection;
import dev.agentsessions.problem.Problem;
import dev.agentsessions.problem.ProblemException;
import io.r2dbc.spi.Readable;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.r2dbc.core.DatabaseClient.GenericExecuteSpec;

/**
 * The keys of a session and what was answered, read and written under the session's lock.
 * Failures are not kept.
 */
public final class IdempotencyKeys {

	private static final String FIND = """
			select fingerprint, first_seq, last_seq, cast(switch_json as text) as switch_json, created_at
			from append_keys where session_db_id = :session and idempotency_key = :key
			""";

	private IdempotencyKeys() {
	}

	/**
	 * What this key was answered; empty if it is new, or if there is none. Errors: 422 if
	 * it came with another body.
	 */
	public static Mono<KeptAnswer> find(LaneConnection connection, LockedSession session,
			@Nullable IdempotencyKey key) {
		if (key == null) {
			return Mono.empty();
		}
		return connection.client()
			.sql(FIND)
			.bind("session", session.id())
			.bind("key", key.key())
			.map((row) -> answer(row, key))
			.one();
	}

	/** Keeps the answer of a new key; does nothing if there is none. */
	public static Mono<Void> keep(LaneConnection connection, LockedSession session, @Nullable IdempotencyKey key,
			KeptAnswer answer) {
		if (key == null) {
			return Mono.empty();
		}
		GenericExecuteSpec insert = connection.client()
			.sql(insert(connection.engine()))
			.bind("session", session.id())
			.bind("key", key.key())
			.bind("fingerprint", key.fingerprint())
			.bind("last", answer.lastSeq())
			.bind("now", answer.createdAt());
		insert = Binding.bind(insert, "first", answer.firstSeq(), Long.class);
		return Binding.bind(insert, "switch", answer.agentSwitch()).then();
	}

	public static ProblemException reused() {
		return Problem
			.of(422, "idempotency-key-reused", "The idempotency key was used for something else",
					"This Idempotency-Key came with another request before; use a new key for a new request.")
			.exception();
	}

	private static String insert(Engine engine) {
		return """
				insert into append_keys (session_db_id, idempotency_key, fingerprint, first_seq, last_seq, switch_json,
				    created_at)
				values (:session, :key, :fingerprint, :first, :last, %s, :now)
				""".formatted(engine.json(":switch"));
	}

	private static KeptAnswer answer(Readable row, IdempotencyKey key) {
		if (!Columns.text(row, "fingerprint").equals(key.fingerprint())) {
			throw reused();
		}
		return new KeptAnswer(Columns.optionalNumber(row, "first_seq"), Columns.number(row, "last_seq"),
				Columns.json(row, "switch_json"), Columns.time(row, "created_at"));
	}

}
