package dev.agentsessions.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.agentsessions.client.message.Message;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The README's first lines are those of this class, and versions are one.
 */
class ReadmeTest {

	private static final Pattern VERSION = Pattern
		.compile("<artifactId>agent-session-store(?:-clients)?</artifactId>\\s*<version>(.*?)</version>");

	private static final Pattern BOOT = Pattern
		.compile("<artifactId>spring-boot-starter-parent</artifactId>\\s*<version>(.*?)</version>");

	@Test
	void theFirstLinesWork() {
		List<String> printed = new ArrayList<>();
		String url = Service.url();
		// tag::readme[]
		SessionStore store = SessionStore.of(url); // one for the whole program
		SessionClient session = store.session("support-4711");

		session.append(Message.user("Why does my build fail?"))
			.then(session.append(Message.assistant("A semicolon is missing in line 3.")))
			.thenMany(session.messages())
			.map((message) -> message.role() + ": " + message.text())
			.doOnNext(printed::add)
			.blockLast();
		// end::readme[]
		assertThat(printed).containsExactly("user: Why does my build fail?",
				"assistant: A semicolon is missing in line 3.");
		store.close();
	}

	@Test
	void theReadmeHasTheseLines() throws IOException {
		ReadmeLines.of(ReadmeTest.class).areIn("clients/java/README.md", "SessionStore store");
	}

	@Test
	void itHasTheVersionsOfTheService() throws IOException {
		String service = Files.readString(ReadmeLines.ROOT.resolve("pom.xml"));
		String client = Files.readString(ReadmeLines.ROOT.resolve("clients/java/pom.xml"));
		assertThat(found(VERSION, client)).isEqualTo(found(VERSION, service));
		assertThat(found(BOOT, client)).isEqualTo(found(BOOT, service));
		assertThat(found(VERSION, Files.readString(Path.of("pom.xml")))).isEqualTo(found(VERSION, service));
	}

	private static String found(Pattern pattern, String text) {
		Matcher matcher = pattern.matcher(text);
		assertThat(matcher.find()).isTrue();
		return matcher.group(1);
	}

}
