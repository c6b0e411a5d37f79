package dev.agentsessions;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;

import static dev.agentsessions.Api.HISTORY;
import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

/**
 * What the contract refuses: it is said clearly and in one form, gives nothing away,
 * writes nothing, and harms nobody else. And what is just within the bounds comes back as
 * it was sent.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class BadInputTest {

	private static final String CONTEXT = SESSION + "/agent-context";

	private static final String SWITCHES = SESSION + "/agent-switches";

	private static final String TURNS = SESSION + "/turns";

	/** Whatever takes JSON. */
	static final List<Body> BODIES = List.of(new Body(HttpMethod.POST, "/v1/sessions", "{}"),
			new Body(HttpMethod.PATCH, SESSION, json("{'metadata':{}}")),
			new Body(HttpMethod.POST, MESSAGES, json("{'role':'user','content':'x'}")),
			new Body(HttpMethod.PUT, HISTORY, json("{'messages':[]}")),
			new Body(HttpMethod.PUT, CONTEXT, json("{'current_agent':'a'}")),
			new Body(HttpMethod.POST, SWITCHES, json("{'to_agent':'a'}")),
			new Body(HttpMethod.POST, TURNS, json("{'agent_switch':{'to_agent':'a'}}")),
			new Body(HttpMethod.POST, "/v1/retention/cleanup", json("{'max_age_hours':438000}")),
			new Body(HttpMethod.POST, "/v1/retention/purge", json("{'days_old':18250}")));

	private final TestStore store;

	private final Api api;

	/** Has one message, and the same state after every test. */
	private String session = "";

	private JsonNode before = Json.parse("null");

	BadInputTest(Engine engine) {
		this.store = TestStore.on(engine);
		this.api = Api.on(engine);
	}

	@BeforeEach
	void createASession() {
		this.session = this.api.sessionOf(1);
		this.before = state();
	}

	@AfterEach
	void nothingWasWrittenAndTheStoreStillAnswers() {
		assertThat(state()).isEqualTo(this.before);
		this.api.append(this.session, message("after all")).expect(201);
		assertThat(this.api.contents(this.session)).containsExactly("1", "after all");
	}

	private JsonNode state() {
		return Json.parse("[" + this.api.stats(this.session) + "," + this.api.session(this.session) + "]");
	}

	// JSON

	@ParameterizedTest
	@FieldSource("BODIES")
	void refusesWhatIsNotOneJsonValue(Body body) {
		for (String text : List.of(" ", "{", "}", "nonsense", "{'a'}", "{'a':}", "{'a':1,}", "{a:1}", "[1,]", "'x",
				"01", "1.", ".5", "+1", "NaN", "Infinity", "tru", "{'a':'\\x'}", "{'a':'\t'}", "{'a':'\n'}", "\ufeff{}",
				"{} {}", "{}]", "{},", "{}x", "{'metadata':{}}{'metadata':{}}", "/* */{}", "{}//", "\u0000{}",
				"{}\u0000")) {
			send(body, json(text)).problem(400, "invalid-request");
		}
	}

	@ParameterizedTest
	@FieldSource("BODIES")
	void refusesJsonThatIsNoObject(Body body) {
		for (String text : List.of("null", "1", "true", "'text'")) {
			send(body, json(text)).wrongAt("");
		}
	}

	@ParameterizedTest
	@FieldSource("BODIES")
	void refusesFieldsItDoesNotKnow(Body body) {
		assumeFalse(body.uri().equals(MESSAGES), "a message may have any field");
		JsonNode problem = send(body, body.with("'surprise':1")).wrongAt("/surprise");
		assertThat(problem.path("errors")).hasSize(1);
		send(body, body.with("'a/b~c':null")).wrongAt("/a~1b~0c");
		send(body, body.with("'':null")).wrongAt("/");
	}

	@ParameterizedTest
	@ValueSource(strings = { "seq", "timestamp", "session_id", "_mine", "_" })
	void refusesFieldsThatOnlyAnswersHave(String field) {
		String message = json("{'role':'user','content':'x','" + field + "':1}");
		refuse(message).wrongAt("/" + field);
		refuse("[" + message("fine") + "," + message + "]").wrongAt("/1/" + field);
		this.api.put(json("{'messages':[") + message + "]}", this.session).wrongAt("/messages/0/" + field);
	}

	@Test
	void namesThePlaceInAPart() {
		refuse(json("{'role':'user','content':[{},'x']}")).wrongAt("/content/1");
		refuse(json("{'role':'user','content':[{'type':'text','text':'\\u0000'}]}")).wrongAt("/content/0/text");
		refuse(json("{'role':'user','parts':[{'text':'\\ud800'}]}")).wrongAt("/parts/0/text");
		refuse("[" + message("fine") + "," + json("{'role':'user','content':[[]]}") + "]").wrongAt("/1/content/0");
	}

	@Test
	void refusesMoreOtherFieldsThanAMessageMayHave() {
		String others = IntStream.range(0, 65).mapToObj((i) -> "'f" + i + "':1").collect(Collectors.joining(","));
		refuse(json("{'role':'user','content':'x'," + others + "}")).wrongAt("");
		refuse(json("{'role':'user','deep':" + "[".repeat(65) + "]".repeat(65) + "}")).wrongAt("/deep");
		refuse(json("{'content':'x'}")).wrongAt("/role");
		refuse(json("{'type':5,'content':'x'}")).wrongAt("/role");
		refuse(json("{'role':'user','refusal':null}")).wrongAt("/content");
	}

	@Test
	void refusesKeysThatAreGivenTwice() {
		refuse(json("{'role':'user','role':'user','content':'x'}")).wrongAt("/role");
		refuse(json("{'role':'user','content':'x','metadata':{'a':{'b':1,'b':1}}}")).wrongAt("/metadata/a/b");
		refuse(json("{'role':'user','content':'x','metadata':{'a':1,'\\u0061':1}}")).wrongAt("/metadata/a");
		refuse(json("{'role':'user','tool_calls':[{'':1,'':2}]}")).wrongAt("/tool_calls/0/");
		this.api.create(json("{'metadata':{},'metadata':{}}")).wrongAt("/metadata");
	}

	@ParameterizedTest
	@MethodSource("wrongValues")
	void refusesAValueOfAnotherType(String field, String value) {
		String body = json("{'role':'user','content':'x','tool_calls':[]}");
		String wrong = "\"" + field + "\":" + json(value);
		String with = body.contains("\"" + field + "\":")
				? body.replaceFirst("\"" + field + "\":(\"\\w+\"|\\[\\])", wrong)
				: body.replaceFirst("}", "," + wrong + "}");
		refuse(with).wrongAt("/" + field);
		refuse("[" + message("fine") + "," + with + "]").wrongAt("/1/" + field);
		this.api.post(MESSAGES, this.session).ndjson(with).send().wrongAt("/" + field);
		this.api.put(json("{'messages':[") + with + "]}", this.session).wrongAt("/messages/0/" + field);
	}

	static Stream<Object[]> wrongValues() {
		return Stream
			.of(wrong("role", "5", "true", "[]", "{}", "''", "'robot'", "'User'", "' user'"),
					wrong("content", "5", "0.5", "true", "{'text':'x'}"), wrong("id", "5", "true", "[]", "{}", "''"),
					wrong("name", "5", "false", "[]", "{}"), wrong("tool_call_id", "5", "false", "['x']", "{}"),
					wrong("tool_calls", "{}", "'[]'", "5", "true"),
					wrong("token_count", "'5'", "1.9", "0.5", "1e-1", "-1", "true", "[]", "{}", "1000000000001", "1e20",
							"''"),
					wrong("metadata", "[]", "'{}'", "5", "true"))
			.flatMap((wrongs) -> wrongs);
	}

	private static Stream<Object[]> wrong(String field, String... values) {
		return Arrays.stream(values).map((value) -> new Object[] { field, value });
	}

	@Test
	void refusesValuesOfAnotherTypeInSessionsAndHistories() {
		for (String value : List.of("5", "true", "[]", "{}")) {
			this.api.create(json("{'session_id':" + value + "}")).wrongAt("/session_id");
		}
		for (String value : List.of("5", "'x'", "[]", "false")) {
			this.api.create(json("{'metadata':" + value + "}")).wrongAt("/metadata");
			this.api.request(HttpMethod.PATCH, SESSION, this.session)
				.json(json("{'metadata':" + value + "}"))
				.send()
				.wrongAt("/metadata");
			this.api.put(json("{'messages':" + ("[]".equals(value) ? "{}" : value) + "}"), this.session)
				.wrongAt("/messages");
		}
		for (String value : List.of("5", "[]", "''", "'now'", "'2026-13-01T00:00:00Z'", "'0000-12-31T23:59:59Z'")) {
			this.api.put(json("{'messages':[],'last_activity':" + value + "}"), this.session).wrongAt("/last_activity");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "C1 A1", "C0 80", "E0 80 80", "ED A0 80", "ED A0 BD ED B8 80", "FF", "80", "C3",
			"F4 90 80 80", "F8 88 80 80 80", "E2 82", "F0 9F 98" })
	void refusesWhatIsNotUtf8(String bytes) {
		byte[] wrong = HexFormat.of().parseHex(bytes.replace(" ", ""));
		for (String around : List.of("{'role':'user','content':'…'}",
				"{'role':'user','content':'x','metadata':{'…':1}}", "{'role':'user','tool_calls':['…']}")) {
			byte[] body = replace(json(around), wrong);
			checked(this.api.post(MESSAGES, this.session).body("application/json", body).send()).problem(400,
					"invalid-request");
			checked(this.api.post(MESSAGES, this.session).body("application/x-ndjson", body).send()).problem(400,
					"invalid-request");
		}
		checked(this.api.post("/v1/sessions")
			.body("application/json", replace(json("{'session_id':'…'}"), wrong))
			.send()).problem(400, "invalid-request");
	}

	private static byte[] replace(String text, byte[] bytes) {
		String latin1 = new String(bytes, StandardCharsets.ISO_8859_1);
		return text.replace("…", latin1).getBytes(StandardCharsets.ISO_8859_1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "\\u0000", "a\\u0000b", "\\ud800", "\\udc00", "\\ude00\\ud83d", "\\ud83dx",
			"\\ud83d\\ud83d", "\\ud83d\\u0041" })
	void refusesTextThatIsNoText(String text) {
		refuse(json("{'role':'user','content':'" + text + "'}")).wrongAt("/content");
		refuse(json("{'role':'user','content':'x','name':'" + text + "'}")).wrongAt("/name");
		refuse(json("{'role':'user','content':'x','tool_call_id':'" + text + "'}")).wrongAt("/tool_call_id");
		refuse(json("{'role':'user','tool_calls':[0,{'a':'" + text + "'}]}")).wrongAt("/tool_calls/1/a");
		refuse(json("{'role':'user','content':'x','metadata':{'a':['" + text + "']}}")).wrongAt("/metadata/a/0");
		String shown = Json.parse("\"" + text + "\"").stringValue().replaceAll("\\p{Cs}", "\uFFFD");
		refuse(json("{'role':'user','content':'x','metadata':{'" + text + "':1}}")).wrongAt("/metadata/" + shown);
		refuse(json("{'role':'user','content':'x','" + text + "':1}")).wrongAt("/" + shown);
		refuse(json("[{'role':'user','content':'" + text + "'}]")).wrongAt("/0/content");
		this.api.create(json("{'session_id':'" + text + "'}")).wrongAt("/session_id");
		this.api.create(json("{'metadata':{'a':'" + text + "'}}")).wrongAt("/metadata/a");
		this.api.create(json("{'metadata':{'" + text + "':{}}}")).problem(400, "invalid-request");
		this.api.put(json("{'messages':[{'role':'user','content':'" + text + "'}]}"), this.session)
			.wrongAt("/messages/0/content");
	}

	@Test
	void refusesControlCharactersThatAreNotEscaped() {
		for (String raw : List.of("\u0000", "\u0001", "\n", "\u001f")) {
			refuse(json("{'role':'user','content':'a" + raw + "b'}")).problem(400, "invalid-request");
			refuse(json("{'role':'user','content':'x','metadata':{'" + raw + "':1}}")).problem(400, "invalid-request");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "12345678912345678912345678912345678912345", "-1.2345678912345678912345678912345678912345",
			"0.12345678912345678912345678912345678912341", "1e309", "-1e309", "1.1e308", "1e-309", "9e-309", "1e400",
			"1e99999", "-1e-99999", "1e2147483648", "1e-2147483648", "1e99999999999999999999", "0e99999999999",
			"12345678901234567890123456789012345678901e-50" })
	void refusesNumbersThatAreTooLongOrTooLarge(String number) {
		refuse(json("{'role':'user','content':'x','metadata':{'n':" + number + "}}")).wrongAt("/metadata/n");
		refuse(json("{'role':'user','tool_calls':[[" + number + "]]}")).wrongAt("/tool_calls/0/0");
		refuse(json("{'role':'user','content':'x','token_count':" + number + "}")).wrongAt("/token_count");
		this.api.create(json("{'metadata':{'n':" + number + "}}")).wrongAt("/metadata/n");
	}

	@Test
	void refusesANumberOfManyThousandDigits() {
		for (String number : List.of("9".repeat(2000), "0." + "1".repeat(2000), "9".repeat(500_000))) {
			refuse(json("{'role':'user','content':'x','metadata':{'n':" + number + "}}")).problem(400,
					"invalid-request");
		}
	}

	@Test
	void refusesWhatIsNestedTooDeeply() {
		for (int depth : List.of(1000, 100_000)) {
			refuse(json("{'role':'user','tool_calls':" + "[".repeat(depth) + "]".repeat(depth) + "}")).problem(400,
					"invalid-request");
			refuse(json(
					"{'role':'user','content':'x','metadata':" + "{'a':".repeat(depth) + "1" + "}".repeat(depth) + "}"))
				.problem(400, "invalid-request");
			refuse("[".repeat(depth)).problem(400, "invalid-request");
		}
	}

	// headers

	@ParameterizedTest
	@FieldSource("BODIES")
	void refusesOtherContentTypes(Body body) {
		for (String type : List.of("text/plain", "application/xml", "application/x-www-form-urlencoded",
				"application/problem+json", "application/json;charset=ISO-8859-1", "application/json;charset=UTF-16",
				"application/*", "*/*", "application/jsonx")) {
			checked(request(body).body(type, body.text()).send()).problem(415, "unsupported-media-type");
		}
		if (!body.uri().equals(MESSAGES)) {
			checked(request(body).body("application/x-ndjson", body.text()).send()).problem(415,
					"unsupported-media-type");
		}
		checked(request(body).header("Content-Encoding", "br").json(body.text()).send()).problem(415,
				"unsupported-media-type");
	}

	@Test
	void refusesABodyWithoutAContentType() {
		RawAnswer nonsense = raw("POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: nonsense\r\n"
				+ "Content-Length: 2\r\nConnection: close\r\n\r\n{}");
		assertThat(nonsense.status()).isEqualTo(415);
		assertThat(nonsense.text()).contains("/problems/unsupported-media-type").doesNotContainPattern(Innards.PATTERN);
		this.api.request(HttpMethod.PUT, HISTORY, this.session).send().problem(415, "unsupported-media-type");
		this.api.post(MESSAGES, this.session).send().problem(415, "unsupported-media-type");
		RawAnswer raw = raw(
				"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
		assertThat(raw.status()).isEqualTo(415);
		assertThat(raw.text()).contains("/problems/unsupported-media-type");
	}

	@Test
	void anEmptyBodyIsNoneWhateverItsTypeIsSaidToBe() {
		assertThat(this.api.post("/v1/sessions").json("").send().expect(201).json().has("session_id")).isTrue();
		this.api.post("/v1/retention/cleanup").json("").send().expect(200);
		this.api.post("/v1/retention/purge").json("").send().expect(200);
		this.api.post(SESSION + "/restore", this.session).json("").send().problem(409, "session-not-deleted");
		this.api.post("/v1/sessions").body("text/plain", "").send().problem(415, "unsupported-media-type");
		this.api.post("/v1/sessions").json(" ").send().problem(400, "invalid-request");
		for (Body body : BODIES) {
			if (!body.uri().equals("/v1/sessions") && !body.uri().startsWith("/v1/retention")) {
				checked(request(body).json("").send()).problem(400, "invalid-request");
			}
		}
	}

	@Test
	void takesUtf8AsItsCharset() {
		String other = Api.newId();
		this.api.post(MESSAGES, other).body("application/json;charset=utf-8", message("é")).send().expect(201);
		this.api.post(MESSAGES, other).body("Application/JSON; charset=\"UTF-8\"", message("ü")).send().expect(201);
		this.api.post(MESSAGES, other).body("application/x-ndjson;charset=UTF-8", message("ö")).send().expect(201);
		assertThat(this.api.contents(other)).containsExactly("é", "ü", "ö");
	}

	@Test
	void refusesToAnswerInAFormItDoesNotHave() {
		for (String accept : List.of("text/html", "application/xml", "image/*", "application/json;q=0", "nonsense")) {
			for (String uri : List.of("/v1/sessions", SESSION, SESSION + "/stats", MESSAGES, HISTORY,
					MESSAGES + "/1")) {
				Object[] variables = uri.contains("{") ? new Object[] { this.session } : new Object[0];
				checked(this.api.request(HttpMethod.GET, uri, variables).header("Accept", accept).send()).problem(406,
						"not-acceptable");
			}
			for (Body body : BODIES) {
				checked(request(body).header("Accept", accept).json(body.text()).send()).problem(406, "not-acceptable");
			}
			checked(this.api.request(HttpMethod.DELETE, SESSION, this.session).header("Accept", accept).send())
				.problem(406, "not-acceptable");
		}
		checked(this.api.request(HttpMethod.GET, HISTORY, this.session).header("Accept", "application/x-ndjson").send())
			.problem(406, "not-acceptable");
	}

	// size

	@Test
	void refusesAMessageOfMoreThanOneMebibyte() {
		String large = "x".repeat((1 << 20) + 1);
		refuse(message(large)).problem(413, "too-large");
		refuse("[" + message("fine") + "," + message(large) + "]").problem(413, "too-large");
		refuse(message("é".repeat((1 << 19) + 1))).problem(413, "too-large");
		refuse(json("{'role':'user','content':'x','metadata':{'a':'" + large + "'}}")).problem(413, "too-large");
		refuse(json("{'role':'user','tool_calls':['" + large + "']}")).problem(413, "too-large");
		checked(this.api.save(this.session, message("1"), message(large))).problem(413, "too-large");
		checked(this.api.create(json("{'metadata':{'a':'" + large + "'}}"))).problem(413, "too-large");
		checked(this.api.request(HttpMethod.PATCH, SESSION, this.session)
			.json(json("{'metadata':{'a':'" + large + "'}}"))
			.send()).problem(413, "too-large");
	}

	@Test
	void takesAMessageOfOneMebibyte() {
		String other = Api.newId();
		String content = "x".repeat(1 << 20);
		this.api.append(other, message(content)).expect(201);
		assertThat(this.api.contents(other)).containsExactly(content);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void refusesABodyOfMoreThan16Mebibytes(boolean withLength) throws Exception {
		byte[] body = Json.array(Collections.nCopies(18, message("x".repeat(1_000_000)))).getBytes(UTF_8);
		URI uri = URI.create(this.store.uri() + "/v1/sessions/" + this.session + "/messages");
		HttpRequest request = HttpRequest.newBuilder(uri)
			.header("Content-Type", "application/json")
			.POST(withLength ? BodyPublishers.ofByteArray(body)
					: BodyPublishers.fromPublisher(BodyPublishers.ofByteArray(body)))
			.build();
		HttpResponse<String> answer = HttpClient.newBuilder()
			.version(HttpClient.Version.HTTP_1_1)
			.build()
			.send(request, BodyHandlers.ofString());
		assertThat(answer.statusCode()).isEqualTo(413);
		assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
		assertThat(answer.body()).contains("/problems/too-large").doesNotContainPattern(Innards.PATTERN);
	}

	@Test
	void refusesALengthThatIsTooLargeBeforeTheBodyIsSent() {
		RawAnswer answer = raw("POST /v1/sessions/" + this.session + "/messages HTTP/1.1\r\nHost: x\r\n"
				+ "Content-Type: application/json\r\nContent-Length: 17000000\r\n\r\n");
		assertThat(answer.status()).isEqualTo(413);
		assertThat(answer.text()).contains("/problems/too-large");
	}

	@Test
	void takesABodyOfAlmost16Mebibytes() {
		String other = Api.newId();
		String large = message("x".repeat(1_000_000));
		this.api.append(other, Json.array(Collections.nCopies(16, large))).expect(201);
		assertThat(this.api.stats(other).path("message_count").intValue()).isEqualTo(16);
	}

	// paths and methods

	@ParameterizedTest
	@ValueSource(strings = { "/v2/sessions", "/v1/sessions/", "/v1/session", "/v1/sessions/a/b",
			"/v1/sessions/a/messages/", "/v1/sessions/a/messages/1/x", "/V1/sessions", "/v1/sessions/a/Messages",
			"/favicon.ico", "/docs/a/b", "/actuator/env", "/v1/sessions/a/agent-switches/1" })
	void aPathThatDoesNotExistIsNotFound(String path) {
		for (HttpMethod method : List.of(HttpMethod.GET, HttpMethod.DELETE, HttpMethod.OPTIONS)) {
			checked(this.api.request(method, path).send()).problem(404, "not-found");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "//v1/sessions", "/v1//sessions", "/v1/sessions//messages" })
	void aPathWithAnEmptyPartIsNotFound(String path) {
		RawAnswer answer = raw("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
		assertThat(answer.status()).isEqualTo(404);
		assertThat(answer.text()).contains("application/problem+json").contains("/problems/not-found");
	}

	@Test
	void everyPathSaysWhichMethodsItHas() {
		TreeMap<String, Set<String>> paths = new TreeMap<>();
		for (String operation : new OpenApiConformance().operations()) {
			String[] methodAndPath = operation.split(" ");
			paths.computeIfAbsent(methodAndPath[1], (path) -> new TreeSet<>()).add(methodAndPath[0]);
		}
		paths.values().stream().filter((methods) -> methods.contains("GET")).forEach((methods) -> methods.add("HEAD"));
		assertThat(paths).hasSizeGreaterThan(10);
		paths.forEach((path, methods) -> {
			for (String method : List.of("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE")) {
				if (!methods.contains(method)) {
					assertNotAllowed(method, path, methods);
				}
			}
		});
	}

	private void assertNotAllowed(String method, String path, Set<String> methods) {
		Answer answer = this.api
			.request(HttpMethod.valueOf(method),
					path.replaceAll("\\{[^}]+}", path.startsWith("/docs") ? "init.js" : "1"))
			.send();
		checked(answer).problem(405, "method-not-allowed");
		assertThat(String.valueOf(answer.header("Allow")).split(", ?")).as(method + " " + path)
			.containsExactlyInAnyOrder(methods.toArray(String[]::new));
	}

	@ParameterizedTest
	@ValueSource(strings = { "%ED%A0%80", "%FF", "%C0%80", "%C1%A1", "a%C3", "%00", "%0A", "%2F", "a%2Fb", "%5C", "%2E",
			"%2e%2E" })
	void refusesAPathThatIsNoSessionId(String segment) {
		for (String rest : List.of("", "/stats", "/messages", "/history", "/messages/1", "/agent-context",
				"/agent-switches")) {
			checked(this.api.get("/v1/sessions/" + segment + rest)).problem(400, "invalid-request");
		}
		checked(this.api.post("/v1/sessions/" + segment + "/messages").json(message("x")).send()).problem(400,
				"invalid-request");
		checked(this.api.post("/v1/sessions/" + segment + "/turns").json("{}").send()).problem(400, "invalid-request");
	}

	@ParameterizedTest
	@ValueSource(strings = { "/v1/sessions/a%zz", "/v1/sessions/%", "/v1/sessions/%4", "/v1/sessions?limit=%zz",
			"/v1/sessions/a%zz/messages", "/v1/sessions/a|b", "/v1/sessions/a\"b" })
	void refusesATargetThatIsNoUri(String target) {
		RawAnswer answer = raw("GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
		assertThat(answer.status()).isEqualTo(400);
		assertThat(answer.text()).contains("application/problem+json").contains("/problems/invalid-request");
		assertThat(answer.text()).doesNotContainPattern(Innards.PATTERN);
	}

	// query

	@ParameterizedTest
	@ValueSource(strings = { "limit=0", "limit=1001", "limit=-1", "limit=x", "limit=1.5", "limit=%00",
			"limit=1&limit=1", "limit=99999999999999999999", "order=", "order=desc", "order=Activity",
			"order=created&order=created", "cursor=x", "cursor=%FF", "cursor=a&cursor=b", "include_deleted=x",
			"include_deleted=0", "include_deleted=true&include_deleted=true" })
	void refusesListsOutOfBounds(String query) {
		if (query.equals("order=")) {
			this.api.get("/v1/sessions?order=").expect(200); // empty is absent
			return;
		}
		JsonNode problem = checked(this.api.get("/v1/sessions?" + query))
			.wrongParameter(query.substring(0, query.indexOf('=')).replace("order=created", "order"));
		assertThat(problem.path("detail").stringValue()).isNotBlank();
	}

	@ParameterizedTest
	@ValueSource(strings = { "%FF", "%C0%80", "%ED%A0%80", "a%C3", "%E2%82", "%80" })
	void refusesAQueryThatIsNotUtf8(String text) {
		checked(this.api.get("/v1/tail?session_id=" + text)).wrongParameter("session_id");
		checked(this.api.get("/v1/tail?session_id=" + this.session + "&session_id=" + text))
			.wrongParameter("session_id");
		checked(this.api.get("/v1/sessions?limit=1&cursor=" + text)).wrongParameter("cursor");
		checked(this.api.get("/v1/sessions?" + text + "=1")).wrongParameter("the query");
	}

	@Test
	void refusesFlagsThatAreNeitherTrueNorFalse() {
		for (String value : List.of("yes", "1", "TRUE", "null")) {
			checked(this.api.delete(SESSION + "?soft=" + value, this.session)).wrongParameter("soft");
			checked(this.api.post(MESSAGES + "?create=" + value, this.session).json(message("x")).send())
				.wrongParameter("create");
			checked(this.api.post(MESSAGES + "?create=" + value, this.session).ndjson(message("x")).send())
				.wrongParameter("create");
			for (String uri : List.of(SESSION, SESSION + "/stats", MESSAGES, HISTORY, MESSAGES + "/1")) {
				checked(this.api.get(uri + "?include_deleted=" + value, this.session))
					.wrongParameter("include_deleted");
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "'", "';--", "1 or 1=1", "\u0000", "😀" })
	void refusesWhatTriesToBreakOut(String text) {
		checked(this.api.get(MESSAGES + "?role={text}", this.session, text)).wrongParameter("role");
		checked(this.api.get(MESSAGES + "?after={text}", this.session, text)).wrongParameter("after");
		checked(this.api.get(MESSAGES + "?from={text}", this.session, text)).wrongParameter("from");
		checked(this.api.get("/v1/sessions?cursor={text}", text)).wrongParameter("cursor");
		checked(this.api.get("/v1/sessions?order={text}", text)).wrongParameter("order");
	}

	// within the bounds

	@ParameterizedTest
	@ValueSource(strings = { "1234567890123456789012345678901234567890", "-0.123456789012345678901234567890123456789",
			"1e308", "-1e308", "1E+308", "1e-308", "-1e-308", "1.234567890123456789012345678901234567890e-300", "0",
			"-0", "-0.0", "0e5", "1.50", "100", "1e2", "9007199254740993", "18446744073709551616", "0.1", "1e131" })
	void numbersComeBackEqualInValue(String number) {
		assertComesBack("[" + number + ",{\"n\":" + number + "}]");
	}

	@ParameterizedTest
	@ValueSource(strings = { "\ufffd", "😀", "\u2028\u2029", "\udbff\udfff", "\uffff\ufffe", "\u007f\u0080\u009f",
			"e\u0301\u00e9", "\\u0001\\u001f\\b\\t\\n\\f\\r", "\\\"\\\\\\/", "\\ud83d\\ude00", "\u200d\ufeff",
			" lead and trail ", "\\u0061", "null", "' or 1=1; --", "${x} {{y}} <z>", "שלום עולם" })
	void textComesBackExactly(String escaped) {
		String text = Json.parse("\"" + escaped + "\"").stringValue();
		assertComesBack("[\"" + escaped + "\",{\"" + escaped + "\":\"" + escaped + "\"}]");
		String other = Api.newId();
		this.api
			.append(other,
					"{\"role\":\"user\",\"content\":\"" + escaped + "\",\"name\":\"" + escaped
							+ "\",\"tool_call_id\":\"" + escaped + "\"}")
			.expect(201);
		this.api.append(other, "{\"role\":\"user\",\"content\":\"" + escaped + "\",\"metadata\":{}}").expect(201);
		List<JsonNode> log = this.api.log(other);
		for (String field : List.of("content", "name", "tool_call_id")) {
			assertThat(log.get(0).path(field).stringValue()).isEqualTo(text);
		}
		assertThat(log.get(1).path("content").stringValue()).isEqualTo(text);
		assertThat(this.api.get(HISTORY, other).json().at("/messages/0/content").stringValue()).isEqualTo(text);
	}

	@Test
	void nestingOfAHundredLevelsComesBack() {
		assertComesBack("[".repeat(100) + "{\"a\":1}" + "]".repeat(100));
	}

	@Test
	void everyKindOfJsonComesBack() {
		assertComesBack("[null,true,false,0,\"\",[],{},{\"\":null},[[]],{\"a\":{\"b\":[1,\"2\",null]}}]");
	}

	/** As tool calls, in the metadata of a message and of a session, both ways in. */
	private void assertComesBack(String array) {
		Object expected = Json.value(array);
		String other = Api.newId();
		String sent = json("{'role':'assistant','tool_calls':") + array + json(",'metadata':{'a':") + array + "}}";
		this.api.append(other, sent).expect(201);
		this.api.post(MESSAGES, other).ndjson(sent).send().expect(201);
		for (JsonNode stored : this.api.log(other)) {
			assertThat(Json.value(stored.path("tool_calls"))).isEqualTo(expected);
			assertThat(Json.value(stored.at("/metadata/a"))).isEqualTo(expected);
		}
		JsonNode history = this.api.get(HISTORY, other).expect(200).json();
		assertThat(Json.value(history.at("/messages/1/tool_calls"))).isEqualTo(expected);
		JsonNode saved = this.api.save(other, sent, sent).expect(200).json();
		assertThat(saved.path("appended").intValue(-1)).isZero();
		JsonNode patched = this.api.request(HttpMethod.PATCH, SESSION, other)
			.json(json("{'metadata':{'a':") + array + "}}")
			.send()
			.expect(200)
			.json();
		assertThat(Json.value(patched.at("/metadata/a"))).isEqualTo(expected);
		assertThat(Json.value(this.api.session(other).at("/metadata/a"))).isEqualTo(expected);
	}

	private Answer refuse(String body) {
		return checked(this.api.append(this.session, body));
	}

	private Api.Request request(Body body) {
		Object[] variables = body.uri().contains("{") ? new Object[] { this.session } : new Object[0];
		return this.api.request(body.method(), body.uri(), variables);
	}

	private Answer send(Body body, String text) {
		return checked(request(body).json(text).send());
	}

	/** A refusal that gives nothing away. */
	private static Answer checked(Answer answer) {
		assertThat(answer.status()).as("%s answered %.300s", answer.request(), answer.text()).isBetween(400, 499);
		assertThat(answer.headers().getContentType()).isEqualTo(MediaType.APPLICATION_PROBLEM_JSON);
		assertThat(answer.text()).doesNotContainPattern(Innards.PATTERN);
		return answer;
	}

	private RawAnswer raw(String request) {
		try (Socket socket = new Socket("127.0.0.1", this.store.port())) {
			socket.setSoTimeout(10_000);
			OutputStream out = socket.getOutputStream();
			out.write(request.getBytes(StandardCharsets.ISO_8859_1));
			out.flush();
			return RawAnswer.read(socket.getInputStream());
		}
		catch (IOException ex) {
			throw new AssertionError(ex);
		}
	}

	/**
	 * An operation that takes JSON.
	 *
	 * @param text the least it takes
	 */
	record Body(HttpMethod method, String uri, String text) {

		String with(String field) {
			String start = this.text.substring(0, this.text.length() - 1);
			return start + (start.equals("{") ? "" : ",") + json(field) + "}";
		}

		@Override
		public String toString() {
			return this.method + " " + this.uri;
		}

	}

	private record RawAnswer(int status, String text) {

		/** Up to the end of the problem document. */
		static RawAnswer read(InputStream in) throws IOException {
			StringBuilder text = new StringBuilder();
			byte[] buffer = new byte[8192];
			for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
				text.append(new String(buffer, 0, n, UTF_8));
				if (text.toString().stripTrailing().endsWith("}")) {
					break;
				}
			}
			assertThat(text).startsWith("HTTP/1.1 ");
			return new RawAnswer(Integer.parseInt(text.substring(9, 12)), text.toString());
		}

	}

}
