package dev.agentsessions.database.connect;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Says in two lines what is wrong with <code>DATABASE_URL</code> when the service can't
 * start with it.
 */
class DatabaseUrlFailure extends AbstractFailureAnalyzer<DatabaseUrl.WrongUrlException> {

	@Override
	protected FailureAnalysis analyze(Throwable root, DatabaseUrl.WrongUrlException cause) {
		return new FailureAnalysis(String.valueOf(cause.getMessage()),
				"Set DATABASE_URL=postgresql://user:password@host:5432/database, or leave it out for an embedded H2 file.",
				cause);
	}

}
