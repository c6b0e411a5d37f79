package dev.agentsessions.access.key;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import dev.agentsessions.access.Caller;
import dev.agentsessions.access.Role;
import dev.agentsessions.access.Tenants;

/**
 * The text of a keys file: lines of
 * <code>&lt;sha256 hex of the key&gt; &lt;tenant&gt; &lt;role&gt;</code>; empty lines and
 * those that begin with <code>#</code> say nothing.
 */
final class ApiKeyFile {

	private static final int HEX_DIGITS = 64;

	private ApiKeyFile() {
	}

	/**
	 * The callers, by the hash of their key.
	 * @throws IllegalArgumentException if it is wrong anywhere, or has no key at all,
	 * which is what a file looks like while it is being written; the message names the
	 * line and never quotes it
	 */
	static Map<Hash, Caller> parse(byte[] text) {
		Map<Hash, Caller> callers = new LinkedHashMap<>();
		List<String> lines = new String(text, StandardCharsets.UTF_8).lines().toList();
		for (int i = 0; i < lines.size(); i++) {
			String line = lines.get(i).strip();
			if (!line.isEmpty() && !line.startsWith("#")) {
				read(line, i + 1, callers);
			}
		}
		if (callers.isEmpty()) {
			throw new IllegalArgumentException("it has no key");
		}
		return Map.copyOf(callers);
	}

	private static void read(String line, int number, Map<Hash, Caller> callers) {
		String[] fields = line.split("\\s+");
		if (fields.length != 3) {
			throw wrong(number, "it must be <sha256 hex of the key> <tenant> <role>");
		}
		String fault = Tenants.fault(fields[1]);
		if (fault != null) {
			throw wrong(number, "the tenant " + fault);
		}
		if (callers.put(hash(fields[0], number), new Caller(fields[1], role(fields[2], number))) != null) {
			throw wrong(number, "the same key is in the file already");
		}
	}

	private static Hash hash(String hex, int number) {
		if (hex.length() != HEX_DIGITS || !hex.chars().allMatch(HexFormat::isHexDigit)) {
			throw wrong(number, "the hash must have " + HEX_DIGITS + " hexadecimal digits");
		}
		return new Hash(HexFormat.of().parseHex(hex));
	}

	private static Role role(String name, int number) {
		return switch (name.toLowerCase(Locale.ROOT)) {
			case "user" -> Role.USER;
			case "admin" -> Role.ADMIN;
			default -> throw wrong(number, "the role must be user or admin");
		};
	}

	private static IllegalArgumentException wrong(int number, String what) {
		return new IllegalArgumentException("line " + number + ": " + what);
	}

}
