package dev.agentsessions.settings;

import java.util.Locale;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

import org.springframework.boot.context.properties.bind.DataObjectPropertyName;

/**
 * A setting, with what is said of it where it is declared.
 *
 * @param name of the property
 * @param type the name of its class
 * @param defaultValue empty if there is none
 * @param bounds what its annotations say; null if it has none
 * @param meaning its javadoc, as Markdown
 */
record Setting(String name, String type, String defaultValue, @Nullable Bounds bounds, String meaning) {

	/** One of the service's own, from what the configuration processor wrote. */
	static Setting of(JsonNode property) {
		String name = property.path("name").stringValue();
		String record = property.path("sourceType").stringValue();
		return new Setting(name, property.path("type").stringValue(), property.path("defaultValue").asString(""),
				bounds(record, name), property.path("description").stringValue("").replaceAll("</?code>", "`"));
	}

	private static @Nullable Bounds bounds(String record, String name) {
		try {
			return Stream.of(Class.forName(record).getDeclaredFields())
				.filter((field) -> name.endsWith("." + DataObjectPropertyName.toDashedForm(field.getName())))
				.findFirst()
				.map(Bounds::of)
				.orElse(null);
		}
		catch (ClassNotFoundException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** The environment variable. */
	String variable() {
		return this.name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
	}

	boolean isQuantity() {
		return this.type.matches(".*\\.(Integer|Long|Duration|DataSize)");
	}

	/** As a row of the table. */
	String row() {
		String value = this.defaultValue.isEmpty() ? " " : " `" + this.defaultValue + "` ";
		String bounded = (this.bounds != null) ? " " + text(this.bounds) + " " : " ";
		return "| `" + variable() + "`<br>`" + this.name + "` |" + value + "|" + bounded + "| " + this.meaning + " |";
	}

	private static String text(Bounds bounds) {
		return (bounds.most() != null) ? "`" + bounds.least() + "` to `" + bounds.most() + "`"
				: "at least `" + bounds.least() + "`";
	}

}
