package dev.agentsessions;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The conformance check lets right answers pass and names what is wrong with the others.
 */
class OpenApiConformanceTest {

	private static final String SESSION = """
			{"session_id":"a","created_at":"2026-01-31T09:26:53Z","last_activity":"2026-01-31T09:26:53.5Z",
			"is_active":true,"last_seq":7,"metadata":{"anything":[1,null]}}""";

	private static final String MESSAGE = """
			{"seq":1,"role":"user","content":"hello","timestamp":"2026-01-31T09:26:53Z"}""";

	private static final String GONE = """
			{"type":"/problems/session-deleted","title":"Session deleted","status":410,"detail":"…","more":1}""";

	private final OpenApiConformance conformance = new OpenApiConformance();

	@Test
	void acceptsWhatTheDocumentDescribes() {
		assertAccepted(session(SESSION));
	}

	@Test
	void refusesAnUnknownField() {
		assertRefused(session(SESSION.replace("is_active", "active")), "GET /v1/sessions/a answered 200", "'active'");
	}

	@Test
	void refusesAMissingField() {
		assertRefused(session(SESSION.replace("\"last_seq\":7,", "")), "'last_seq'");
	}

	@Test
	void refusesAValueOfAnotherType() {
		assertRefused(session(SESSION.replace(":7", ":\"7\"")), "/last_seq");
	}

	@Test
	void refusesNullForAbsent() {
		assertRefused(session(SESSION.replace("{\"anything\":[1,null]}", "null")), "/metadata");
	}

	@Test
	void refusesATimeThatIsNotInUtc() {
		assertRefused(session(SESSION.replace("53Z", "53+01:00")), "/created_at");
	}

	@Test
	void refusesWhatIsNotJson() {
		assertRefused(session(SESSION + "{}"), "is not JSON");
		assertRefused(session("{\"last_seq\":7," + SESSION.substring(1)), "Duplicate");
		assertRefused(session(""), "is not JSON");
		byte[] latin1 = SESSION.replace("anything", "é").getBytes(StandardCharsets.ISO_8859_1);
		assertRefused(() -> check(HttpMethod.GET, "/v1/sessions/a", 200, sessionHeaders(), latin1), "not UTF-8");
	}

	@Test
	void refusesAnUndocumentedStatus() {
		assertRefused(exchange("GET", "/v1/sessions/a", 202, sessionHeaders(), SESSION), "202", "other statuses");
	}

	@Test
	void refusesAnUndocumentedPathOrMethod() {
		assertRefused(exchange("GET", "/v1/sessions/a/b/c", 200, sessionHeaders(), SESSION), "no such path and method");
		assertRefused(exchange("PUT", "/v1/sessions/a", 200, sessionHeaders(), SESSION), "no such path and method");
		assertRefused(exchange("GET", "/v1/sessions/", 200, sessionHeaders(), SESSION), "no such path and method");
	}

	@Test
	void expectsAProblemWhereThereIsNoSuchPathOrMethod() {
		HttpHeaders headers = headers("application/problem+json", "Allow", "GET");
		assertAccepted(exchange("PUT", "/v1/sessions/a", 405, headers, GONE.replace("410", "405")));
		assertAccepted(exchange("GET", "/nowhere", 404, headers, GONE.replace("410", "404")));
		assertRefused(exchange("GET", "/nowhere", 404, headers, "{}"), "'detail'");
		assertRefused(exchange("GET", "/v1/sessions", 405, headers, GONE.replace("410", "405")), "other statuses");
	}

	@Test
	void refusesAnUndocumentedContentType() {
		HttpHeaders headers = headers("text/plain", "ETag", "\"7\"");
		assertRefused(exchange("GET", "/v1/sessions/a", 200, headers, SESSION), "Content-Type is text/plain");
	}

	@Test
	void refusesAMissingOrMalformedHeader() {
		HttpHeaders headers = headers("application/json");
		assertRefused(exchange("GET", "/v1/sessions/a", 200, headers, SESSION), "ETag is missing");
		headers.setETag("W/\"7\"");
		assertRefused(exchange("GET", "/v1/sessions/a", 200, headers, SESSION), "ETag", "does not match");
	}

	@Test
	void readsAnEncodedSessionIdAsOneSegment() {
		String id = "/v1/sessions/%D1%8F%2Fb%20%25";
		assertAccepted(exchange("GET", id, 200, sessionHeaders(), SESSION));
		assertAccepted(exchange("GET", id + "/messages/1?x=/", 200, headers("application/json"), MESSAGE));
	}

	@Test
	void checksProblems() {
		HttpHeaders headers = headers("application/problem+json;charset=UTF-8");
		assertAccepted(exchange("GET", "/v1/sessions/a", 410, headers, GONE));
		assertRefused(exchange("GET", "/v1/sessions/a", 410, headers, GONE.replace("deleted\"", "away\"")), "/type");
		assertRefused(exchange("GET", "/v1/sessions/a", 410, headers, GONE.replace("410", "404")), "another status");
		assertRefused(exchange("GET", "/v1/sessions/a", 410, headers("application/json"), GONE), "Content-Type");
	}

	@Test
	void checksEveryLineOfNdjson() {
		HttpHeaders headers = headers("application/x-ndjson", "ETag", "\"x\"");
		String path = "/v1/sessions/a/messages";
		assertAccepted(exchange("GET", path, 200, headers, MESSAGE + "\n" + MESSAGE + "\n"));
		assertAccepted(exchange("GET", path, 200, headers, ""));
		assertRefused(exchange("GET", path, 200, headers, MESSAGE + "\n{\"seq\":2}\n"), "line 2", "'role'");
		assertRefused(exchange("GET", path, 200, headers, MESSAGE + "\n\n" + MESSAGE), "line 2: is not JSON");
	}

