package dev.agentsessions.access;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Says what to set when the service refuses to start because of access control.
 */
class AccessSetupFailure extends AbstractFailureAnalyzer<AccessSetupException> {

	@Override
	protected FailureAnalysis analyze(Throwable root, AccessSetupException cause) {
		return new FailureAnalysis(String.valueOf(cause.getMessage()), cause.action(), cause);
	}

}
