package dev.agentsessions.schedule;

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
	void growsAgainWhileStatementsAreNotLongAndNeverBeyondTheSetting() {
		took(60);
		took(60);
		took(30);
		assertThat(this.size.rows()).isEqualTo(140);
		for (int i = 0; i < 20; i++) {
			took(5);
		}
		assertThat(this.size.rows()).isEqualTo(500);
	}

	@Test
	void staysAtSomeRowsWhereEveryStatementIsLong() {
		for (int i = 0; i < 20; i++) {
			took(200);
		}
		assertThat(this.size.rows()).isEqualTo(25);
		took(3000);
		took(200);
		assertThat(this.size.rows()).isEqualTo(12);
	}

	@Test
	void comesBackFromOneRow() {
		for (int i = 0; i < 20; i++) {
			took(3000);
		}
		for (int i = 0; i < 60; i++) {
			took(49);
		}
		assertThat(this.size.rows()).isEqualTo(500);
	}

	@Test
	void settlesWhereACommitAloneTakesMostOfTheTime() {
		for (int i = 0; i < 1000; i++) {
			took(30 + this.size.rows() / 10);
		}
		assertThat(this.size.rows()).isBetween(100, 250);
	}

	private void took(long millis) {
		this.size.took(Duration.ofMillis(millis));
	}

}
