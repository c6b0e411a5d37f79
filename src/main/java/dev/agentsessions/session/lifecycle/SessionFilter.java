package dev.agentsessions.session.lifecycle;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

import dev.agentsessions.session.DetailsChange;
import dev.agentsessions.session.SessionDetails;
import dev.agentsessions.session.SessionTerms;
import dev.agentsessions.web.json.JsonTree;
import dev.agentsessions.web.request.PathSegments;
import dev.agentsessions.web.request.Query;
import org.jspecify.annotations.Nullable;

/**
 * Which sessions of a tenant are listed: those that pass all of it.
 *
 * @param includeDeleted whether also those that are soft-deleted
 * @param owner whose they are, null for anybody's
 * @param labels that they have
 * @param title a part of it, null for any
 * @param from not before this time, by which the list is ordered; null for any
 * @param to not after this time, by which the list is ordered; null for any
 * @param isImpossible whether it asks for two texts of one label
 */
public record SessionFilter(boolean includeDeleted, @Nullable String owner, SortedMap<String, String> labels,
		@Nullable String title, @Nullable Instant from, @Nullable Instant to, boolean isImpossible) {

	/** The parameters of a request. */
	public static SessionFilter of(Query query) {
		SortedMap<String, String> labels = new TreeMap<>();
		boolean isImpossible = false;
		for (String label : query.texts("label")) {
			int colon = label.indexOf(':');
			String fault = JsonTree.fault(label);
			fault = (fault != null) ? fault
					: (colon < 0) ? "must be name:text" : DetailsChange.labelFault(label.substring(0, colon));
			if (fault != null) {
				throw Query.wrong("label", fault);
			}
			String text = label.substring(colon + 1);
			String other = labels.put(label.substring(0, colon), text);
			isImpossible |= other != null && !other.equals(text);
		}
		if (labels.size() > SessionDetails.MAX_LABELS) {
			throw Query.wrong("label", "may be given " + SessionDetails.MAX_LABELS + " times");
		}
		return new SessionFilter(query.flag("include_deleted", false), text(query, "owner", SessionDetails.MAX_OWNER),
				labels, text(query, "title", SessionDetails.MAX_TITLE), query.time("from"), query.time("to"),
				isImpossible);
	}

	private static @Nullable String text(Query query, String name, int most) {
		String text = query.text(name);
		if (text == null && query.has(name)) {
			// not anybody's: a gateway that lost a user's name would show strangers'
			// sessions
			throw Query.wrong(name, "must not be empty");
		}
		String fault = (text != null) ? JsonTree.fault(text) : null;
		if (fault != null) {
			throw Query.wrong(name, fault);
		}
		if (text != null && text.codePointCount(0, text.length()) > most) {
			throw Query.wrong(name, "must have at most " + most + " characters");
		}
		return text;
	}

	public boolean hasTimes() {
		return this.from != null || this.to != null;
	}

	/** Whether it asks for what is found by terms. */
	public boolean needsTerms() {
		return !this.labels.isEmpty() || this.title != null;
	}

	/** The part of the title as titles are compared; empty for any. */
	public String foldedTitle() {
		return (this.title != null) ? SessionTerms.fold(this.title) : "";
	}

	/** As it stands in a query, each parameter behind an ampersand. */
	public String query() {
		List<String> parameters = new ArrayList<>();
		parameters.add(this.includeDeleted ? "&include_deleted=true" : "");
		parameters.add(parameter("owner", this.owner));
		this.labels.forEach((name, text) -> parameters.add(parameter("label", name + ":" + text)));
		parameters.add(parameter("title", this.title));
		parameters.add(parameter("from", (this.from != null) ? this.from.toString() : null));
		parameters.add(parameter("to", (this.to != null) ? this.to.toString() : null));
		return String.join("", parameters);
	}

	/** A parameter behind an ampersand; nothing for none. */
	public static String parameter(String name, @Nullable String value) {
		return (value != null) ? "&" + name + "=" + PathSegments.encode(value) : "";
	}

}
