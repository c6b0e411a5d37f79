package dev.agentsessions;

import java.util.List;

import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

import org.springframework.http.HttpMethod;

import static dev.agentsessions.Api.HISTORY;
import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Headers that are refused.
 */
class BadHeadersTest extends BadInputFixture {

	BadHeadersTest() {
		super(Engine.POSTGRESQL);
	}

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

}
