package dev.agentsessions.search;

import java.time.Instant;
import java.util.TreeMap;
import java.util.concurrent.TimeoutException;

import dev.agentsessions.database.FailingDatabase;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.search.text.SearchQuery;
import dev.agentsessions.session.lifecycle.SessionFilter;
import io.r2dbc.spi.R2dbcTimeoutException;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * After which errors a search is made in another way.
 */
class SearchRepositoryTest {

	private static final Exception TOO_LONG = new R2dbcTimeoutException("statement timeout", "57014");

	@Test
	void aStatementThatTakesTooLongIsMadeInAnotherWay() {
		assertThat(statements(TOO_LONG, false)).isEqualTo(2);
	}

	@Test
	void nothingElseIsTriedIfNobodyWaitsForIt() {
		assertThat(statements(TOO_LONG, true)).isOne();
	}

	/** As where all connections are in use: another statement would only wait again. */
	@Test
	void aStatementThatIsNotMadeAtAllIsNotTriedAgain() {
		assertThat(statements(new TimeoutException(), false)).isOne();
	}

	private static int statements(Exception error, boolean isGone) {
		FailingDatabase database = new FailingDatabase(error);
		SessionFilter all = new SessionFilter(false, null, new TreeMap<>(), null, null, null, false);
		Search search = new Search("default", SearchQuery.parse("word"), new SearchFilter(all, null, null), null);
		SearchPlace start = SearchPlace.before(Instant.parse("2026-01-01T00:00:00Z"));
		StepVerifier
			.create(new SearchRepository(database.client(), database.calls()).find(search, start, 10, () -> isGone))
			.verifyError(ProblemException.class);
		return database.statements();
	}

}
