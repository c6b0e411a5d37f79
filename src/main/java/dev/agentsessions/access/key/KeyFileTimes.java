package dev.agentsessions.access.key;

import java.time.Duration;

import org.springframework.stereotype.Component;

/**
 * When the file of keys is looked at.
 *
 * @param reload how often the file is read again, so that keys are given and taken back
 * without a restart
 */
@Component
public record KeyFileTimes(Duration reload) {

	public KeyFileTimes() {
		this(Duration.ofSeconds(5));
	}

}
