package dev.agentsessions;

import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

import dev.agentsessions.database.Engine;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.web.util.DefaultUriBuilderFactory;
import org.springframework.web.util.DefaultUriBuilderFactory.EncodingMode;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The real service on a free port, as a client sees it. Every exchange of
 * {@link #client()} is held against openapi.yaml.
 */
public final class TestStore implements AutoCloseable {

	private static final String LEVEL = "logging.level.";

	/** The largest bodies take long where other builds run as well. */
	private static final String PATIENCE = "store.database.request-timeout=16s";

	/** Of stores on PostgreSQL, unless a suite says otherwise. */
	static final String BUCKETS = System.getenv().getOrDefault("TEST_BUCKETS", "1");

	private static final Map<Engine, TestStore> shared = new EnumMap<>(Engine.class);

	private static String buckets = BUCKETS;

	private static final OpenApiConformance openApi = new OpenApiConformance();

	private final ConfigurableApplicationContext context;

	private final String databaseUrl;

	private final List<String> loggers;

	private TestStore(ConfigurableApplicationContext context, String databaseUrl, List<String> loggers) {
		this.context = context;
		this.databaseUrl = databaseUrl;
		this.loggers = loggers;
	}

	/** The store that tests share, one an engine; they use sessions of their own. */
	public static synchronized TestStore on(Engine engine) {
		// H2 has one bucket, and is tested without that
		assumeTrue(engine == Engine.POSTGRESQL || buckets.equals("1"));
		return shared.computeIfAbsent(engine, (key) -> start(newDatabase(key), PATIENCE));
	}

	/** Stores on PostgreSQL have so many from now on, and none is shared yet. */
	static synchronized void useBuckets(String count) {
		closeShared();
		buckets = count;
	}

	/**
	 * For a test that nothing else in this process may disturb: what was deleted in the
	 * stores that tests share is removed, and logged, seconds later. The next test that
	 * wants one starts it anew.
	 */
	public static synchronized void closeShared() {
		shared.values().forEach(TestStore::close);
		shared.clear();
	}

	/** An empty database of this engine. */
	public static String newDatabase(Engine engine) {
		return (engine == Engine.H2) ? "h2:mem:" + UUID.randomUUID() : TestPostgres.get().newDatabase();
	}

	/**
	 * Another replica, which the caller closes.
	 * @param properties further settings, as <code>name=value</code>; levels of logging
	 * last until it is closed
	 */
	public static TestStore start(String databaseUrl, String... properties) {
		return start(List.of(), databaseUrl, properties);
	}

	/**
	 * The same, with other times and limits than the service's own where these are no
	 * settings.
	 * @param instead records such as <code>TailTimes</code>, each in place of the
	 * service's own one of its type
	 */
	public static TestStore start(List<? extends Record> instead, String databaseUrl, String... properties) {
		String[] arguments = Stream
			.concat(Stream.of("server.port=0", "store.database.url=" + databaseUrl, "logging.level.liquibase=warn"),
					Arrays.stream(properties))
			.map((property) -> "--" + property)
			.toArray(String[]::new);
		// some tests write sessions that were last active long ago: they would leave
		String noJob = "store.retention.enabled=false";
		SpringApplicationBuilder application = new SpringApplicationBuilder(AgentSessionStore.class)
			.properties(noJob, "store.database.buckets=" + buckets(databaseUrl))
			.initializers((context) -> instead.forEach((each) -> prefer(each, context)));
		return new TestStore(application.run(arguments), databaseUrl, loggers(properties));
	}

	private static String buckets(String databaseUrl) {
		return databaseUrl.startsWith("h2:") ? "1" : buckets;
	}

	private static <T> void prefer(T bean, ApplicationContext context) {
		@SuppressWarnings("unchecked")
		Class<T> type = (Class<T>) bean.getClass();
		((GenericApplicationContext) context).registerBean("ofTheTest" + type.getSimpleName(), type, () -> bean,
				(definition) -> definition.setPrimary(true));
	}

	public WebTestClient client() {
		// what a test puts into a path is percent-encoded whole, as a careful client does
		// it
		DefaultUriBuilderFactory uris = new DefaultUriBuilderFactory(uri().toString());
		uris.setEncodingMode(EncodingMode.VALUES_ONLY);
		return WebTestClient.bindToServer()
			.uriBuilderFactory(uris)
			.responseTimeout(Duration.ofSeconds(20))
			.codecs((codecs) -> codecs.defaultCodecs().maxInMemorySize(64 << 20))
			.entityExchangeResultConsumer(openApi.consumer())
			.build();
	}

	public URI uri() {
		return URI.create("http://127.0.0.1:" + port());
	}

	public int port() {
		return ((WebServerApplicationContext) this.context).getWebServer().getPort();
	}

	/** Where health in detail and metrics are. */
	public int managementPort() {
		return this.context.getEnvironment().getRequiredProperty("local.management.port", Integer.class);
	}

	public String databaseUrl() {
		return this.databaseUrl;
	}

	/** A part of the running service, for what HTTP does not show. */
	public <T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	@Override
	public void close() {
		this.context.close();
		LoggingSystem logging = LoggingSystem.get(TestStore.class.getClassLoader());
		this.loggers.forEach((name) -> logging.setLogLevel(name, name.equals("root") ? LogLevel.INFO : null));
	}

	/** Levels belong to the process: later tests would log as much. */
	private static List<String> loggers(String[] properties) {
		return Arrays.stream(properties)
			.filter((property) -> property.startsWith(LEVEL))
			.map((property) -> property.substring(LEVEL.length(), property.indexOf('=')))
			.toList();
	}

}
