package dev.agentsessions.tail;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

import dev.agentsessions.Json;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads one stream of server-sent events as a browser does.
 */
public final class Follower implements AutoCloseable {

	private static final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

	private final HttpResponse<InputStream> answer;

	private final List<Event> events = new CopyOnWriteArrayList<>();

	private final List<String> comments = new CopyOnWriteArrayList<>();

	private volatile boolean ended;

	private volatile @Nullable RuntimeException failure;

	private volatile @Nullable String lastId;

	private volatile long retry = -1;

	private Follower(HttpResponse<InputStream> answer) {
		this.answer = answer;
	}

	/** Follows; the stream has begun when this returns. */
	public static Follower of(URI store, String path, @Nullable String lastEventId) {
		return open(store, path, (lastEventId != null) ? "Last-Event-ID" : null, lastEventId);
	}

	/** Follows as a caller that shows this key or token. */
	public static Follower as(String bearer, URI store, String path) {
		return open(store, path, "Authorization", "Bearer " + bearer);
	}

	private static Follower open(URI store, String path, @Nullable String header, @Nullable String value) {
		HttpRequest.Builder request = HttpRequest.newBuilder(store.resolve(path)).header("Accept", "text/event-stream");
		if (header != null && value != null) {
			request.header(header, value);
		}
		try {
			HttpResponse<InputStream> answer = client.send(request.build(), BodyHandlers.ofInputStream());
			if (answer.statusCode() != 200) {
				answer.body().close();
				throw new Refused(path, answer.statusCode());
			}
			Follower follower = new Follower(answer);
			Thread reader = new Thread(follower::read, "follower");
			reader.setDaemon(true);
			reader.start();
			return follower;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	static Follower of(URI store, String path) {
		return of(store, path, null);
	}

	@Nullable String header(String name) {
		return this.answer.headers().firstValue(name).orElse(null);
	}

	/** All events so far, but for the first, which is ready. */
	public List<Event> events() {
		List<Event> all = List.copyOf(this.events);
		return all.isEmpty() ? all : all.subList(1, all.size());
	}

	public Event ready() {
		await("ready", () -> !this.events.isEmpty());
		return this.events.get(0);
	}

	/** The first events after ready, once there are as many. */
	public List<Event> await(int count) {
		await(count + " events of " + this.events, () -> events().size() >= count);
		return events();
	}

	/** The first event like this, once it is there. */
	Event await(Predicate<Event> wanted) {
		await("an event", () -> events().stream().anyMatch(wanted));
		return events().stream().filter(wanted).findFirst().orElseThrow();
	}

	void awaitComment() {
		await("a comment", () -> !this.comments.isEmpty());
	}

	public void awaitEnd() {
		await("the end", () -> this.ended);
	}

	public boolean hasEnded() {
		return this.ended;
	}

	/**
	 * What is wrong with what was received, so that no more of it was read; null if
	 * nothing.
	 */
	public @Nullable RuntimeException failure() {
		return this.failure;
	}

	/** The last id that was received, as a browser would send it back. */
	public @Nullable String lastId() {
		return this.lastId;
	}

	/** Milliseconds that the server asked for last. */
	long retry() {
		return this.retry;
	}

	@Override
	public void close() {
		try {
			this.answer.body().close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void await(String what, Callable<Boolean> condition) {
		Awaitility.await(what).atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(5)).until(condition);
	}

	private void read() {
		try (BufferedReader reader = new BufferedReader(
				new InputStreamReader(this.answer.body(), StandardCharsets.UTF_8))) {
			String id = null;
			String name = "message";
			StringBuilder data = new StringBuilder();
			for (String line = reader.readLine(); line != null; line = reader.readLine()) {
				if (line.isEmpty() && !data.isEmpty()) {
					this.lastId = (id != null) ? id : this.lastId;
					this.events.add(new Event(id, name, Json.parse(data.toString())));
					data.setLength(0);
					id = null;
					name = "message";
				}
				else if (line.startsWith(":")) {
					this.comments.add(line);
				}
				else if (line.startsWith("id: ")) {
					id = line.substring(4);
				}
				else if (line.startsWith("event: ")) {
					name = line.substring(7);
				}
				else if (line.startsWith("retry: ")) {
					this.retry = Long.parseLong(line.substring(7));
				}
				else if (line.startsWith("data: ")) {
					data.append(line, 6, line.length());
				}
			}
		}
		catch (IOException ex) {
			// the stream was cut, which ends it
		}
		catch (RuntimeException ex) {
			this.failure = ex;
		}
		this.ended = true;
	}

	/** The answer was no stream. */
	public static final class Refused extends UncheckedIOException {

		private final int status;

		private Refused(String path, int status) {
			super(new IOException(path + " answered " + status));
			this.status = status;
		}

		public int status() {
			return this.status;
		}

	}

	/** One event as it was received. */
	public record Event(@Nullable String id, String name, JsonNode data) {

		public long seq() {
			return this.data.path("seq").longValue(0);
		}

		public String content() {
			return this.data.path("content").stringValue("");
		}

		String session() {
			return this.data.path("session_id").stringValue("");
		}

		@Override
		public String toString() {
			return this.name + " " + this.id;
		}

	}

}
