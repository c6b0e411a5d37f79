package dev.agentsessions.web.json;

import java.math.BigDecimal;
import java.util.Comparator;
import java.util.Map;

import dev.agentsessions.database.rows.JsonText;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * JSON compared by value: the order of keys and the way a number is written don't matter.
 */
public final class JsonValues {

	/**
	 * Asked for nodes that hold no others; those that are not equal as they are may still
	 * be equal numbers.
	 */
	private static final Comparator<JsonNode> BY_VALUE = (a, b) -> {
		if (a.equals(b)) {
			return 0;
		}
		BigDecimal left = a.isNumber() ? a.decimalValue() : null;
		BigDecimal right = b.isNumber() ? b.decimalValue() : null;
		return (left != null && right != null) ? left.compareTo(right) : 1;
	};

	private JsonValues() {
	}

	public static boolean equal(JsonNode a, JsonNode b) {
		return a.equals(BY_VALUE, b);
	}

	/**
	 * The one text that all texts of the same value have in common: keys in order, each
	 * number without zeros at its end.
	 */
	public static String canonical(JsonText json) {
		return canonical(JsonTree.stored(json.json()));
	}

	/** The same of a tree. */
	public static String canonical(JsonNode value) {
		StringBuilder text = new StringBuilder();
		write(value, text);
		return text.toString();
	}

	private static void write(JsonNode value, StringBuilder text) {
		if (value.isObject()) {
			text.append('{');
			value.properties().stream().sorted(Map.Entry.comparingByKey()).forEach((field) -> {
				text.append(JsonNodeFactory.instance.stringNode(field.getKey())).append(':');
				write(field.getValue(), text);
				text.append(',');
			});
			text.append('}');
		}
		else if (value.isArray()) {
			text.append('[');
			value.forEach((element) -> {
				write(element, text);
				text.append(',');
			});
			text.append(']');
		}
		else if (value.isNumber()) {
			BigDecimal number = value.decimalValue();
			text.append((number.signum() != 0) ? number.stripTrailingZeros() : BigDecimal.ZERO);
		}
		else {
			text.append(value);
		}
	}

	/** Whether both are absent, or both are the same value. */
	public static boolean equal(@Nullable JsonNode a, @Nullable JsonText b) {
		return (a == null || b == null) ? a == null && b == null : a.equals(BY_VALUE, JsonTree.stored(b.json()));
	}

	public static boolean equal(@Nullable JsonText a, @Nullable JsonText b) {
		return (a == null) ? b == null : equal(JsonTree.stored(a.json()), b);
	}

}
