package dev.agentsessions.tracing;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Mistakes in a query that show without a Prometheus: brackets, names of functions,
 * ranges.
 */
final class PromQl {

	private static final Pattern TEXT = Pattern.compile("\"[^\"]*\"");

	private static final Pattern CALL = Pattern.compile("([a-zA-Z_]\\w*)\\s*\\(");

	private static final Pattern RANGE = Pattern.compile("\\[([^\\]]*)\\]");

	private static final Pattern DURATION = Pattern.compile("\\d+(ms|s|m|h|d|w|y)|\\$__(rate_interval|interval|range)");

	/** Those that are used here, and the words that a parenthesis may follow. */
	private static final Set<String> CALLABLE = Set.of("absent", "and", "avg", "by", "histogram_quantile", "increase",
			"label_values", "max", "min", "on", "rate", "sum", "time", "without");

	private PromQl() {
	}

	static List<String> mistakes(String query) {
		String bare = TEXT.matcher(query).replaceAll("");
		List<String> mistakes = new ArrayList<>();
		if (!isBalanced(bare)) {
			mistakes.add("brackets of " + query);
		}
		CALL.matcher(bare)
			.results()
			.map((match) -> match.group(1))
			.filter((name) -> !CALLABLE.contains(name))
			.forEach(mistakes::add);
		RANGE.matcher(bare)
			.results()
			.map((match) -> match.group(1))
			.filter((range) -> !DURATION.matcher(range).matches())
			.forEach(mistakes::add);
		return mistakes;
	}

	private static boolean isBalanced(String text) {
		Deque<Integer> open = new ArrayDeque<>();
		for (int character : text.chars().toArray()) {
			int kind = "([{".indexOf(character);
			if (kind >= 0) {
				open.push(kind);
			}
			else if (")]}".indexOf(character) >= 0 && (open.isEmpty() || open.pop() != ")]}".indexOf(character))) {
				return false;
			}
		}
		return open.isEmpty() && text.indexOf('"') < 0;
	}

}
