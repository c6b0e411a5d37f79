package dev.agentsessions.search.text;

import java.util.ArrayList;
import java.util.List;

import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.web.request.Query;
import org.jspecify.annotations.Nullable;

/**
 * What is searched for: <code>word "a phrase" begin* -without this OR that</code>. A word
 * that is cut into several, such as <code>read_file</code>, is a phrase of them.
 *
 * @param all of which each is met by one of its phrases
 * @param none of which none may be there
 */
public record SearchQuery(List<List<Phrase>> all, List<Phrase> none) {

	/** Code points. */
	public static final int MAX_LENGTH = 1000;

	private static final int MAX_WORDS = 64;

	private static final String QUOTES = "\"“”„";

	/**
	 * Reads a query. Quotes that are not closed reach to the end, and what has no letter
	 * or digit is passed over.
	 * @throws ProblemException (400) with what is wrong about it
	 */
	public static SearchQuery parse(String text) {
		if (text.codePointCount(0, text.length()) > MAX_LENGTH) {
			throw Query.wrong("q", "must have at most " + MAX_LENGTH + " characters");
		}
		List<List<Phrase>> all = new ArrayList<>();
		List<Phrase> none = new ArrayList<>();
		boolean isOr = false;
		boolean wasNegative = false;
		for (Part part : parts(text)) {
			Phrase phrase = part.phrase();
			if (part.isOr()) {
				isOr = !all.isEmpty() || wasNegative;
			}
			else if (phrase != null) {
				if (isOr && (part.negative || wasNegative)) {
					throw Query.wrong("q", "must not have OR beside a word with a minus");
				}
				if (part.negative) {
					none.add(phrase);
				}
				else if (isOr) {
					all.get(all.size() - 1).add(phrase);
				}
				else {
					all.add(new ArrayList<>(List.of(phrase)));
				}
				wasNegative = part.negative;
				isOr = false;
			}
		}
		if (all.isEmpty()) {
			throw Query.wrong("q", none.isEmpty() ? "must have a word: letters or digits"
					: "must have a word without a minus as well");
		}
		SearchQuery query = new SearchQuery(all.stream().distinct().toList(), none.stream().distinct().toList());
		if (query.phrases().stream().mapToInt((phrase) -> phrase.words().size()).sum() > MAX_WORDS) {
			throw Query.wrong("q",
					"must have at most " + MAX_WORDS + " words (characters, where a script has no spaces)");
		}
		return query;
	}

	private List<Phrase> phrases() {
		List<Phrase> phrases = new ArrayList<>(this.none);
		this.all.forEach(phrases::addAll);
		return phrases;
	}

	private static List<Part> parts(String text) {
		List<Part> parts = new ArrayList<>();
		for (int i = 0; i < text.length();) {
			if (isSpace(text.charAt(i))) {
				i++;
				continue;
			}
			boolean negative = text.charAt(i) == '-';
			int start = negative ? i + 1 : i;
			boolean quoted = start < text.length() && isQuote(text.charAt(start));
			int from = quoted ? start + 1 : start;
			int to = from;
			while (to < text.length() && !isQuote(text.charAt(to)) && (quoted || !isSpace(text.charAt(to)))) {
				to++;
			}
			parts.add(new Part(text.substring(from, to), negative, quoted));
			i = quoted ? to + 1 : to;
		}
		return parts;
	}

	private static boolean isSpace(char character) {
		return Character.isWhitespace(character) || Character.isSpaceChar(character);
	}

	private static boolean isQuote(char character) {
		return QUOTES.indexOf(character) >= 0;
	}

	/** What stands between spaces or quotes. */
	private record Part(String text, boolean negative, boolean quoted) {

		boolean isOr() {
			return this.text.equals("OR") && !this.negative && !this.quoted;
		}

		@Nullable Phrase phrase() {
			List<Word> words = Words.cut(this.text);
			return words.isEmpty() ? null : new Phrase(words, !this.quoted && this.text.endsWith("*"));
		}

	}

}
