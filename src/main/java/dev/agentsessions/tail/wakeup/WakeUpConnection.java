package dev.agentsessions.tail.wakeup;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

import dev.agentsessions.database.Engine;
import dev.agentsessions.database.SqlErrors;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.schedule.Lifecycle;
import dev.agentsessions.schedule.RecurringJob;
import dev.agentsessions.schedule.Timing;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.tail.draft.hub.DraftHub;
import dev.agentsessions.tail.hub.TailHub;
import dev.agentsessions.tail.hub.WakeUps;
import dev.agentsessions.tail.output.TailMetrics;
import dev.agentsessions.tail.time.TailTimes;
import dev.agentsessions.write.Commits;
import io.r2dbc.postgresql.api.Notification;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.ConnectionFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Component;

/**
 * The one connection of a replica that hears other replicas and tells them. Its heartbeat
 * finds out three things at once: that the connection is alive (a frozen server never
 * says so by itself), whether anything at all was written to the database, and whether
 * any other replica has tails, without which nothing is sent. Lost, it is opened again,
 * and everything followed is looked at. H2 has one process and needs none of this.
 */
@Component
final class WakeUpConnection extends Lifecycle {

	/** What the connection of a replica that has tails is called in the database. */
	private static final String FOLLOWING = "agent-session-store following";

	private static final String IDLE = "agent-session-store wake-ups";

	private static final String SESSIONS = "agent_session_store";

	private static final String DRAFTS = "agent_session_store_drafts";

	private static final String HEARTBEAT = """
			select pg_current_snapshot()::text as snapshot, pg_backend_pid() as pid, set_config('application_name', $1, false) as name,
			    exists (select from pg_stat_activity where application_name = '%s' and pid <> pg_backend_pid()
			        and datname = current_database()) as wanted
			"""
		.formatted(FOLLOWING);

	private static final Duration PATIENCE = Duration.ofSeconds(2);

	private static final Logger log = LoggerFactory.getLogger(WakeUpConnection.class);

	/** Others that lost their connection at the same time don't come back all at once. */
	private static final Timing RECONNECT = new Timing(Duration.ZERO, Duration.ofMillis(400), 0.5,
			Duration.ofMillis(600), Duration.ofMillis(600));

	private final ConnectionFactory connections;

	private final TailHub hub;

	private final DraftHub drafts;

	private final Reconciler backstop;

	private final TailTimes times;

	private final TailMetrics metrics;

	private final boolean needed;

	/** By the channel that they go through. */
	private final Map<String, WakeUps> wakeUps = Map.of(SESSIONS, new WakeUps(), DRAFTS, new WakeUps());

	private final HeartbeatPace pace = new HeartbeatPace();

	/** The server's process at the other end, whose hints are our own. */
	private volatile int pid;

	private final AtomicReference<@Nullable PostgresqlConnection> connection = new AtomicReference<>();

	private final RecurringJob job;

	WakeUpConnection(@Qualifier("laneConnections") ConnectionFactory connections, Engine engine, TailHub hub,
			DraftHub drafts, Reconciler backstop, TailTimes times, TailMetrics metrics, Commits commits) {
		super(Phase.WAKE_UPS);
		this.connections = connections;
		this.hub = hub;
		this.drafts = drafts;
		this.backstop = backstop;
		this.times = times;
		this.metrics = metrics;
		this.needed = engine == Engine.POSTGRESQL;
		// a connection that is lost is one line in the log
		this.job = new RecurringJob("the connection for wake-ups", RECONNECT, Mono.defer(this::runOnce)
			.onErrorMap(SqlErrors::isUnavailable, (error) -> Problems.busy("The database did not answer.")));
		if (this.needed) {
			WakeUps ofSessions = hints(SESSIONS);
			commits.listen((commit) -> ofSessions.written(commit.session(), (payload) -> send(SESSIONS, payload)));
			drafts.onHint(this::tellOfDrafts);
		}
	}

	@Override
	protected void begin() {
		if (this.needed) {
			this.job.start();
		}
	}

	@Override
	protected Mono<Void> end() {
		return this.job.stop();
	}

