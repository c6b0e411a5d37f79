package dev.agentsessions.retention.removal;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

import dev.agentsessions.database.Buckets;
import dev.agentsessions.retention.RetentionMetrics;
import dev.agentsessions.retention.RetentionPace;
import dev.agentsessions.retention.Tally;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

import static org.assertj.core.api.Assertions.assertThat;

class RemovalTest {

	private final SteppingClock clock = new SteppingClock();

	@Test
	void aSweepThatFindsMoreAndMoreEndsAfterAMinuteAndTheNextBeginsAtTheFirst() {
		List<String> asked = new ArrayList<>();
		Removal removal = removal(new Repository() {

			@Override
			Mono<List<PurgedSession>> find(int bucket, String after, int limit) {
				asked.add(after);
				RemovalTest.this.clock.now = RemovalTest.this.clock.now.plusSeconds(25);
				return Mono
					.just((asked.size() < 10) ? List.of(new PurgedSession(asked.size(), after + "1", 1)) : List.of());
			}

		});
		assertThat(sweep(removal)).isEqualTo(3);
		assertThat(sweep(removal)).isEqualTo(3);
		assertThat(asked).containsExactly("", "1", "11", "", "1", "11");
	}

	/** What takes long makes what is behind it too large for one statement. */
	@Test
	void noneIsPassedOverWhenPiecesBecomeSmaller() {
		List<List<Long>> whole = new ArrayList<>();
		Removal removal = removal(new Repository() {

			@Override
			Mono<List<PurgedSession>> find(int bucket, String after, int limit) {
				return Mono.just(after.isEmpty() ? List.of(new PurgedSession(1, "1", 90), new PurgedSession(2, "2", 60),
						new PurgedSession(3, "3", 30)) : List.of());
			}

			@Override
			Mono<Tally> removeWhole(List<Long> sessions) {
				whole.add(sessions);
				return super.removeWhole(sessions).delayElement(Duration.ofMillis(60));
			}

		});
		assertThat(sweep(removal)).isEqualTo(3);
		assertThat(whole).containsExactly(List.of(1L), List.of(3L));
	}

	private Removal removal(RemovalRepository repository) {
		return new Removal(repository, new Buckets(1), new RetentionPace(100, Duration.ZERO, Duration.ofDays(1)),
				new RetentionMetrics(new SimpleMeterRegistry(), this.clock), this.clock);
	}

	private static long sweep(Removal removal) {
		return removal.sweep(() -> false).map(Tally::sessions).block(Duration.ofSeconds(10));
	}

	/** Removes whatever it is told to. */
	private static class Repository extends RemovalRepository {

		Repository() {
			super(null, null);
		}

		@Override
		List<SessionPart> partsBesideMessages() {
			return List.of();
		}

		@Override
		Mono<Object> findPiece(SessionPart part, long session, Object from, int size) {
			return Mono.empty();
		}

		@Override
		Mono<Tally> removeWhole(List<Long> sessions) {
			return Mono.just(new Tally(sessions.size(), 0));
		}

		@Override
		Mono<Long> removeEmptied(long session) {
			return Mono.just(1L);
		}

	}

	private static final class SteppingClock extends Clock {

		private Instant now = Instant.EPOCH;

		@Override
		public Instant instant() {
			return this.now;
		}

		@Override
		public ZoneId getZone() {
			return ZoneOffset.UTC;
		}

		@Override
		public Clock withZone(ZoneId zone) {
			return this;
		}

	}

}
