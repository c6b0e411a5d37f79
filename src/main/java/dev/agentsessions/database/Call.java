package dev.agentsessions.database;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import dev.agentsessions.problem.Problems;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.MonoSink;

/**
 * A request in a lane and whoever waits for it. It is answered once; what comes later is
 * dropped.
 */
final class Call<Q, A> {

	private final LaneOperation<Q, A> operation;

	private final Q request;

	private final MonoSink<A> caller;

	private final Consumer<@Nullable A> committed;

	private final long size;

	private final long deadline;

	private final AtomicBoolean answered = new AtomicBoolean();

	/**
	 * Makes a call.
	 * @param committed hears of the answer once it is committed, whether or not anybody
	 * still waits for it
	 */
	Call(LaneOperation<Q, A> operation, Q request, MonoSink<A> caller, Consumer<@Nullable A> committed, long deadline) {
		this.committed = committed;
		this.operation = operation;
		this.request = request;
		this.caller = caller;
		this.size = operation.size(request);
		this.deadline = deadline;
	}

	LaneOperation<Q, A> operation() {
		return this.operation;
	}

	Q request() {
		return this.request;
	}

	/** Approximate bytes. */
	long size() {
		return this.size;
	}

	/** Whether nobody waits any longer, by <code>System.nanoTime()</code>. */
	boolean isLate(long now) {
		return now - this.deadline >= 0;
	}

	/** What to tell the caller when the database took the request and did not answer. */
	Throwable withoutAnswer() {
		return this.operation.isRead() ? Problems.busy("The database did not answer in time.")
				: Problems.outcomeUnknown();
	}

	void answer(Answer<A> answer) {
		if (answer.error() != null) {
			fail(answer.error());
			return;
		}
		this.committed.accept(answer.value());
		if (this.answered.compareAndSet(false, true)) {
			this.caller.success(answer.value());
		}
	}

	void fail(Throwable error) {
		if (this.answered.compareAndSet(false, true)) {
			this.caller.error(error);
		}
	}

}
