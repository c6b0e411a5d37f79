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
 * One batch on its way through the database, until each of its requests is answered.
 */
final class BatchExecution<Q, A> {

	private static final Logger log = LoggerFactory.getLogger(BatchExecution.class);

	private static final int MAX_RUNS = 5;

	/** How many blocked sessions each batch waits for, one after the other. */
	private static final int MOST_BLOCKED = 4;

	private static final ProblemException BLOCKED = Problems
		.busy("Somebody else holds this session in the database; nothing was done.");

	private final LaneOperation<Q, A> operation;

	private final LaneLink link;

	private final BlockedSessions blockedSessions;

	private final LaneTimeout timeout;

	private final LaneMetrics metrics;

	private final Runnable done;

	/**
	 * Makes a run.
	 * @param timeout for connecting, and for each try
	 * @param done is called when the database has done the whole of the batch, before the
	 * last answers are given: it works while callers are answered
	 */
	BatchExecution(LaneOperation<Q, A> operation, LaneLink link, BlockedSessions blockedSessions, LaneTimeout timeout,
			LaneMetrics metrics, Runnable done) {
		this.operation = operation;
		this.link = link;
		this.blockedSessions = blockedSessions;
		this.timeout = timeout;
		this.metrics = metrics;
		this.done = done;
	}

	/** Runs the requests of the batch. */
	Mono<Void> run(List<PendingRequest<Q, A>> requests) {
		List<BatchPart<Q, A>> parts = this.blockedSessions.parts(requests, System.nanoTime());
		return (parts.size() == 1) ? attempt(parts.get(0), 1, this.done) : inTurn(withFewBlocked(parts));
	}

	/**
	 * Of the blocked sessions any few are tried. The others are taken for blocked from
	 * now on: if they were tried together with those that are free, these would wait.
	 */
	private List<BatchPart<Q, A>> withFewBlocked(List<BatchPart<Q, A>> parts) {
		List<BatchPart<Q, A>> blocked = new ArrayList<>(parts.stream().filter(BatchPart::blocked).toList());
		Collections.shuffle(blocked);
		blocked.stream().skip(MOST_BLOCKED).forEach((part) -> {
			this.blockedSessions.add(sessions(part), System.nanoTime());
			fail(part, BLOCKED);
		});
		return Stream.concat(parts.stream().filter((part) -> !part.blocked()), blocked.stream().limit(MOST_BLOCKED))
			.toList();
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
		BatchPart<Q, A> begun = new BatchPart<>(
				part.requests().stream().filter((request) -> request.begin(now)).toList(), part.blocked());
		if (begun.requests().isEmpty()) {
			return Mono.empty();
		}
		return this.timeout.<List<Answer<A>>>expiry()
			.or(open.hurry(part.blocked()).then(Mono.defer(() -> execute(open, begun.requests()))))
			.doOnNext((answers) -> {
				free(begun);
				done.run();
				PendingRequest.answer(begun.requests(), answers);
				tell(begun.requests(), answers);
			})
			.then()
			.onErrorResume((error) -> recover(open, begun, run, done, error));
	}

	private Mono<List<Answer<A>>> execute(LaneConnection open, List<PendingRequest<Q, A>> requests) {
		List<Q> values = new ArrayList<>(requests.size());
		requests.forEach((request) -> values.add(request.request()));
		open.begins();
		return this.operation.run(open, values)
			.subscribeOn(open.engine().scheduler())
			.filter((answers) -> answers.size() == requests.size())
			.switchIfEmpty(Mono.error(() -> new IllegalStateException(this.operation + " did not answer each")));
	}

	/** Callers first: they go on while those who follow what they wrote are told. */
	private void tell(List<PendingRequest<Q, A>> requests, List<Answer<A>> answers) {
		try {
			this.operation.done(requests.stream().map(PendingRequest::request).toList(), answers);
		}
		catch (Throwable ex) {
			UnexpectedErrors.report("what hears of a batch", ex);
		}
	}

	private Mono<Void> recover(LaneConnection open, BatchPart<Q, A> part, int run, Runnable done, Throwable error) {
		R2dbcException refusal = SqlErrors.refusal(error);
		if (refusal == null) {
			log.warn("a lane discards its connection, with {} requests under way ({})", part.requests().size(),
					error.getClass().getSimpleName(), SqlErrors.isUnavailable(error) ? null : new LoggedError(error));
			this.metrics.lost();
			this.link.discard(open);
			if (open.mayHaveCommitted() && !this.operation.isRead()) {
				part.requests().forEach(PendingRequest::giveUp);
				return Mono.empty();
			}
			part.requests().forEach(PendingRequest::undone);
			return SqlErrors.isUnavailable(error)
					? again(part, run, done, Problems.busy("The database can't be reached; nothing was done."))
					: halves(part, error);
		}
		part.requests().forEach(PendingRequest::undone);
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
			return lockedOut(part, refusal);
		}
		free(part);
		return halves(part, SqlErrors.answer(refusal));
	}

	/** So that a request which cannot be done fails alone. */
	private Mono<Void> halves(BatchPart<Q, A> part, Throwable error) {
		int half = part.requests().size() / 2;
		if (half > 0) {
			return inTurn(List.of(new BatchPart<>(part.requests().subList(0, half), part.blocked()),
					new BatchPart<>(part.requests().subList(half, part.requests().size()), part.blocked())));
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
	private Mono<Void> lockedOut(BatchPart<Q, A> part, R2dbcException refusal) {
		Set<Object> sessions = sessions(part);
		this.blockedSessions.add(sessions, System.nanoTime());
		if (sessions.size() > 1) {
			return inTurn(this.blockedSessions.parts(part.requests(), System.nanoTime()));
		}
		fail(part, SqlErrors.answer(refusal));
		return Mono.empty();
	}

	private static Set<Object> sessions(BatchPart<?, ?> part) {
		Set<Object> sessions = new HashSet<>();
		part.requests().stream().map(PendingRequest::session).filter(Objects::nonNull).forEach(sessions::add);
		return sessions;
	}

	private void free(BatchPart<Q, A> part) {
		Object session = part.requests().get(0).session();
		if (part.blocked() && session != null) {
			this.blockedSessions.remove(session);
		}
	}

	private static void fail(BatchPart<?, ?> part, Throwable error) {
		part.requests().forEach((request) -> request.fail(error));
	}

}
