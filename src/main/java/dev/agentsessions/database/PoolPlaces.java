package dev.agentsessions.database;

import java.time.Duration;
import java.util.function.Supplier;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.problem.Problems;
import reactor.core.publisher.Mono;
import reactor.pool.InstrumentedPool;
import reactor.pool.PoolAcquireTimeoutException;
import reactor.pool.PoolBuilder;
import reactor.pool.PooledRef;

/**
 * Places for what holds a connection of the pool for long, a search or a piece of a fork.
 * Together they hold half of the connections at most, for others need some too: with
 * several buckets a place is for a few connections, as many as a search takes at once. Of
 * several there is one less for each tenant, so that another need not wait for them all.
 * Who waits longest is next. A caller that goes away leaves its place when the work is
 * done, for statements go on, too.
 */
public final class PoolPlaces {

	private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

	private static final int MOST_WAITING = 200;

	private final InstrumentedPool<Boolean> all;

	/** What a tenant had that has taken none lately is forgotten. */
	private final LoadingCache<String, InstrumentedPool<Boolean>> ofTenants;

	/**
	 * The places of this replica.
	 * @param connections of the pool
	 */
	public PoolPlaces(int connections, Buckets buckets) {
		int most = Math.max(1, connections / 2 / Math.min(DatabaseCalls.IN_PARALLEL, buckets.count()));
		this.all = places(most);
		this.ofTenants = Caffeine.newBuilder()
			.expireAfterAccess(Duration.ofMinutes(1))
			.executor(Runnable::run)
			.build((tenant) -> places(Math.max(1, most - 1)));
	}

	private static InstrumentedPool<Boolean> places(int most) {
		return PoolBuilder.from(Mono.just(true)).sizeBetween(0, most).buildPool();
	}

	/**
	 * What begins, once there is a place for it. Errors: 429 if there is none of its
	 * tenant for a second, 503 if there is none at all.
	 */
	public <T> Mono<T> begin(String tenant, Mono<T> work) {
		return Mono.defer(() -> toItsEnd(
				soon(this.ofTenants.get(tenant),
						() -> Problems.tenantBusy("Too many searches and forks of this tenant are under way.")),
				toItsEnd(soon(this.all, () -> Problems.busy("Too many searches and forks are under way.")), work)));
	}

	/**
	 * What goes on with something that has begun, once there is a place for it, however
	 * long that takes.
	 */
	public <T> Mono<T> goOn(String tenant, Mono<T> work) {
		return Mono.defer(() -> toItsEnd(this.ofTenants.get(tenant).acquire(), toItsEnd(this.all.acquire(), work)));
	}

	private static Mono<PooledRef<Boolean>> soon(InstrumentedPool<Boolean> places, Supplier<ProblemException> full) {
		return Mono.defer(() -> (places.metrics().pendingAcquireSize() < MOST_WAITING) ? places.acquire(LONGEST_WAIT)
				: Mono.error(full.get()))
			.onErrorMap(PoolAcquireTimeoutException.class, (none) -> full.get());
	}

	private static <T> Mono<T> toItsEnd(Mono<PooledRef<Boolean>> place, Mono<T> work) {
		return place.flatMap((taken) -> Mono.deferContextual((context) -> {
			Mono<T> there = Mono.usingWhen(Mono.just(taken), (same) -> work, PooledRef::release).contextWrite(context);
			return Mono.fromFuture(there::toFuture, true);
		}));
	}

}
