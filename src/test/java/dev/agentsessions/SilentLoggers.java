package dev.agentsessions;

import java.util.List;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;

/**
 * Keeps out of the log what a test causes on purpose: a green run shows no errors.
 */
public final class SilentLoggers implements BeforeEachCallback, AfterEachCallback {

	private final List<String> names;

	private SilentLoggers(List<String> names) {
		this.names = names;
	}

	/** Registered with <code>@RegisterExtension</code>. */
	public static SilentLoggers of(String... names) {
		return new SilentLoggers(List.of(names));
	}

	@Override
	public void beforeEach(ExtensionContext context) {
		set(LogLevel.OFF);
	}

	@Override
	public void afterEach(ExtensionContext context) {
		set(null);
	}

	private void set(LogLevel level) {
		LoggingSystem logging = LoggingSystem.get(SilentLoggers.class.getClassLoader());
		this.names.forEach((name) -> logging.setLogLevel(name, level));
	}

}
