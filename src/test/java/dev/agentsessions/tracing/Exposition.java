package dev.agentsessions.tracing;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What Prometheus would read, and whether the queries of a dashboard find anything in it.
 */
final class Exposition {

	private static final Pattern LABEL = Pattern.compile("(\\w+)\\s*(=~|!~|!=|=)\\s*\"([^\"]*)\"");

	private static final Pattern GROUPING = Pattern.compile("\\b(?:by|without|on)\\s*\\(([^)]*)\\)");

	/** What is followed by a parenthesis is a function. */
	private static final Pattern SELECTOR = Pattern
		.compile("(?<![\\w$\\[.])([a-zA-Z_]\\w*)\\b(?!\\s*\\()\\s*(\\{[^}]*\\})?");

	/** Labels that Prometheus itself puts on everything. */
	private static final List<String> OF_PROMETHEUS = List.of("namespace", "pod", "job", "instance");

	private final List<Sample> samples;

	Exposition(String text) {
		this.samples = text.lines().filter((line) -> !line.startsWith("#")).map(Sample::parse).toList();
	}

	/** The selectors of a query that find no sample, and the groupings that none has. */
	List<String> missing(String query) {
		List<String> groupings = GROUPING.matcher(query)
			.results()
			.flatMap((match) -> Stream.of(match.group(1).split(",")))
			.map(String::strip)
			.filter((label) -> !OF_PROMETHEUS.contains(label))
			.toList();
		Matcher selectors = SELECTOR.matcher(GROUPING.matcher(query).replaceAll(""));
		return selectors.results()
			.filter((match) -> this.samples.stream()
				.noneMatch((sample) -> sample.is(match.group(1), match.group(2), groupings)))
			.map((match) -> match.group() + " by " + groupings)
			.toList();
	}

	/** How many metrics a query names. */
	static long selectors(String query) {
		return SELECTOR.matcher(GROUPING.matcher(query).replaceAll("")).results().count();
	}

	/**
	 * One line.
	 *
	 * @param labels by name
	 */
	private record Sample(String name, Map<String, String> labels) {

		static Sample parse(String line) {
			int brace = line.indexOf('{');
			Map<String, String> labels = new HashMap<>();
			if (brace >= 0) {
				LABEL.matcher(line).results().forEach((match) -> labels.put(match.group(1), match.group(3)));
			}
			return new Sample((brace >= 0) ? line.substring(0, brace) : line.substring(0, line.indexOf(' ')), labels);
		}

		boolean is(String metric, String matchers, List<String> groupings) {
			return this.name.equals(metric) && this.labels.keySet().containsAll(groupings)
					&& (matchers == null || LABEL.matcher(matchers).results().allMatch(this::fits));
		}

		private boolean fits(MatchResult matcher) {
			String value = this.labels.getOrDefault(matcher.group(1), "");
			return OF_PROMETHEUS.contains(matcher.group(1)) || switch (matcher.group(2)) {
				case "=" -> value.equals(matcher.group(3));
				case "!=" -> !value.equals(matcher.group(3));
				case "=~" -> value.matches(matcher.group(3));
				default -> !value.matches(matcher.group(3));
			};
		}

	}

}
