package dev.agentsessions.paging;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

import dev.agentsessions.problem.InvalidInput;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.problem.Problems;

/**
 * An opaque place in a list: the key of the last row seen. It carries what list it
 * belongs to, so that a cursor of another list or order is refused instead of giving the
 * wrong rows.
 */
public final class Cursor {

	private static final int MAX_LENGTH = 200;

	private Cursor() {
	}

	/**
	 * The cursor that continues after the row with this key.
	 * @param list which list and order, for example <code>sessions-by-activity</code>; no
	 * <code>|</code>
	 * @param key the numbers that order the list
	 */
	public static String of(String list, long... key) {
		StringBuilder text = new StringBuilder(list);
		for (long part : key) {
			text.append('|').append(part);
		}
		return Base64.getUrlEncoder().withoutPadding().encodeToString(text.toString().getBytes(StandardCharsets.UTF_8));
	}

	/**
	 * The key in a cursor that came back.
	 * @throws ProblemException (400) if it is not a cursor of this list
	 */
	public static long[] read(String cursor, int parts, String list) {
		try {
			if (cursor.length() > MAX_LENGTH) {
				throw new IllegalArgumentException("too long");
			}
			String[] text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8).split("\\|", -1);
			if (text.length != parts + 1 || !text[0].equals(list)) {
				throw new IllegalArgumentException("another list");
			}
			long[] key = new long[parts];
			for (int i = 0; i < parts; i++) {
				key[i] = Long.parseLong(text[i + 1]);
			}
			return key;
		}
		catch (IllegalArgumentException ex) {
			throw wrong();
		}
	}

	static ProblemException wrong() {
		return Problems.invalid(
				InvalidInput.parameter("cursor", "is not a cursor of this list; take it from \"next\" of an answer"));
	}

}
