package dev.agentsessions.settings;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.io.ClassPathResource;

/**
 * All settings that the service documents.
 */
public final class Settings {

	private static final String METADATA = "META-INF/spring-configuration-metadata.json";

	/** What Spring Boot brings and an operator of this service needs. */
	private static final List<Setting> OF_SPRING_BOOT = List.of(
			ofSpringBoot("server.port", "where the service listens"),
			ofSpringBoot("server.address", "on which address; `0.0.0.0` for all, which needs `STORE_ACCESS_MODE`"),
			ofSpringBoot("server.forward-headers-strategy",
					"`native` behind a proxy that sets `Forwarded` or `X-Forwarded` headers and lets none through: they are believed then"),
			ofSpringBoot("management.server.port",
					"where health in detail and metrics are; `0` for any free port, which the log tells"),
			ofSpringBoot("management.server.address", "on which address they are; `SERVER_ADDRESS` unless set"),
			ofSpringBoot("spring.liquibase.enabled",
					"whether the tables are made and brought up to date at the start; `false` if something else does it"),
			ofSpringBoot("spring.lifecycle.timeout-per-shutdown-phase",
					"how long a stop waits for what is under way on the main port, and then on that of management"),
			ofSpringBoot("management.tracing.sampling.probability",
					"the share of requests that are traced, unless the caller decides"),
			ofSpringBoot("logging.structured.format.console",
					"`ecs` for log lines that are JSON (Elastic Common Schema); lines of text unless set"),
			ofSpringBoot("logging.level.root", "`error`, `warn`, `info` or `debug`; none shows messages or keys"));

	private Settings() {
	}

	/** The service's own, in the order of their records and names. */
	static List<Setting> own() {
		try {
			List<URL> files = Collections.list(Settings.class.getClassLoader().getResources(METADATA));
			return files.stream()
				.flatMap(Settings::properties)
				.filter((property) -> property.path("name").stringValue().startsWith("store."))
				.map(Setting::of)
				// of a nested record there is one for the whole, too
				.filter((setting) -> !setting.type().endsWith("Settings"))
				.toList();
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** The properties of the service's own. */
	public static Set<String> names() {
		return own().stream().map(Setting::name).collect(Collectors.toSet());
	}

	/** The environment variables of the service's own. */
	public static Set<String> variables() {
		return own().stream().map(Setting::variable).collect(Collectors.toSet());
	}

	/** The table, as Markdown. */
	static String table() {
		List<Setting> own = own();
		String url = own.stream()
			.filter((setting) -> setting.name().equals("store.database.url"))
			.map(Setting::defaultValue)
			.findFirst()
			.orElseThrow();
		String database = "| `DATABASE_URL` | `" + url + "` | | which database, see below |";
		String traces = "| `OTEL_EXPORTER_OTLP_ENDPOINT` | | | where traces are sent, such as `http://collector:4318`; none are made without it |";
		return Stream
			.of(Stream.of("| variable, property | default | bounds | meaning |", "|---|---|---|---|", database, traces),
					OF_SPRING_BOOT.stream().map(Setting::row), own.stream().map(Setting::row))
			.flatMap((lines) -> lines)
			.collect(Collectors.joining("\n", "", "\n"));
	}

	/** With the default of application.yaml, else that of Spring Boot. */
	private static Setting ofSpringBoot(String name, String meaning) {
		try {
			Object value = new YamlPropertySourceLoader().load("application", new ClassPathResource("application.yaml"))
				.get(0)
				.getProperty(name);
			String known = switch (name) {
				case "spring.liquibase.enabled" -> "true";
				case "management.tracing.sampling.probability" -> "0.1";
				case "logging.level.root" -> "info";
				default -> "";
			};
			String text = (value != null) ? value.toString() : known;
			return new Setting(name, "", text.startsWith("$") ? "" : text, null, meaning);
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static Stream<JsonNode> properties(URL file) {
		try (InputStream in = file.openStream()) {
			return new JsonMapper().readTree(in).path("properties").valueStream();
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
