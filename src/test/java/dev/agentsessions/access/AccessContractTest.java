package dev.agentsessions.access;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.OpenApiConformance;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;

import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every route, for each kind of caller. Routes come from openapi.yaml, so that a new one
 * is tested too.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class AccessContractTest {

	/** What an operation has to be sent so that it does something. */
	private static final Map<String, String> BODIES = Map.of("POST /v1/sessions/{session_id}/messages", message("hi"),
			"PUT /v1/sessions/{session_id}/history", "{\"messages\":[" + message("hi") + "]}",
			"POST /v1/sessions/{session_id}/turns", "{\"messages\":[" + message("hi") + "]}",
			"PATCH /v1/sessions/{session_id}", "{\"metadata\":{}}", "PUT /v1/sessions/{session_id}/agent-context",
			"{\"current_agent\":\"a\"}", "POST /v1/sessions/{session_id}/agent-switches", "{\"to_agent\":\"a\"}",
			"PUT /v1/sessions/{session_id}/view", "{\"ranges\":[]}", "POST /v1/sessions/{session_id}/compactions",
			"{\"through_seq\":1,\"summary\":" + message("hi") + "}", "POST /v1/erasures",
			"{\"session_ids\":[\"{session_id}\"]}", "POST /v1/sessions/{session_id}/drafts/{message_id}",
			"{\"discard\":true}");

	@TempDir
	private static Path directory;

	private static TestStore store;

	/** One of acme's. */
	private static String erasure;

	@Parameter
	private Engine engine;

	private final HttpClient client = HttpClient.newHttpClient();

	private final Api acme = Api.on(store, "acme-user");

	private final Api rival = Api.on(store, "rival-user");

	@BeforeParameterizedClassInvocation
	static void start(Engine engine) {
		store = KeysOfTests.store(engine, directory);
		erasure = Api.on(store, "acme-user")
			.post("/v1/erasures")
			.json(json("{'owner':'nobody'}"))
			.send()
			.expect(202)
			.json()
			.path("erasure_id")
			.stringValue();
	}

	@AfterParameterizedClassInvocation
	static void stop() {
		store.close();
	}

	@ParameterizedTest
	@MethodSource("operations")
	void withoutAKeyNothingIsDoneNorTold(String operation) {
		String[] methodAndPath = operation.split(" ");
		Answer answer = Api.on(store)
			.request(HttpMethod.valueOf(methodAndPath[0]), sample(methodAndPath[1], "none"))
			.send();
		answer.problem(401, "unauthorized");
		assertThat(answer.header(HttpHeaders.WWW_AUTHENTICATE)).isEqualTo("Bearer realm=\"agent-session-store\"");
	}

	@ParameterizedTest
	@MethodSource("operations")
	void aWrongKeyIsNoKey(String operation) {
		String[] methodAndPath = operation.split(" ");
		Answer answer = Api.on(store, "guessed")
			.request(HttpMethod.valueOf(methodAndPath[0]), sample(methodAndPath[1], "none"))
			.send();
		assertThat(answer.problem(401, "unauthorized").toString()).doesNotContain("guessed");
		assertThat(answer.header(HttpHeaders.WWW_AUTHENTICATE)).endsWith(", error=\"invalid_token\"");
	}

	@ParameterizedTest
	@MethodSource("operations")
	void aUserMayDoEverythingButRetention(String operation) {
		int status = status(operation, session(this.acme), "acme-user");
		if (operation.contains(" /v1/retention")) {
			assertThat(status).isEqualTo(403);
		}
		else {
			assertThat(status).isNotIn(401, 403, 404, 405).isLessThan(500);
		}
	}

	@ParameterizedTest
	@MethodSource("operations")
	void anAdminMayDoEverything(String operation) {
		assertThat(status(operation, session(this.acme), "acme-admin")).isNotIn(401, 403, 404, 405).isLessThan(500);
	}

	@ParameterizedTest
	@MethodSource("operations")
	void noOperationReachesAnotherTenantsSession(String operation) {
		String session = session(this.acme);
		String before = everything(session);
		int status = status(operation, session, "rival-admin");
		if (operation.contains("_id}") && !creates(operation)) {
			assertThat(status).isEqualTo(404);
		}
		else {
			assertThat(status).isLessThan(500);
		}
		assertThat(everything(session)).isEqualTo(before);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/v1/retention", "/v1/retention/", "/v1/retention/cleanup", "/v1/retention;x=1/purge",
			"/v1/%72etention", "/v1;a/retention/cleanup", "/v1/retention/any/thing" })
	void retentionIsForAdminsInWhateverSpelling(String path) {
		assertThat(raw("POST", path, "acme-user")).isEqualTo(403);
		assertThat(raw("POST", path, "acme-admin")).isNotIn(401, 403);
		assertThat(raw("POST", path, null)).isEqualTo(401);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/v1", "/v1/", "/v1/nothing", "/%761/sessions", "/v1;a=b/sessions" })
	void whatIsUnderV1IsAskedForAKeyEvenIfItIsNothing(String path) {
		assertThat(raw("GET", path, null)).isEqualTo(401);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/livez", "/readyz", "/docs", "/docs/init.js", "/openapi.yaml", "/console",
			"/console/init.js" })
	void healthDocumentationAndTheConsoleItselfArePublic(String path) {
		Api.on(store).get(path).expect(200);
	}

	@ParameterizedTest
	@CsvSource({ "Authorization,Bearer acme-user,200", "Authorization,bearer acme-user,200", "X-API-Key,acme-user,200",
			"Authorization,acme-user,401", "Authorization,Basic YWNtZTp1c2Vy,401", "Authorization,Bearer,401",
			"Authorization,Bearer acme-user more,401", "X-API-Key,,401", "X-API-Key,Bearer acme-user,401" })
	void aKeyComesInOneOfTwoHeaders(String header, String value, int status) {
		Answer answer = Api.on(store)
			.request(HttpMethod.GET, "/v1/sessions")
			.header(header, (value != null) ? value : "")
			.send();
		assertThat(answer.expect(status).headers().containsHeader(HttpHeaders.WWW_AUTHENTICATE))
			.isEqualTo(status == 401);
	}

	@Test
	void twoKeysAreOneTooMany() {
		this.acme.request(HttpMethod.GET, "/v1/sessions")
			.header("X-API-Key", "acme-user")
			.send()
			.problem(401, "unauthorized");
		Api.on(store)
			.request(HttpMethod.GET, "/v1/sessions")
			.header("Authorization", "Bearer acme-user")
			.header("Authorization", "Bearer rival-user")
			.send()
			.problem(401, "unauthorized");
	}

	@Test
	void theSameIdInTwoTenantsIsTwoSessions() {
		String session = Api.newId();
		this.acme.post(Api.MESSAGES, session).header("Idempotency-Key", "k").json(message("acme's")).send().expect(201);
		Answer second = this.rival.post(Api.MESSAGES, session)
			.header("Idempotency-Key", "k")
			.json(message("rival's"))
			.send()
			.expect(201);
		assertThat(second.header("Idempotency-Replayed")).isNull();
		this.acme.makeSwitch(session, json("{'to_agent':'a'}")).expect(201);
		assertThat(this.acme.contents(session)).containsExactly("acme's");
		assertThat(this.rival.contents(session)).containsExactly("rival's");
		this.rival.get(Api.CONTEXT, session).problem(404, "agent-context-not-found");
		this.rival.delete(Api.SESSION + "?soft=false", session).expect(204);
		assertThat(this.acme.contents(session)).containsExactly("acme's");
		this.rival.get(Api.HISTORY, session).problem(404, "session-not-found");
	}

	@Test
	void anETagOfOneTenantMeansNothingToAnother() {
		String session = Api.newId();
		this.acme.append(session, message("same")).expect(201);
		this.rival.append(session, message("same")).expect(201);
		String etag = this.acme.get(Api.HISTORY, session).etag();
		assertThat(this.rival.request(HttpMethod.GET, Api.HISTORY, session)
			.header(HttpHeaders.IF_NONE_MATCH, etag)
			.send()
			.expect(200)
			.etag()).isNotEqualTo(etag);
	}

	@Test
	void aCursorLeadsThroughOnesOwnListsOnly() {
		String theirs = session(this.rival);
		for (String list : new String[] { "/v1/sessions?order=created&limit=1", "/v1/sessions?limit=1",
				"/v1/agent-contexts?limit=1" }) {
			session(this.acme);
			session(this.acme);
			String next = this.acme.get(list).expect(200).json().path("next").stringValue();
			Answer answer = this.rival.get(next);
			assertThat(answer.status()).isIn(200, 400);
			assertThat(this.acme.walk(list)).hasSizeGreaterThan(1).noneMatch((page) -> page.text().contains(theirs));
		}
	}

	@Test
	void aSearchFindsOnesOwnMessagesOnly() {
		String word = "word" + Api.newId().replace("-", "");
		String theirs = this.rival.sessionOf(0);
		this.rival.append(theirs, message(word)).expect(201);
		Awaitility.await()
			.untilAsserted(() -> assertThat(this.rival.get("/v1/search?q=" + word).expect(200).data()).hasSize(1));
		assertThat(this.acme.get("/v1/search?q=" + word).expect(200).data()).isEmpty();
		assertThat(this.acme.get("/v1/search?q=" + word.substring(0, 12) + "*").expect(200).data()).isEmpty();
		this.acme.get("/v1/search?q=" + word + "&session_id=" + theirs).problem(404, "session-not-found");
	}

	@ParameterizedTest
	@ValueSource(strings = { "100%", "a;b=c;d", "a//b", "%2e%2e", "..;", "a%2Fb", "tab\there", "юникод 😀", "\u2028" })
	void accessLetsThroughWhatASessionIdMayBe(String id) {
		String session = id + Api.newId();
		if (session.contains("/") || session.contains("\t")) {
			this.acme.append(session, message("hi")).problem(400, "invalid-request");
		}
		else {
			this.acme.append(session, message("hi")).expect(201);
			assertThat(this.acme.contents(session)).containsExactly("hi");
		}
	}

	/** What the document describes, but for what is public. */
	static Stream<String> operations() {
		return new OpenApiConformance().operations().stream().filter((operation) -> operation.contains(" /v1"));
	}

	/** A session of this tenant that has everything a session can have. */
	private static String session(Api api) {
		String session = api.sessionOf(1);
		api.makeSwitch(session, json("{'to_agent':'a'}")).expect(201);
		return session;
	}

	private String everything(String session) {
		return this.acme.session(session) + this.acme.log(session).toString() + this.acme.context(session)
				+ this.acme.switches(session) + this.acme.get("/v1/sessions?limit=1000").text().contains(session);
	}

	/** Those that make a session of their own tenant where there is none. */
	private static boolean creates(String operation) {
		return operation.startsWith("POST")
				&& (operation.endsWith("/messages") || operation.endsWith("/turns") || operation.contains("/drafts/"))
				|| operation.startsWith("PUT") && operation.endsWith("/history");
	}

	/** An operation's status, without waiting for an answer that may go on for ever. */
	private int status(String operation, String session, String key) {
		String[] methodAndPath = operation.split(" ");
		HttpRequest.Builder request = HttpRequest
			.newBuilder(URI.create(store.uri() + sample(methodAndPath[1], session)))
			.timeout(Duration.ofSeconds(10))
			.header("Authorization", "Bearer " + key);
		String body = BODIES.get(operation);
		if (operation.endsWith("/restore")) {
			Api.on(store, key).delete(Api.SESSION, session);
		}
		if (body != null) {
			request.header("Content-Type", operation.contains("/drafts") ? "application/x-ndjson" : "application/json");
		}
		return send(request.method(methodAndPath[0], (body != null)
				? BodyPublishers.ofString(body.replace("{session_id}", session)) : BodyPublishers.noBody()));
	}

	private int raw(String method, String path, String key) {
		HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(store.uri() + path))
			.method(method, BodyPublishers.noBody());
		return send((key != null) ? request.header("X-API-Key", key) : request);
	}

	private int send(HttpRequest.Builder request) {
		try {
			HttpResponse<InputStream> response = this.client.send(request.build(), BodyHandlers.ofInputStream());
			response.body().close();
			return response.statusCode();
		}
		catch (IOException | InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static String sample(String path, String session) {
		String query = path.equals("/v1/tail") ? "?session_id=" + session : path.equals("/v1/search")
				? "?q=hi&session_id=" + session : path.endsWith("/context") ? "?max_messages=5" : "";
		return path.replace("{session_id}", session)
			.replace("{erasure_id}", erasure)
			.replace("{message_id}", "m")
			.replace("{seq}", "1") + query;
	}

}
