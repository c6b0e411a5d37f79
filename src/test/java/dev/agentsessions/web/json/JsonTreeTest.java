package dev.agentsessions.web.json;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import dev.agentsessions.problem.ProblemException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What comes in is kept exactly or refused: there is nothing between.
 */
class JsonTreeTest {

	private static final JsonNodeFactory nodes = JsonNodeFactory.instance;

	@ParameterizedTest
	@ValueSource(strings = { "{}", "[]", "null", "true", "false", "0", "-1", "\"\"", " {\"a\" : [1, {\"b\":null}]}\n",
			"{\"a\":\"\\ud83d\\ude00\\n\\\"\\\\\\/\"}", "{\"\":1,\" \":2}", "[[[]]]" })
	void readsEveryKindOfValue(String json) {
		assertThat(parse(json)).isEqualTo(parse(parse(json).toString()));
		assertThat(JsonTree.parse(bytes(json))).isEqualTo(parse(json));
	}

	/** Ten times "Ab" or "BA": one length, and one hash. */
	@Test
	void namesMayCollide() {
		String object = IntStream.range(0, 1024)
			.mapToObj((n) -> IntStream.range(0, 10)
				.mapToObj((bit) -> ((n >> bit & 1) == 0) ? "Ab" : "BA")
				.collect(Collectors.joining("", "\"", "\":1")))
			.collect(Collectors.joining(",", "{", "}"));
		for (int round = 0; round < 5; round++) {
			assertThat(JsonTree.parse(object.getBytes(StandardCharsets.UTF_8)).size()).isEqualTo(1024);
			assertThat(JsonTree.stored(object).size()).isEqualTo(1024);
		}
	}

	@Test
	void keepsTextExactly() {
		String text = "\u0001\t\n\u007f\u0085é\u2028\u2029\uFFFD\uFFFE\uFEFF😀\uDBFF\uDFFF\"\\";
		assertThat(JsonTree.parse(bytes(nodes.stringNode(text).toString())).stringValue()).isEqualTo(text);
	}

	@ParameterizedTest
	@ValueSource(strings = { "0", "-0", "1.9", "1e3", "1E+3", "0.1", "1.0", "123456789012345678901234567890",
			"1234567890123456789012345678901234567890", "0.000000000000000000000000000000000000001", "1e308", "-1e308",
			"1e-308", "0e308", "0.0e-300", "12345678901234567890.12345678901234567890" })
	void keepsNumbersExactly(String number) {
		assertThat(parse(number).decimalValue()).isEqualByComparingTo(new BigDecimal(number));
		JsonNode again = parse(parse("[" + number + "]").toString());
		assertThat(again.get(0).decimalValue()).isEqualByComparingTo(new BigDecimal(number));
	}

	@ParameterizedTest
	@CsvSource({ "12345678901234567890123456789012345678901, 40 digits",
			"0.0000000000000000000000000000000000000001, 40 digits", "1.1e308, beyond", "-1e309, beyond",
			"1e-309, beyond", "9e-309, beyond", "1e131071, beyond", "0e400, beyond", "0e-400, beyond",
			"1e99999999999, beyond", "1e-99999999999, beyond", "0e99999999999, beyond", "1e2147483647, beyond",
			"1e-2147483648, beyond", "1e2147483648, beyond" })
	void refusesNumbersThatWouldNotComeBackTheSame(String number, String reason) {
		assertRefused(number, reason);
		assertRefused("{\"a\":[" + number + "]}", "/a/0", reason);
	}

	@Test
	void refusesHugeNumbersAtOnce() {
		assertRefused("1".repeat(1 << 20), "40 digits");
		assertRefused("0." + "0".repeat(1 << 20), "40 digits");
		assertRefused("1e" + "9".repeat(1 << 20));
	}

	@Test
	void refusesKeysThatAreGivenTwice() {
		assertRefused("{\"a\":1,\"a\":1}", "/a", "twice");
		assertRefused("{\"a\":1,\"\\u0061\":2}", "/a", "twice");
		assertRefused("[{\"x/y\":{\"a\":1,\"b\":2,\"a\":null}}]", "/0/x~1y/a", "twice");
		assertThat(parse("{\"a\":1,\"A\":1,\"b\":{\"a\":1}}").size()).isEqualTo(3);
	}

