package dev.agentsessions.database.lane;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import dev.agentsessions.database.lane.operation.Answer;
import io.r2dbc.spi.R2dbcNonTransientResourceException;
import io.r2dbc.spi.R2dbcRollbackException;
import io.r2dbc.spi.R2dbcTransientResourceException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What is known of a batch whose connection or server is lost.
 */
class LaneLossesTest extends LaneFixture {

	@Test
	void noneIsRunAgainAfterALostConnectionAndTheNextRequestHasANewOne() {
		List<CompletableFuture<String>> batch = batch("b", "c");
		CompletableFuture<String> next = send("d");
		this.operation.last().fail(new R2dbcNonTransientResourceException("connection reset"));
		assertThat(batch).allSatisfy((call) -> assertUnavailable(call, "outcome-unknown", "may or may not"));
		assertThat(this.operation.batches()).containsExactly("x", "b,c", "d");
		assertThat(this.connections.made).extracting((fake) -> fake.closed).containsExactly(true, false);
		assertThat(this.operation.last().connection().connection()).isSameAs(this.connections.made.get(1).connection);
		this.operation.last().succeed();
		assertThat(next).isCompletedWithValue("d!");
	}

	@Test
	void aConnectionThatIsLostBeforeTheCommitWasAskedForHasDoneNothingAndAnotherOneIsTried() {
		this.operation.atomic = true;
		List<CompletableFuture<String>> batch = batch("b", "c");
		this.operation.last().fail(new R2dbcNonTransientResourceException("connection reset"));
		await().untilAsserted(() -> assertThat(this.operation.batches()).containsExactly("x", "b,c", "b,c"));
		assertThat(this.connections.made).extracting((fake) -> fake.closed).containsExactly(true, false);
		this.operation.last().succeed();
		assertThat(batch).extracting(CompletableFuture::join).containsExactly("b!", "c!");
	}

	@Test
	void aConnectionThatIsLostBeforeABatchIsSentHasDoneNothingOfItWhateverItDidBefore() {
		CompletableFuture<String> locked = send("s:a");
		this.operation.last().fail(refusal("55P03"));
		assertUnavailable(locked, "busy", "nothing was done");
		CompletableFuture<String> before = send("b");
		this.operation.last().succeed();
		assertThat(before).isCompletedWithValue("b!");
		// the session that was locked is not waited for as long, which the server is told
		this.connections.statement = Flux.defer(() -> {
			this.connections.statement = Flux.empty();
			return Flux.error(new R2dbcNonTransientResourceException("connection reset"));
		});
		CompletableFuture<String> next = send("s:c");
		await().untilAsserted(() -> assertThat(this.operation.batches()).containsExactly("s:a", "b", "s:c"));
		this.operation.last().succeed();
		assertThat(next).isCompletedWithValue("s:c!");
		assertThat(this.connections.made).extracting((fake) -> fake.closed).containsExactly(true, false);
	}

	@Test
	void aConnectionThatIsLostAgainAndAgainBeforeTheCommitIsGivenUpAndNothingWasDone() {
		this.operation.atomic = true;
		CompletableFuture<String> a = send("a");
		int lost = 0;
		while (!a.isDone()) {
			if (this.operation.runs.size() > lost) {
				lost = this.operation.runs.size();
				this.operation.last().fail(new R2dbcNonTransientResourceException("connection reset"));
			}
			Thread.onSpinWait();
		}
		assertUnavailable(a, "busy", "nothing was done");
		assertThat(this.operation.runs).hasSizeBetween(2, 10);
	}

	@Test
	void aConnectionThatIsLostAfterTheCommitWasAskedForLeavesTheOutcomeUnknown() {
		this.operation.atomic = true;
		List<CompletableFuture<String>> batch = batch("b", "c");
		this.connections.commit = Mono.error(new R2dbcNonTransientResourceException("connection reset"));
		this.operation.last().succeed();
		assertThat(batch).allSatisfy((call) -> assertUnavailable(call, "outcome-unknown", "may or may not"));
		assertThat(this.operation.batches()).containsExactly("x", "b,c");
		assertThat(this.connections.made).hasSize(1).allMatch((fake) -> fake.closed);
	}

	@Test
	void aCommitThatIsAnsweredWithRollbackIsRunAgain() {
		this.operation.atomic = true;
		List<CompletableFuture<String>> batch = batch("b", "c");
		this.connections.commit = Mono.error(new R2dbcRollbackException("The database returned ROLLBACK", "40000"));
		this.operation.last().succeed();
		assertThat(batch).noneMatch(CompletableFuture::isDone);
		this.connections.commit = Mono.empty();
		succeedUntilIdle();
		assertThat(batch).extracting(CompletableFuture::join).containsExactly("b!", "c!");
	}

	@Test
	void aRefusalIsRolledBack() {
		this.operation.atomic = true;
		CompletableFuture<String> a = send("a");
		this.operation.last().fail(refusal("23514"));
		assertThat(a).isCompletedExceptionally();
		assertThat(this.connections.made).hasSize(1).allMatch((fake) -> fake.rolledBack && !fake.closed);
	}

