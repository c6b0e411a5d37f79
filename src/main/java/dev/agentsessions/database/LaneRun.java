package dev.agentsessions.database;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;

import dev.agentsessions.problem.LoggedError;
import dev.agentsessions.problem.Problems;
import io.r2dbc.spi.R2dbcException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * One batch on its way through the database, until each of its calls is answered.
 */
final class LaneRun<Q, A> {

	private static final Logger log = LoggerFactory.getLogger(LaneRun.class);

	private static final int MAX_RUNS = 5;

	private final LaneOperation<Q, A> operation;

	private final LaneLink link;

	private final Duration timeout;

	private final LaneMetrics metrics;

	private final Runnable done;

	/**
	 * Makes a run.
	 * @param timeout for connecting, and for one try
	 * @param done is called when the database has done the whole of the batch, before the
	 * last answers are given: it works while callers are answered
	 */
	LaneRun(LaneOperation<Q, A> operation, LaneLink link, Duration timeout, LaneMetrics metrics, Runnable done) {
		this.operation = operation;
		this.link = link;
		this.timeout = timeout;
		this.metrics = metrics;
		this.done = done;
	}

	/** Runs the calls of the batch. */
	Mono<Void> run(List<Call<Q, A>> calls) {
		return attempt(calls, 1, this.done);
	}

	/**
	 * The clock is subscribed to first: an error that Reactor throws, instead of handing
	 * it on, would else leave nothing behind that ever ends.
	 */
	private Mono<Void> attempt(List<Call<Q, A>> calls, int run, Runnable done) {
		return this.link.connected(expiry()).onErrorResume((error) -> {
			this.link.logUnreachable(error);
			calls.forEach((call) -> call.fail(Problems.busy("The database can't be reached; nothing was done.")));
			return Mono.empty();
		}).flatMap((open) -> attempt(open, calls, run, done));
	}

	private Mono<Void> attempt(LaneConnection open, List<Call<Q, A>> calls, int run, Runnable done) {
		long now = System.nanoTime();
		List<Call<Q, A>> begun = calls.stream().filter((call) -> call.begin(now)).toList();
		if (begun.isEmpty()) {
			return Mono.empty();
		}
		return this.<List<Answer<A>>>expiry().or(Mono.defer(() -> execute(open, begun))).doOnNext((answers) -> {
			done.run();
			Call.answer(begun, answers);
		}).then().onErrorResume((error) -> recover(open, begun, run, done, error));
	}

	private Mono<List<Answer<A>>> execute(LaneConnection open, List<Call<Q, A>> calls) {
		List<Q> requests = new ArrayList<>(calls.size());
		calls.forEach((call) -> requests.add(call.request()));
		return this.operation.run(open, requests)
			.subscribeOn(open.engine().scheduler())
			.filter((answers) -> answers.size() == calls.size())
			.switchIfEmpty(Mono.error(() -> new IllegalStateException(this.operation + " did not answer each")));
	}

	private Mono<Void> recover(LaneConnection open, List<Call<Q, A>> calls, int run, Runnable done, Throwable error) {
		R2dbcException refusal = SqlErrors.refusal(error);
		if (refusal == null) {
			log.warn("a lane discards its connection, with {} requests under way", calls.size(),
					new LoggedError(error));
			this.metrics.lost();
			this.link.discard(open);
			calls.forEach(Call::giveUp);
			return Mono.empty();
		}
		calls.forEach(Call::undone);
		if ((this.operation.runsAgainAfter(refusal) || SqlErrors.isTransient(refusal)) && run < MAX_RUNS) {
			return Mono.delay(Duration.ofMillis(ThreadLocalRandom.current().nextLong(5L * run, 20L * run)))
				.then(Mono.defer(() -> attempt(calls, run + 1, done)));
		}
		if (calls.size() > 1) {
			return Flux.fromIterable(calls).concatMap(this::runAlone).then();
		}
		calls.forEach((call) -> call.fail(SqlErrors.answer(refusal)));
		return Mono.empty();
	}

	private Mono<Void> runAlone(Call<Q, A> call) {
		return attempt(List.of(call), 1, () -> {
		});
	}

	/**
	 * An error when something has taken too long. Reactor's own operator for this puts
	 * the names of all operators before it into a message, on every run.
	 */
	private <T> Mono<T> expiry() {
		return Mono.delay(this.timeout)
			.then(Mono.error(() -> new TimeoutException("no answer within " + this.timeout)));
	}

}
