package dev.agentsessions.settings;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A setting, with what is said of it where it is declared. Its javadoc ends with its
 * bounds, as in <code>the most requests in one statement; 1 to 10000</code>.
 *
 * @param name of the property
 * @param type the name of its class
 * @param record the record that declares it; null if that is Spring Boot's
 * @param defaultValue empty if there is none
 * @param bounds the least and the most, or the least; null if it has none
 * @param meaning the rest of the javadoc, as Markdown
 */
record Setting(String name, String type, @Nullable String record, String defaultValue, @Nullable Bounds bounds,
		String meaning) {

	private static final Pattern BOUNDED = Pattern.compile("(.*); (?:(\\S+) to (\\S+)|at least (\\S+))");

	/** One of the service's own, from what the configuration processor wrote. */
	static Setting of(JsonNode property) {
		String javadoc = property.path("description").stringValue("").replaceAll("</?code>", "`");
		Matcher bounded = BOUNDED.matcher(javadoc);
		boolean matches = bounded.matches();
		return new Setting(property.path("name").stringValue(), property.path("type").stringValue(),
				property.path("sourceType").stringValue(), property.path("defaultValue").asString(""),
				matches ? bounds(bounded) : null, matches ? bounded.group(1) : javadoc);
	}

	private static Bounds bounds(Matcher bounded) {
		return (bounded.group(4) != null) ? new Bounds(bounded.group(4), null)
				: new Bounds(bounded.group(2), bounded.group(3));
	}

	/** The environment variable. */
	String variable() {
		return this.name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
	}

	/** The part of the name that all settings of its record have. */
	String prefix() {
		return this.name.substring(0, this.name.lastIndexOf('.'));
	}

	boolean isQuantity() {
		return this.type.matches(".*\\.(Integer|Long|Duration|DataSize)");
	}

	/** As a row of the table. */
	String row() {
		String value = this.defaultValue.isEmpty() ? " " : " `" + this.defaultValue + "` ";
		String bounded = (this.bounds != null) ? " " + this.bounds.text() + " " : " ";
		return "| `" + variable() + "`<br>`" + this.name + "` |" + value + "|" + bounded + "| " + this.meaning + " |";
	}

	/**
	 * What a quantity may be.
	 *
	 * @param most null for no limit
	 */
	record Bounds(String least, @Nullable String most) {

		String text() {
			return (this.most != null) ? "`" + this.least + "` to `" + this.most + "`"
					: "at least `" + this.least + "`";
		}

	}

}
