package dev.agentsessions.search;

import java.time.Duration;
import java.util.function.Supplier;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.agentsessions.database.connect.DatabaseSettings;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.problem.Problems;
import reactor.core.publisher.Mono;
import reactor.pool.Pool;
import reactor.pool.PoolAcquirePendingLimitException;
import reactor.pool.PoolAcquireTimeoutException;
import reactor.pool.PoolBuilder;
import reactor.pool.PooledRef;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * How many searches are under way at once on this replica: as many as take half of the
 * connections of the pool, for others need some too; and one less of a tenant's, so that
 * another need not wait for them all. Those that are too many wait for a second.
 */
@Component
final class SearchPlaces {

	private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

	private static final int MOST_WAITING = 200;

	private final Pool<Boolean> all;

	/** What a tenant had that has not searched lately is forgotten. */
	private final LoadingCache<String, Pool<Boolean>> ofTenants;

	@Autowired
	SearchPlaces(DatabaseSettings database) {
		this(Math.max(1, database.poolSize() / 2));
	}

	SearchPlaces(int most) {
		this.all = places(most);
		this.ofTenants = Caffeine.newBuilder()
			.expireAfterAccess(Duration.ofMinutes(1))
			.executor(Runnable::run)
			.build((tenant) -> places(Math.max(1, most - 1)));
	}

	private static Pool<Boolean> places(int most) {
		return PoolBuilder.from(Mono.just(true)).sizeBetween(0, most).maxPendingAcquire(MOST_WAITING).buildPool();
	}

	/**
	 * A search as soon as there is a place for it. Errors: 429 if there is none of its
	 * tenant, 503 if there is none at all.
	 */
	<T> Mono<T> within(String tenant, Mono<T> search) {
		return Mono.defer(() -> within(this.ofTenants.get(tenant),
				within(this.all, search, () -> Problems.busy("Too many searches are under way.")),
				() -> Problems.tenantBusy("Too many searches of this tenant are under way.")));
	}

	private static <T> Mono<T> within(Pool<Boolean> places, Mono<T> search, Supplier<ProblemException> full) {
		return Mono.usingWhen(places.acquire(LONGEST_WAIT), (place) -> search, PooledRef::release)
			.onErrorMap((error) -> error instanceof PoolAcquireTimeoutException
					|| error instanceof PoolAcquirePendingLimitException, (none) -> full.get());
	}

}
