package dev.agentsessions.write;

import java.time.Instant;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.database.rows.RowReader;
import org.jspecify.annotations.Nullable;

/**
 * The agent context of a locked session.
 *
 * @param id of its row
 * @param metadata null for none, or if it was not asked for
 * @param lastSwitchAt null for none, or if it was not asked for
 * @param firstSwitchNo switches below it are gone
 */
public record HeldContext(long id, String currentAgent, long switchCount, Instant createdAt, Instant updatedAt,
		@Nullable JsonText metadata, @Nullable Instant lastSwitchAt, long firstSwitchNo) {

	/** From the columns of a row; null if they are. */
	public static @Nullable HeldContext read(RowReader row) {
		Long id = row.optionalNumber();
		String agent = row.optionalText();
		Long switchCount = row.optionalNumber();
		Instant createdAt = row.optionalTime();
		Instant updatedAt = row.optionalTime();
		JsonText metadata = row.json();
		Instant lastSwitchAt = row.optionalTime();
		return (id == null || agent == null || switchCount == null || createdAt == null || updatedAt == null) ? null
				: new HeldContext(id, agent, switchCount, createdAt, updatedAt, metadata, lastSwitchAt, 0);
	}

}