	@ParameterizedTest
	@ValueSource(strings = { "{} {}", "1 2", "{}x", "[]]", "null,", "{}\u0000", "\"a\"\"b\"" })
	void refusesWhatFollowsTheValue(String json) {
		assertRefused(json);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "\n", "{", "[", "\"", "{\"a\"}", "{\"a\":}", "{a:1}", "{'a':1}", "[1,]",
			"{\"a\":1,}", "[,1]", "nul", "True", "NaN", "Infinity", "-", "+1", "01", ".5", "1.", "1e", "0x10", "\"\t\"",
			"\"a\nb\"", "\"\\x\"", "\"\\u12\"", "// c\n1", "/* c */1", "# c\n1", "\uFEFF{}", "}", "]", ":" })
	void refusesWhatIsNotJson(String json) {
		assertRefused(json);
		assertRefused(() -> JsonTree.parse(bytes(json)));
	}

	@ParameterizedTest
	@ValueSource(strings = { "\"\\u0000\"", "{\"\\u0000\":1}", "{\"a\":[\"x\\u0000y\"]}" })
	void refusesTheNullCharacter(String json) {
		assertRefused(json, "U+0000");
	}

	@ParameterizedTest
	@ValueSource(strings = { "\"\\ud83d\"", "\"\\ude00\"", "\"\\ude00\\ud83d\"", "\"\\ud83dx\"",
			"\"\\ud83d\\ud83d\\ude00\"", "{\"\\udc00\":1}" })
	void refusesHalfASurrogatePair(String json) {
		assertRefused(json, "surrogate");
	}

	@ParameterizedTest
	@ValueSource(strings = { "c080", "e08080", "c1a1", "80", "ff", "c3", "e282", "f09f98", "eda080", "edb080",
			"f4908080", "f8888080", "e9" })
	void refusesBytesThatAreNotUtf8(String hex) {
		ByteArrayOutputStream body = new ByteArrayOutputStream();
		body.write('"');
		body.writeBytes(HexFormat.of().parseHex(hex));
		body.write('"');
		assertRefused(() -> JsonTree.parse(body.toByteArray()), "UTF-8");
	}

	@Test
	void refusesAnyOtherEncoding() {
		assertRefused(() -> JsonTree.parse("{}".getBytes(StandardCharsets.UTF_16)));
		assertRefused(() -> JsonTree.parse("{}".getBytes(StandardCharsets.UTF_16BE)));
		assertRefused(() -> JsonTree.parse("\"é\"".getBytes(StandardCharsets.ISO_8859_1)), "UTF-8");
	}

	@Test
	void refusesDeepNestingInsteadOfOverflowing() {
		assertThat(parse("[".repeat(200) + "]".repeat(200)).isArray()).isTrue();
		assertThat(JsonTree.stored("[".repeat(210) + "]".repeat(210)).isArray()).isTrue();
		assertRefused("[".repeat(201) + "]".repeat(201), "200 levels");
		assertRefused("{\"a\":".repeat(100_000) + "1" + "}".repeat(100_000), "200 levels");
	}

	@Test
	void takesLongTextAndNames() {
		String text = "x".repeat(25_000_000);
		assertThat(parse("\"" + text + "\"").stringValue()).hasSameSizeAs(text);
		String name = "n".repeat(100_000);
		assertThat(parse("{\"" + name + "\":1}").has(name)).isTrue();
	}

	@Test
	void whatIsWrongIsNeverEchoed() {
		assertRefused("{\"a\":\"secret\\x\"}");
		assertThatExceptionOfType(ProblemException.class).isThrownBy(() -> parse("{\"a\": secret}"))
			.satisfies((error) -> assertThat(error.getMessage()).contains("line 1", "column").doesNotContain("secret"));
	}

	@Test
	void anyTreeComesBackEqual() {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		for (int i = 0; i < 300; i++) {
			JsonNode tree = tree(random, 4);
			assertThat(JsonTree.parse(bytes(tree.toString()))).as("seed %d", seed)
				.hasToString(tree.toString())
				.isEqualTo(parse(tree.toPrettyString()));
		}
	}

	@Test
	void anyBytesAreReadOrRefusedWith400() {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		for (int i = 0; i < 3000; i++) {
			byte[] body = bytes(tree(random, 3).toString());
			for (int n = random.nextInt(3); n >= 0 && body.length > 0; n--) {
				body[random.nextInt(body.length)] = (byte) random.nextInt(256);
			}
			try {
				assertThat(JsonTree.parse(body)).as("seed %d", seed).isNotNull();
			}
			catch (ProblemException ex) {
				assertThat(ex.problem().status()).as("seed %d", seed).isEqualTo(400);
			}
		}
	}

	private static JsonNode tree(Random random, int depth) {
		return switch (random.nextInt((depth > 0) ? 7 : 5)) {
			case 0 -> nodes.nullNode();
			case 1 -> nodes.booleanNode(random.nextBoolean());
			case 2 -> nodes.numberNode(BigDecimal.valueOf(random.nextLong(), random.nextInt(60) - 30));
			case 3, 4 -> nodes.stringNode(text(random));
			case 5 -> {
				ArrayNode array = nodes.arrayNode();
				random.ints(random.nextInt(5)).forEach((i) -> array.add(tree(random, depth - 1)));
				yield array;
			}
			default -> {
				ObjectNode object = nodes.objectNode();
				random.ints(random.nextInt(5)).forEach((i) -> object.set(text(random), tree(random, depth - 1)));
				yield object;
			}
		};
	}

	private static String text(Random random) {
		StringBuilder text = new StringBuilder();
		random.ints(random.nextInt(8), 1, 0x110000)
			.filter((c) -> c < 0xD800 || c > 0xDFFF)
			.forEach(text::appendCodePoint);
		return text.toString();
	}

	private static JsonNode parse(String json) {
		return JsonTree.parse(bytes(json));
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	private static void assertRefused(String json, String... reasons) {
		assertRefused(() -> parse(json), reasons);
	}

	private static void assertRefused(ThrowingCallable parsing, String... reasons) {
		assertThatExceptionOfType(ProblemException.class).isThrownBy(parsing).satisfies((error) -> {
			assertThat(error.problem().status()).isEqualTo(400);
			assertThat(error.getMessage()).isNotEmpty();
			assertThat(List.of(reasons)).allSatisfy((reason) -> assertThat(error.getMessage()).contains(reason));
		});
	}

	@Test
	void numbersThatWouldBeWrittenOutToFarMoreThanIsSentAreRefused() {
		String numbers = "[" + "1e308,".repeat(3000) + "1e-308]";
		assertThat(JsonTree.parse(numbers.getBytes(StandardCharsets.UTF_8)).size()).isEqualTo(3001);
		String more = "[" + "1e308,".repeat(3500) + "1]";
		assertThatExceptionOfType(ProblemException.class)
			.isThrownBy(() -> JsonTree.parse(more.getBytes(StandardCharsets.UTF_8)))
			.satisfies((error) -> assertThat(error.problem().status()).isEqualTo(413));
		assertThat(JsonTree.stored(more).size()).isEqualTo(3501);
	}

}
