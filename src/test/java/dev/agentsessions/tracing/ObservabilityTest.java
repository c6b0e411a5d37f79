package dev.agentsessions.tracing;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.boot.logging.logback.StructuredLogEncoder;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.r2dbc.core.DatabaseClient;

import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * A store whose traces are taken, after some traffic on every feature: what dashboard and
 * alerts ask for is there, traces and logs have their ids, and nothing of what is stored.
 */
class ObservabilityTest {

	private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

	/** Is there where callers have keys. */
	private static final String OF_KEYS = "store_access_keys_stale";

	private static final String SECRET = "s3cr3t-content";

	private static final TraceReceiver receiver = new TraceReceiver();

	private static final HttpClient client = HttpClient.newHttpClient();

	private static TestStore store;

	private static InputStream tail;

	private static Exposition exposition;

	@BeforeAll
	static void someTraffic() throws IOException, InterruptedException {
		store = TestStore.start(TestStore.newDatabase(Engine.H2), "management.server.port=0",
				"management.opentelemetry.tracing.export.otlp.endpoint=" + receiver.endpoint(),
				"management.opentelemetry.tracing.export.schedule-delay=50ms",
				"management.tracing.sampling.probability=1", "store.tails.max-streams=1");
		store.bean(DatabaseClient.class)
			.sql("alter table messages alter column content set data type varchar(8)")
			.then()
			.block(Duration.ofSeconds(10));
		Api api = Api.on(store);
		String session = api.sessionOf(3);
		tail = client.send(request("/v1/sessions/" + session + "/tail").build(), BodyHandlers.ofInputStream()).body();
		await().atMost(Duration.ofSeconds(20))
			.until(() -> store.bean(MeterRegistry.class).get("store.tails.open").gauge().value() == 1);
		api.get("/v1/sessions/{id}/tail", session).problem(503, "busy");
		api.get(Api.MESSAGES, session).expect(200);
		api.get("/v1/sessions").expect(200);
		api.post("/v1/retention/cleanup").json("{}").send().expect(200);
		System.gc();
		exposition = new Exposition(
				client.send(HttpRequest.newBuilder(management()).build(), BodyHandlers.ofString()).body());
	}

	@AfterAll
	static void stop() throws IOException {
		tail.close();
		store.close();
		receiver.close();
	}

	@Test
	void everyQueryOfTheDashboardFindsSomething() throws IOException {
		JsonNode dashboard = new JsonMapper().readTree(Files.readString(Path.of("k8s/observability/dashboard.json")));
		List<String> queries = dashboard.findValuesAsString("expr");
		assertThat(queries).hasSizeGreaterThan(30).allSatisfy(ObservabilityTest::assertFound);
		assertThat(dashboard.at("/templating/list/1/query/query").stringValue()).contains("store_lanes_queue_requests");
	}

	@Test
	void everyAlertAsksForWhatThereIs() throws IOException {
		JsonNode alerts = yaml("k8s/observability/alerts.yaml");
		assertThat(alerts.findValuesAsString("expr")).hasSizeGreaterThan(8)
			.filteredOn((query) -> !query.contains(OF_KEYS))
			.allSatisfy(ObservabilityTest::assertFound);
		assertThat(alerts.findValuesAsString("alert")).doesNotHaveDuplicates();
	}

	@Test
	void theAutoscalerAsksForWhatThereIs() throws IOException {
		List<String> metrics = yaml("k8s/base/hpa.yaml").at("/spec/metrics")
			.valueStream()
			.map((metric) -> metric.at("/pods/metric/name").stringValue(""))
			.filter((name) -> !name.isEmpty())
			.toList();
		assertThat(metrics).isNotEmpty().allSatisfy(ObservabilityTest::assertFound);
	}

	@Test
	void aQueryThatFindsNothingIsNoticed() {
		assertThat(exposition.missing("sum by (le) (rate(store_lanes_nothing[5m])) / store_lanes_queue_requests"))
			.hasSize(2);
		assertThat(exposition.missing("store_lanes_queue_requests{kind=\"neither\"}")).hasSize(1);
		assertThat(exposition.missing("sum by (colour) (store_lanes_queue_requests)")).hasSize(1);
		assertThat(exposition.missing("sum by (pod, kind) (store_lanes_queue_requests{namespace=\"$namespace\"}) > 0"))
			.isEmpty();
	}

	@Test
	void aQueryThatIsNotWellFormedIsNoticed() {
		assertThat(List.of("sum(rate(a[5m])", "sum(a))", "sum(a[5m)]", "quantil(0.5, a)", "rate(a[5 minutes])",
				"a{b=\"c}"))
			.allSatisfy((query) -> assertThat(PromQl.mistakes(query)).isNotEmpty());
		assertThat(PromQl.mistakes("sum by (b) (rate(a{b=~\"(x|y\"}[5m])) > 0")).isEmpty();
	}

	@Test
	void aRequestIsCountedOnceAlthoughItIsTraced() {
		assertThat(exposition.missing("http_server_requests_seconds_count{uri=\"/v1/sessions\",exception=\"none\"}"))
			.hasSize(1);
		assertThat(exposition.missing("http_server_requests_seconds_count{uri=\"/v1/sessions\"}")).isEmpty();
	}

