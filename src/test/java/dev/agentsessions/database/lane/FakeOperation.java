package dev.agentsessions.database.lane;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;

import dev.agentsessions.database.lane.operation.Answer;
import dev.agentsessions.database.lane.operation.LaneConnection;
import dev.agentsessions.database.lane.operation.LaneOperation;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * An operation that runs until its test ends it. Requests are texts, as large as they are
 * long; the answer to <code>a</code> is <code>a!</code>.
 */
final class FakeOperation implements LaneOperation<String, String> {

	/** Everything that was run, in order. */
	final List<Run> runs = new CopyOnWriteArrayList<>();

	Predicate<String> endsBatch = (request) -> false;

	/** Hears of each run. */
	Runnable begins = () -> {
	};

	/** Hears of what was done. */
	Consumer<List<Answer<String>>> done = (answers) -> {
	};

	boolean read;

	boolean heavy;

	/** Whether it runs in a transaction. */
	boolean atomic;

	/** Whether what is run from now on succeeds by itself. */
	volatile boolean endsAtOnce;

	@Override
	public Mono<List<Answer<String>>> run(LaneConnection connection, List<String> requests) {
		return this.atomic
				? connection.atomically(() -> begin(connection, requests), (answers) -> List.of(Mono.empty()))
				: begin(connection, requests);
	}

	private Mono<List<Answer<String>>> begin(LaneConnection connection, List<String> requests) {
		return Mono.defer(() -> {
			Run run = new Run(connection, List.copyOf(requests), Sinks.one());
			this.runs.add(run);
			this.begins.run();
			if (this.endsAtOnce) {
				run.succeed();
			}
			return run.end.asMono();
		});
	}

	@Override
	public boolean isRead() {
		return this.read;
	}

	@Override
	public boolean isHeavy() {
		return this.heavy;
	}

	@Override
	public long size(String request) {
		return request.length();
	}

	@Override
	public boolean endsBatch(String request) {
		return this.endsBatch.test(request);
	}

	@Override
	public void done(List<String> requests, List<Answer<String>> answers) {
		this.done.accept(answers);
	}

	/** What was run, as <code>a,b</code>. */
	List<String> batches() {
		return this.runs.stream().map((run) -> String.join(",", run.requests)).toList();
	}

	Run last() {
		return this.runs.get(this.runs.size() - 1);
	}

	/** One run of one batch. */
	record Run(LaneConnection connection, List<String> requests, Sinks.One<List<Answer<String>>> end) {

		void succeed() {
			end(answers());
		}

		private List<Answer<String>> answers() {
			return this.requests.stream().map((request) -> Answer.of(request + "!")).toList();
		}

		/** Unless it has ended. */
		void trySucceed() {
			this.end.tryEmitValue(answers());
		}

		void end(List<Answer<String>> answers) {
			this.end.tryEmitValue(answers).orThrow();
		}

		void fail(Throwable error) {
			this.end.tryEmitError(error).orThrow();
		}

	}

}
