package dev.agentsessions.database.rows;

import java.time.Instant;
import java.util.Objects;

import io.r2dbc.spi.Readable;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a row, one after the other: where rows are many, to look for each value
 * by its name costs as much as the value.
 */
public final class RowReader {

	private final Readable row;

	private int next;

	public RowReader(Readable row) {
		this.row = row;
	}

	public boolean flag() {
		return Boolean.TRUE.equals(this.row.get(this.next++, Boolean.class));
	}

	public long number() {
		return Objects.requireNonNull(optionalNumber());
	}

	public @Nullable Long optionalNumber() {
		return this.row.get(this.next++, Long.class);
	}

	public String text() {
		return Objects.requireNonNull(optionalText());
	}

	public @Nullable String optionalText() {
		return this.row.get(this.next++, String.class);
	}

	/** An array of texts, each of which may be null; null for none. */
	public @Nullable String @Nullable [] texts() {
		return this.row.get(this.next++, String[].class);
	}

	/** JSON that was selected as text. */
	public @Nullable JsonText json() {
		String json = optionalText();
		return (json != null) ? new JsonText(json) : null;
	}

	/** A time that was selected as text. */
	public Instant time() {
		return Objects.requireNonNull(optionalTime());
	}

	/** A time that was selected as text. */
	public @Nullable Instant optionalTime() {
		String time = optionalText();
		return (time != null) ? Timestamps.parse(time) : null;
	}

}
