package dev.agentsessions;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON in the tests: short to write, compared by value.
 */
public final class Json {

	/** The store takes names of any length that a message has room for. */
	private static final JsonFactory factory = JsonFactory.builder()
		.streamReadConstraints(StreamReadConstraints.builder().maxNameLength(Integer.MAX_VALUE).build())
		.build();

	private static final JsonMapper mapper = JsonMapper.builder(factory)
		.enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
		.enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
		.build();

	private Json() {
	}

	/** JSON that is written with single quotes in place of double ones. */
	public static String json(String text) {
		return text.replace('\'', '"');
	}

	public static String message(String role, String content) {
		return "{\"role\":" + text(role) + ",\"content\":" + text(content) + "}";
	}

	/** A message of the user. */
	public static String message(String content) {
		return message("user", content);
	}

	public static String array(Iterable<String> values) {
		return "[" + String.join(",", values) + "]";
	}

	/** The text as a JSON string. */
	public static String text(String text) {
		return mapper.writeValueAsString(text);
	}

	public static JsonNode parse(String json) {
		return mapper.readTree(json);
	}

	/**
	 * What the JSON means: equal for two documents that differ only in the order of keys
	 * and in how their numbers are written.
	 */
	public static @Nullable Object value(JsonNode node) {
		if (node.isObject()) {
			Map<String, @Nullable Object> object = new LinkedHashMap<>();
			node.forEachEntry((name, value) -> object.put(name, value(value)));
			return object;
		}
		if (node.isArray()) {
			List<@Nullable Object> array = new ArrayList<>();
			node.forEach((value) -> array.add(value(value)));
			return array;
		}
		if (node.isNumber()) {
			return node.decimalValue().stripTrailingZeros();
		}
		return node.isBoolean() ? (Object) node.booleanValue() : node.isNull() ? null : node.stringValue();
	}

	public static @Nullable Object value(String json) {
		return value(parse(json));
	}

}
