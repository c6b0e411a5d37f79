package dev.agentsessions.tail.wakeup;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

import dev.agentsessions.problem.LoggedError;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.schedule.Lifecycle;
import dev.agentsessions.schedule.RecurringJob;
import dev.agentsessions.schedule.Timing;
import dev.agentsessions.tail.draft.hub.DraftHub;
import dev.agentsessions.tail.hub.TailHub;
import dev.agentsessions.tail.output.TailMetrics;
import dev.agentsessions.tail.time.TailTimes;
import dev.agentsessions.tail.wakeup.WakeUpConnection.Channel;
import dev.agentsessions.tail.wakeup.WakeUpConnection.Hint;
import dev.agentsessions.tail.wakeup.WakeUpConnection.Pulse;
import dev.agentsessions.write.Commits;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Component;

/**
 * Hears other replicas and tells them, over one connection. Nothing is sent while no
 * other replica has tails. Lost, the connection is opened again, and everything followed
 * is looked at; until then tails live on the {@link Reconciler}.
 */
@Component
final class WakeUpExchange extends Lifecycle {

	private static final Logger log = LoggerFactory.getLogger(WakeUpExchange.class);

	/** Others that lost their connection at the same time don't come back all at once. */
	private static final Timing RECONNECT = new Timing(Duration.ZERO, Duration.ofMillis(400), 0.5,
			Duration.ofMillis(600), Duration.ofMillis(600));

	private final WakeUpNetwork network;

	private final TailHub hub;

	private final DraftHub drafts;

	private final Reconciler reconciler;

	private final TailTimes times;

	private final TailMetrics metrics;

	private final WakeUps ofSessions = new WakeUps((payload) -> send(Channel.SESSIONS, payload));

	private final WakeUps ofDrafts = new WakeUps((payload) -> send(Channel.DRAFTS, payload));

	private final HeartbeatPace pace = new HeartbeatPace();

	private final AtomicReference<@Nullable WakeUpConnection> connection = new AtomicReference<>();

	private final RecurringJob job;

	/** Whether the log has told that there is no connection. */
	private boolean away;

	WakeUpExchange(WakeUpNetwork network, TailHub hub, DraftHub drafts, Reconciler reconciler, TailTimes times,
			TailMetrics metrics, Commits commits) {
		super(Phase.WAKE_UPS);
		this.network = network;
		this.hub = hub;
		this.drafts = drafts;
		this.reconciler = reconciler;
		this.times = times;
		this.metrics = metrics;
		this.job = runs(new RecurringJob("the connection for wake-ups", RECONNECT, Mono.defer(this::runOnce)));
		if (network.isNeeded()) {
			commits.listen((commit) -> this.ofSessions.written(commit.session()));
			drafts.tellsOthers(this.ofDrafts::isWanted, this.ofDrafts::tell);
		}
	}

	@Override
	protected void begin() {
		if (this.network.isNeeded()) {
			super.begin();
		}
	}

	/**
	 * From one connection to its loss or the stop, or until it is known that there is
	 * none to be had. Never fails.
	 */
	private Mono<Void> runOnce() {
		return Mono
			.usingWhen(this.network.connect(), this::use, this::discard, (open, error) -> discard(open), this::discard)
			.doOnSuccess((done) -> lost(null))
			.onErrorResume((error) -> Mono.fromRunnable(() -> lost(error)));
	}

	private Mono<Void> use(WakeUpConnection opened) {
		Flux<Hint> hints = opened.hints()
			// hints are few and quickly taken; should they pile up, the next heartbeat
			// looks at everything
			.onBackpressureDrop((dropped) -> this.reconciler.unsure())
			.doOnNext(this::received);
		Mono<Void> heartbeats = Flux.interval(Duration.ZERO, HeartbeatPace.period(this.times.reconciliation()))
			.onBackpressureDrop()
			.filter((tick) -> this.pace.isDue())
			.concatMap((tick) -> heartbeat(opened), 1)
			.then();
		return opened.listen().timeout(WakeUpNetwork.PATIENCE).doOnSuccess((done) -> {
			// whatever happened meanwhile was not heard of
			this.reconciler.unsure();
			this.connection.set(opened);
			isBack();
		})
			.then(Mono.firstWithSignal(hints.then(), heartbeats).onErrorComplete())
			// an opening is not cut off: what comes of it could not be closed
			.takeUntilOther(this.job.stopping());
	}

	private Mono<Pulse> heartbeat(WakeUpConnection opened) {
		boolean following = this.hub.hasFollowers() || this.drafts.isInUse();
		return opened.heartbeat(following).timeout(WakeUpNetwork.PATIENCE).doOnNext((pulse) -> {
			setWanted(pulse.wanted());
			this.pace.answered(following, this.reconciler.sees(pulse.snapshot()));
		});
	}

	private Mono<Void> discard(WakeUpConnection lost) {
		this.connection.set(null);
		setWanted(false);
		this.pace.reset();
		this.reconciler.unsure();
		return lost.close().timeout(WakeUpNetwork.PATIENCE).onErrorComplete();
	}

	private void setWanted(boolean wanted) {
		this.ofSessions.setWanted(wanted);
		this.ofDrafts.setWanted(wanted);
	}

	private void received(Hint hint) {
		if (hint.channel() == Channel.DRAFTS) {
			this.drafts.hint(WakeUps.numbers(hint.payload()));
		}
		else if (this.hub.hasFollowers()) {
			this.metrics.wokenUp();
			this.hub.hint(WakeUps.numbers(hint.payload()));
		}
	}

	private void send(Channel channel, String payload) {
		WakeUpConnection open = this.connection.get();
		Mono<Void> sending = (open == null) ? Mono.empty()
				: open.send(channel, payload).timeout(WakeUpNetwork.PATIENCE).onErrorComplete();
		sending.thenReturn(payload)
			.elapsed()
			.flatMap((timed) -> Mono.delay(WakeUps.rest(Duration.ofMillis(timed.getT1()), payload)))
			.doFinally((signal) -> ((channel == Channel.DRAFTS) ? this.ofDrafts : this.ofSessions).sent())
			.subscribe();
	}

	// what the log tells, once for each time that there is no connection

	private synchronized void lost(@Nullable Throwable error) {
		if (!this.away && !this.job.isStopping()) {
			this.away = true;
			log.warn("Replicas can't tell each other of changes by {} ({}); tails are up to 2 s behind until they can",
					this.network, why(error), (error != null) ? LoggedError.ofUnexpected(error) : null);
		}
	}

	private static String why(@Nullable Throwable error) {
		return (error == null) ? "the connection was lost"
				: (error instanceof ProblemException expected) ? expected.problem().detail() : "an unexpected error";
	}

	private synchronized void isBack() {
		if (this.away) {
			this.away = false;
			log.info("Replicas tell each other of changes by {} again", this.network);
		}
	}

}
