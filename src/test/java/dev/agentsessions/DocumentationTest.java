package dev.agentsessions;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.agentsessions.settings.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.http.server.PathContainer;
import org.springframework.web.util.pattern.PathPatternParser;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the Markdown files say can be followed: links lead somewhere, commands are some,
 * and settings and paths are the service's.
 */
class DocumentationTest {

	/** What a shell line runs or reads in the repository. */
	private static final Pattern FILE = Pattern
		.compile("(?<![^\\s\"'=(])(?:\\./|\\.ci/|bench/|k8s/|clients/)[\\w./-]*");

	private static final Pattern PROPERTY = Pattern
		.compile("(?<![\\w.])store(?:\\.[a-z][a-z0-9-]*)+\\.(?:[a-z][a-z0-9-]*|\\*)");

	private static final Pattern VARIABLE = Pattern.compile("\\bSTORE_[A-Z_]*");

	private static final Pattern URL = Pattern.compile("https?://[^/\\s'\"]+(/v1[^\\s'\"?#]*)");

	private static final Pattern METHOD = Pattern.compile(" -X *([A-Z]+)");

	private static final List<MarkdownPage> pages = MarkdownPage.all().toList();

	@Test
	void everyPageIsLookedAt() {
		assertThat(pages).extracting((page) -> page.path().toString())
			.contains("README.md", "README.ru.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "bench/README.md",
					"clients/java/README.md", "clients/java/google-adk/README.md", "clients/python/README.md",
					"clients/typescript/README.md", "docs/api.md", "docs/operations/upgrade.md");
	}

	@Test
	void everyLinkLeadsSomewhere() {
		assertThat(found((page) -> page.links().stream().filter((link) -> leads(page, link)))).hasSizeGreaterThan(30);
		assertThat(found((page) -> page.links().stream().filter((link) -> !leads(page, link)))).isEmpty();
	}

	@Test
	void theReadmeLeadsToEveryPageAndEveryPageBack() {
		Path readme = Path.of("README.md");
		Set<Path> docs = Set
			.copyOf(pages.stream().map(MarkdownPage::path).filter((path) -> path.startsWith("docs")).toList());
		assertThat(docs).hasSizeGreaterThan(10);
		assertThat(targets(MarkdownPage.read(readme))).containsAll(docs);
		assertThat(docs).allSatisfy((path) -> assertThat(targets(MarkdownPage.read(path))).contains(readme));
	}

	@ParameterizedTest
	@ValueSource(strings = { "README.md", "README.ru.md" })
	void theReadmeIsShort(String readme) {
		assertThat(MarkdownPage.lines(Path.of(readme))).hasSizeBetween(50, 200);
	}

	@Test
	@DisabledOnOs(value = OS.WINDOWS, disabledReason = "needs bash")
	void everyShellBlockParses() {
		assertThat(found((page) -> shell(page).map(MarkdownPage.Block::text))).hasSizeGreaterThan(20);
		assertThat(found((page) -> shell(page).map(DocumentationTest::complaints).filter((said) -> !said.isEmpty())))
			.isEmpty();
	}

	@Test
	void everyFileOfAShellBlockIsThere() {
		assertThat(found(DocumentationTest::files)).hasSizeGreaterThan(10);
		assertThat(found((page) -> files(page).filter((file) -> !Files.exists(Path.of(file))))).isEmpty();
	}

	@Test
	void everyPropertyIsOne() {
		everyNameIsOne(PROPERTY, Settings.names(), "*");
	}

	@Test
	void everyVariableIsOne() {
		everyNameIsOne(VARIABLE, Settings.variables(), "_");
	}

	@Test
	void everyCurlAsksWhatThereIs() {
		Set<String> operations = new OpenApiConformance().operations();
		assertThat(found(DocumentationTest::asked)).hasSizeGreaterThan(10);
		assertThat(found((page) -> asked(page)
			.filter((asked) -> operations.stream().noneMatch((operation) -> matches(operation, asked))))).isEmpty();
	}

	/** A name that ends with this mark stands for all that begin so. */
	private static void everyNameIsOne(Pattern pattern, Set<String> names, String mark) {
		assertThat(found((page) -> found(pattern, page))).hasSizeGreaterThan(30);
		assertThat(found((page) -> found(pattern, page).filter((name) -> !names.contains(name))
			.filter((name) -> !name.endsWith(mark)
					|| names.stream().noneMatch((each) -> each.startsWith(name.replace("*", ""))))))
			.isEmpty();
	}

	/** What is found on all pages, each with the page that it is on. */
	private static List<String> found(Function<MarkdownPage, Stream<String>> search) {
		return pages.stream().flatMap((page) -> search.apply(page).map((each) -> page.path() + ": " + each)).toList();
	}

	private static Stream<String> found(Pattern pattern, MarkdownPage page) {
		return page.text().flatMap((text) -> pattern.matcher(text).results()).map(MatchResult::group);
	}

	private static boolean leads(MarkdownPage page, String link) {
		Path target = target(page, link);
		int anchor = link.indexOf('#');
		return !target.startsWith("..") && Files.exists(target)
				&& (anchor < 0 || MarkdownPage.read(target).anchors().contains(link.substring(anchor + 1)));
	}

	private static List<Path> targets(MarkdownPage page) {
		return page.links().stream().map((link) -> target(page, link)).toList();
	}

	/** The file that a link names, from the root of the repository. */
	private static Path target(MarkdownPage page, String link) {
		String file = link.replaceFirst("#.*", "");
		return file.isEmpty() ? page.path() : page.path().resolveSibling(file).normalize();
	}

	private static Stream<MarkdownPage.Block> shell(MarkdownPage page) {
		return page.blocks().stream().filter(MarkdownPage.Block::isShell);
	}

	/**
	 * What shell blocks name in the repository; <code>./data</code> is made by the
	 * service.
	 */
	private static Stream<String> files(MarkdownPage page) {
		return shell(page).flatMap((block) -> FILE.matcher(block.text()).results())
			.map(MatchResult::group)
			.filter((file) -> !file.startsWith("./data"));
	}

	/** What bash says of it, without running it; empty if it takes it. */
	private static String complaints(MarkdownPage.Block block) {
		try {
			Process bash = new ProcessBuilder("bash", "-n").redirectErrorStream(true).start();
			try (var out = bash.getOutputStream()) {
				out.write(block.text().getBytes(StandardCharsets.UTF_8));
			}
			String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			return (bash.waitFor() == 0 && said.isEmpty()) ? "" : said + "in:\n" + block.text();
		}
		catch (IOException | InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** Method and path of each request that curl makes, in blocks of any language. */
	private static Stream<String> asked(MarkdownPage page) {
		return page.blocks()
			.stream()
			.flatMap(MarkdownPage.Block::commands)
			.filter((command) -> command.contains("curl "))
			.flatMap(DocumentationTest::asked);
	}

	private static Stream<String> asked(String command) {
		Matcher method = METHOD.matcher(command);
		String name = method.find() ? method.group(1) : command.contains(" -d ") ? "POST" : "GET";
		return URL.matcher(command).results().map((url) -> name + " " + url.group(1));
	}

	private static boolean matches(String operation, String asked) {
		String[] known = operation.split(" ");
		String[] said = asked.split(" ");
		return known[0].equals(said[0])
				&& PathPatternParser.defaultInstance.parse(known[1]).matches(PathContainer.parsePath(said[1]));
	}

}
