package dev.agentsessions.message.log;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One value is read ahead, and no more.
 */
class ReadAheadTest {

	private final List<Integer> read = new ArrayList<>();

	@Test
	void oneIsReadWhileTheOneBeforeItIsUsed() {
		StepVerifier.create(upTo(5), 0)
			.then(() -> assertThat(this.read).isEmpty())
			.thenRequest(1)
			.expectNext(1)
			.then(() -> assertThat(this.read).containsExactly(2))
			.thenRequest(1)
			.expectNext(2)
			.then(() -> assertThat(this.read).containsExactly(2, 3))
			.thenRequest(Long.MAX_VALUE)
			.expectNext(3, 4, 5)
			.verifyComplete();
		assertThat(this.read).containsExactly(2, 3, 4, 5);
	}

	@Test
	void eachSubscriberReadsForItself() {
		Flux<Integer> values = upTo(2);
		assertThat(values.collectList().block()).containsExactly(1, 2);
		assertThat(values.collectList().block()).containsExactly(1, 2);
		assertThat(this.read).containsExactly(2, 2);
	}

	@Test
	void anErrorComesInItsPlace() {
		Flux<Integer> values = ReadAhead.from(1,
				(value) -> (value < 3) ? Mono.just(value + 1) : Mono.error(new IllegalStateException("no more")));
		StepVerifier.create(values, 3).expectNext(1, 2, 3).thenRequest(1).verifyErrorMessage("no more");
	}

	@Test
	void aLongSequenceNeedsNoDeepStack() {
		StepVerifier.create(upTo(100_000)).expectNextCount(100_000).verifyComplete();
	}

	private Flux<Integer> upTo(int last) {
		return ReadAhead.from(1, (value) -> (value == last) ? Mono.empty() : Mono.fromSupplier(() -> {
			this.read.add(value + 1);
			return value + 1;
		}));
	}

}
