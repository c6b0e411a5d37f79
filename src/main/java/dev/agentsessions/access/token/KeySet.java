package dev.agentsessions.access.token;

import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The public keys of the identity provider, fetched when a token needs them and at most
 * once a minute. An unknown key in a token is no reason to fetch them: else anybody could
 * make the service call the provider as often as it is called itself. While the provider
 * is away the last keys stay.
 */
public final class KeySet {

	private static final Logger log = LoggerFactory.getLogger(KeySet.class);

	private static final Duration FRESH = Duration.ofMinutes(1);

	private static final Duration RETRY = Duration.ofSeconds(5);

	/** For discovery and keys together. */
	private static final Duration TIMEOUT = Duration.ofSeconds(3);

	/**
	 * While tokens come, the next try has ended by then; else the last keys may be of any
	 * age.
	 */
	private static final Duration FAILING = RETRY.multipliedBy(2);

	private final Mono<Fetched> current;

	private volatile @Nullable Fetched last;

	/** In milliseconds, as {@link #now} tells them. */
	private volatile long failingUntil;

	/**
	 * Nothing is fetched yet.
	 * @param fetch the key set as JSON (RFC 7517); subscribed to for each fetch
	 */
	public KeySet(Mono<String> fetch) {
		this.current = fetch.map(KeySet::parse).timeout(TIMEOUT).doOnNext((fetched) -> {
			this.last = fetched;
			this.failingUntil = 0;
		})
			.onErrorResume(this::lastOr)
			.cache((fetched) -> fetched.fresh() ? FRESH : RETRY, (error) -> RETRY, () -> RETRY);
	}

	/**
	 * All keys. Errors: whatever the fetch failed with, if none ever succeeded. Soon
	 * after one that failed nobody waits for the next: the provider may hang.
	 */
	Mono<List<JWK>> keys() {
		return Mono.defer(() -> {
			Fetched known = this.last;
			if (known == null || now() >= this.failingUntil) {
				return this.current.map(Fetched::keys);
			}
			this.current.subscribe();
			return Mono.just(known.keys());
		});
	}

	private Mono<Fetched> lastOr(Throwable error) {
		log.warn("The keys of the identity provider can't be fetched: {}", error.toString());
		this.failingUntil = now() + FAILING.toMillis();
		Fetched known = this.last;
		return (known != null) ? Mono.just(new Fetched(known.keys(), false)) : Mono.error(error);
	}

	private static long now() {
		return Schedulers.parallel().now(TimeUnit.MILLISECONDS);
	}

	private static Fetched parse(String json) {
		try {
			return new Fetched(List.copyOf(JWKSet.parse(json).getKeys()), true);
		}
		catch (ParseException ex) {
			throw new IllegalStateException("no key set");
		}
	}

	private record Fetched(List<JWK> keys, boolean fresh) {
	}

}
