package dev.agentsessions.web.request;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.problem.InvalidInput;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.web.json.Times;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import org.springframework.util.unit.DataSize;

/**
 * The fields of one JSON object in a request, each read with the type and bounds it must
 * have. There is no coercion; null is the same as absent. What is wrong is collected,
 * with its place, until {@link #end()} refuses it all at once; until then a wrong value
 * reads as absent, and a required one as empty.
 */
public final class Fields {

	/** More than these help nobody; the rest is not looked at. */
	private static final int MAX_ERRORS = 20;

	private final JsonNode node;

	private final String pointer;

	private final List<InvalidInput> errors;

	private final Set<String> known = new HashSet<>();

	private Fields(JsonNode node, String pointer, List<InvalidInput> errors) {
		this.node = node;
		this.pointer = pointer;
		this.errors = errors;
		if (!(node instanceof ObjectNode)) {
			wrong(null, "must be an object");
		}
	}

	/** The fields of the object that is the body. */
	public static Fields of(JsonNode body) {
		return new Fields(body, "", new ArrayList<>());
	}

	/** The fields of each object in the array that is the body. */
	public static List<Fields> ofArray(JsonNode array) {
		return each(array, "", new ArrayList<>());
	}

	public @Nullable String text(String name, int maxCodePoints) {
		return text(name, maxCodePoints, "must be a string");
	}

	/**
	 * A text.
	 * @param detail what to say of a value that is none
	 */
	public @Nullable String text(String name, int maxCodePoints, String detail) {
		JsonNode value = node(name);
		if (value == null) {
			return null;
		}
		if (!value.isString()) {
			wrong(name, detail);
			return null;
		}
		String text = value.stringValue();
		if (text.length() > maxCodePoints && text.codePointCount(0, text.length()) > maxCodePoints) {
			wrong(name, "must have at most " + maxCodePoints + " characters");
		}
		return text;
	}

	public @Nullable String nonEmptyText(String name, int maxCodePoints) {
		String text = text(name, maxCodePoints);
		if (text != null && text.isEmpty()) {
			wrong(name, "must not be empty");
		}
		return text;
	}

	public String requiredText(String name, int maxCodePoints) {
		String text = nonEmptyText(name, maxCodePoints);
		if (text == null) {
			missing(name);
		}
		return (text != null) ? text : "";
	}

	/** A whole number from min to max, null when it is absent. */
	public @Nullable Long number(String name, long min, long max) {
		JsonNode value = node(name);
		if (value == null) {
			return null;
		}
		if (!isWhole(value, min, max)) {
			wrong(name, "must be a whole number from " + min + " to " + max);
			return null;
		}
		return value.decimalValue().longValue();
	}

	/**
	 * Whether it is a whole number within these bounds: 100, 1e2 and 100.0 are the same.
	 */
	public static boolean isWhole(JsonNode value, long min, long max) {
		BigDecimal number = value.isNumber() ? value.decimalValue() : null;
		return number != null && number.compareTo(BigDecimal.valueOf(min)) >= 0
				&& number.compareTo(BigDecimal.valueOf(max)) <= 0 && number.stripTrailingZeros().scale() <= 0;
	}

	public boolean flag(String name, boolean absent) {
		JsonNode value = node(name);
		if (value != null && !value.isBoolean()) {
			wrong(name, "must be true or false");
		}
		return (value != null && value.isBoolean()) ? value.booleanValue() : absent;
	}

	public @Nullable Instant time(String name) {
		String text = text(name, 64);
		if (text == null) {
			return null;
		}
		Optional<Instant> time = Times.parse(text);
		if (time.isEmpty()) {
			wrong(name, "must be an ISO-8601 time, for example 2026-01-31T12:00:00Z");
		}
		return time.orElse(null);
	}

	public @Nullable JsonText object(String name) {
		return json(name, JsonNode::isObject, "must be an object");
	}

	/**
	 * An object of limited size.
	 * @throws dev.agentsessions.problem.ProblemException (413) if it is larger
	 */
	public @Nullable JsonText object(String name, DataSize limit) {
		JsonText object = object(name);
		requireSize(name, (object != null) ? object.json() : "", limit);
		return object;
	}

	/**
	 * A text of limited size, as UTF-8.
	 * @throws dev.agentsessions.problem.ProblemException (413) if it is larger
	 */
	public @Nullable String text(String name, DataSize limit) {
		String text = text(name, Integer.MAX_VALUE);
		requireSize(name, (text != null) ? text : "", limit);
		return text;
	}

