package dev.agentsessions.access.token;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import com.nimbusds.jose.jwk.JWK;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What callers wait for while the identity provider is in trouble.
 */
class KeySetTest {

	private static final List<JWK> NONE = List.of();

	private final AtomicInteger fetches = new AtomicInteger();

	private volatile Mono<String> provider = Mono.just("{\"keys\":[]}");

	@Test
	void whileTheProviderHangsOneFetchIsWaitedFor() {
		StepVerifier.withVirtualTime(() -> {
			KeySet keys = new KeySet(Mono.defer(() -> {
				this.fetches.incrementAndGet();
				return this.provider;
			}));
			return keys.keys()
				.doOnNext((known) -> this.provider = Mono.never())
				.concatWith(keys.keys().delaySubscription(Duration.ofSeconds(61)))
				.concatWith(keys.keys().delaySubscription(Duration.ofSeconds(6)))
				.concatWith(keys.keys().delaySubscription(Duration.ofSeconds(10)));
		})
			.expectNext(NONE)
			.thenAwait(Duration.ofSeconds(64))
			.expectNext(NONE)
			.thenAwait(Duration.ofSeconds(6))
			.expectNext(NONE)
			.thenAwait(Duration.ofSeconds(10))
			.expectNext(NONE)
			.expectComplete()
			.verify(Duration.ofSeconds(5));
		assertThat(this.fetches).hasValue(4);
	}

	@Test
	void longAfterAFetchThatFailedTheNextIsWaitedFor() {
		StepVerifier.withVirtualTime(() -> {
			KeySet keys = new KeySet(Mono.defer(() -> this.provider));
			return keys.keys()
				.doOnNext((known) -> this.provider = Mono.error(new IllegalStateException("away")))
				.concatWith(keys.keys()
					.delaySubscription(Duration.ofSeconds(61))
					.doOnNext((known) -> this.provider = Mono.just("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AQAB\"}]}")))
				.concatWith(keys.keys().delaySubscription(Duration.ofHours(8)));
		})
			.expectNext(NONE)
			.thenAwait(Duration.ofSeconds(61))
			.expectNext(NONE)
			.thenAwait(Duration.ofHours(8))
			.expectNextMatches((keys) -> keys.size() == 1)
			.expectComplete()
			.verify(Duration.ofSeconds(5));
	}

}
