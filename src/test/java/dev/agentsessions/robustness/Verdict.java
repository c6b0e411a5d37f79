package dev.agentsessions.robustness;

import java.net.URI;

import dev.agentsessions.Innards;
import dev.agentsessions.Json;
import dev.agentsessions.OpenApiConformance;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatusCode;

/**
 * What every answer has to be, whatever was asked.
 */
final class Verdict {

	private static final OpenApiConformance document = new OpenApiConformance();

	/** The patterns of the document are matched by recursion, one level a character. */
	private static final int LARGE = 3000;

	private Verdict() {
	}

	/** What is wrong with the answer; empty if nothing is. */
	static String of(RawRequest request, RawAnswer answer) {
		int status = answer.status();
		if (status >= 500 && (status != 503 || answer.headers().getFirst("Retry-After") == null)) {
			return "a failure of the service";
		}
		if (status >= 400 && !request.isHead()) {
			String fault = problem(answer);
			if (!fault.isEmpty()) {
				return fault;
			}
		}
		return (request.tame() && answer.body().length < LARGE && !answer.text().contains("breaks the rules of HTTP"))
				? againstDocument(request, answer) : "";
	}

	private static String problem(RawAnswer answer) {
		if (!"application/problem+json".equals(answer.headers().getFirst("Content-Type"))) {
			return "a refusal that is no problem document";
		}
		if (Innards.PATTERN.matcher(answer.text()).find()) {
			return "a refusal that tells what the service is made of";
		}
		try {
			JsonNode problem = Json.parse(answer.text());
			boolean complete = problem.path("type").asString("").startsWith("/problems/")
					&& !problem.path("title").asString("").isBlank() && !problem.path("detail").asString("").isBlank()
					&& problem.path("status").asInt(0) == answer.status();
			return complete ? "" : "a problem document with a part missing";
		}
		catch (JacksonException ex) {
			return "a problem document that is no JSON";
		}
	}

	private static String againstDocument(RawRequest request, RawAnswer answer) {
		URI uri;
		try {
			uri = URI.create(request.target());
		}
		catch (IllegalArgumentException ex) {
			return "";
		}
		if (answer.status() == 200 && answer.body().length == 0) {
			return ""; // a stream of events, of which only the head was read
		}
		try {
			document.check(HttpMethod.valueOf(request.method()), uri, HttpStatusCode.valueOf(answer.status()),
					answer.headers(), answer.body());
			return "";
		}
		catch (AssertionError ex) {
			return String.valueOf(ex.getMessage());
		}
	}

}
