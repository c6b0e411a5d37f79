package dev.agentsessions.console;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;

import org.springframework.http.MediaType;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The files of the console as they are served, and what can be said of them without a
 * browser.
 */
class ConsoleFilesTest {

	private static final Path FILES = Path.of("src/main/resources/console");

	private static final Pattern IMPORT = Pattern.compile("from \"\\./([^\"]+)\"");

	private static final Pattern TEXT = Pattern.compile("(?m)^  (\\w+): \\[");

	private static final Pattern USED_TEXT = Pattern.compile("\\bt\\(\"(\\w+)\"");

	private final Api api = Api.on(Engine.H2);

	@Test
	void allFilesAreServedAndLittleIsSent() throws IOException {
		Answer page = this.api.get("/console").expect(200);
		assertThat(page.headers().getContentType()).isEqualTo(MediaType.parseMediaType("text/html;charset=UTF-8"));
		assertThat(page.header("Content-Security-Policy")).contains("default-src 'none'", "script-src 'self'")
			.doesNotContain("unsafe");
		int sent = page.body().length;
		for (String file : files()) {
			Answer answer = this.api.get("/console/" + file).expect(200);
			assertThat(answer.body()).isEqualTo(Files.readAllBytes(FILES.resolve(file)));
			assertThat(answer.headers().getContentType()).asString()
				.startsWith(file.endsWith(".css") ? "text/css" : "text/javascript");
			assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
			sent += answer.body().length;
		}
		assertThat(sent).isLessThan(300_000);
	}

	@Test
	void thePageAndItsScriptsLeadToAllFilesAndToNoOthers() {
		assertThat(read("index.html")).contains("href=\"console/console.css\"", "src=\"console/init.js\"");
		Set<String> named = new TreeSet<>(List.of("init.js", "console.css"));
		scripts().forEach((file) -> found(IMPORT, read(file)).forEach(named::add));
		assertThat(named).isEqualTo(files());
	}

	@Test
	void nothingIsReadAsMarkupOrRunFromText() {
		scripts().forEach((file) -> assertThat(read(file)).as(file)
			.doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "DOMParser"));
		assertThat(read("index.html")).doesNotContainPattern("(?i)<script(?![^>]* src=)|<style| on\\w+=| style=");
	}

	@Test
	void everyTextIsThereInAllLanguagesAndIsUsed() {
		Set<String> texts = found(TEXT, read("texts.js")).collect(Collectors.toCollection(TreeSet::new));
		assertThat(texts).hasSizeGreaterThan(100);
		String scripts = scripts().filter((file) -> !file.equals("texts.js"))
			.map(ConsoleFilesTest::read)
			.collect(Collectors.joining());
		assertThat(found(USED_TEXT, scripts)).isSubsetOf(texts);
		assertThat(texts).filteredOn((text) -> !Pattern.compile("[\"\\s{]" + text + "[\":]").matcher(scripts).find())
			.isEmpty();
		for (String line : read("texts.js").replaceAll(",\n    ", ", ").split("\n")) {
			if (line.startsWith("  ")) {
				assertThat(line).matches("  \\w+: \\[\"([^\"\\\\]|\\\\.)+\", \"([^\"\\\\]|\\\\.)+\"],?");
			}
		}
	}

	@Test
	void whereItIsSwitchedOffItIsNotThere() {
		try (TestStore store = TestStore.start(TestStore.newDatabase(Engine.H2), "store.console.enabled=false")) {
			Api without = Api.on(store);
			without.get("/console").problem(404, "not-found");
			without.get("/console/init.js").problem(404, "not-found");
			without.post("/console").send().problem(404, "not-found");
			without.get("/docs").expect(200);
		}
	}

	private static Set<String> files() {
		try (Stream<Path> files = Files.list(FILES)) {
			return files.map((file) -> file.getFileName().toString())
				.filter((name) -> !name.equals("index.html"))
				.collect(Collectors.toCollection(TreeSet::new));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static Stream<String> scripts() {
		return files().stream().filter((file) -> file.endsWith(".js"));
	}

	private static Stream<String> found(Pattern pattern, String text) {
		return pattern.matcher(text).results().map((MatchResult match) -> match.group(1));
	}

	private static String read(String file) {
		try {
			return Files.readString(FILES.resolve(file));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
