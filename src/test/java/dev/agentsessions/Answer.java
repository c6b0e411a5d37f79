package dev.agentsessions;

import java.nio.charset.StandardCharsets;
import java.util.List;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the store answered.
 */
public record Answer(String request, int status, HttpHeaders headers, byte[] body) {

	public Answer expect(int status) {
		assertThat(this.status).as("%s answered %.500s", this.request, text()).isEqualTo(status);
		return this;
	}

	/** Expects a problem (RFC 9457) and answers its document. */
	public JsonNode problem(int status, String name) {
		expect(status);
		assertThat(this.headers.getContentType()).isEqualTo(MediaType.APPLICATION_PROBLEM_JSON);
		JsonNode problem = json();
		assertThat(problem.path("type").stringValue("")).as("%s answered %s", this.request, problem)
			.isEqualTo("/problems/" + name);
		assertThat(problem.path("status").intValue()).isEqualTo(status);
		assertThat(problem.path("title").stringValue("")).isNotBlank();
		assertThat(problem.path("detail").stringValue("")).isNotBlank();
		return problem;
	}

	/** Expects a 400 that names this place in the body first. */
	public JsonNode wrongAt(String pointer) {
		JsonNode problem = problem(400, "invalid-request");
		assertThat(problem.at("/errors/0/pointer").stringValue("(none)")).as("%s answered %s", this.request, problem)
			.isEqualTo(pointer);
		return problem;
	}

	/** Expects a 413 that names this place in the body. */
	public JsonNode tooLargeAt(String pointer) {
		JsonNode problem = problem(413, "too-large");
		assertThat(problem.at("/errors/0/pointer").stringValue("(none)")).isEqualTo(pointer);
		return problem;
	}

	/** Expects a 400 that names this parameter or header. */
	public JsonNode wrongParameter(String name) {
		JsonNode problem = problem(400, "invalid-request");
		assertThat(problem.at("/errors/0/parameter").stringValue("(none)")).as("%s answered %s", this.request, problem)
			.isEqualTo(name);
		return problem;
	}

	public String text() {
		return new String(this.body, StandardCharsets.UTF_8);
	}

	public JsonNode json() {
		return Json.parse(text());
	}

	public List<JsonNode> data() {
		return json().path("data").valueStream().toList();
	}

	/** The values of a newline-delimited answer. */
	public List<JsonNode> lines() {
		return text().lines().map(Json::parse).toList();
	}

	/** Expects the first answer again, and that this is said. */
	public void replays(Answer first) {
		assertThat(expect(201).header("Idempotency-Replayed")).isEqualTo("true");
		assertThat(Json.value(json())).isEqualTo(Json.value(first.json()));
	}

	public @Nullable String header(String name) {
		return this.headers.getFirst(name);
	}

	public String etag() {
		String etag = this.headers.getETag();
		assertThat(etag).as("ETag of " + this.request).isNotNull();
		return String.valueOf(etag);
	}

}