	@Test
	void aTraceGoesOnFromTheCallerToTheDatabaseAndSaysNothingOfWhatIsStored() throws Exception {
		String session = Api.newId();
		append(session, "12345678", "traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01");
		await().atMost(Duration.ofSeconds(20))
			.until(() -> receiver.all().contains(TraceReceiver.bytes(TRACE)) && receiver.all().contains("lane write"));
		assertThat(receiver.all())
			.contains("POST /v1/sessions/{session_id}/messages", "http.route", "http.response.status_code",
					"agent-session-store")
			.doesNotContain(session)
			.doesNotContain("12345678");
	}

	@Test
	void probesAreNotTraced() throws Exception {
		String probe = TRACE.replace('4', '5');
		String request = TRACE.replace('4', '6');
		client.send(request("/livez").header("traceparent", "00-" + probe + "-00f067aa0ba902b7-01").build(),
				BodyHandlers.discarding());
		append(Api.newId(), "12345678", "traceparent", "00-" + request + "-00f067aa0ba902b7-01");
		await().atMost(Duration.ofSeconds(20)).until(() -> receiver.all().contains(TraceReceiver.bytes(request)));
		assertThat(receiver.all()).doesNotContain(TraceReceiver.bytes(probe));
	}

	@Test
	void aFailureIsLoggedWithTheIdsOfItsRequestAndItsTrace() throws Exception {
		ListAppender<ILoggingEvent> lines = new ListAppender<>();
		lines.start();
		Logger logger = (Logger) LoggerFactory.getLogger("dev.agentsessions.problem.ProblemHandler");
		logger.addAppender(lines);
		logger.setAdditive(false);
		HttpResponse<String> failed = append(Api.newId(), SECRET, "X-Request-Id", "from-the-proxy");
		HttpResponse<String> unnamed = append(Api.newId(), SECRET, "X-Request-Id", "not plain");
		logger.setAdditive(true);
		logger.detachAppender(lines);
		assertThat(List.of(failed.statusCode(), unnamed.statusCode())).containsOnly(500);
		assertThat(failed.headers().firstValue("X-Request-Id")).hasValue("from-the-proxy");
		JsonNode line = asJson(lines.list.get(0));
		assertThat(line.at("/message").stringValue()).isEqualTo("POST from-the-proxy failed");
		assertThat(line.at("/http/request/id").stringValue()).isEqualTo("from-the-proxy");
		assertThat(line.at("/trace/id").stringValue()).matches("[0-9a-f]{32}");
		assertThat(line.at("/log/level").stringValue()).isEqualTo("ERROR");
		assertThat(line.at("/error/stack_trace").stringValue()).contains("R2dbc");
		assertThat(line.toString()).doesNotContain(SECRET);
		assertThat(unnamed.headers().firstValue("X-Request-Id"))
			.hasValue(asJson(lines.list.get(1)).at("/http/request/id").stringValue());
		String traceId = TraceReceiver.bytes(line.at("/trace/id").stringValue());
		await().atMost(Duration.ofSeconds(20)).until(() -> receiver.all().contains(traceId));
		assertThat(receiver.all()).contains("error.type").doesNotContain(SECRET);
	}

	@Test
	void withoutAnEndpointThereAreNoTraces() {
		TestStore untraced = TestStore.on(Engine.H2);
		assertThatExceptionOfType(NoSuchBeanDefinitionException.class)
			.isThrownBy(() -> untraced.bean(SpanExporter.class));
		assertThat(untraced.bean(Traces.class)).isSameAs(Traces.NONE);
		assertThat(Traces.NONE.registry().isNoop()).isTrue();
		assertThat(store.bean(SpanExporter.class)).isNotNull();
	}

	private static void assertFound(String query) {
		assertThat(PromQl.mistakes(query)).as(query).isEmpty();
		assertThat(Exposition.selectors(query)).as(query).isPositive();
		assertThat(exposition.missing(query)).as(query).isEmpty();
	}

	private static HttpResponse<String> append(String session, String content, String header, String value)
			throws IOException, InterruptedException {
		return client.send(request("/v1/sessions/" + session + "/messages").header(header, value)
			.header("Content-Type", "application/json")
			.POST(BodyPublishers.ofString(message(content)))
			.build(), BodyHandlers.ofString());
	}

	private static HttpRequest.Builder request(String path) {
		return HttpRequest.newBuilder(URI.create(store.uri() + path));
	}

	private static URI management() {
		return URI.create("http://127.0.0.1:" + store.managementPort() + "/actuator/prometheus");
	}

	private static JsonNode yaml(String file) throws IOException {
		return new JsonMapper().valueToTree(new Yaml().load(Files.readString(Path.of(file))));
	}

	/** The line that <code>logging.structured.format.console=ecs</code> makes of it. */
	private static JsonNode asJson(ILoggingEvent event) {
		StructuredLogEncoder encoder = new StructuredLogEncoder();
		encoder.setContext((LoggerContext) LoggerFactory.getILoggerFactory());
		encoder.getContext().putObject(Environment.class.getName(), new StandardEnvironment());
		encoder.setFormat("ecs");
		encoder.start();
		return Json.parse(new String(encoder.encode(event), StandardCharsets.UTF_8));
	}

}
