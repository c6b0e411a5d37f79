package dev.agentsessions.settings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.convert.DurationStyle;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.util.unit.DataSize;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The table of settings in docs/configuration.md is made from the records, and what it
 * says of them is so.
 */
class SettingsTableTest {

	private static final Path TABLE = Path.of("docs/configuration.md");

	private static final Path SIZING = Path.of("docs/operations/sizing.md");

	private static final String BEGIN = "<!-- made by ./mvnw test -Dtest=SettingsTableTest -Dregenerate -->\n\n";

	private static final String END = "\n<!-- the end of what is made -->";

	@Test
	void theTableHasEverySetting() throws IOException {
		String page = Files.readString(TABLE);
		int begin = page.indexOf(BEGIN) + BEGIN.length();
		int end = page.indexOf(END);
		if (System.getProperty("regenerate") != null) {
			Files.writeString(TABLE, page.substring(0, begin) + Settings.table() + page.substring(end));
			return;
		}
		assertThat(page.substring(begin, end))
			.as("the settings have changed; run: ./mvnw test -Dtest=SettingsTableTest -Dregenerate")
			.isEqualTo(Settings.table());
	}

	@Test
	void connectionsAreCountedByTheDefaults() throws IOException {
		Map<String, String> defaults = Settings.own()
			.stream()
			.collect(Collectors.toMap(Setting::name, Setting::defaultValue));
		List<String> parts = List.of(defaults.get("store.lanes.writers"), defaults.get("store.lanes.readers"),
				defaults.get("store.database.pool-size"), "2");
		int sum = parts.stream().mapToInt(Integer::parseInt).sum();
		assertThat(Files.readString(SIZING)).contains(String.join(" + ", parts) + " = " + sum)
			.contains("four replicas with the defaults take " + 4 * sum)
			.contains("the nine of `prod` " + 9 * sum);
	}

	@Test
	void everyManifestSetsWhatThereIs() throws IOException {
		List<String> known = Settings.own().stream().map(Setting::variable).toList();
		for (String file : List.of("k8s/base/configmap.yaml", "k8s/overlays/dev/kustomization.yaml", "compose.yaml")) {
			assertThat(Files.readString(Path.of(file)).lines()).map(String::strip)
				.filteredOn((line) -> line.startsWith("STORE_"))
				.isNotEmpty()
				.allSatisfy((line) -> assertThat(known).contains(line.substring(0, line.indexOf(':'))));
		}
	}

	@ParameterizedTest
	@MethodSource("dev.agentsessions.settings.Settings#own")
	void everySettingIsDescribed(Setting setting) {
		assertThat(setting.meaning()).isNotBlank();
		if (setting.isQuantity()) {
			assertThat(setting.bounds()).as("%s must have bounds, such as @Min and @Max", setting.name()).isNotNull();
		}
	}

	@ParameterizedTest
	@MethodSource("dev.agentsessions.settings.Settings#own")
	void boundsAreKept(Setting setting) {
		Bounds bounds = setting.bounds();
		if (bounds == null) {
			return;
		}
		takes(setting, bounds.least());
		refuses(setting, beside(setting, bounds.least(), -1));
		if (bounds.most() != null) {
			takes(setting, bounds.most());
			refuses(setting, beside(setting, bounds.most(), 1));
		}
	}

	private static void takes(Setting setting, String value) {
		assertThat(faults(setting, value)).isEmpty();
	}

	private static void refuses(Setting setting, String value) {
		assertThat(faults(setting, value)).singleElement()
			.asString()
			.startsWith(setting.variable() + " (" + setting.name() + ") must be ")
			.endsWith(", but is " + value + ".");
	}

	private static List<String> faults(Setting setting, String value) {
		return new SettingsCheck().faults(new MockEnvironment().withProperty(setting.name(), value));
	}

	/** The next value on one side: a millisecond, a byte, or one further. */
	private static String beside(Setting setting, String value, int step) {
		return switch (setting.type()) {
			case "java.time.Duration" -> DurationStyle.detectAndParse(value).plus(Duration.ofMillis(step)).toString();
			case "org.springframework.util.unit.DataSize" -> DataSize.parse(value).toBytes() + step + "B";
			default -> Long.toString(Long.parseLong(value) + step);
		};
	}

}