	private void requireSize(String name, String value, DataSize limit) {
		if (ByteBufUtil.utf8Bytes(value) > limit.toBytes()) {
			throw Problems.tooLarge(InvalidInput.body(place(name), "is larger than " + limit.toBytes() + " bytes"));
		}
	}

	public @Nullable JsonText array(String name) {
		return json(name, JsonNode::isArray, "must be an array");
	}

	/** An array of objects, as text. */
	public @Nullable JsonText objects(String name) {
		JsonText array = array(name);
		JsonNode value = this.node.path(name);
		for (int i = 0; i < value.size(); i++) {
			if (!value.get(i).isObject()) {
				wrongElement(name, i, "must be an object");
			}
		}
		return array;
	}

	/** All fields that were never asked for. */
	public ObjectNode others() {
		ObjectNode others = JsonNodeFactory.instance.objectNode();
		for (Map.Entry<String, JsonNode> field : this.node.properties()) {
			if (this.known.add(field.getKey())) {
				others.set(field.getKey(), field.getValue());
			}
		}
		return others;
	}

	/**
	 * The fields of a nested object, null when it is absent. Its {@link #end()} is called
	 * with this one's.
	 */
	public @Nullable Fields fields(String name) {
		JsonNode value = node(name);
		return (value != null) ? new Fields(value, place(name), this.errors) : null;
	}

	/** The fields of each object in an array, null when it is absent. */
	public @Nullable List<Fields> list(String name) {
		JsonNode value = node(name);
		if (value == null) {
			return null;
		}
		if (!value.isArray()) {
			wrong(name, "must be an array");
			return List.of();
		}
		return each(value, place(name), this.errors);
	}

	public void missing(String name) {
		String place = place(name);
		if (this.node.isObject() && this.errors.stream().noneMatch((error) -> place.equals(error.pointer()))) {
			wrong(name, "is missing");
		}
	}

	/** Records that a field is wrong; null is the object itself. */
	public void wrong(@Nullable String name, String detail) {
		add(InvalidInput.body(place(name), detail));
	}

	private void add(InvalidInput error) {
		if (this.errors.size() < MAX_ERRORS) {
			this.errors.add(error);
		}
	}

	/** Records that an element of an array is wrong. */
	public void wrongElement(String name, int index, String detail) {
		add(InvalidInput.body(place(name) + "/" + index, detail));
	}

	/** Where this object stands in the body. */
	public String pointer() {
		return this.pointer;
	}

	/** Whether the body has so many errors that the rest need not be read. */
	public boolean hopeless() {
		return this.errors.size() >= MAX_ERRORS;
	}

	/** Records every field that was never asked for as unknown, once. */
	public void noMore() {
		for (String name : this.node.propertyNames()) {
			if (this.known.add(name)) {
				wrong(name, "is not a field of this object");
			}
		}
	}

	/**
	 * Ends the reading of the body.
	 * @throws dev.agentsessions.problem.ProblemException (400) with everything that is
	 * wrong in it
	 */
	public void end() {
		noMore();
		requireNoErrors();
	}

	public void requireNoErrors() {
		if (!this.errors.isEmpty()) {
			throw Problems.invalid(this.errors);
		}
	}

	private static List<Fields> each(JsonNode array, String pointer, List<InvalidInput> errors) {
		List<Fields> each = new ArrayList<>(array.size());
		for (int i = 0; i < array.size(); i++) {
			each.add(new Fields(array.get(i), pointer + "/" + i, errors));
		}
		return each;
	}

	private @Nullable JsonText json(String name, Predicate<JsonNode> type, String detail) {
		JsonNode value = node(name);
		if (value != null && !type.test(value)) {
			wrong(name, detail);
			return null;
		}
		return (value != null) ? new JsonText(value.toString()) : null;
	}

	/** Whether the field is there, maybe as null. */
	public boolean has(String name) {
		return this.node.has(name);
	}

	/** The names of all fields, in the order of the request. */
	public Collection<String> names() {
		return this.node.propertyNames();
	}

	/** Whether the field is there, and null. */
	public boolean isNull(String name) {
		return this.node.path(name).isNull();
	}

	/** A value of any type, null when it is absent. */
	public @Nullable JsonNode node(String name) {
		this.known.add(name);
		JsonNode value = this.node.get(name);
		return (value == null || value.isNull()) ? null : value;
	}

	private String place(@Nullable String name) {
		return (name == null) ? this.pointer : this.pointer + "/" + name.replace("~", "~0").replace("/", "~1");
	}

}
