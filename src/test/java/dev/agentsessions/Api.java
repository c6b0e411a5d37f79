package dev.agentsessions;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

import dev.agentsessions.database.Engine;
import tools.jackson.databind.JsonNode;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.EntityExchangeResult;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.test.web.reactive.server.WebTestClient.RequestBodySpec;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The shared store in a few words, so that a test reads as an example. What is put into a
 * path is percent-encoded; every exchange is held against openapi.yaml.
 */
public final class Api {

	public static final String SESSION = "/v1/sessions/{id}";

	public static final String MESSAGES = "/v1/sessions/{id}/messages";

	public static final String HISTORY = "/v1/sessions/{id}/history";

	public static final String CONTEXT = "/v1/sessions/{id}/agent-context";

	public static final String SWITCHES = "/v1/sessions/{id}/agent-switches";

	public static final String TURNS = "/v1/sessions/{id}/turns";

	private final WebTestClient client;

	private Api(WebTestClient client) {
		this.client = client;
	}

	public static Api on(Engine engine) {
		return on(TestStore.on(engine));
	}

	public static Api on(TestStore store) {
		return new Api(store.client());
	}

	/**
	 * As a caller that shows this key or token with every request.
	 */
	public static Api on(TestStore store, String bearer) {
		return new Api(store.client().mutate().defaultHeaders((headers) -> headers.setBearerAuth(bearer)).build());
	}

	/** The id of a session that no other test knows. */
	public static String newId() {
		return "test-" + UUID.randomUUID();
	}

	public Request request(HttpMethod method, String uri, Object... variables) {
		return new Request(method, this.client.method(method).uri(uri, variables),
				method + " " + uri + " " + List.of(variables));
	}

	public Answer get(String uri, Object... variables) {
		return request(HttpMethod.GET, uri, variables).send();
	}

	public Answer head(String uri, Object... variables) {
		return request(HttpMethod.HEAD, uri, variables).send();
	}

	public Answer delete(String uri, Object... variables) {
		return request(HttpMethod.DELETE, uri, variables).send();
	}

	public Request post(String uri, Object... variables) {
		return request(HttpMethod.POST, uri, variables);
	}

	public Answer post(String json, String uri, String session) {
		return post(uri, session).json(json).send();
	}

	public Answer create(String json) {
		return post("/v1/sessions").json(json).send();
	}

	/** A new session without messages. */
	public String newSession() {
		String session = newId();
		create("{\"session_id\":\"" + session + "\"}").expect(201);
		return session;
	}

	public JsonNode session(String session) {
		return get(SESSION, session).expect(200).json();
	}

	public JsonNode stats(String session) {
		return get("/v1/sessions/{id}/stats", session).expect(200).json();
	}

	/** A new session that holds messages 1 to count, each saying its number. */
	public String sessionOf(int count) {
		String session = newId();
		for (int from = 1; from <= count; from += 1000) {
			List<String> messages = new ArrayList<>();
			for (int i = from; i < Math.min(from + 1000, count + 1); i++) {
				messages.add(Json.message(Integer.toString(i)));
			}
			append(session, Json.array(messages)).expect(201);
		}
		return session;
	}

	/** Appends a message, or an array of them. */
	public Answer append(String session, String json) {
		return post(MESSAGES, session).json(json).send();
	}

	public Answer page(String session, String query) {
		return get(MESSAGES + "?" + query, session);
	}

	/** The whole log. */
	public List<JsonNode> log(String session) {
		return request(HttpMethod.GET, MESSAGES, session).header("Accept", "application/x-ndjson")
			.send()
			.expect(200)
			.lines();
	}

	/** The contents of the whole log. */
	public List<String> contents(String session) {
		return log(session).stream().map((message) -> message.path("content").stringValue("")).toList();
	}

	/** Saves a history of these messages. */
	public Answer save(String session, String... messages) {
		return put("{\"messages\":" + Json.array(List.of(messages)) + "}", session);
	}

	/** Saves a history with this body. */
	public Answer put(String json, String session) {
		return request(HttpMethod.PUT, HISTORY, session).json(json).send();
	}

	/** Saves an agent context with this body. */
	public Answer saveContext(String session, String json) {
		return request(HttpMethod.PUT, CONTEXT, session).json(json).send();
	}

	public JsonNode context(String session) {
		return get(CONTEXT, session).expect(200).json();
	}

	public Answer makeSwitch(String session, String json) {
		return post(json, SWITCHES, session);
	}

	/** The switches of a session, the oldest first, up to a thousand. */
	public List<JsonNode> switches(String session) {
		return get(SWITCHES + "?order=asc&limit=1000", session).expect(200).data();
	}

	public Answer takeTurn(String session, String json) {
		return post(json, TURNS, session);
	}

	public void softDelete(String session) {
		delete(SESSION, session).expect(204);
	}

	/** Every page of a list from this one on, as the answers lead on. */
	public List<Answer> walk(String uri, Object... variables) {
		List<Answer> pages = new ArrayList<>();
		Answer page = get(uri, variables).expect(200);
		pages.add(page);
		while (page.json().path("has_more").booleanValue()) {
			String next = page.json().path("next").stringValue();
			assertThat(page.header(HttpHeaders.LINK)).isEqualTo("<" + next + ">; rel=\"next\"");
			page = get(next).expect(200);
			pages.add(page);
		}
		assertThat(page.headers().containsHeader(HttpHeaders.LINK)).isFalse();
		return pages;
	}

	/** Makes count calls at the same time; their answers, by number from 0. */
	public static <T> List<T> together(int count, IntFunction<T> call) {
		ExecutorService threads = Executors.newFixedThreadPool(count);
		try {
			CountDownLatch ready = new CountDownLatch(count);
			List<Future<T>> calls = new ArrayList<>();
			for (int i = 0; i < count; i++) {
				int number = i;
				calls.add(threads.submit(() -> {
					ready.countDown();
					ready.await();
					return call.apply(number);
				}));
			}
			List<T> answers = new ArrayList<>();
			for (Future<T> each : calls) {
				answers.add(each.get());
			}
			return answers;
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
		catch (ExecutionException ex) {
			throw (ex.getCause() instanceof AssertionError failure) ? failure : new AssertionError(ex.getCause());
		}
		finally {
			threads.shutdownNow();
		}
	}

	/** A request that is being put together. */
	public static final class Request {

		private final HttpMethod method;

		private final RequestBodySpec spec;

		private final String description;

		private Request(HttpMethod method, RequestBodySpec spec, String description) {
			this.method = method;
			this.spec = spec;
			this.description = description;
		}

		public Request header(String name, String value) {
			this.spec.header(name, value);
			return this;
		}

		public Request json(String json) {
			return body(MediaType.APPLICATION_JSON_VALUE, json);
		}

		public Request ndjson(String lines) {
			return body(MediaType.APPLICATION_NDJSON_VALUE, lines);
		}

		public Request body(String contentType, String text) {
			return body(contentType, text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
		}

		public Request body(String contentType, byte[] bytes) {
			this.spec.header(HttpHeaders.CONTENT_TYPE, contentType);
			this.spec.bodyValue(bytes);
			return this;
		}

		public Answer send() {
			EntityExchangeResult<byte[]> result = this.spec.exchange().expectBody().returnResult();
			byte[] body = result.getResponseBodyContent();
			if (this.method.equals(HttpMethod.HEAD)) {
				assertThat(body).isNullOrEmpty();
			}
			return new Answer(this.description, result.getStatus().value(), result.getResponseHeaders(),
					(body != null) ? body : new byte[0]);
		}

	}

}
