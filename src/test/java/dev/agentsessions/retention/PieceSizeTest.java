package dev.agentsessions.retention;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How many rows a statement removes.
 */
class PieceSizeTest {

	private final PieceSize size = new PieceSize(500);

	@Test
	void isHalvedWhileStatementsAreLongAndNeverNothing() {
		assertThat(this.size.rows()).isEqualTo(500);
		took(51);
		assertThat(this.size.rows()).isEqualTo(250);
		for (int i = 0; i < 20; i++) {
			took(3000);
		}
		assertThat(this.size.rows()).isEqualTo(1);
	}

	@Test
	void growsAgainWhileStatementsAreShortAndNeverBeyondTheSetting() {
		took(60);
		took(60);
		took(30);
		assertThat(this.size.rows()).isEqualTo(125);
		took(5);
		assertThat(this.size.rows()).isEqualTo(250);
		took(5);
		took(5);
		assertThat(this.size.rows()).isEqualTo(500);
	}

	private void took(long millis) {
		this.size.took(Duration.ofMillis(millis));
	}

}
