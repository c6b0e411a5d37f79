package dev.agentsessions.database.lane;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

import dev.agentsessions.database.SqlErrors;
import dev.agentsessions.database.lane.BlockedSessions.BatchPart;
import dev.agentsessions.database.lane.operation.Answer;
import dev.agentsessions.database.lane.operation.LaneConnection;
import dev.agentsessions.database.lane.operation.LaneOperation;
import dev.agentsessions.problem.LoggedError;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.problem.UnexpectedErrors;
import io.r2dbc.spi.R2dbcException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * One batch on its way through the database, until each of its calls is answered.
 */
final class BatchExecution<Q, A> {

	private static final Logger log = LoggerFactory.getLogger(BatchExecution.class);

	private static final int MAX_RUNS = 5;

	/** How many sessions that are held each batch waits for, one after the other. */
	private static final int MOST_HELD = 4;

	private static final ProblemException HELD = Problems
		.busy("Somebody else holds this session in the database; nothing was done.");

	private final LaneOperation<Q, A> operation;

	private final LaneLink link;

	private final BlockedSessions heldSessions;

	private final LaneTimeout timeout;

	private final LaneMetrics metrics;

	private final Runnable done;

	/**
	 * Makes a run.
	 * @param timeout for connecting, and for each try
	 * @param done is called when the database has done the whole of the batch, before the
	 * last answers are given: it works while callers are answered
	 */
	BatchExecution(LaneOperation<Q, A> operation, LaneLink link, BlockedSessions heldSessions, LaneTimeout timeout,
			LaneMetrics metrics, Runnable done) {
		this.operation = operation;
		this.link = link;
		this.heldSessions = heldSessions;
		this.timeout = timeout;
		this.metrics = metrics;
		this.done = done;
	}

	/** Runs the calls of the batch. */
	Mono<Void> run(List<PendingRequest<Q, A>> calls) {
		List<BatchPart<Q, A>> parts = this.heldSessions.parts(calls, System.nanoTime());
		return (parts.size() == 1) ? attempt(parts.get(0), 1, this.done) : inTurn(withFewHeld(parts));
	}

	/**
	 * Of the sessions that are held any few are tried. The others are taken for held from
	 * now on: if they were tried together with those that are free, these would wait.
	 */
	private List<BatchPart<Q, A>> withFewHeld(List<BatchPart<Q, A>> parts) {
		List<BatchPart<Q, A>> held = new ArrayList<>(parts.stream().filter(BatchPart::held).toList());
		Collections.shuffle(held);
		held.stream().skip(MOST_HELD).forEach((part) -> {
			this.heldSessions.add(sessions(part), System.nanoTime());
			fail(part, HELD);
		});
		return Stream.concat(parts.stream().filter((part) -> !part.held()), held.stream().limit(MOST_HELD)).toList();
	}

	private Mono<Void> inTurn(List<BatchPart<Q, A>> parts) {
		return Flux.fromIterable(parts).concatMap((part) -> attempt(part, 1, () -> {
		})).then();
	}

	/**
	 * The time-out is subscribed to first: an error that Reactor throws, instead of
	 * handing it on, would else leave nothing behind that ever ends.
	 */
	private Mono<Void> attempt(BatchPart<Q, A> part, int run, Runnable done) {
		return this.link.connected(this.timeout.expiry()).onErrorResume((error) -> {
			this.link.logUnreachable(error);
			fail(part, Problems.busy("The database can't be reached; nothing was done."));
			return Mono.empty();
		}).flatMap((open) -> attempt(open, part, run, done));
	}

	private Mono<Void> attempt(LaneConnection open, BatchPart<Q, A> part, int run, Runnable done) {
		long now = System.nanoTime();
		BatchPart<Q, A> begun = new BatchPart<>(part.calls().stream().filter((call) -> call.begin(now)).toList(),
				part.held());
		if (begun.calls().isEmpty()) {
			return Mono.empty();
		}
		return this.timeout.<List<Answer<A>>>expiry()
			.or(open.hurry(part.held()).then(Mono.defer(() -> execute(open, begun.calls()))))
			.doOnNext((answers) -> {
				free(begun);
				done.run();
				PendingRequest.answer(begun.calls(), answers);
				tell(begun.calls(), answers);
			})
			.then()
			.onErrorResume((error) -> recover(open, begun, run, done, error));
	}

