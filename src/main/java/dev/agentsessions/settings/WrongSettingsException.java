package dev.agentsessions.settings;

import java.util.List;

/**
 * Some settings are wrong. The message has a line for each, which names it and says what
 * it may be.
 */
public final class WrongSettingsException extends RuntimeException {

	private final int count;

	WrongSettingsException(List<String> faults) {
		super(String.join("\n", faults));
		this.count = faults.size();
	}

	int count() {
		return this.count;
	}

}
