package dev.agentsessions;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.DispatcherHandler;
import org.springframework.web.reactive.HandlerMapping;
import org.springframework.web.reactive.function.server.support.RouterFunctionMapping;
import org.springframework.web.reactive.handler.AbstractUrlHandlerMapping;
import org.springframework.web.reactive.result.method.RequestMappingInfo;
import org.springframework.web.reactive.result.method.RequestMappingInfoHandlerMapping;

import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The service and its document have the same paths, methods and limits, and the document
 * can be read where it is served.
 */
class RoutesTest {

	private static final OpenApiConformance document = new OpenApiConformance();

	/**
	 * How Spring shows a route: that of a method, or the one behind them all, which
	 * answers 405.
	 */
	private static final Pattern ROUTE = Pattern.compile(" *(?:\\((?<method>[A-Z]+) && (?<path>/\\S*)\\)|/\\S*) -> .*");

	private final TestStore store = TestStore.on(Engine.H2);

	private final Api api = Api.on(this.store);

	@Test
	void theServiceHasTheRoutesOfItsDocument() {
		Set<String> routes = new TreeSet<>();
		for (HandlerMapping mapping : mappings()) {
			if (mapping instanceof RouterFunctionMapping router) {
				String.valueOf(router.getRouterFunction()).lines().forEach((line) -> add(routes, line));
			}
			else if (mapping instanceof RequestMappingInfoHandlerMapping annotated) {
				annotated.getHandlerMethods().keySet().forEach((route) -> add(routes, route));
			}
			else {
				assertThat(mapping).isNotInstanceOf(AbstractUrlHandlerMapping.class);
			}
		}
		assertThat(routes).isEqualTo(document.operations());
	}

	@ParameterizedTest
	@MethodSource("paths")
	void everyOperationIsThereAndNoOther(String path) {
		Set<String> expected = methods(path);
		for (HttpMethod method : HttpMethod.values()) {
			Answer answer = this.api.request(method, sample(path)).send();
			if (expected.contains(method.name())) {
				assertThat(answer.status()).as("%s %s", method, path).isNotIn(405, 500, 501);
				assertThat(answer.text()).as("%s %s", method, path).doesNotContain("/problems/not-found");
			}
			else {
				assertThat(allowed(answer.expect(405))).as("%s %s", method, path).isEqualTo(expected);
				assertThat(answer.text()).as("%s %s", method, path)
					.contains(method.equals(HttpMethod.HEAD) ? "" : "/problems/method-not-allowed");
			}
		}
	}

