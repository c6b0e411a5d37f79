package dev.agentsessions.web.json;

import java.math.BigDecimal;
import java.util.Comparator;

import dev.agentsessions.database.rows.JsonText;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

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

	/** Whether both are absent, or both are the same value. */
	public static boolean equal(@Nullable JsonNode a, @Nullable JsonText b) {
		return (a == null || b == null) ? a == null && b == null : a.equals(BY_VALUE, JsonTree.stored(b.json()));
	}

	public static boolean equal(@Nullable JsonText a, @Nullable JsonText b) {
		return (a == null) ? b == null : equal(JsonTree.stored(a.json()), b);
	}

}
