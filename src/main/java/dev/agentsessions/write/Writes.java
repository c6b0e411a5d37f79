package dev.agentsessions.write;

import dev.agentsessions.database.Engine;
import dev.agentsessions.database.Lanes;
import dev.agentsessions.problem.ProblemException;
import reactor.core.publisher.Mono;

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
	public static final ProblemException CHANGED = Decision.CHANGED;

	private final Lanes lanes;

	private final Engine engine;

	private final WriteBatch batches;

	Writes(Lanes lanes, Engine engine, Commits commits) {
		this.lanes = lanes;
		this.engine = engine;
		this.batches = new WriteBatch(engine, lanes::epoch, commits);
	}

	/**
	 * Does all of it or nothing. Errors: 404, 409, 410, 412 and 422 as {@link Decision}
	 * says, {@link #CHANGED}, 429 if the tenant sends too much, 503.
	 */
	public Mono<Written> write(Write write) {
		boolean plain = this.engine == Engine.POSTGRESQL && write.isPlainAppend();
		Mono<WriteBatch.Done> done = submit(new WriteBatch.Request(write, plain));
		return (!plain ? done : done.onErrorResume(PlainAppends.Undecided.class,
				(undecided) -> submit(new WriteBatch.Request(write, false))))
			.map(WriteBatch.Done::written);
	}

	private Mono<WriteBatch.Done> submit(WriteBatch.Request request) {
		Write write = request.write();
		return this.lanes.write(write.session().tenant(), write.session(), this.batches, request);
	}

}
