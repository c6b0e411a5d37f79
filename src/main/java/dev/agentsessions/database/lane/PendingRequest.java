package dev.agentsessions.database.lane;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;

import dev.agentsessions.database.lane.operation.Answer;
import dev.agentsessions.database.lane.operation.LaneOperation;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.problem.UnexpectedErrors;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.MonoSink;

/**
 * A request in a lane and whoever waits for it. It is answered once; what comes later is
 * dropped.
 */
final class PendingRequest<Q, A> {

	private final LaneOperation<Q, A> operation;

	private final Q request;

	private final @Nullable String tenant;

	private final @Nullable Object session;

	private final MonoSink<A> sink;

	private final Executor caller;

	private final long size;

	private final long since;

	private final long deadline;

	/** For the thread that takes from the queue. */
	private boolean queued = true;

	private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);

	/**
	 * Makes a request that waits.
	 * @param tenant whose turn it takes, null if it is nobody's
	 * @param session whose row the request locks, null if it locks none
	 * @param sink where the answer goes
	 * @param caller the thread that the caller wants its answer on
	 * @param since when it was made, by <code>System.nanoTime()</code>
	 * @param patience nanoseconds after which nobody waits any longer
	 */
	PendingRequest(LaneOperation<Q, A> operation, Q request, @Nullable String tenant, @Nullable Object session,
			MonoSink<A> sink, Executor caller, long since, long patience) {
		this.operation = operation;
		this.request = request;
		this.tenant = tenant;
		this.session = session;
		this.sink = sink;
		this.caller = caller;
		this.size = operation.size(request);
		this.since = since;
		this.deadline = since + patience;
	}

	LaneOperation<Q, A> operation() {
		return this.operation;
	}

	Q request() {
		return this.request;
	}

	@Nullable String tenant() {
		return this.tenant;
	}

	@Nullable Object session() {
		return this.session;
	}

	/** Whether nothing may come behind it in its batch. */
	boolean endsBatch() {
		return this.operation.endsBatch(this.request);
	}

	/** Whether it is still in the queue. For the thread that takes from there. */
	boolean isQueued() {
		return this.queued;
	}

	void leaveQueue() {
		this.queued = false;
	}

	/** Approximate bytes of what it brings, or of what it reads. */
	long size() {
		return this.size;
	}

	/** Approximate bytes that it holds while it waits. */
	long bytesWaiting() {
		return this.operation.isRead() ? 0 : this.size;
	}

	/** Whether nobody waits any longer, by <code>System.nanoTime()</code>. */
	boolean isLate(long now) {
		return now - this.deadline >= 0;
	}

	/** For how many nanoseconds it has been here. */
	long age(long now) {
		return now - this.since;
	}

	/**
	 * Has to come before the database is asked to do it.
	 * @return whether it may be done: whoever was told that it was not done can rely on
	 * that
	 */
	boolean begin(long now) {
		if (isLate(now)) {
			giveUp();
		}
		return this.state.compareAndSet(State.WAITING, State.RUNNING);
	}

	/** The database has proven that nothing was done. */
	void undone() {
		this.state.compareAndSet(State.RUNNING, State.WAITING);
	}

	/** Tells the caller what is known without an answer. */
	void giveUp() {
		State last = this.state.getAndSet(State.ANSWERED);
		if (last == State.WAITING) {
			tell(Problems.busy("The database did not get to this request in time; nothing was done."));
		}
		else if (last == State.RUNNING) {
			tell(this.operation.isRead() ? Problems.busy("The database did not answer in time.")
					: Problems.outcomeUnknown());
		}
	}

	/**
	 * Answers each caller on its own event loop, where its connection is and which has a
	 * core of its own: one task for all callers of a loop. Never fails: what one caller
	 * makes of its answer is no business of the others.
	 */
	static <Q, A> void answer(List<PendingRequest<Q, A>> requests, List<Answer<A>> answers) {
		Map<Executor, List<Runnable>> callers = new IdentityHashMap<>();
		for (int i = 0; i < requests.size(); i++) {
			PendingRequest<Q, A> request = requests.get(i);
			Answer<A> answer = answers.get(i);
			callers.computeIfAbsent(request.caller, (loop) -> new ArrayList<>()).add(() -> request.answer(answer));
		}
		callers.forEach((loop, answering) -> {
			Runnable all = () -> answering.forEach(Runnable::run);
			try {
				loop.execute(all);
			}
			catch (RejectedExecutionException ex) {
				// the loop has ended, and with it whoever would take the answers
				all.run();
			}
		});
	}

	private void answer(Answer<A> answer) {
		if (answer.error() != null) {
			fail(answer.error());
		}
		else if (this.state.getAndSet(State.ANSWERED) != State.ANSWERED) {
			try {
				this.sink.success(answer.value());
			}
			catch (Throwable ex) {
				UnexpectedErrors.report("what a caller makes of its answer", ex);
			}
		}
	}

	/** Never fails. */
	void fail(Throwable error) {
		if (this.state.getAndSet(State.ANSWERED) != State.ANSWERED) {
			tell(error);
		}
	}

	private void tell(Throwable error) {
		try {
			this.sink.error(error);
		}
		catch (Throwable ex) {
			UnexpectedErrors.report("what a caller makes of an error", ex);
		}
	}

	private enum State {

		/** Nothing was done for it. */
		WAITING,

		/** The database may be at it. */
		RUNNING,

		ANSWERED

	}

}
