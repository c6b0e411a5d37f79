package dev.agentsessions.access.key;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

import dev.agentsessions.access.Caller;
import dev.agentsessions.access.Role;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class ApiKeyFileTest {

	private static final String HASH = Hash.of("key").hex();

	@Test
	void aLineIsAKeyAndCommentsAreNone() {
		assertThat(parse("# the team's keys\n\n  " + HASH + " acme user\r\n" + Hash.of("b").hex() + "\tümlaut\tADMIN"))
			.isEqualTo(Map.of(Hash.of("key"), new Caller("acme", Role.USER), Hash.of("b"),
					new Caller("ümlaut", Role.ADMIN)));
	}

	@Test
	void theHashIsThatOfOtherTools() {
		assertThat(HASH).isEqualTo("2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683");
		assertThat(parse(HASH.toUpperCase(Locale.ROOT) + " acme user")).containsKey(Hash.of("key"));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			HASH acme                | it must be <sha256 hex of the key> <tenant> <role>
			HASH acme user more      | it must be <sha256 hex of the key> <tenant> <role>
			HASH acme root           | the role must be user or admin
			HASH ~purged user        | the tenant must not begin with ~, nor be . or ..
			HASH .. user             | the tenant must not begin with ~, nor be . or ..
			HASH a/b user            | the tenant must not have white space, control characters, / or \\
			HASH LONG user           | the tenant must have 1 to 255 characters
			secret acme user         | the hash must have 64 hexadecimal digits
			HASH0 acme user          | the hash must have 64 hexadecimal digits
			gHASH acme user          | the hash must have 64 hexadecimal digits
			""")
	void aWrongLineIsNamedAndNotQuoted(String line, String fault) {
		String text = "# keys\n" + line.replace("HASH", HASH).replace("LONG", "t".repeat(256));
		assertThatIllegalArgumentException().isThrownBy(() -> parse(text)).withMessage("line 2: " + fault);
	}

	@Test
	void theSameKeyTwiceIsWrong() {
		assertThatIllegalArgumentException().isThrownBy(() -> parse((HASH + " acme user\n").repeat(2)))
			.withMessage("line 2: the same key is in the file already");
	}

	@Test
	void aFileWithoutAKeyIsWrong() {
		assertThatIllegalArgumentException().isThrownBy(() -> parse("# none\n")).withMessage("it has no key");
	}

	private static Map<Hash, Caller> parse(String text) {
		return ApiKeyFile.parse(text.getBytes(StandardCharsets.UTF_8));
	}

}
