package dev.agentsessions.retention;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import dev.agentsessions.database.Buckets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

import static org.assertj.core.api.Assertions.assertThat;

class RetentionTest {

	private static final Duration PAUSE = Duration.ofMillis(30);

	/** While sessions become idle faster than they are looked at. */
	@Test
	void aCleanUpLooksBehindFullPiecesOnlyAndPausesBefore() {
		BusyRepository repository = new BusyRepository(3);
		Retention retention = new Retention(repository, new Buckets(1),
				new RetentionPace(5, PAUSE, Duration.ofDays(1)));
		retention.cleanUp(null, Duration.ofHours(1), () -> false).blockLast(Duration.ofSeconds(10));
		assertThat(repository.looks).hasSize(4);
		for (int n = 1; n < 4; n++) {
			assertThat(repository.looks.get(n) - repository.looks.get(n - 1)).isGreaterThanOrEqualTo(PAUSE.toNanos());
		}
	}

	/** For all that is idle is looked at, whoever's it is. */
	@Test
	void whatHasExpiredLeavesThoughThereIsNoTimeForWhatIsIdle() {
		BusyRepository repository = new BusyRepository(Integer.MAX_VALUE);
		Retention retention = new Retention(repository, new Buckets(2), new RetentionPace());
		retention.softDelete("tenant", Duration.ofHours(1), () -> !repository.looks.isEmpty())
			.blockLast(Duration.ofSeconds(10));
		assertThat(repository.expired).containsExactlyInAnyOrder(0, 1);
		assertThat(repository.looks).hasSize(1);
	}

	@Test
	void whoHasTimeForOneBucketOnlyGetsToAllOfThem() {
		BusyRepository repository = new BusyRepository(0);
		Retention retention = new Retention(repository, new Buckets(4), new RetentionPace());
		for (int n = 1; n <= 500; n++) {
			int times = n;
			retention.expire("tenant", () -> repository.expired.size() == times).blockLast(Duration.ofSeconds(10));
		}
		assertThat(repository.expired).hasSize(500).contains(0, 1, 2, 3);
	}

	/** Never without a piece of idle sessions, all of which others have locked. */
	private static final class BusyRepository extends RetentionRepository {

		private final int full;

		private final List<Long> looks = new ArrayList<>();

		/** The buckets in which expired sessions were looked for. */
		private final List<Integer> expired = new ArrayList<>();

		BusyRepository(int full) {
			super(null, null, null, null);
			this.full = full;
		}

		@Override
		Mono<IdlePiece> idlePiece(int bucket, Duration maxIdle, Instant since) {
			this.looks.add(System.nanoTime());
			return Mono.just(new IdlePiece(since, since, this.looks.size() <= this.full));
		}

		@Override
		Mono<List<Departure>> deleteIdle(int bucket, @Nullable String tenant, Duration maxIdle, Instant since,
				Instant through, int most) {
			return Mono.just(List.of());
		}

		@Override
		Mono<List<Departure>> deleteInactive(int bucket, @Nullable String tenant, Duration maxIdle, Instant since,
				int most) {
			return Mono.just(List.of());
		}

		@Override
		Mono<List<Departure>> deleteExpired(int bucket, @Nullable String tenant, Instant since, int most) {
			this.expired.add(bucket);
			return Mono.just(List.of());
		}

	}

}
