package dev.agentsessions.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The lines of a test between {@code tag::readme[]} and {@code end::readme[]}, which a
 * README shows as well.
 */
public final class ReadmeLines {

	static final Path ROOT = Path.of("../../..");

	private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

	private final String lines;

	private ReadmeLines(String lines) {
		this.lines = lines;
	}

	public static ReadmeLines of(Class<?> test) throws IOException {
		String source = Files.readString(Path.of("src/test/java", test.getName().replace('.', '/') + ".java"));
		return new ReadmeLines(
				source.substring(source.indexOf("// tag::readme[]") + 16, source.indexOf("// end::readme[]"))
					.strip()
					.replaceAll("(?m)^\t\t", ""));
	}

	/**
	 * Whether they are the first code of a README.
	 * @param begin what they begin with, behind the imports
	 */
	public void areIn(String readme, String begin) throws IOException {
		Matcher block = BLOCK.matcher(Files.readString(ROOT.resolve(readme)));
		assertThat(block.find()).isTrue();
		String code = block.group(1)
			.replace("\"http://127.0.0.1:8080\"", "url")
			.replace("System.out::println", "printed::add");
		assertThat(code.substring(code.indexOf(begin)).strip())
			.isEqualTo(this.lines.replace("System.out::println", "printed::add"));
	}

}
