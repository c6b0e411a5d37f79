package dev.agentsessions.write;

import java.time.Instant;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.database.rows.RowReader;
import org.jspecify.annotations.Nullable;

/**
 * What the first request with an idempotency key was answered.
 *
 * @param fingerprint of what was asked, see {@link Fingerprint}
 * @param firstSeq null if it appended nothing
 * @param lastSeq the session's last after it
 * @param agentSwitch null if it switched nothing
 * @param createdAt when it was done
 */
public record KeptAnswer(String fingerprint, @Nullable Long firstSeq, long lastSeq, @Nullable JsonText agentSwitch,
		Instant createdAt) {

	/** From the columns of a row; null if they are. */
	public static @Nullable KeptAnswer read(RowReader row) {
		String fingerprint = row.optionalText();
		Long firstSeq = row.optionalNumber();
		Long lastSeq = row.optionalNumber();
		JsonText agentSwitch = row.json();
		Instant createdAt = row.optionalTime();
		return (fingerprint == null || lastSeq == null || createdAt == null) ? null
				: new KeptAnswer(fingerprint, firstSeq, lastSeq, agentSwitch, createdAt);
	}

}
