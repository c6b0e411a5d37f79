package dev.agentsessions.settings;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Tells of all wrong settings when the service can't start with them.
 */
final class WrongSettings extends AbstractFailureAnalyzer<WrongSettingsException> {

	@Override
	protected FailureAnalysis analyze(Throwable root, WrongSettingsException cause) {
		return new FailureAnalysis(String.valueOf(cause.getMessage()),
				(cause.count() == 1) ? "Correct it, or leave it out for its default."
						: "Correct these " + cause.count() + " settings, or leave them out for their defaults.",
				cause);
	}

}
