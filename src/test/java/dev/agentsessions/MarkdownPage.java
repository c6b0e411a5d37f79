package dev.agentsessions;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A Markdown file of the repository, as far as its tests read it.
 *
 * @param path from the root of the repository
 * @param prose the lines that are in no fence
 * @param blocks what is in fences
 */
record MarkdownPage(Path path, List<String> prose, List<Block> blocks) {

	/** What is no part of the repository, or made by a build. */
	private static final Set<String> SKIPPED = Set.of("target", "data", ".git", ".mvn", ".idea", ".vscode",
			"node_modules");

	private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)|^\\[[^]]+]:\\s*(\\S+)");

	private static final Pattern HEADING = Pattern.compile("#{1,6} +(.*?)(?: +#+)? *");

	/** All pages of the repository, in the order of their paths. */
	static Stream<MarkdownPage> all() {
		Set<Path> paths = new TreeSet<>();
		try {
			Files.walkFileTree(Path.of(""), new SimpleFileVisitor<>() {

				@Override
				public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
					return SKIPPED.contains(directory.getFileName().toString()) ? FileVisitResult.SKIP_SUBTREE
							: FileVisitResult.CONTINUE;
				}

				@Override
				public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
					if (file.getFileName().toString().endsWith(".md")) {
						paths.add(file);
					}
					return FileVisitResult.CONTINUE;
				}

			});
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return paths.stream().map(MarkdownPage::read);
	}

	static MarkdownPage read(Path path) {
		List<String> prose = new ArrayList<>();
		List<Block> blocks = new ArrayList<>();
		List<String> block = null;
		String language = "";
		for (String line : lines(path)) {
			boolean fence = line.strip().startsWith("```");
			if (fence && block == null) {
				language = line.strip().substring(3).strip();
				block = new ArrayList<>();
			}
			else if (fence) {
				blocks.add(new Block(language, String.join("\n", block) + "\n"));
				block = null;
			}
			else {
				((block != null) ? block : prose).add(line);
			}
		}
		if (block != null) {
			throw new IllegalStateException(path + " has a fence that does not end");
		}
		return new MarkdownPage(path, prose, blocks);
	}

	static List<String> lines(Path path) {
		try {
			return Files.readAllLines(path);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Where its links lead, as they are written; no addresses on the web. */
	List<String> links() {
		return this.prose.stream()
			.flatMap((line) -> LINK.matcher(line.replaceAll("`[^`]*`", "code")).results())
			.map(MarkdownPage::address)
			.filter((address) -> !address.matches("[a-z]+:.*"))
			.toList();
	}

	/** What can stand behind # in a link to it, made from its headings as GitHub does. */
	Set<String> anchors() {
		Set<String> anchors = new TreeSet<>();
		Map<String, Integer> seen = new HashMap<>();
		this.prose.stream()
			.map(HEADING::matcher)
			.flatMap((matcher) -> matcher.matches() ? Stream.of(matcher.group(1)) : Stream.empty())
			.map((heading) -> heading.replaceAll("\\[([^]]*)]\\([^)]*\\)", "$1")
				.toLowerCase(Locale.ROOT)
				.replaceAll("[^\\p{L}\\p{N} _-]", "")
				.replace(' ', '-'))
			.forEach((anchor) -> {
				int times = seen.merge(anchor, 1, Integer::sum);
				anchors.add((times > 1) ? anchor + "-" + (times - 1) : anchor);
			});
		return anchors;
	}

	/** Everything on it. */
	Stream<String> text() {
		return Stream.concat(this.prose.stream(), this.blocks.stream().map(Block::text));
	}

	private static String address(MatchResult link) {
		return (link.group(1) != null) ? link.group(1) : link.group(2);
	}

	/**
	 * What is between two fences.
	 *
	 * @param language which stands behind the first one
	 */
	record Block(String language, String text) {

		boolean isShell() {
			return Set.of("bash", "sh", "shell").contains(this.language);
		}

		/** Its commands; a line that ends with a backslash goes on in the next one. */
		Stream<String> commands() {
			return this.text.replaceAll("\\\\\n", " ").lines();
		}

	}

}
