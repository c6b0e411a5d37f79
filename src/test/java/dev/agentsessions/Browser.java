package dev.agentsessions;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Chromium without a window, which shows one page. It is asked by its DevTools protocol.
 */
public final class Browser implements AutoCloseable {

	private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome",
			"google-chrome-stable");

	private static final List<String> OPTIONS = List.of("--headless=new", "--no-sandbox", "--disable-gpu",
			"--disable-dev-shm-usage", "--no-first-run", "--no-proxy-server", "--remote-debugging-port=0");

	private static final Pattern ADDRESS = Pattern.compile("DevTools listening on ws://([^/\\s]+)/");

	/** It starts slowly where other builds run as well. */
	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private static final HttpClient http = HttpClient.newHttpClient();

	private final Process process;

	private final WebSocket page;

	private final Map<Integer, CompletableFuture<JsonNode>> asked = new ConcurrentHashMap<>();

	private final List<String> complaints = new CopyOnWriteArrayList<>();

	private final AtomicInteger commands = new AtomicInteger();

	private Browser(Process process, URI page) {
		this.process = process;
		this.page = http.newWebSocketBuilder().buildAsync(page, new Replies()).join();
		command("Log.enable", "{}");
		command("Runtime.enable", "{}");
	}

	/**
	 * The one that is on the path. Skips the test where there is none, but in a build
	 * that decides, it fails.
	 */
	public static Path find() {
		Optional<Path> program = NAMES.stream()
			.flatMap((name) -> Stream.of(System.getenv("PATH").split(File.pathSeparator))
				.map((directory) -> Path.of(directory, name)))
			.filter(Files::isExecutable)
			.findFirst();
		String need = "needs Chromium or Chrome on the path";
		assumeTrue(program.isPresent() || "true".equals(System.getenv("CI")), need);
		return program.orElseThrow(() -> new AssertionError(need));
	}

	/**
	 * Starts it with an empty page.
	 * @param directory for what it keeps, and what it says
	 */
	public static Browser start(Path program, Path directory) {
		Path log = directory.resolve("log");
		Stream<String> command = Stream
			.of(Stream.of(program.toString()), OPTIONS.stream(),
					Stream.of("--user-data-dir=" + directory.resolve("profile"), "about:blank"))
			.flatMap((part) -> part);
		try {
			Process process = new ProcessBuilder(command.toList()).redirectErrorStream(true)
				.redirectOutput(log.toFile())
				.start();
			String address = Awaitility.await()
				.atMost(PATIENCE)
				.until(() -> ADDRESS.matcher(Files.readString(log)).results().findFirst(), Optional::isPresent)
				.orElseThrow()
				.group(1);
			return new Browser(process, page(address));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static URI page(String address) {
		HttpRequest list = HttpRequest.newBuilder(URI.create("http://" + address + "/json/list")).build();
		return Awaitility.await()
			.atMost(PATIENCE)
			.until(() -> Json.parse(http.send(list, HttpResponse.BodyHandlers.ofString()).body())
				.valueStream()
				.filter((target) -> target.path("type").stringValue("").equals("page"))
				.map((target) -> URI.create(target.path("webSocketDebuggerUrl").stringValue("")))
				.findFirst(), Optional::isPresent)
			.orElseThrow();
	}

	public void open(URI page) {
		leaveFor("Page.navigate", "{\"url\":" + Json.text(page.toString()) + "}");
	}

	/**
	 * What the user's system prefers.
	 * @param scheme <code>light</code> or <code>dark</code>
	 */
	public void preferColours(String scheme) {
		command("Emulation.setEmulatedMedia",
				"{\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":" + Json.text(scheme) + "}]}");
	}

	public void reload() {
		leaveFor("Page.reload", "{}");
	}

	/** Completes when another page has been loaded in place of the present one. */
	private void leaveFor(String method, String parameters) {
		run("window.isTheOldOne = true");
		command(method, parameters);
		Awaitility.await()
			.atMost(PATIENCE)
			.until(() -> run("!window.isTheOldOne && document.readyState === 'complete'").booleanValue(false));
	}

	/** The texts of the elements that this selector finds. */
	public List<String> texts(String selector) {
		return run("[...document.querySelectorAll(" + Json.text(selector) + ")].map((each) => each.textContent)")
			.valueStream()
			.map((text) -> text.stringValue(""))
			.toList();
	}

	public void click(String selector) {
		run("document.querySelector(" + Json.text(selector) + ").click()");
	}

	/** Writes into a field, as somebody does who types. */
	public void write(String selector, String text) {
		run("{ const field = document.querySelector(" + Json.text(selector) + "); field.value = " + Json.text(text)
				+ "; for (const name of ['input', 'change'])"
				+ " field.dispatchEvent(new Event(name, { bubbles: true })) }");
	}

	/**
	 * Errors of scripts, and what the page wanted and was not allowed to, since it was
	 * asked last. Answers of servers that are no success are not among them.
	 */
	public List<String> complaints() {
		List<String> said = List.copyOf(this.complaints);
		this.complaints.removeAll(said);
		return said;
	}

	/**
	 * What comes of an expression, or of its promise; missing while the page is being
	 * loaded.
	 */
	public JsonNode run(String expression) {
		return command("Runtime.evaluate",
				"{\"returnByValue\":true,\"awaitPromise\":true,\"expression\":" + Json.text(expression) + "}")
			.at("/result/result/value");
	}

	private JsonNode command(String method, String parameters) {
		int id = this.commands.incrementAndGet();
		CompletableFuture<JsonNode> reply = new CompletableFuture<>();
		this.asked.put(id, reply);
		this.page.sendText("{\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":" + parameters + "}", true)
			.join();
		return reply.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
	}

	@Override
	public void close() {
		List<ProcessHandle> all = Stream.concat(this.process.descendants(), Stream.of(this.process.toHandle()))
			.toList();
		all.forEach(ProcessHandle::destroyForcibly);
		all.forEach((each) -> each.onExit().join());
	}

	/** Hands each reply to who has asked, and keeps what is told besides. */
	private final class Replies implements WebSocket.Listener {

		private final StringBuilder begun = new StringBuilder();

		@Override
		public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
			this.begun.append(text);
			if (last) {
				JsonNode reply = Json.parse(this.begun.toString());
				this.begun.setLength(0);
				note(reply);
				CompletableFuture<JsonNode> waiting = Browser.this.asked.remove(reply.path("id").intValue(0));
				if (waiting != null) {
					waiting.complete(reply);
				}
			}
			return WebSocket.Listener.super.onText(socket, text, last);
		}

		private void note(JsonNode event) {
			String method = event.path("method").stringValue("");
			JsonNode entry = event.at("/params/entry");
			boolean isError = entry.path("level").stringValue("").equals("error")
					&& !entry.path("source").stringValue("").equals("network");
			if (method.equals("Runtime.exceptionThrown") || (method.equals("Log.entryAdded") && isError)) {
				Browser.this.complaints.add(event.toString());
			}
		}

	}

}
