package dev.agentsessions.database;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.stream.Stream;

import dev.agentsessions.problem.ProblemException;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;
import reactor.util.context.Context;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which searches, and pieces of forks, have to wait for which.
 */
class PoolPlacesTest {

	private PoolPlaces places = new PoolPlaces(8, new Buckets(1));

	private final Queue<Sinks.Empty<Void>> underWay = new ArrayDeque<>();

	@Test
	void aTenantLeavesAPlaceToOthers() {
		begin("a", 3);
		assertFound("b");
		assertRefused("a", 429);
		endOne();
		assertFound("a");
	}

	@Test
	void allTogetherAreNoMoreThanThereArePlaces() {
		begin("a", 3);
		begin("b", 1);
		assertRefused("c", 503);
		endOne();
		assertFound("c");
	}

	/** A search may look into four of them at once. */
	@Test
	void withSeveralBucketsAPlaceIsForAsManyConnections() {
		this.places = new PoolPlaces(16, new Buckets(5));
		begin("a", 1);
		begin("b", 1);
		assertRefused("c", 503);
		endOne();
		assertFound("c");
		this.places = new PoolPlaces(3, new Buckets(5));
		assertFound("a");
	}

	@Test
	void whatHasBegunWaitsForAsLongAsItTakes() {
		begin("a", 3);
		StepVerifier.withVirtualTime(() -> this.places.goOn("a", Mono.just("found")))
			.thenAwait(Duration.ofHours(1))
			.then(this::endOne)
			.expectNext("found")
			.verifyComplete();
	}

	@Test
	void aCallerThatGoesAwayLeavesItsPlaceWhenTheWorkIsDone() {
		Stream.of(this.places.begin("a", work()), this.places.goOn("a", work())).forEach((work) -> {
			work.subscribe().dispose();
			begin("a", 2);
			assertRefused("a", 429);
			endOne();
			assertFound("a");
			endOne();
			endOne();
		});
	}

	@Test
	void workKnowsWhoseItIs() {
		StepVerifier
			.create(this.places.begin("a", Mono.deferContextual((context) -> Mono.just(context.get("name"))))
				.contextWrite(Context.of("name", "ann")))
			.expectNext("ann")
			.verifyComplete();
	}

	/** However many wait to begin. */
	@Test
	void whatHasBegunIsNeverTooMuch() {
		VirtualTimeScheduler.getOrSet();
		try {
			begin("a", 3);
			begin("a", 200);
			Disposable goesOn = this.places.goOn("a", work()).subscribe();
			StepVerifier.create(this.places.begin("a", work()))
				.verifyErrorSatisfies((error) -> assertThat(status(error)).isEqualTo(429));
			assertThat(goesOn.isDisposed()).isFalse();
		}
		finally {
			VirtualTimeScheduler.reset();
		}
	}

	private void begin(String tenant, int count) {
		for (int i = 0; i < count; i++) {
			this.places.begin(tenant, work()).subscribe();
		}
	}

	private Mono<Void> work() {
		Sinks.Empty<Void> end = Sinks.empty();
		return end.asMono().doOnSubscribe((begun) -> this.underWay.add(end));
	}

	private void endOne() {
		this.underWay.remove().tryEmitEmpty();
	}

	private void assertFound(String tenant) {
		StepVerifier.create(this.places.begin(tenant, Mono.just("found"))).expectNext("found").verifyComplete();
	}

	private void assertRefused(String tenant, int status) {
		StepVerifier.withVirtualTime(() -> this.places.begin(tenant, Mono.just("found")))
			.thenAwait(Duration.ofSeconds(1))
			.verifyErrorSatisfies((error) -> assertThat(status(error)).isEqualTo(status));
	}

	private static int status(Throwable error) {
		return ((ProblemException) error).problem().status();
	}

}
