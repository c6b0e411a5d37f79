package dev.agentsessions.database;

import java.io.IOException;
import java.util.concurrent.TimeoutException;

import dev.agentsessions.problem.ProblemException;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.R2dbcNonTransientResourceException;
import org.junit.jupiter.api.Test;
import reactor.pool.PoolAcquirePendingLimitException;
import reactor.pool.PoolShutdownException;

import org.springframework.dao.DataAccessResourceFailureException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which errors say that the database is out of reach.
 */
class SqlErrorsTest {

	@Test
	void whatComesOfADatabaseOutOfReachIsToldFromWhatDoesNot() {
		assertUnavailable(new R2dbcNonTransientResourceException());
		assertUnavailable(new TimeoutException());
		assertUnavailable(new IOException());
		assertUnavailable(new PoolAcquirePendingLimitException(1));
		assertUnavailable(new PoolShutdownException());
		assertThat(SqlErrors.isUnavailable(new IllegalStateException())).isFalse();
	}

	/** As a standby is, and a primary that has become one. */
	@Test
	void aDatabaseThatTakesNoWritesIsBusyAndAnotherConnectionMayDoIt() {
		R2dbcException readOnly = new R2dbcNonTransientResourceException("read-only", "25006");
		assertThat(SqlErrors.isOutOfStep(readOnly)).isTrue();
		assertThat(SqlErrors.answer(readOnly)).isInstanceOfSatisfying(ProblemException.class,
				(refusal) -> assertThat(refusal.problem().status()).isEqualTo(503));
	}

	private static void assertUnavailable(Exception error) {
		assertThat(SqlErrors.isUnavailable(error)).isTrue();
		assertThat(SqlErrors.isUnavailable(new DataAccessResourceFailureException("failed", error))).isTrue();
	}

}
