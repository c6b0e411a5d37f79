package dev.agentsessions.database.connect;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Says what is wrong with the pooler in front of PostgreSQL when the service can't start
 * with it.
 */
class PoolerFailure extends AbstractFailureAnalyzer<PoolerCheck.PoolerException> {

	@Override
	protected FailureAnalysis analyze(Throwable root, PoolerCheck.PoolerException cause) {
		return new FailureAnalysis(String.valueOf(cause.getMessage()), cause.action(), cause);
	}

}
