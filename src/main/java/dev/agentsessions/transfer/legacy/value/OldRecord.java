package dev.agentsessions.transfer.legacy.value;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.transfer.Rejects;
import dev.agentsessions.web.json.JsonTree;
import dev.agentsessions.web.request.Fields;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A record of an older database in the shape in which a client would send it, before the
 * checks that a client's goes through. A field that is refused goes to the rejects alone
 * if the record can do without it; otherwise the whole record does.
 */
public final class OldRecord {

	private final String session;

	private final String place;

	private final ObjectNode node;

	private final Supplier<String> original;

	private final Rejects rejects;

	/**
	 * One record.
	 * @param place where it stands in its session
	 * @param original its text in the source
	 */
	public OldRecord(String session, String place, ObjectNode node, Supplier<String> original, Rejects rejects) {
		this.session = session;
		this.place = place;
		this.node = node;
		this.original = original;
		this.rejects = rejects;
	}

	/** Sets a field from text that must be JSON; what is not goes to the rejects. */
	public void json(String field, @Nullable String text) {
		if (text == null) {
			return;
		}
		try {
			this.node.set(field, OldText.json(text));
		}
		catch (ProblemException ex) {
			this.rejects.add(this.session, this.place + "/" + field + pointer(ex), reason(ex), text);
		}
	}

	/**
	 * Has the record read.
	 * @param optional the fields it can do without
	 * @return null if it was rejected
	 */
	public <T> @Nullable T read(Set<String> optional, Function<Fields, T> reader) {
		if (!dropFaultyText(optional)) {
			return null;
		}
		for (;;) {
			try {
				Fields fields = Fields.of(this.node);
				T read = reader.apply(fields);
				fields.end();
				return read;
			}
			catch (ProblemException ex) {
				if (!dropRefused(errors(ex), optional)) {
					rejectAll(ex);
					return null;
				}
			}
		}
	}

	private boolean dropFaultyText(Set<String> optional) {
		for (String name : List.copyOf(this.node.propertyNames())) {
			JsonNode value = this.node.get(name);
			String fault = value.isString() ? JsonTree.fault(value.stringValue()) : null;
			if (fault != null && optional.contains(name)) {
				drop(name, fault);
			}
			else if (fault != null) {
				this.rejects.add(this.session, this.place + "/" + name, fault, this.original.get());
				return false;
			}
		}
		return true;
	}

	private boolean dropRefused(List<Map<String, String>> errors, Set<String> optional) {
		if (errors.isEmpty() || !errors.stream().allMatch((error) -> optional.contains(field(error)))) {
			return false;
		}
		errors.forEach((error) -> drop(field(error), String.valueOf(error.get("detail"))));
		return true;
	}

	private void drop(String field, String reason) {
		JsonNode value = this.node.remove(field);
		if (value != null) {
			this.rejects.add(this.session, this.place + "/" + field, reason,
					value.isString() ? value.stringValue() : value.toString());
		}
	}

	private void rejectAll(ProblemException refusal) {
		this.rejects.add(this.session, this.place + pointer(refusal), reason(refusal), this.original.get());
	}

	/** The first place that was refused; empty for the whole. */
	public static String pointer(ProblemException refusal) {
		return errors(refusal).stream().map((error) -> error.getOrDefault("pointer", "")).findFirst().orElse("");
	}

	/** Why it was refused, in words for what is not a request. */
	public static String reason(ProblemException refusal) {
		List<Map<String, String>> errors = errors(refusal);
		return errors.isEmpty() ? refusal.problem().detail().replace("The body", "The text")
				: String.valueOf(errors.get(0).get("detail"));
	}

	@SuppressWarnings("unchecked") // as Problems puts them in
	private static List<Map<String, String>> errors(ProblemException refusal) {
		return (List<Map<String, String>>) refusal.problem().members().getOrDefault("errors", List.of());
	}

	private static String field(Map<String, String> error) {
		return error.getOrDefault("pointer", "").replaceFirst("^/", "").split("/")[0];
	}

}