	/**
	 * From one connection to its loss or the stop; an error if there is none to be had.
	 */
	private Mono<Void> runOnce() {
		return Mono.usingWhen(connect(), this::use, this::discard, (open, error) -> discard(open), this::discard)
			.takeUntilOther(this.job.stopping());
	}

	private Mono<PostgresqlConnection> connect() {
		return Mono.from(this.connections.create()).cast(PostgresqlConnection.class).timeout(PATIENCE);
	}

	private Mono<Void> use(PostgresqlConnection opened) {
		Flux<Notification> notifications = opened.getNotifications()
			// hints are few and quickly taken; should they pile up, the next heartbeat
			// looks at everything
			.onBackpressureDrop((dropped) -> this.backstop.unsure())
			.doOnNext(this::received);
		Mono<Void> heartbeats = Flux.interval(Duration.ZERO, HeartbeatPace.period(this.times.backstop()))
			.onBackpressureDrop()
			.filter((tick) -> this.pace.isDue())
			.concatMap((tick) -> heartbeat(opened), 1)
			.then();
		// a notification is a transaction, which need not wait for the disk
		return opened.createStatement("set synchronous_commit = off; listen " + SESSIONS + "; listen " + DRAFTS)
			.execute()
			.flatMap((result) -> result.getRowsUpdated())
			.then()
			.timeout(PATIENCE)
			.doOnSuccess((done) -> {
				// whatever happened meanwhile was not heard of
				this.backstop.unsure();
				this.connection.set(opened);
			})
			.then(Mono.firstWithSignal(notifications.then(), heartbeats).onErrorComplete())
			.then(Mono.fromRunnable(() -> log.warn("The connection for wake-ups was lost and is opened again")));
	}

	private Mono<Void> heartbeat(PostgresqlConnection opened) {
		boolean following = this.hub.hasFollowers() || this.drafts.isInUse();
		return opened.createStatement(HEARTBEAT)
			.bind(0, following ? FOLLOWING : IDLE)
			.execute()
			.flatMap((result) -> result.map((row) -> {
				this.pid = Objects.requireNonNullElse(row.get("pid", Integer.class), 0);
				setWanted(Boolean.TRUE.equals(row.get("wanted", Boolean.class)));
				this.pace.answered(following, this.backstop.sees(row.get("snapshot", String.class)));
				return row;
			}))
			.then()
			.timeout(PATIENCE);
	}

	private Mono<Void> discard(PostgresqlConnection lost) {
		this.connection.set(null);
		setWanted(false);
		this.pace.reset();
		this.backstop.unsure();
		return lost.close().timeout(PATIENCE).onErrorComplete();
	}

	private void setWanted(boolean wanted) {
		this.wakeUps.values().forEach((hints) -> hints.setWanted(wanted));
		this.drafts.setFollowedElsewhere(wanted);
	}

	private void received(Notification notification) {
		String payload = notification.getParameter();
		if (payload == null || notification.getProcessId() == this.pid) {
			return;
		}
		if (notification.getName().equals(DRAFTS)) {
			this.drafts.hint(WakeUps.numbers(payload));
		}
		else if (this.hub.hasFollowers()) {
			this.metrics.wokenUp();
			this.hub.hint(WakeUps.numbers(payload));
		}
	}

	private void tellOfDrafts(SessionKey session, boolean surely) {
		WakeUps hints = hints(DRAFTS);
		if (surely) {
			hints.tell(session, (payload) -> send(DRAFTS, payload));
		}
		else {
			hints.written(session, (payload) -> send(DRAFTS, payload));
		}
	}

	private WakeUps hints(String channel) {
		return Objects.requireNonNull(this.wakeUps.get(channel));
	}

	private void send(String channel, String payload) {
		PostgresqlConnection open = this.connection.get();
		Mono<Void> sending = (open == null) ? Mono.empty()
				: open.createStatement("select pg_notify('" + channel + "', $1)")
					.bind(0, payload)
					.execute()
					.flatMap((result) -> result.map((row) -> payload))
					.then()
					.timeout(PATIENCE)
					.onErrorComplete();
		sending.thenReturn(payload)
			.elapsed()
			.flatMap((timed) -> Mono.delay(WakeUps.rest(Duration.ofMillis(timed.getT1()), payload)))
			.doFinally((signal) -> hints(channel).sent((next) -> send(channel, next)))
			.subscribe();
	}

}
