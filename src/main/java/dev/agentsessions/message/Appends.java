package dev.agentsessions.message;

import java.time.Duration;

import dev.agentsessions.database.Engine;
import dev.agentsessions.database.LaneOperation;
import dev.agentsessions.database.LaneTransaction;
import dev.agentsessions.database.Lanes;
import dev.agentsessions.problem.Problems;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

import org.springframework.stereotype.Service;

/**
 * Appending, through the lane of the session. An acknowledged message is committed;
 * cancelling changes nothing.
 */
@Service
class Appends {

	private static final Retry CREATE_RACES = Retry.backoff(5, Duration.ofMillis(2))
		.jitter(0.5)
		.filter(AppendBatch.CreateRace.class::isInstance)
		.onRetryExhaustedThrow((spec, signal) -> Problems.busy("The session is being created; nothing was done."));

	private final Lanes lanes;

	private final LaneOperation<Append, Appended> operation;

	Appends(Lanes lanes, Engine engine, LogCache cache) {
		this.lanes = lanes;
		this.operation = (engine == Engine.POSTGRESQL) ? new AppendBatch(cache)
				: new LaneTransaction<>(AppendInTransaction::run, Append::size);
	}

	/** Appends, all or nothing. Errors: 404 unless it may create, 410, 412, 422, 503. */
	Mono<Appended> append(Append append) {
		if (append.isPlain()) {
			return write(append).onErrorResume(Appends::isUndecided,
					(undecided) -> write(append.asUndecided()).retryWhen(CREATE_RACES));
		}
		Mono<Appended> appended = write(append).retryWhen(CREATE_RACES);
		return appended.onErrorResume((error) -> isDoubtful(append, error), (conflict) -> appended);
	}

	/**
	 * A plain append that shared a batch with others may have met another creator too.
	 */
	private static boolean isUndecided(Throwable error) {
		return error instanceof PlainAppends.Undecided || error instanceof AppendBatch.CreateRace;
	}

	private Mono<Appended> write(Append append) {
		return this.lanes.write(append.session(), this.operation, append);
	}

	/**
	 * A conflict that may be with the same request on another replica: its key is newer
	 * than the statement's snapshot, while the last seq is that of the locked row. The
	 * next statement sees the key. Once is enough: from now on the condition fails on
	 * every replica.
	 */
	private static boolean isDoubtful(Append append, Throwable error) {
		return append.key() != null && append.expectedLast() != null && MessageProblems.isConflict(error);
	}

}
