package dev.agentsessions.database;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
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

	private final MonoSink<A> sink;

	private final Executor caller;

	private final Consumer<@Nullable A> committed;

	private final long size;

	private final long since;

	private final long deadline;

	private final AtomicBoolean answered = new AtomicBoolean();

	/**
	 * Makes a call.
	 * @param sink where the answer goes
	 * @param caller the thread that the caller wants its answer on
	 * @param committed hears of the answer once it is committed, whether or not anybody
	 * still waits for it
	 * @param since when it was made, by <code>System.nanoTime()</code>
	 * @param patience nanoseconds after which nobody waits any longer
	 */
	Call(LaneOperation<Q, A> operation, Q request, MonoSink<A> sink, Executor caller, Consumer<@Nullable A> committed,
			long since, long patience) {
		this.operation = operation;
		this.request = request;
		this.sink = sink;
		this.caller = caller;
		this.committed = committed;
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

	/** Approximate bytes. */
	long size() {
		return this.size;
	}

	/** Whether nobody waits any longer, by <code>System.nanoTime()</code>. */
	boolean isLate(long now) {
		return now - this.deadline >= 0;
	}

	/** For how many nanoseconds it has been here. */
	long age(long now) {
		return now - this.since;
	}

	/** What to tell the caller when the database took the request and did not answer. */
	Throwable withoutAnswer() {
		return this.operation.isRead() ? Problems.busy("The database did not answer in time.")
				: Problems.outcomeUnknown();
	}

	/** Tells of an answer that is committed; comes before it is given to the caller. */
	private void committed(Answer<A> answer) {
		if (answer.error() == null) {
			this.committed.accept(answer.value());
		}
	}

	/**
	 * Answers each caller on its own event loop, where its connection is and which has a
	 * core of its own: one task for all callers of a loop.
	 */
	static <Q, A> void answer(List<Call<Q, A>> calls, List<Answer<A>> answers) {
		Map<Executor, List<Runnable>> callers = new IdentityHashMap<>();
		for (int i = 0; i < calls.size(); i++) {
			Call<Q, A> call = calls.get(i);
			Answer<A> answer = answers.get(i);
			call.committed(answer);
			callers.computeIfAbsent(call.caller, (loop) -> new ArrayList<>()).add(() -> call.answer(answer));
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
		else if (this.answered.compareAndSet(false, true)) {
			this.sink.success(answer.value());
		}
	}

	void fail(Throwable error) {
		if (this.answered.compareAndSet(false, true)) {
			this.sink.error(error);
		}
	}

}
