package dev.agentsessions.database.lane;

import java.util.List;
import java.util.concurrent.CompletableFuture;

import dev.agentsessions.database.lane.operation.Answer;
import dev.agentsessions.database.lane.operation.LaneOperation;
import dev.agentsessions.problem.Problems;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Errors that nobody has thought of concern their own batch only.
 */
class LaneErrorsTest extends LaneFixture {

	@Test
	void anOperationThatCannotBeginFailsItsOwnRequestsOnly() {
		LaneOperation<String, String> broken = (connection, requests) -> {
			throw new IllegalStateException("a bug");
		};
		assertThat(send(broken, "a", LONG)).isCompletedExceptionally();
		CompletableFuture<String> b = send("b");
		this.operation.last().succeed();
		assertThat(b).isCompletedWithValue("b!");
	}

	@Test
	void anErrorThatReactorThrowsFailsItsOwnBatchOnly() {
		List<LaneOperation<String, String>> broken = List.of((connection, requests) -> {
			throw new NoClassDefFoundError("a bug");
		}, (connection, requests) -> Mono.defer(() -> {
			throw new NoClassDefFoundError("a bug");
		}));
		for (LaneOperation<String, String> each : broken) {
			assertUnavailable(send(each, "a", LONG), "outcome-unknown", "");
			assertThat(this.lane.isIdle()).isTrue();
			CompletableFuture<String> b = send("b");
			this.operation.last().succeed();
			assertThat(b).isCompletedWithValue("b!");
		}
		assertThat(this.connections.made).extracting((fake) -> fake.closed).containsExactly(true, true, false);
	}

	@Test
	void anErrorThatIsThrownOnAnotherThreadFailsItsOwnBatchInTime() {
		haste();
		this.connections.before = Mono.<Void>empty().subscribeOn(Schedulers.parallel());
		CompletableFuture<String> a = send((connection, requests) -> {
			throw new NoClassDefFoundError("a bug");
		}, "a", LONG);
		assertUnavailable(a, "outcome-unknown", "");
		await().until(this.lane::isIdle);
		this.connections.before = Mono.empty();
		CompletableFuture<String> b = send("b");
		this.operation.last().succeed();
		assertThat(b).isCompletedWithValue("b!");
	}

	@Test
	void aBatchThatCannotBeMadeUpFailsAloneToo() {
		this.operation.endsBatch = (request) -> {
			if (request.equals("b")) {
				throw new NoClassDefFoundError("a bug");
			}
			return false;
		};
		send("a");
		List<CompletableFuture<String>> waiting = send("b", "c");
		this.operation.last().succeed();
		assertUnavailable(waiting.get(0), "busy", "nothing was done");
		this.lane.wake();
		this.operation.last().succeed();
		assertThat(this.operation.batches()).containsExactly("a", "c");
		assertThat(waiting.get(1)).isCompletedWithValue("c!");
		assertThat(this.connections.made).hasSize(1).noneMatch((fake) -> fake.closed);
	}

	@Test
	void whatACallerMakesOfItsAnswerIsNoBusinessOfTheOthers() {
		send("x");
		caller(this.operation, "b", LONG).subscribe((answer) -> {
			throw new NoClassDefFoundError("a bug");
		});
		caller(this.operation, "bad", LONG).subscribe((answer) -> {
		}, (error) -> {
			throw new NoClassDefFoundError("a bug");
		});
		CompletableFuture<String> d = send("d");
		this.operation.last().succeed();
		this.operation.last().end(List.of(Answer.of("b!"), Answer.failed(Problems.notFound()), Answer.of("d!")));
		assertThat(d).isCompletedWithValue("d!");
		assertThat(this.lane.isIdle()).isTrue();
		assertThat(this.connections.made).hasSize(1).noneMatch((fake) -> fake.closed);
	}

	@Test
	void whatHearsOfABatchDisturbsNobody() {
		this.operation.done = (answers) -> {
			throw new NoClassDefFoundError("a bug");
		};
		List<CompletableFuture<String>> batch = batch("b", "c");
		this.operation.last().succeed();
		assertThat(batch).extracting(CompletableFuture::join).containsExactly("b!", "c!");
		assertThat(this.connections.made).hasSize(1).noneMatch((fake) -> fake.closed);
	}

}