	@Test
	void expectsNextExactlyWhenThereIsMore() {
		HttpHeaders headers = headers("application/json", "ETag", "\"x\"");
		String path = "/v1/sessions/a/messages?after=0";
		String list = "{\"data\":[%s],\"has_more\":%s}";
		assertAccepted(exchange("GET", path, 200, headers, list.formatted(MESSAGE, "false")));
		assertAccepted(exchange("GET", path, 200, headers, list.formatted("", "true,\"next\":\"/v1/x\"")));
		assertRefused(exchange("GET", path, 200, headers, list.formatted("", "true")), "'next'");
		assertRefused(exchange("GET", path, 200, headers, list.formatted("", "false,\"next\":\"/v1/x\"")), "next");
	}

	@Test
	void expectsContentOrToolCallsInAMessage() {
		String content = "\"content\":\"hello\"";
		HttpHeaders headers = headers("application/json");
		String path = "/v1/sessions/a/messages/1";
		assertAccepted(exchange("GET", path, 200, headers, MESSAGE.replace(content, "\"tool_calls\":[{\"id\":1}]")));
		assertRefused(exchange("GET", path, 200, headers, MESSAGE.replace(content, "\"name\":\"b\"")), "content");
	}

	@Test
	void treatsHeadAsGetWithoutABody() {
		assertAccepted(exchange("HEAD", "/v1/sessions/a", 200, sessionHeaders(), ""));
		assertRefused(exchange("HEAD", "/v1/sessions/a", 200, headers("application/json"), ""), "ETag is missing");
		assertRefused(exchange("HEAD", "/v1/sessions/a/restore", 200, sessionHeaders(), ""), "no such path and method");
	}

	@Test
	void refusesABodyWhereThereIsNone() {
		assertAccepted(exchange("DELETE", "/v1/sessions/a", 204, new HttpHeaders(), ""));
		assertRefused(exchange("DELETE", "/v1/sessions/a", 204, new HttpHeaders(), "{}"), "no body");
	}

	@Test
	void checksWhatAWebTestClientReceives() {
		WebTestClient client = WebTestClient
			.bindToRouterFunction(RouterFunctions.route()
				.GET("/v1/sessions/{id}",
						(request) -> ServerResponse.ok().eTag("\"7\"").bodyValue(Map.of("last_seq", 7)))
				.build())
			.configureClient()
			.entityExchangeResultConsumer(this.conformance.consumer())
			.build();
		assertRefused(() -> client.get()
			.uri("/v1/sessions/{id}", "a/b")
			.accept(MediaType.APPLICATION_JSON)
			.exchange()
			.expectBody()
			.returnResult(), "GET /v1/sessions/a%2Fb answered 200", "'session_id'");
	}

	@Test
	void listsTheOperations() {
		assertThat(this.conformance.operations())
			.contains("GET /v1/sessions/{session_id}", "POST /v1/sessions/{session_id}/turns")
			.doesNotContain("HEAD /v1/sessions/{session_id}");
	}

	@Test
	void everyReferenceInTheDocumentLeadsSomewhere() {
		JsonNode document = OpenApiConformance.DOCUMENT;
		List<String> references = document.findValuesAsText("$ref");
		assertThat(references).isNotEmpty()
			.allSatisfy((reference) -> assertThat(document.at(reference.substring(1)).isMissingNode()).isFalse());
	}

	@Test
	void everySchemaInTheDocumentSaysWhetherItIsOpen() {
		List<JsonNode> objects = OpenApiConformance.DOCUMENT.at("/components/schemas")
			.valueStream()
			.filter((schema) -> schema.path("type").asText().equals("object"))
			.toList();
		assertThat(objects).isNotEmpty().allMatch((schema) -> schema.has("additionalProperties"));
	}

	private ThrowingCallable session(String body) {
		return exchange("GET", "/v1/sessions/a", 200, sessionHeaders(), body);
	}

	private ThrowingCallable exchange(String method, String uri, int status, HttpHeaders headers, String body) {
		return () -> check(HttpMethod.valueOf(method), uri, status, headers, body.getBytes(StandardCharsets.UTF_8));
	}

	private void check(HttpMethod method, String uri, int status, HttpHeaders headers, byte[] body) {
		this.conformance.check(method, URI.create(uri), HttpStatusCode.valueOf(status), headers, body);
	}

	private static HttpHeaders sessionHeaders() {
		return headers("application/json", "ETag", "\"7\"");
	}

	private static HttpHeaders headers(String contentType, String... nameAndValue) {
		HttpHeaders headers = new HttpHeaders();
		headers.set(HttpHeaders.CONTENT_TYPE, contentType);
		if (nameAndValue.length > 0) {
			headers.set(nameAndValue[0], nameAndValue[1]);
		}
		return headers;
	}

	private static void assertAccepted(ThrowingCallable exchange) {
		assertThatCode(exchange).doesNotThrowAnyException();
	}

	private static void assertRefused(ThrowingCallable exchange, String... reasons) {
		assertThatExceptionOfType(AssertionError.class).isThrownBy(exchange)
			.satisfies((error) -> assertThat(error.getMessage()).contains(reasons));
	}

}
