package dev.agentsessions.session;

import java.time.Instant;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.problem.InvalidInput;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.web.request.Fields;
import org.jspecify.annotations.Nullable;

import org.springframework.util.unit.DataSize;

/**
 * What is to become of the details of a session. Fields that are not named stay.
 *
 * @param named the fields that are; null as their value removes them
 * @param labels those that are named, with null for those to be removed; null removes all
 * @param place of the object in the request, a JSON pointer
 * @param onlyMissing whether what the session has already stays as it is
 */
public record DetailsChange(Set<Field> named, @Nullable JsonText metadata, @Nullable String owner,
		@Nullable String title, @Nullable Map<String, @Nullable String> labels, @Nullable Instant expiresAt,
		String place, boolean onlyMissing) {

	/** Enough to put others in the place of all that there may be. */
	private static final int MOST_NAMED = 2 * SessionDetails.MAX_LABELS;

	/**
	 * Reads <code>metadata</code>, <code>owner</code>, <code>title</code>,
	 * <code>labels</code> and <code>expires_at</code>.
	 * @param largest how large the metadata may be
	 * @param onlyMissing whether what the session has already is to stay as it is; there
	 * is nothing to remove then, and null is the same as absent
	 */
	public static DetailsChange read(Fields fields, DataSize largest, boolean onlyMissing) {
		Map<String, @Nullable String> labels = labels(fields, onlyMissing);
		Set<Field> named = EnumSet.noneOf(Field.class);
		for (Field field : Field.values()) {
			if (onlyMissing ? fields.node(field.json) != null : fields.has(field.json)) {
				named.add(field);
			}
		}
		if (onlyMissing && labels != null && labels.isEmpty()) {
			named.remove(Field.LABELS);
		}
		return new DetailsChange(Collections.unmodifiableSet(named), fields.object("metadata", largest),
				fields.nonEmptyText("owner", SessionDetails.MAX_OWNER),
				fields.nonEmptyText("title", SessionDetails.MAX_TITLE), labels, fields.time("expires_at"),
				fields.pointer(), onlyMissing);
	}

	private static @Nullable Map<String, @Nullable String> labels(Fields fields, boolean onlyTexts) {
		Fields each = fields.fields("labels");
		if (each == null) {
			return null;
		}
		Map<String, @Nullable String> labels = new LinkedHashMap<>();
		for (String name : each.names()) {
			String fault = labelFault(name);
			if (fault != null) {
				each.wrong(name, fault);
			}
			String text = each.text(name, SessionDetails.MAX_LABEL_TEXT);
			if (text != null || !onlyTexts) {
				labels.put(name, text);
			}
		}
		if (labels.size() > MOST_NAMED) {
			fields.wrong("labels", "must name at most " + MOST_NAMED + " labels");
		}
		return Collections.unmodifiableMap(labels);
	}

	/** Why no label can have this name; null if one can. */
	public static @Nullable String labelFault(String name) {
		int length = name.codePointCount(0, name.length());
		if (length < 1 || length > SessionDetails.MAX_LABEL_NAME) {
			return "must have a name of 1 to " + SessionDetails.MAX_LABEL_NAME + " characters";
		}
		return (name.indexOf(':') >= 0) ? "must have a name without a colon" : null;
	}

	/** Whether nothing is named. */
	public boolean isNone() {
		return this.named.isEmpty();
	}

	/** Approximate bytes. */
	public long size() {
		long size = JsonText.size(this.metadata) + SessionDetails.MAX_TITLE;
		return size + ((this.labels != null) ? this.labels.size() * (long) SessionDetails.MAX_LABEL_TEXT : 0);
	}

	/**
	 * The details after it; these, if it changes nothing.
	 * @throws dev.agentsessions.problem.ProblemException (400) if they are too many
	 * labels
	 */
	public SessionDetails apply(SessionDetails before) {
		SessionDetails after = new SessionDetails(
				sets(Field.METADATA, before.metadata()) ? this.metadata : before.metadata(),
				sets(Field.OWNER, before.owner()) ? this.owner : before.owner(),
				sets(Field.TITLE, before.title()) ? this.title : before.title(), labels(before.labels()),
				sets(Field.EXPIRES_AT, before.expiresAt()) ? this.expiresAt : before.expiresAt());
		return after.equals(before) ? before : after;
	}

	private boolean sets(Field field, @Nullable Object before) {
		return this.named.contains(field) && !(this.onlyMissing && before != null);
	}

	private SortedMap<String, String> labels(SortedMap<String, String> before) {
		if (!this.named.contains(Field.LABELS)) {
			return before;
		}
		if (this.labels == null) {
			return SessionDetails.NONE.labels();
		}
		SortedMap<String, String> after = new TreeMap<>(before);
		this.labels.forEach((name, text) -> {
			if (text == null) {
				after.remove(name);
			}
			else if (!(this.onlyMissing && before.containsKey(name))) {
				after.put(name, text);
			}
		});
		if (after.size() > SessionDetails.MAX_LABELS) {
			throw Problems.invalid(InvalidInput.body(this.place + "/labels",
					"would make " + after.size() + " labels; there may be " + SessionDetails.MAX_LABELS));
		}
		return Collections.unmodifiableSortedMap(after);
	}

	/** The fields. */
	public enum Field {

		METADATA("metadata"), OWNER("owner"), TITLE("title"), LABELS("labels"), EXPIRES_AT("expires_at");

		private final String json;

		Field(String json) {
			this.json = json;
		}

	}

}
