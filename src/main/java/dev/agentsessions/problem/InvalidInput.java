package dev.agentsessions.problem;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * One place in a request that breaks the contract.
 *
 * @param pointer where in the JSON body (RFC 6901), empty for the whole of it, null if it
 * is not in the body
 * @param parameter which query or path parameter or header, null if it is in the body
 * @param detail what is wrong there
 */
public record InvalidInput(@Nullable String pointer, @Nullable String parameter, String detail) {

	/** Of a place, in characters: a name in a request may be as long as the request. */
	private static final int LONGEST = 500;

	/** In Unicode mode a whole pair is one character, and no surrogate. */
	private static final Pattern HALF_A_PAIR = Pattern.compile("\\p{Cs}");

	/** Half of a surrogate pair in the pointer becomes U+FFFD: an answer is UTF-8. */
	public static InvalidInput body(String pointer, String detail) {
		return new InvalidInput(HALF_A_PAIR.matcher(cut(pointer)).replaceAll("\uFFFD"), null, detail);
	}

	public static InvalidInput parameter(String name, String detail) {
		return new InvalidInput(null, cut(name), detail);
	}

	/** Between characters, of which <code>~1</code> in a pointer is one. */
	private static String cut(String place) {
		if (place.length() <= LONGEST) {
			return place;
		}
		char last = place.charAt(LONGEST - 1);
		return place.substring(0, (last == '~' || Character.isHighSurrogate(last)) ? LONGEST - 1 : LONGEST) + "…";
	}

	String sentence() {
		String place = (this.parameter != null) ? this.parameter : this.pointer;
		return (place == null || place.isEmpty()) ? this.detail : place + ": " + this.detail;
	}

	Map<String, Object> document() {
		Map<String, Object> document = new LinkedHashMap<>();
		if (this.pointer != null) {
			document.put("pointer", this.pointer);
		}
		if (this.parameter != null) {
			document.put("parameter", this.parameter);
		}
		document.put("detail", this.detail);
		return document;
	}

}