	private Mono<List<Answer<A>>> execute(LaneConnection open, List<PendingRequest<Q, A>> calls) {
		List<Q> requests = new ArrayList<>(calls.size());
		calls.forEach((call) -> requests.add(call.request()));
		open.begins();
		return this.operation.run(open, requests)
			.subscribeOn(open.engine().scheduler())
			.filter((answers) -> answers.size() == calls.size())
			.switchIfEmpty(Mono.error(() -> new IllegalStateException(this.operation + " did not answer each")));
	}

	/** Callers first: they go on while those who follow what they wrote are told. */
	private void tell(List<PendingRequest<Q, A>> calls, List<Answer<A>> answers) {
		try {
			this.operation.done(calls.stream().map(PendingRequest::request).toList(), answers);
		}
		catch (Throwable ex) {
			UnexpectedErrors.report("what hears of a batch", ex);
		}
	}

	private Mono<Void> recover(LaneConnection open, BatchPart<Q, A> part, int run, Runnable done, Throwable error) {
		R2dbcException refusal = SqlErrors.refusal(error);
		if (refusal == null) {
			log.warn("a lane discards its connection, with {} requests under way ({})", part.calls().size(),
					error.getClass().getSimpleName(), SqlErrors.isUnavailable(error) ? null : new LoggedError(error));
			this.metrics.lost();
			this.link.discard(open);
			if (open.mayHaveCommitted() && !this.operation.isRead()) {
				part.calls().forEach(PendingRequest::giveUp);
				return Mono.empty();
			}
			part.calls().forEach(PendingRequest::undone);
			return SqlErrors.isUnavailable(error)
					? again(part, run, done, Problems.busy("The database can't be reached; nothing was done."))
					: halves(part, error);
		}
		part.calls().forEach(PendingRequest::undone);
		if (SqlErrors.isOutOfStep(refusal)) {
			this.link.discard(open);
			return again(part, run, done, SqlErrors.answer(refusal));
		}
		// somebody else may have created a session of the batch since its row was looked
		// for
		if ((SqlErrors.isUniqueViolation(refusal) || SqlErrors.isTransient(refusal)) && run < MAX_RUNS) {
			return again(part, run, done, refusal);
		}
		if (SqlErrors.isLockTimeout(refusal)) {
			return heldUp(part, refusal);
		}
		free(part);
		return halves(part, SqlErrors.answer(refusal));
	}

	/** So that a call which cannot be done fails alone. */
	private Mono<Void> halves(BatchPart<Q, A> part, Throwable error) {
		int half = part.calls().size() / 2;
		if (half > 0) {
			return inTurn(List.of(new BatchPart<>(part.calls().subList(0, half), part.held()),
					new BatchPart<>(part.calls().subList(half, part.calls().size()), part.held())));
		}
		fail(part, error);
		return Mono.empty();
	}

	private Mono<Void> again(BatchPart<Q, A> part, int run, Runnable done, Throwable otherwise) {
		if (run == MAX_RUNS) {
			fail(part, otherwise);
			return Mono.empty();
		}
		return Mono.delay(Duration.ofMillis(ThreadLocalRandom.current().nextLong(5L * run, 20L * run)))
			.then(Mono.defer(() -> attempt(part, run + 1, done)));
	}

	/**
	 * Somebody holds the row of one session or more. Which ones they are is found out by
	 * running each alone.
	 */
	private Mono<Void> heldUp(BatchPart<Q, A> part, R2dbcException refusal) {
		Set<Object> sessions = sessions(part);
		this.heldSessions.add(sessions, System.nanoTime());
		if (sessions.size() > 1) {
			return inTurn(this.heldSessions.parts(part.calls(), System.nanoTime()));
		}
		fail(part, SqlErrors.answer(refusal));
		return Mono.empty();
	}

	private static Set<Object> sessions(BatchPart<?, ?> part) {
		Set<Object> sessions = new HashSet<>();
		part.calls().stream().map(PendingRequest::session).filter(Objects::nonNull).forEach(sessions::add);
		return sessions;
	}

	private void free(BatchPart<Q, A> part) {
		Object session = part.calls().get(0).session();
		if (part.held() && session != null) {
			this.heldSessions.remove(session);
		}
	}

	private static void fail(BatchPart<?, ?> part, Throwable error) {
		part.calls().forEach((call) -> call.fail(error));
	}

}
