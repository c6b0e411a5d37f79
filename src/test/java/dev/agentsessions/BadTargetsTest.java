package dev.agentsessions;

import java.util.List;

import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import org.springframework.http.HttpMethod;

import static dev.agentsessions.Api.HISTORY;
import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Paths, methods and parameters that do not exist.
 */
class BadTargetsTest extends BadInputFixture {

	BadTargetsTest() {
		super(Engine.POSTGRESQL);
	}

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

}
