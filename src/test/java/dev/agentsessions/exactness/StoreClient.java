package dev.agentsessions.exactness;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * HTTP as a careful client speaks it: every wait has a bound, and what is not a read is
 * never sent twice behind the caller's back.
 */
final class StoreClient {

	static final JsonMapper JSON = new JsonMapper();

	/**
	 * Above anything the store may take; a paused replica is the one thing that reaches
	 * it.
	 */
	private static final Duration TIMEOUT = Duration.ofSeconds(12);

	private final HttpClient http = HttpClient.newBuilder()
		.version(HttpClient.Version.HTTP_1_1)
		.connectTimeout(Duration.ofSeconds(2))
		.build();

	Answer get(Replica replica, String path, String... headers) throws IOException {
		HttpRequest.Builder request = request(replica, path);
		return send((headers.length > 0) ? request.headers(headers).build() : request.build());
	}

	Answer put(Replica replica, String path, Object body) throws IOException {
		return send(request(replica, path).header("Content-Type", "application/json")
			.PUT(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
			.build());
	}

	/** With a body, unless it is null. */
	Answer send(Replica replica, String method, String path, Object body) throws IOException {
		HttpRequest.Builder request = request(replica, path);
		return send((body == null) ? request.method(method, HttpRequest.BodyPublishers.noBody()).build()
				: request.header("Content-Type", "application/json")
					.method(method, HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
					.build());
	}

	Answer post(Replica replica, String path, Object body) throws IOException {
		return send(post(replica, path, Map.of(), JSON.writeValueAsBytes(body)));
	}

	Answer post(Replica replica, Write write) throws IOException {
		return send(post(replica, write.path(), write.headers(), write.body()));
	}

	CompletableFuture<Answer> postLater(Replica replica, Write write) {
		return sendLater(post(replica, write.path(), write.headers(), write.body()));
	}

	CompletableFuture<Answer> getLater(Replica replica, String path) {
		return sendLater(request(replica, path).build());
	}

	private CompletableFuture<Answer> sendLater(HttpRequest request) {
		return this.http.sendAsync(request, HttpResponse.BodyHandlers.ofString()).thenApply(Answer::of);
	}

	private Answer send(HttpRequest request) throws IOException {
		try {
			return Answer.of(this.http.send(request, HttpResponse.BodyHandlers.ofString()));
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex); // nobody interrupts clients
		}
	}

	private static HttpRequest post(Replica replica, String path, Map<String, String> headers, byte[] body) {
		HttpRequest.Builder request = request(replica, path).header("Content-Type", "application/json")
			.POST(HttpRequest.BodyPublishers.ofByteArray(body));
		headers.forEach(request::header);
		return request.build();
	}

	private static HttpRequest.Builder request(Replica replica, String path) {
		return HttpRequest.newBuilder(replica.uri().resolve(path)).timeout(TIMEOUT);
	}

	/** An answer that came in whole. */
	record Answer(int status, HttpHeaders headers, String body) {

		static Answer of(HttpResponse<String> response) {
			return new Answer(response.statusCode(), response.headers(), response.body());
		}

		JsonNode json() {
			return JSON.readTree(this.body);
		}

		String header(String name) {
			return this.headers.firstValue(name).orElse("");
		}

		/** Whether it is this problem. */
		boolean isProblem(int status, String name) {
			return this.status == status && json().path("type").asString("").equals("/problems/" + name);
		}

		@Override
		public String toString() {
			return this.status + " " + ((this.body.length() > 300) ? this.body.substring(0, 300) + "…" : this.body);
		}

	}

}