	@ParameterizedTest
	@ValueSource(strings = { "08006", "57P01", "57P02", "58030", "XX000", "53200" })
	void aServerThatFailsLeavesTheOutcomeUnknown(String state) {
		List<CompletableFuture<String>> batch = batch("b", "c");
		this.operation.last().fail(refusal(state));
		assertThat(batch).allSatisfy((call) -> assertUnavailable(call, "outcome-unknown", ""));
		assertThat(this.operation.runs).hasSize(2);
		assertThat(this.connections.made).hasSize(1).allMatch((fake) -> fake.closed);
	}

	@Test
	void aRunThatTakesTooLongLeavesTheOutcomeUnknown() {
		haste();
		CompletableFuture<String> a = send("a");
		assertUnavailable(a, "outcome-unknown", "");
		await().until(this.lane::isIdle);
		assertThat(this.operation.batches()).containsExactly("x", "a");
		assertThat(this.connections.made).hasSize(2).last().matches((fake) -> fake.closed);
		CompletableFuture<String> b = send("b");
		assertThat(this.connections.made).hasSize(3);
		this.operation.last().succeed();
		assertThat(b).isCompletedWithValue("b!");
	}

	@Test
	void aDatabaseThatTakesNoWritesIsLeftForAnotherAndAtLastToldOf() {
		CompletableFuture<String> a = send("a");
		for (int run = 1; run <= 5; run++) {
			int runs = run;
			await().pollDelay(Duration.ZERO)
				.pollInterval(Duration.ofMillis(1))
				.until(() -> this.operation.runs.size() == runs);
			this.operation.last().fail(refusal("25006"));
		}
		assertUnavailable(a, "busy", "takes no writes");
		assertThat(this.connections.made).hasSize(5).allMatch((fake) -> fake.closed);
	}

	@Test
	void aReadWithoutAnAnswerIsMadeAgain() {
		this.operation.read = true;
		CompletableFuture<String> a = send("a");
		this.operation.last().fail(new R2dbcNonTransientResourceException("connection reset"));
		await().untilAsserted(() -> assertThat(this.operation.batches()).containsExactly("a", "a"));
		this.operation.last().succeed();
		assertThat(a).isCompletedWithValue("a!");
	}

	@Test
	void aReadOfWhichNothingCanBeMadeHereFailsAlone() {
		this.operation.read = true;
		List<CompletableFuture<String>> batch = batch("b", "c");
		IllegalStateException bug = new IllegalStateException("a bug");
		this.operation.last().fail(bug);
		this.operation.last().fail(bug);
		this.operation.last().succeed();
		assertThat(this.operation.batches()).containsExactly("x", "b,c", "b", "c");
		assertThat(batch.get(0)).failsWithin(Duration.ZERO).withThrowableThat().havingCause().isSameAs(bug);
		assertThat(batch.get(1)).isCompletedWithValue("c!");
	}

	@Test
	void anUnexpectedErrorLeavesTheOutcomeUnknown() {
		CompletableFuture<String> a = send("a");
		this.operation.last().fail(new IllegalStateException("a bug"));
		assertUnavailable(a, "outcome-unknown", "");
		assertThat(this.connections.made).hasSize(1).allMatch((fake) -> fake.closed);
	}

	@Test
	void tooFewAnswersLeaveTheOutcomeUnknown() {
		List<CompletableFuture<String>> batch = batch("b", "c");
		this.operation.last().end(List.of(Answer.of("1")));
		assertThat(batch).allMatch(CompletableFuture::isDone);
		assertUnavailable(batch.get(1), "outcome-unknown", "");
		assertThat(this.lane.isIdle()).isTrue();
	}

	@Test
	void noAnswerAtAllLeavesTheOutcomeUnknown() {
		List<CompletableFuture<String>> batch = batch("b", "c");
		this.operation.last().end().tryEmitEmpty().orThrow();
		assertThat(batch).allSatisfy((call) -> assertUnavailable(call, "outcome-unknown", ""));
		assertThat(this.connections.made).hasSize(1).allMatch((fake) -> fake.closed);
	}

	@Test
	void aConnectionThatIsLostWhileHalvesRunAloneConcernsThatHalfOnly() {
		List<CompletableFuture<String>> batch = batch("b", "c");
		this.operation.last().fail(refusal("23514"));
		this.operation.last().fail(new R2dbcTransientResourceException("gone"));
		this.operation.last().succeed();
		assertThat(this.operation.batches()).containsExactly("x", "b,c", "b", "c");
		assertUnavailable(batch.get(0), "outcome-unknown", "");
		assertThat(batch.get(1)).isCompletedWithValue("c!");
		assertThat(this.connections.made).hasSize(2);
	}

	@Test
	void aConnectionThatWasClosedMeanwhileIsReplacedBeforeTheNextRun() {
		send("a");
		this.operation.last().succeed();
		this.connections.made.get(0).open = false;
		CompletableFuture<String> b = send("b");
		assertThat(this.connections.made).hasSize(2);
		this.operation.last().succeed();
		assertThat(b).isCompletedWithValue("b!");
	}

	@Test
	void withoutAConnectionNothingIsDone() {
		this.connections.before = Mono.error(new R2dbcNonTransientResourceException("refused"));
		assertUnavailable(send("a"), "busy", "can't be reached; nothing was done");
		assertThat(this.operation.runs).isEmpty();
		assertThat(this.lane.isIdle()).isTrue();
		this.connections.before = Mono.empty();
		CompletableFuture<String> b = send("b");
		this.operation.last().succeed();
		assertThat(b).isCompletedWithValue("b!");
	}

}
