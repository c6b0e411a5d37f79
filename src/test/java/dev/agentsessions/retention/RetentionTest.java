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

	/** Never without a piece of idle sessions, all of which others have locked. */
	private static final class BusyRepository extends RetentionRepository {

		private final int full;

		private final List<Long> looks = new ArrayList<>();

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

	}

}