	@ParameterizedTest
	@MethodSource("paths")
	void everyOperationTakesTheQueryParametersOfItsDocumentAndNamesAnyOther(String path) {
		for (String method : methods(path)) {
			Set<String> known = document.queryParameters(method.equals("HEAD") ? "GET" : method, path);
			for (String name : List.of("limit", "page", "page_size", "after", "before", "role", "from", "to", "create",
					"soft", "order", "cursor", "session_id", "include_deleted", "offset", "drafts", "Limit",
					"unknown")) {
				Answer answer = this.api.request(HttpMethod.valueOf(method), sample(path) + "?" + name + "=%20").send();
				if (!known.contains(name)) {
					assertThat(answer.status()).as("%s %s %s", method, path, name).isEqualTo(400);
				}
				if (answer.status() == 400 && !method.equals("HEAD")) {
					String detail = answer.json().at("/errors/0/detail").stringValue("");
					assertThat(detail.contains("is no parameter")).as("%s %s %s: %s", method, path, name, detail)
						.isEqualTo(!known.contains(name));
					if (!known.contains(name)) {
						answer.wrongParameter(name);
					}
				}
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "/livez", "/readyz" })
	void healthIsOnlyRead(String path) {
		assertThat(this.api.get(path).expect(200).json().path("status").stringValue()).isEqualTo("UP");
		this.api.head(path).expect(200);
		this.api.request(HttpMethod.GET, path)
			.header("Accept", "application/json;charset=utf-16")
			.send()
			.problem(406, "not-acceptable");
		for (HttpMethod method : List.of(HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE)) {
			assertThat(allowed(this.api.request(method, path).send().expect(405))).isEqualTo(Set.of("GET", "HEAD"));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "/v1/session", "/v1/sessions/", "/v1/sessions/a/", "/v1/sessions/a/turn",
			"/v1/sessions/a/turns/1", "/v1/sessions/a/agent-context/x", "/v1/agent-contexts/a", "/v2/sessions",
			"/V1/sessions", "/docs/index.html", "/docs/swagger-ui.js", "/console/index.html", "/console/x/y",
			"/openapi.yml", "/openapi.yaml/x", "/favicon.ico", "/webjars/swagger-ui/swagger-ui.css",
			"/application.yaml", "/actuator/env", "/actuator/beans" })
	void thereIsNothingElse(String path) {
		this.api.get(path).problem(404, "not-found");
	}

	@ParameterizedTest
	@CsvSource({ "/,console", "/console/,../console", "/docs/,../docs", "/v1,docs", "/v1/,../docs" })
	void whoLooksAroundIsLedToTheConsoleAndTheDocumentation(String path, String place)
			throws IOException, InterruptedException {
		// these paths are not in the document, which the other client insists on
		HttpClient client = HttpClient.newHttpClient();
		for (String method : List.of("GET", "HEAD", "POST")) {
			HttpResponse<String> answer = client.send(HttpRequest.newBuilder(this.store.uri().resolve(path))
				.method(method, HttpRequest.BodyPublishers.noBody())
				.build(), HttpResponse.BodyHandlers.ofString());
			boolean reads = !method.equals("POST");
			assertThat(answer.statusCode()).isEqualTo(reads ? 302 : 404);
			assertThat(answer.headers().firstValue(HttpHeaders.LOCATION))
				.isEqualTo(Optional.ofNullable(reads ? place : null));
		}
	}

	@ParameterizedTest
	@MethodSource("readable")
	void headIsWhatGetIsWithoutABody(String path) {
		String session = this.api.sessionOf(3);
		this.api.makeSwitch(session, json("{'to_agent':'a'}")).expect(201);
		this.api.makeSwitch(session, json("{'to_agent':'b'}")).expect(201);
		String uri = sample(path).replace("{session_id}", session).replace("/none", "/" + session);
		for (String each : List.of(uri, uri + "?limit=1", uri + "?limit=x", uri.replace(session, "absent"))) {
			Answer get = this.api.get(each);
			Answer head = this.api.head(each);
			assertThat(head.status()).as(each).isEqualTo(get.status());
			assertThat(lasting(head)).as(each).isEqualTo(lasting(get));
			assertThat(get.body()).as(each).isNotEmpty();
			assertThat(head.body()).as(each).isEmpty();
		}
	}

	@ParameterizedTest
	@MethodSource("readable")
	void whatTheCallerCantReadIsRefused(String path) {
		this.api.request(HttpMethod.GET, sample(path))
			.header("Accept", "image/png")
			.send()
			.problem(406, "not-acceptable");
	}

	// the document

	@Test
	void servesTheDocumentAsItIs() throws IOException {
		Answer answer = this.api.get("/openapi.yaml").expect(200);
		try (InputStream file = RoutesTest.class.getResourceAsStream("/openapi.yaml")) {
			assertThat(file).isNotNull();
			assertThat(answer.body()).isEqualTo(file.readAllBytes());
		}
		assertThat(answer.body()).isEqualTo(Files.readAllBytes(Path.of("src/main/resources/openapi.yaml")));
		assertThat(answer.headers().getContentType()).isEqualTo(MediaType.APPLICATION_YAML);
	}

	@Test
	void showsTheDocument() {
		Answer page = this.api.request(HttpMethod.GET, "/docs").header("Accept", "text/html").send().expect(200);
		assertThat(page.headers().getContentType()).isEqualTo(MediaType.parseMediaType("text/html;charset=UTF-8"));
		List<String> files = references(page.text(), "(?:src|href)=\"(docs/[^\"]+)\"");
		assertThat(files).containsExactlyInAnyOrder("docs/swagger-ui.css", "docs/swagger-ui-bundle.js", "docs/init.js");
		for (String file : files) {
			Answer answer = this.api.get("/" + file).expect(200);
			assertThat(answer.body().length).isPositive();
			assertThat(answer.headers().getContentType()).asString()
				.startsWith(file.endsWith(".css") ? "text/css" : "text/javascript");
			assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
		}
		assertThat(this.api.get("/docs/init.js").text()).contains("url: 'openapi.yaml'");
		assertThat(page.header("Content-Security-Policy")).contains("default-src 'none'").doesNotContain("unsafe");
	}

	@ParameterizedTest
	@ValueSource(strings = { "/openapi.yaml", "/docs", "/docs/init.js", "/docs/swagger-ui-bundle.js",
			"/docs/swagger-ui.css", "/console", "/console/init.js", "/console/console.css" })
	void whatHasNotChangedIsNotSentAgain(String path) {
		Answer answer = this.api.get(path).expect(200);
		Answer again = this.api.request(HttpMethod.GET, path).header("If-None-Match", answer.etag()).send().expect(304);
		assertThat(again.body()).isEmpty();
		assertThat(again.etag()).isEqualTo(answer.etag());
		// a browser takes the headers of a 304 in place of those that it has
		for (String header : List.of("Content-Security-Policy", "Cache-Control")) {
			assertThat(again.header(header)).as(header).isEqualTo(answer.header(header));
		}
		this.api.request(HttpMethod.GET, path).header("If-None-Match", "\"other\"").send().expect(200);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '"',
			textBlock = """
					PUT agent-context | true  | {'current_agent':'CODEPOINTS255','agent_history':[{'to':'b'},{'from':'b','to':'c'}]}
					PUT agent-context | true  | {'current_agent':'a','agent_history':[],'switch_count':2147483647}
					PUT agent-context | false | {'agent_history':[]}
					PUT agent-context | false | {'current_agent':''}
					PUT agent-context | false | {'current_agent':'CODEPOINTS256'}
					PUT agent-context | false | {'current_agent':'a','agent_history':[{'from':'a'}]}
					PUT agent-context | false | {'current_agent':'a','agent_history':[{'to':'CODEPOINTS256'}]}
					PUT agent-context | false | {'current_agent':'a','agent_history':[{'from':'CODEPOINTS256','to':'b'}]}
					PUT agent-context | false | {'current_agent':'a','switch_count':-1}
					PUT agent-context | false | {'current_agent':'a','switch_count':2147483648}
					PUT agent-context | false | {'current_agent':'a','session_id':'x'}
					POST agent-switches | true  | {'to_agent':'CODEPOINTS255'}
					POST agent-switches | false | {'to_agent':'CODEPOINTS256'}
					POST agent-switches | false | {'from_agent':'a'}
					POST agent-switches | false | {'to_agent':'a','reason':1}
					POST turns | true  | {'messages':[{'role':'user','content':'x'}]}
					POST turns | true  | {'messages':[],'agent_switch':{'to_agent':'a'}}
					POST turns | true  | {'agent_context':{'metadata':{}}}
					POST turns | false | {}
					POST turns | false | {'messages':[]}
					POST turns | false | {'agent_context':{}}
					POST turns | false | {'agent_switch':{'to_agent':'CODEPOINTS256'}}
					POST turns | false | {'messages':[{'role':'user','content':'x'}],'session_id':'x'}
					POST messages | true  | {'role':'user','content':'x','token_count':0}
					POST messages | true  | {'role':'user','content':'x','token_count':1000000000000}
					POST messages | false | {'role':'user','content':'x','token_count':1000000000001}
					POST messages | false | {'role':'user','content':'x','token_count':-1}
					POST messages | false | {'role':'user','content':'x','token_count':1.5}
					POST messages | true  | {'role':'user','content':'','token_count':1}
					POST messages | true  | {'id':'CODEPOINTS255','role':'user','content':[{}],'other':null}
					POST messages | false | {'id':'CODEPOINTS256','role':'user','content':'x'}
					POST messages | false | {'role':'user','content':['x']}
					POST messages | true  | {'type':'x','other':0}
					POST messages | false | {'content':'x','other':0}
					POST messages | false | {'role':'user','other':null}
					POST messages | false | {'role':'user','content':'x','_other':0}
					POST messages | false | {'role':'user','content':'x','seq':1}
					POST messages | false | {'role':'robot','content':'x'}
					POST messages | false | []
					PUT history | true  | {'messages':[]}
					POST messages | false | {'role':'assistant','tool_calls':[]}
					POST messages | true  | {'role':'assistant','tool_calls':[1]}
					POST messages | true  | {'role':'assistant','content':'x','tool_calls':[]}
					PUT history | false | {'messages':[{'role':'tool','tool_calls':[]}]}
					PUT history | true  | {'messages':[{'role':'tool','tool_calls':[1]}],'last_activity':'2026-01-31T00:00:00'}
					PUT history | false | {'messages':[{'role':'tool'}]}
					PUT history | false | {}
					POST retention/cleanup | true  | {}
					POST retention/cleanup | true  | {'max_age_hours':438000,'dry_run':true}
					POST retention/cleanup | false | {'max_age_hours':0}
					POST retention/cleanup | true  | {'max_age_hours':438001,'dry_run':true}
					POST retention/cleanup | false | {'days_old':1}
					POST retention/purge | true  | {}
					POST retention/purge | true  | {'days_old':18250,'dry_run':false}
					POST retention/purge | true  | {'days_old':0,'dry_run':true}
					POST retention/purge | false | {'days_old':-1}
					POST retention/purge | true  | {'days_old':18251,'dry_run':true}
					POST retention/purge | false | {'dry_run':1}
					PATCH | true  | {'metadata':{}}
					PATCH | false | {}
					""")
	void theServiceTakesWhatItsDocumentDescribes(String operation, boolean takes, String body) throws IOException {
		String[] methodAndPart = operation.split(" ");
		String part = (methodAndPart.length > 1) ? "/" + methodAndPart[1] : "";
		String json = json(body).replace("CODEPOINTS255", "😀".repeat(255)).replace("CODEPOINTS256", "😀".repeat(256));
		String session = this.api.newSession();
		this.api.makeSwitch(session, json("{'to_agent':'a'}")).expect(201);
		boolean ofSession = !part.startsWith("/retention");
		assertThat(document.takes(methodAndPart[0] + (ofSession ? " /v1/sessions/{session_id}" : " /v1") + part, json))
			.isEqualTo(takes);
		Answer answer = this.api
			.request(HttpMethod.valueOf(methodAndPart[0]), (ofSession ? SESSION : "/v1") + part, session)
			.json(json)
			.send();
		if (takes) {
			assertThat(answer.status()).as(answer.text()).isIn(200, 201);
		}
		else {
			answer.problem(400, "invalid-request");
		}
	}

	/** The paths of the document but those of health, which are Spring Boot's. */
	static Stream<String> paths() {
		return document.operations()
			.stream()
			.map((operation) -> operation.split(" ")[1])
			.filter((path) -> !path.endsWith("z"))
			.distinct();
	}

	/**
	 * The paths that answer GET with something that ends; streams have tests of their
	 * own.
	 */
	static Stream<String> readable() {
		return Stream.concat(paths(), Stream.of("/livez", "/readyz"))
			.filter((path) -> methods(path).contains("GET") && !path.endsWith("/tail"));
	}

	private List<HandlerMapping> mappings() {
		List<HandlerMapping> mappings = this.store.bean(DispatcherHandler.class).getHandlerMappings();
		assertThat(mappings).isNotNull().hasAtLeastOneElementOfType(RouterFunctionMapping.class);
		return mappings;
	}

	private static void add(Set<String> routes, String line) {
		Matcher route = ROUTE.matcher(line);
		assertThat(route.matches()).as("a route of another form: " + line).isTrue();
		String method = route.group("method");
		if (method != null && !method.equals("HEAD")) {
			routes.add(method + " " + route.group("path"));
		}
	}

	private static void add(Set<String> routes, RequestMappingInfo annotated) {
		annotated.getMethodsCondition()
			.getMethods()
			.forEach((method) -> annotated.getPatternsCondition()
				.getPatterns()
				.forEach((pattern) -> routes.add(method + " " + pattern)));
	}

	/** What the document lets be done at a path; HEAD where there is GET. */
	private static Set<String> methods(String path) {
		Set<String> methods = document.operations()
			.stream()
			.filter((operation) -> operation.endsWith(" " + path))
			.map((operation) -> operation.split(" ")[0])
			.collect(Collectors.toCollection(TreeSet::new));
		if (methods.contains("GET")) {
			methods.add("HEAD");
		}
		return methods;
	}

	/** A path that can be asked for. */
	private static String sample(String path) {
		return path.replace("{session_id}", "none")
			.replace("{erasure_id}", "none")
			.replace("{message_id}", "none")
			.replace("{seq}", "1")
			.replace("{file}", "init.js");
	}

	private static Set<String> allowed(Answer answer) {
		String allow = answer.header(HttpHeaders.ALLOW);
		assertThat(allow).isNotNull();
		return new TreeSet<>(List.of(allow.split(", ?")));
	}

	/**
	 * The headers that say something about the answer, not about how it was sent: what
	 * has no body is not compressed.
	 */
	private static Map<String, List<String>> lasting(Answer answer) {
		return answer.headers()
			.headerSet()
			.stream()
			.filter((header) -> !Set.of("date", "content-length", "transfer-encoding")
				.contains(header.getKey().toLowerCase(Locale.ROOT)))
			.filter((header) -> !header.getValue().equals(List.of("accept-encoding")))
			.collect(Collectors.toMap((header) -> header.getKey().toLowerCase(Locale.ROOT),
					(header) -> header.getValue()
						.stream()
						.filter((value) -> !value.equals("accept-encoding"))
						.toList()));
	}

	private static List<String> references(String text, String pattern) {
		List<String> references = new ArrayList<>();
		Matcher matcher = Pattern.compile(pattern).matcher(text);
		while (matcher.find()) {
			references.add(matcher.group(1));
		}
		return references;
	}

}
