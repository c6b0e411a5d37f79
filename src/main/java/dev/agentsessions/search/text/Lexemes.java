package dev.agentsessions.search.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;

/**
 * What the index holds of a text: each word, and of scripts without spaces each two
 * neighbouring characters, and the last one. All begin with two characters that stand for
 * the tenant, so that nobody's search has to pass over what others have. What the index
 * finds has to be compared once more: it knows of no order, and only the beginnings of
 * long words.
 */
public final class Lexemes {

	/**
	 * Of one message, in bytes of UTF-8, with a space for each: what a
	 * <code>tsvector</code> has room for.
	 */
	private static final int MOST = 1_000_000;

	/** Of a word, in UTF-16 units; PostgreSQL has room for 2 KB. */
	private static final int LONGEST = 64;

	private Lexemes() {
	}

	/**
	 * The lexemes of some texts, with spaces between; empty if they have no words. Those
	 * that are more than there is room for are left out.
	 */
	public static String of(String tenant, List<String> texts) {
		String prefix = prefix(tenant);
		Set<String> lexemes = new LinkedHashSet<>();
		long bytes = 0;
		for (String text : texts) {
			List<Word> words = Words.cut(text);
			for (int i = 0; i < words.size(); i++) {
				boolean isPair = i + 1 < words.size() && words.get(i + 1).joined();
				String lexeme = prefix
						+ (isPair ? words.get(i).text() + words.get(i + 1).text() : beginning(words.get(i)));
				if (lexemes.add(lexeme)) {
					bytes += 1 + lexeme.getBytes(StandardCharsets.UTF_8).length;
					if (bytes > MOST) {
						lexemes.remove(lexeme);
						return String.join(" ", lexemes);
					}
				}
			}
		}
		return String.join(" ", lexemes);
	}

	/**
	 * The query as a <code>tsquery</code>: of what it finds, some may not be what is
	 * looked for.
	 */
	public static String of(String tenant, SearchQuery query) {
		String prefix = prefix(tenant);
		List<String> conditions = new ArrayList<>();
		for (List<Phrase> any : query.all()) {
			conditions.add(any.stream()
				.map((phrase) -> "(" + String.join(" & ", lexemes(prefix, phrase)) + ")")
				.collect(Collectors.joining(" | ", "(", ")")));
		}
		for (Phrase phrase : query.none()) {
			List<String> lexemes = lexemes(prefix, phrase);
			// others may be there without being what must not be
			if (lexemes.size() == 1 && phrase.words().get(0).text().length() < LONGEST) {
				conditions.add("!" + lexemes.get(0));
			}
		}
		return String.join(" & ", conditions);
	}

	private static List<String> lexemes(String prefix, Phrase phrase) {
		List<String> lexemes = new ArrayList<>();
		List<Word> words = phrase.words();
		for (int i = 0; i < words.size(); i++) {
			Word word = words.get(i);
			boolean isLast = i == words.size() - 1;
			if (!isLast && words.get(i + 1).joined()) {
				lexemes.add(quoted(prefix + word.text() + words.get(i + 1).text()));
			}
			else if (i == 0 || !word.joined()) {
				boolean begins = word.isCharacter() || (isLast && phrase.begins() && word.text().length() < LONGEST);
				lexemes.add(quoted(prefix + beginning(word)) + (begins ? ":*" : ""));
			}
		}
		return lexemes;
	}

	private static String beginning(Word word) {
		String text = word.text();
		if (text.length() <= LONGEST) {
			return text;
		}
		return text.substring(0, Character.isHighSurrogate(text.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST);
	}

	/** Words have no quotes or backslashes. */
	private static String quoted(String lexeme) {
		return "'" + lexeme + "'";
	}

	private static String prefix(String tenant) {
		CRC32C hash = new CRC32C();
		hash.update(tenant.getBytes(StandardCharsets.UTF_8));
		int bits = (int) hash.getValue();
		byte[] bytes = { (byte) (bits >> 8), (byte) bits };
		return Base64.getUrlEncoder().encodeToString(bytes).substring(0, 2);
	}

}
