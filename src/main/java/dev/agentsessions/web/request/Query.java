package dev.agentsessions.web.request;

import java.nio.charset.CharacterCodingException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import dev.agentsessions.problem.InvalidInput;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.web.json.Times;
import org.jspecify.annotations.Nullable;

import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.reactive.function.server.ServerRequest;

/**
 * Query parameters with their types and bounds. A wrong value is 400 and names its
 * parameter; one given twice is wrong too, for no choice between the two would be what
 * the caller meant.
 */
public final class Query {

	private final MultiValueMap<String, String> parameters;

	private Query(MultiValueMap<String, String> parameters) {
		this.parameters = parameters;
	}

	public static Query of(ServerRequest request) {
		return new Query(parse(request.uri().getRawQuery()));
	}

	/**
	 * Refuses parameters that nobody reads: their caller would think that they are
	 * obeyed.
	 */
	public static void requireOnly(ServerRequest request, Set<String> names) {
		String query = request.uri().getRawQuery();
		if (query == null) {
			return;
		}
		for (String name : parse(query).keySet()) {
			if (!names.contains(name)) {
				throw wrong(name, names.isEmpty() ? "is no parameter of this request, which has none"
						: "is no parameter of this request; it has " + String.join(", ", new TreeSet<>(names)));
			}
		}
	}

	/**
	 * As Spring reads a query; a regular expression for each parameter takes longer. No
	 * place of it is searched twice: half a megabyte of <code>&amp;</code> is a query
	 * too.
	 */
	private static MultiValueMap<String, String> parse(@Nullable String query) {
		MultiValueMap<String, String> parameters = new LinkedMultiValueMap<>();
		int start = 0;
		int equals = -2; // -1 where no other follows
		while (query != null && start < query.length()) {
			int ampersand = query.indexOf('&', start);
			int end = (ampersand >= 0) ? ampersand : query.length();
			if (equals != -1 && equals < start) {
				equals = query.indexOf('=', start);
			}
			int nameEnd = (equals >= 0 && equals < end) ? equals : end;
			if (nameEnd > start) {
				String name = decode("the query", query.substring(start, nameEnd));
				parameters.add(name, (nameEnd < end) ? decode(name, query.substring(nameEnd + 1, end)) : null);
			}
			start = end + 1;
		}
		return parameters;
	}

	private static String decode(String place, String text) {
		try {
			return Percents.decode(text.replace('+', ' '));
		}
		catch (CharacterCodingException ex) {
			throw wrong(place, "is not percent-encoded UTF-8");
		}
	}

	public boolean has(String name) {
		return this.parameters.containsKey(name);
	}

	/** The value, null when it is absent or empty. */
	public @Nullable String text(String name) {
		List<String> values = this.parameters.getOrDefault(name, List.of());
		if (values.size() > 1) {
			throw wrong(name, "is given " + values.size() + " times");
		}
		return (values.isEmpty() || values.get(0) == null || values.get(0).isEmpty()) ? null : values.get(0);
	}

	/** All values of a parameter that may be given several times. */
	public List<String> texts(String name) {
		return this.parameters.getOrDefault(name, List.of())
			.stream()
			.map((value) -> (value != null) ? value : "")
			.toList();
	}

	public int integer(String name, int absent, int min, int max) {
		Long value = number(name, min, max);
		return (value != null) ? value.intValue() : absent;
	}

	/** A whole number from min to max, null when it is absent. */
	public @Nullable Long number(String name, long min, long max) {
		String text = text(name);
		if (text == null) {
			return null;
		}
		try {
			long value = Long.parseLong(text);
			if (value >= min && value <= max && !text.startsWith("+")) {
				return value;
			}
		}
		catch (NumberFormatException ex) {
			// said below
		}
		throw wrong(name, (max == Long.MAX_VALUE) ? "must be a whole number of at least " + min
				: "must be a whole number from " + min + " to " + max);
	}

	public boolean flag(String name, boolean absent) {
		String text = text(name);
		if (text == null) {
			return absent;
		}
		if (!text.equals("true") && !text.equals("false")) {
			throw wrong(name, "must be true or false");
		}
		return text.equals("true");
	}

	/** One of the values, the first of them when it is absent. */
	public String oneOf(String name, String absent, String other) {
		String text = text(name);
		if (text == null || text.equals(absent)) {
			return absent;
		}
		if (!text.equals(other)) {
			throw wrong(name, "must be " + absent + " or " + other);
		}
		return other;
	}

	public @Nullable Instant time(String name) {
		String text = text(name);
		if (text == null) {
			return null;
		}
		// a plus that was not percent-encoded arrives as a space
		return Times.parse(text.replace(' ', '+'))
			.orElseThrow(() -> wrong(name, "must be an ISO-8601 time, for example 2026-01-31T12:00:00Z"));
	}

	public static ProblemException wrong(String name, String detail) {
		return Problems.invalid(InvalidInput.parameter(name, detail));
	}

}
