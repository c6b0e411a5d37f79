package dev.agentsessions.tail.wakeup;

import java.time.Duration;
import java.util.Objects;

import dev.agentsessions.database.SqlErrors;
import dev.agentsessions.problem.Problems;
import io.r2dbc.postgresql.api.Notification;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.ConnectionFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * LISTEN and NOTIFY, on a connection of its own. Its heartbeat finds out three things at
 * once: that the connection is alive (a frozen server never says so by itself), whether
 * anything at all was written to the database, and whether any other replica has tails.
 */
final class NotifyConnection implements WakeUpConnection {

	/** What the connection of a replica that has tails is called in the database. */
	private static final String FOLLOWING = "agent-session-store following";

	private static final String IDLE = "agent-session-store wake-ups";

	private static final String SESSIONS = "agent_session_store";

	private static final String DRAFTS = "agent_session_store_drafts";

	/** With Citus the rows are elsewhere, and what is seen here says nothing of them. */
	private static final String HEARTBEAT = """
			select case when not exists (select 1 from pg_extension where extname = 'citus') then
			        pg_current_snapshot()::text end as snapshot,
			    pg_backend_pid() as pid, set_config('application_name', $1, false) as name,
			    exists (select from pg_stat_activity where application_name = '%s' and pid <> pg_backend_pid()
			        and datname = current_database()) as wanted
			""".formatted(FOLLOWING);

	private final PostgresqlConnection connection;

	/** The server's process at the other end, whose hints are our own. */
	private volatile int pid;

	private NotifyConnection(PostgresqlConnection connection) {
		this.connection = connection;
	}

	/** Errors: 503 if the database does not answer. */
	static Mono<WakeUpConnection> open(ConnectionFactory connections, Duration patience) {
		return Mono.from(connections.create())
			.cast(PostgresqlConnection.class)
			.<WakeUpConnection>map(NotifyConnection::new)
			.timeout(patience)
			.onErrorMap(SqlErrors::isUnavailable, (error) -> Problems.busy("the database did not answer"));
	}

	@Override
	public Mono<Void> listen() {
		// a notification is a transaction, which need not wait for the disk
		return this.connection
			.createStatement("set synchronous_commit = off; listen " + SESSIONS + "; listen " + DRAFTS)
			.execute()
			.flatMap((result) -> result.getRowsUpdated())
			.then();
	}

	@Override
	public Flux<Hint> hints() {
		return this.connection.getNotifications()
			.filter((notification) -> notification.getProcessId() != this.pid && notification.getParameter() != null)
			.map(NotifyConnection::hint);
	}

	private static Hint hint(Notification notification) {
		return new Hint(notification.getName().equals(DRAFTS) ? Channel.DRAFTS : Channel.SESSIONS,
				Objects.requireNonNull(notification.getParameter()));
	}

	@Override
	public Mono<Void> send(Channel channel, String payload) {
		String name = (channel == Channel.DRAFTS) ? DRAFTS : SESSIONS;
		return this.connection.createStatement("select pg_notify('" + name + "', $1)")
			.bind(0, payload)
			.execute()
			.flatMap((result) -> result.map((row) -> payload))
			.then();
	}

	@Override
	public Mono<Pulse> heartbeat(boolean following) {
		return this.connection.createStatement(HEARTBEAT)
			.bind(0, following ? FOLLOWING : IDLE)
			.execute()
			.flatMap((result) -> result.map((row) -> {
				this.pid = Objects.requireNonNullElse(row.get("pid", Integer.class), 0);
				return new Pulse(Boolean.TRUE.equals(row.get("wanted", Boolean.class)),
						row.get("snapshot", String.class));
			}))
			.next();
	}

	@Override
	public Mono<Void> close() {
		return this.connection.close();
	}

}
