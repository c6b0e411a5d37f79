package dev.agentsessions.paging;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;

import dev.agentsessions.problem.ProblemException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class RowIdsTest {

	private static final String SECRET = "000102030405060708090a0b0c0d0e0f";

	/** Above any id. */
	private static final long FIRST_SEALED = 1L << 54;

	private final RowIds rows = new RowIds(Mono.just(SECRET));

	@BeforeEach
	void load() {
		this.rows.whenReady(Mono.empty()).block();
	}

	@Test
	void whatIsSealedIsOpenedAgainAndNeverTheSameForTwo() {
		Random random = new Random(7);
		Set<Long> sealed = new HashSet<>();
		for (long id = 1; id <= 20_000; id++) {
			long large = random.nextLong(FIRST_SEALED);
			assertThat(this.rows.open(this.rows.seal(id))).isEqualTo(id);
			assertThat(this.rows.open(this.rows.seal(large))).isEqualTo(large);
			assertThat(sealed.add(this.rows.seal(id))).as("id %d", id).isTrue();
		}
	}

	@Test
	void itIsAsLongAsAnOlderVersionTakesAPosition() {
		for (long id : new long[] { 1, 2, 1000, FIRST_SEALED - 1 }) {
			assertThat(this.rows.seal(id)).isBetween(FIRST_SEALED, 2 * FIRST_SEALED - 1);
			assertThat(Long.toString(this.rows.seal(id))).hasSizeLessThanOrEqualTo(18);
			assertThat(Long.toString(this.rows.seal(id), 36)).hasSizeLessThanOrEqualTo(11);
		}
	}

	@Test
	void neighboursTellNothingOfEachOther() {
		int larger = 0;
		for (long id = 1; id <= 1000; id++) {
			larger += (this.rows.seal(id + 1) > this.rows.seal(id)) ? 1 : 0;
			long differing = Long.bitCount(this.rows.seal(id + 1) ^ this.rows.seal(id));
			assertThat(differing).as("id %d", id).isGreaterThan(8);
		}
		assertThat(larger).isBetween(400, 600);
	}

	@Test
	void anIdAsItIsAndNoIdStayWhatTheyAre() {
		assertThat(this.rows.open(12345)).isEqualTo(12345);
		assertThat(this.rows.open(0)).isZero();
		assertThat(this.rows.seal(0)).isZero();
	}

	@Test
	void aCursorIsSealed() {
		assertThat(this.rows.openCursor(this.rows.seal(12345))).isEqualTo(12345);
		assertThat(this.rows.openCursor(this.rows.seal(Long.MAX_VALUE))).isEqualTo(FIRST_SEALED - 1);
		assertThatExceptionOfType(ProblemException.class).isThrownBy(() -> this.rows.openCursor(12345))
			.satisfies((refusal) -> assertThat(refusal.problem().status()).isEqualTo(400));
	}

	@Test
	void anotherSecretSealsInAnotherWay() {
		RowIds other = new RowIds(Mono.just(SECRET.replace("00", "ff")));
		other.whenReady(Mono.empty()).block();
		assertThat(other.seal(1)).isNotEqualTo(this.rows.seal(1));
		assertThat(new RowIds(Mono.just(SECRET)).whenReady(Mono.fromSupplier(() -> 1)).block()).isEqualTo(1);
	}

	@Test
	void theSecretIsAskedForUntilItComesAndThenNoMore() {
		int[] asked = { 0 };
		RowIds late = new RowIds(
				Mono.defer(() -> (++asked[0] < 3) ? Mono.error(new IllegalStateException("away")) : Mono.just(SECRET)));
		assertThatExceptionOfType(ProblemException.class).isThrownBy(() -> late.seal(1));
		for (int i = 0; i < 2; i++) {
			StepVerifier.create(late.whenReady(Mono.just(1))).verifyErrorMessage("away");
		}
		for (int i = 0; i < 3; i++) {
			StepVerifier.create(late.whenReady(Mono.just(1))).expectNext(1).verifyComplete();
		}
		assertThat(asked[0]).isEqualTo(3);
		assertThat(late.seal(1)).isEqualTo(this.rows.seal(1));
	}

}
