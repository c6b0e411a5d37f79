package dev.agentsessions;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

import com.sun.net.httpserver.HttpServer;
import dev.agentsessions.database.Engine;
import dev.agentsessions.tail.DraftRequest;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The chat page of docs/chat.md, as it stands there, in Chromium where there is one.
 */
class ChatPageIT {

	@TempDir
	static Path directory;

	private static HttpServer pages;

	private static TestStore store;

	private static Api api;

	private static Browser browser;

	private final String session = Api.newId();

	@BeforeAll
	static void start() throws IOException {
		Path program = Browser.find();
		pages = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		byte[] page = chatPage().getBytes(StandardCharsets.UTF_8);
		pages.createContext("/chat.html", (exchange) -> {
			exchange.sendResponseHeaders(200, page.length);
			try (OutputStream out = exchange.getResponseBody()) {
				out.write(page);
			}
		});
		pages.start();
		store = TestStore.start(TestStore.newDatabase(Engine.H2), "store.access.origins=" + origin());
		api = Api.on(store);
		browser = Browser.start(program, directory);
	}

	@AfterAll
	static void stop() {
		if (browser != null) {
			browser.close();
		}
		if (store != null) {
			store.close();
		}
		if (pages != null) {
			pages.stop(0);
		}
	}

	@Test
	void anAnswerGrowsAndAReloadInTheMiddleOfItShowsAllOfIt() {
		String question = "Why is the sky blue?";
		api.append(this.session, message(question)).expect(201);
		open();
		awaitShown(List.of(question), List.of());
		try (DraftRequest draft = write("answer")) {
			draft.say("It is 🙂 ");
			awaitShown(List.of(question), List.of("It is 🙂 "));
			draft.say("the <b>air</b>,\n");
			awaitShown(List.of(question), List.of("It is 🙂 the <b>air</b>,\n"));
			browser.reload();
			awaitShown(List.of(question), List.of("It is 🙂 the <b>air</b>,\n"));
			draft.say("which scatters");
			awaitShown(List.of(question), List.of("It is 🙂 the <b>air</b>,\nwhich scatters"));
			String answer = "It is 🙂 the <b>air</b>,\nwhich scatters blue light most.";
			draft.line("{\"message\":" + message("assistant", answer) + "}").expect(201);
			awaitShown(List.of(question, answer), List.of());
			browser.reload();
			awaitShown(List.of(question, answer), List.of());
		}
	}

	@Test
	void whatTheUserSaysIsStoredAndADiscardedAnswerLeaves() {
		open();
		browser.run("document.querySelector('input').value = 'Hello?'");
		browser.run("document.querySelector('form').requestSubmit()");
		awaitShown(List.of("Hello?"), List.of());
		assertThat(api.contents(this.session)).containsExactly("Hello?");
		Awaitility.await().until(() -> browser.run("document.querySelector('input').value").stringValue("").isEmpty());
		try (DraftRequest first = write("first").say("one")) {
			awaitShown(List.of("Hello?"), List.of("one"));
			try (DraftRequest second = write("second").say("two")) {
				awaitShown(List.of("Hello?"), List.of("one", "two"));
				first.line(json("{'discard':true}")).expect(200);
				awaitShown(List.of("Hello?"), List.of("two"));
				second.say(" three");
				awaitShown(List.of("Hello?"), List.of("two three"));
			}
		}
	}

	private void open() {
		browser.open(URI.create(origin() + "/chat.html?store=" + store.uri() + "&session=" + this.session));
	}

	private DraftRequest write(String messageId) {
		return DraftRequest.to(store.uri(), this.session, messageId, "");
	}

	private static void awaitShown(List<String> messages, List<String> drafts) {
		Awaitility.await().untilAsserted(() -> {
			assertThat(browser.texts("#drafts p")).isEqualTo(drafts);
			assertThat(browser.texts("#messages p")).isEqualTo(messages);
		});
	}

	private static String origin() {
		return "http://127.0.0.1:" + pages.getAddress().getPort();
	}

	private static String chatPage() {
		return MarkdownPage.read(Path.of("docs/chat.md"))
			.blocks()
			.stream()
			.filter((block) -> block.language().equals("html"))
			.map(MarkdownPage.Block::text)
			.findFirst()
			.orElseThrow();
	}

}
