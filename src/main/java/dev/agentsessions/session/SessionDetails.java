package dev.agentsessions.session;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.database.rows.RowReader;
import dev.agentsessions.database.rows.Timestamps;
import dev.agentsessions.web.json.JsonTree;
import dev.agentsessions.web.json.JsonWriter;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What callers say of a session beside its messages. Each of them may be missing.
 *
 * @param metadata an object
 * @param owner whose session it is, for example the user of a gateway
 * @param title what people call it
 * @param labels texts by name; empty for none
 * @param expiresAt when it is soft-deleted, however active it is
 */
public record SessionDetails(@Nullable JsonText metadata, @Nullable String owner, @Nullable String title,
		SortedMap<String, String> labels, @Nullable Instant expiresAt) {

	public static final int MAX_OWNER = 255;

	public static final int MAX_TITLE = 500;

	public static final int MAX_LABELS = 32;

	public static final int MAX_LABEL_NAME = 63;

	public static final int MAX_LABEL_TEXT = 255;

	/** A session of which nobody has said anything. */
	public static final SessionDetails NONE = new SessionDetails(null, null, null, Collections.emptySortedMap(), null);

	/** The columns of <code>sessions</code> that they are read from. */
	public static final String COLUMNS = """
			cast(metadata_json as text) metadata, owner, title, cast(labels_json as text) labels, cast(expires_at as varchar) expires""";

	/** From {@link #COLUMNS}. */
	public static SessionDetails of(RowReader row) {
		return of(row.json(), row.optionalText(), row.optionalText(), row.json(), row.optionalTime());
	}

	/** From the texts of {@link #COLUMNS} as an array; null for none. */
	public static SessionDetails ofTexts(@Nullable String @Nullable [] texts) {
		return (texts == null) ? NONE : of(json(texts[0]), texts[1], texts[2], json(texts[3]),
				(texts[4] != null) ? Timestamps.parse(texts[4]) : null);
	}

	private static @Nullable JsonText json(@Nullable String text) {
		return (text != null) ? new JsonText(text) : null;
	}

	/** As they are stored. */
	public static SessionDetails of(@Nullable JsonText metadata, @Nullable String owner, @Nullable String title,
			@Nullable JsonText labels, @Nullable Instant expiresAt) {
		return (metadata == null && owner == null && title == null && labels == null && expiresAt == null) ? NONE
				: new SessionDetails(metadata, owner, title, labels(labels), expiresAt);
	}

	private static SortedMap<String, String> labels(@Nullable JsonText json) {
		if (json == null) {
			return NONE.labels;
		}
		SortedMap<String, String> labels = new TreeMap<>();
		for (Map.Entry<String, JsonNode> label : JsonTree.stored(json.json()).properties()) {
			labels.put(label.getKey(), label.getValue().asString());
		}
		return Collections.unmodifiableSortedMap(labels);
	}

	/** The labels as they are stored, in the order of their names; null for none. */
	public @Nullable JsonText labelsJson() {
		return this.labels.isEmpty() ? null : new JsonText(labelsJson(this.labels));
	}

	/** Labels as they are stored, in the order of their names. */
	public static String labelsJson(SortedMap<String, String> labels) {
		return labels.entrySet()
			.stream()
			.map((label) -> labelJson(label.getKey(), label.getValue()))
			.collect(Collectors.joining(",", "{", "}"));
	}

	/** A label as a member of an object. */
	public static String labelJson(String name, String text) {
		return JsonWriter.quoted(name) + ":" + JsonWriter.quoted(text);
	}

	/** The labels; null for none, as answers have it. */
	@Nullable SortedMap<String, String> optionalLabels() {
		return this.labels.isEmpty() ? null : this.labels;
	}

	/** The same with other metadata. */
	public SessionDetails withMetadata(@Nullable JsonText metadata) {
		return new SessionDetails(metadata, this.owner, this.title, this.labels, this.expiresAt);
	}

	/** The same without an expiry that has come. */
	public SessionDetails restoredAt(Instant time) {
		return (this.expiresAt == null || this.expiresAt.isAfter(time)) ? this
				: new SessionDetails(this.metadata, this.owner, this.title, this.labels, null);
	}

	/** The title as it is compared with parts of titles; empty for none. */
	public String foldedTitle() {
		return (this.title != null) ? SessionTerms.fold(this.title) : "";
	}

	/** Whether there is anything that it can be found by. */
	public boolean hasTerms() {
		return this.owner != null || this.title != null || !this.labels.isEmpty();
	}

	/** Whether it is found by the same. */
	public boolean hasTermsOf(SessionDetails other) {
		return Objects.equals(this.owner, other.owner) && Objects.equals(this.title, other.title)
				&& this.labels.equals(other.labels);
	}

}
