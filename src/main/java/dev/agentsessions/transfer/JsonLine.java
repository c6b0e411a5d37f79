package dev.agentsessions.transfer;

import java.util.regex.Pattern;

import dev.agentsessions.web.json.JsonWriter;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * Writes one JSON object on one line, of texts that may have half of a surrogate pair:
 * UTF-8 has no bytes for it, so it is escaped. What is null is left out.
 */
public final class JsonLine {

	/** In Unicode mode a whole pair is one character, and no surrogate. */
	private static final Pattern HALF_A_PAIR = Pattern.compile("\\p{Cs}");

	private final JsonWriter line = new JsonWriter().raw("{");

	public JsonLine text(String name, @Nullable String value) {
		this.line.json(name, (value != null) ? quoted(value) : null);
		return this;
	}

	private static String quoted(String text) {
		String quoted = "\"" + new String(JsonStringEncoder.getInstance().quoteAsCharArray(text)) + "\"";
		return HALF_A_PAIR.matcher(quoted).replaceAll((half) -> "\\\\u%04x".formatted((int) half.group().charAt(0)));
	}

	/** The line, without its end. */
	@Override
	public String toString() {
		return this.line + "}";
	}

}
