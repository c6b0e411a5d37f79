package dev.agentsessions.robustness;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What can be done to a JSON body: to its bytes, its values, its structure.
 */
final class JsonMutation {

	/** A string, a number, a literal; keys as well as values. */
	private static final Pattern TOKEN = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"|-?\\d+|true|false|null");

	private static final List<String> VALUES = List.of("null", "true", "{}", "[]", "[[]]", "\"\"", "\" \"", "0", "-1",
			"0.5", "-0", "1e400", "1e-400", "1E308", "99999999999999999999", "1".repeat(41), "1e131071", "01", "NaN",
			"\"\\ud800\"", "\"\\udc00x\"", "\"\\u0000\"", "\"\\ud83e\\uddf5\"", "\"\u2028\"", "\"\\x\"", "\"a\nb\"",
			"\"unended", "'a'", "\"" + "y".repeat(300) + "\"", "\"" + "z".repeat(70_000) + "\"", "\"user\"",
			"\"assistant\"", "\"tool\"", "\"2026-02-30T00:00:00Z\"", "\"9999999-01-01\"", deep("[", "]", 900),
			deep("{\"a\":", "}", 600), "[".repeat(50_000));

	private static final List<byte[]> BYTES = List.of(bytes(0), bytes(0xFF), bytes(0xC0, 0x80), bytes(0xC1, 0xA1),
			bytes(0xED, 0xA0, 0x80), bytes(0xF4, 0x90, 0x80, 0x80), bytes(0xEF, 0xBB, 0xBF), bytes('\n'), bytes('{'),
			bytes('}'), bytes('"'), bytes('\\'), bytes(','), bytes(0x7F), bytes(0xE2, 0x82));

	private JsonMutation() {
	}

	static byte[] of(String json, Random random) {
		return switch (random.nextInt(9)) {
			case 0 -> cut(utf8(json), random);
			case 1 -> spliced(utf8(json), random);
			case 2 -> utf8(twice(json, random));
			case 3 -> utf8("[" + json + "," + json + "]");
			case 4 -> utf8(json + "\n" + value(json, random) + "\n\n" + json);
			case 5 -> random.nextBoolean() ? new byte[0] : utf8(VALUES.get(random.nextInt(VALUES.size())));
			default -> utf8(value(json, random));
		};
	}

	/** Another value, or key, in place of one. */
	private static String value(String json, Random random) {
		List<int[]> tokens = new ArrayList<>();
		for (Matcher matcher = TOKEN.matcher(json); matcher.find();) {
			tokens.add(new int[] { matcher.start(), matcher.end() });
		}
		if (tokens.isEmpty()) {
			return VALUES.get(random.nextInt(VALUES.size()));
		}
		int[] token = tokens.get(random.nextInt(tokens.size()));
		return json.substring(0, token[0]) + VALUES.get(random.nextInt(VALUES.size())) + json.substring(token[1]);
	}

	/** The members of an object a second time. */
	private static String twice(String json, Random random) {
		List<Integer> objects = IntStream.range(0, json.length())
			.filter((i) -> json.charAt(i) == '{')
			.boxed()
			.collect(Collectors.toList());
		if (objects.isEmpty()) {
			return json;
		}
		int at = objects.get(random.nextInt(objects.size())) + 1;
		int comma = json.indexOf(',', at);
		return (comma < 0) ? json
				: json.substring(0, comma + 1) + json.substring(at, comma + 1) + json.substring(comma + 1);
	}

	private static byte[] cut(byte[] body, Random random) {
		return Arrays.copyOf(body, random.nextInt(Math.max(1, body.length)));
	}

	private static byte[] spliced(byte[] body, Random random) {
		int at = random.nextInt(body.length + 1);
		ByteArrayOutputStream spliced = new ByteArrayOutputStream();
		spliced.write(body, 0, at);
		spliced.writeBytes(BYTES.get(random.nextInt(BYTES.size())));
		spliced.write(body, at, body.length - at);
		return spliced.toByteArray();
	}

	private static String deep(String open, String close, int depth) {
		return open.repeat(depth) + "1" + close.repeat(depth);
	}

	private static byte[] bytes(int... values) {
		byte[] bytes = new byte[values.length];
		for (int i = 0; i < values.length; i++) {
			bytes[i] = (byte) values[i];
		}
		return bytes;
	}

	private static byte[] utf8(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
