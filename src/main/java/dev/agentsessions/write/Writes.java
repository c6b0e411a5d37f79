package dev.agentsessions.write;

import java.time.Duration;

import dev.agentsessions.database.Engine;
import dev.agentsessions.database.lane.Lanes;
import dev.agentsessions.database.lane.operation.LaneOperation;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.problem.Problems;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;
import reactor.util.retry.RetryBackoffSpec;

import org.springframework.stereotype.Service;

/**
 * Everything that changes a session, through the session's lane. What is acknowledged is
 * committed; cancelling changes nothing.
 */
@Service
public class Writes {

	/**
	 * The session is not what the write was compared with; nothing was done. To be
	 * compared again.
	 */
	public static final ProblemException CHANGED = Problems.busy("The session keeps changing; nothing was done.");

	/** For who compares again after that. */
	public static final RetryBackoffSpec AGAIN = Retry.backoff(20, Duration.ofMillis(2))
		.maxBackoff(Duration.ofMillis(100))
		.jitter(0.5)
		.filter((error) -> error == CHANGED)
		.onRetryExhaustedThrow((spec, signal) -> CHANGED);

	private final Lanes lanes;

	private final Engine engine;

	private final LaneOperation<Request, Done> batches;

	Writes(Lanes lanes, Engine engine, LaneOperation<Request, Done> batches) {
		this.lanes = lanes;
		this.engine = engine;
		this.batches = batches;
	}

	/**
	 * Does all of it or nothing. Errors: 404, 409, 410, 412 and 422 as {@link Decision}
	 * says, {@link #CHANGED}, 429 if the tenant sends too much, 503.
	 */
	public Mono<Written> write(Write write) {
		boolean plain = this.engine == Engine.POSTGRESQL && write.isPlainAppend();
		Mono<Done> done = submit(new Request(write, plain));
		return (!plain ? done : done.onErrorResume(Undecided.class, (undecided) -> submit(new Request(write, false))))
			.map(Done::written);
	}

	private Mono<Done> submit(Request request) {
		Write write = request.write();
		return this.lanes.write(write.session().tenant(), write.session(), this.batches, request);
	}

	/**
	 * A write on its way.
	 *
	 * @param isPlain whether only messages are to be appended, and it is not known yet
	 * that the session is missing or deleted
	 */
	public record Request(Write write, boolean isPlain) {
	}

	/**
	 * What became of it.
	 *
	 * @param change null if it has changed nothing
	 * @param epoch of the connection that it came by
	 */
	public record Done(Written written, @Nullable Change change, long epoch) {
	}

	/** A plain append to a session that is missing or deleted; nothing was done. */
	public static final class Undecided extends RuntimeException {

		public static final Undecided INSTANCE = new Undecided();

		private Undecided() {
			super("undecided", null, false, false);
		}

	}

}
