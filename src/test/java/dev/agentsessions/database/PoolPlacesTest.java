package dev.agentsessions.database;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import dev.agentsessions.problem.ProblemException;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which searches, and pieces of forks, have to wait for which.
 */
class PoolPlacesTest {

	private final PoolPlaces places = new PoolPlaces(8);

	@Test
	void aTenantLeavesAPlaceToOthers() {
		List<Disposable> searches = begin("a", 3);
		assertFound("b");
		assertRefused("a", 429);
		searches.get(0).dispose();
		assertFound("a");
	}

	@Test
	void allTogetherAreNoMoreThanThereArePlaces() {
		begin("a", 3);
		List<Disposable> others = begin("b", 1);
		assertRefused("c", 503);
		others.get(0).dispose();
		assertFound("c");
	}

	@Test
	void whatHasBegunWaitsForAsLongAsItTakes() {
		List<Disposable> begun = begin("a", 3);
		StepVerifier.withVirtualTime(() -> this.places.goOn("a", Mono.just("found")))
			.thenAwait(Duration.ofHours(1))
			.then(() -> begun.get(0).dispose())
			.expectNext("found")
			.verifyComplete();
	}

	@Test
	void whatGoesOnKeepsItsPlaceUntilItIsDone() {
		Sinks.Empty<Void> done = Sinks.empty();
		begin("a", 2);
		this.places.goOn("a", done.asMono()).subscribe().dispose();
		assertRefused("a", 429);
		done.tryEmitEmpty();
		assertFound("a");
	}

	/** However many wait to begin. */
	@Test
	void whatHasBegunIsNeverTooMuch() {
		begin("a", 3);
		begin("a", 200);
		Disposable goesOn = this.places.goOn("a", Mono.never()).subscribe();
		assertRefused("a", 429);
		assertThat(goesOn.isDisposed()).isFalse();
	}

	private List<Disposable> begin(String tenant, int count) {
		return Stream.generate(() -> this.places.begin(tenant, Mono.never()).subscribe()).limit(count).toList();
	}

	private void assertFound(String tenant) {
		StepVerifier.create(this.places.begin(tenant, Mono.just("found"))).expectNext("found").verifyComplete();
	}

	private void assertRefused(String tenant, int status) {
		StepVerifier.withVirtualTime(() -> this.places.begin(tenant, Mono.just("found")))
			.thenAwait(Duration.ofSeconds(1))
			.verifyErrorSatisfies(
					(error) -> assertThat(((ProblemException) error).problem().status()).isEqualTo(status));
	}

}
