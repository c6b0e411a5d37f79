package dev.agentsessions.database.connect;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

import dev.agentsessions.database.connect.postgres.PostgresConnections;
import dev.agentsessions.settings.SetupException;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Ends a start whose connections go to a pooler that gives each transaction another
 * session of PostgreSQL. Everything here counts on a session of its own: prepared
 * statements, time-outs, the settings of lanes, the lock of a migration, LISTEN. Behind
 * such a pooler some requests would fail and others change the sessions of strangers.
 * <p>
 * Anything else that goes wrong is not told here: a database that does not answer yet is
 * no reason not to start.
 */
final class PoolerCheck {

	private static final Logger log = LoggerFactory.getLogger(PoolerCheck.class);

	private static final String SESSION = "select pg_backend_pid()";

	private static final Duration PATIENCE = Duration.ofSeconds(5);

	private final ConnectionFactory connections;

	private final DatabaseUrl url;

	PoolerCheck(ConnectionFactory connections, DatabaseUrl url) {
		this.connections = connections;
		this.url = url;
	}

	/**
	 * Waits for the answers.
	 * @throws SetupException if there is such a pooler
	 */
	void check() {
		if (this.connections instanceof PostgresConnections postgresql) {
			SetupException unusable = find(postgresql.createWithoutLimits()).toFuture().join();
			if (unusable != null) {
				throw unusable;
			}
		}
	}

	/** What is wrong; empty if nothing is, or if it can't be found out. */
	Mono<SetupException> find(Mono<? extends Connection> connection) {
		Mono<Boolean> shared = Mono.usingWhen(connection,
				(one) -> Mono.usingWhen(connection, (other) -> areShared(one, other), Connection::close),
				Connection::close);
		return shared.filter(Boolean::booleanValue)
			.map((yes) -> sharesSessions())
			.timeout(PATIENCE)
			.onErrorResume((error) -> Mono.justOrEmpty(refused(error)));
	}

	/**
	 * Asks two connections for their sessions, while one of them is in a transaction and
	 * then the other. A pooler gives a session to whoever comes next as soon as no
	 * transaction holds it; on a busy one each may get its own again by chance, hence two
	 * rounds.
	 */
	private static Mono<Boolean> areShared(Connection one, Connection other) {
		return Flux
			.concat(session(1, one, ""), session(2, other, "begin; "), session(1, one, ""),
					session(2, other, "rollback; "), session(2, other, ""), session(1, one, "begin; "),
					session(2, other, ""), session(1, one, "rollback; "))
			.repeat(1)
			.distinct()
			.scan(List.<ServerSession>of(), (seen, next) -> Stream.concat(seen.stream(), Stream.of(next)).toList())
			.any(PoolerCheck::areShared);
	}

	private static boolean areShared(List<ServerSession> distinct) {
		return distinct.size() > 2 || (distinct.size() == 2 && distinct.get(0).id() == distinct.get(1).id());
	}

	private static Mono<ServerSession> session(int connection, Connection opened, String before) {
		return Flux.defer(() -> opened.createStatement(before + SESSION).execute())
			.concatMap((result) -> result.map((row, columns) -> Objects.requireNonNull(row.get(0, Integer.class))))
			.single()
			.map((id) -> new ServerSession(connection, id));
	}

	private SetupException sharesSessions() {
		return new SetupException("The pooler at " + place()
				+ " gives each transaction another session of PostgreSQL, and the service needs sessions of its own.",
				"Let DATABASE_URL name PostgreSQL itself, or a pooler in session mode (PgBouncer: pool_mode = session).");
	}

	private @Nullable SetupException refused(Throwable error) {
		String said = String.valueOf(error.getMessage());
		if (said.contains("statement pooling mode")) {
			return sharesSessions();
		}
		if (said.contains("startup parameter")) {
			return new SetupException("The pooler at " + place() + " refuses connections of the service: " + said,
					"Let the pooler ignore that parameter, in session mode (PgBouncer: ignore_startup_parameters ="
							+ " extra_float_digits, pool_mode = session); or let DATABASE_URL name PostgreSQL itself.");
		}
		log.debug("Whether there is a pooler could not be found out", error);
		return null;
	}

	private String place() {
		return this.url.host() + ":" + this.url.port();
	}

	/** A session of the server, as one of the connections came to it. */
	private record ServerSession(int connection, int id) {
	}

}
