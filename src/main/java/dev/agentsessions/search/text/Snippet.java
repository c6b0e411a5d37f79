package dev.agentsessions.search.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The part of a message in which something was found.
 *
 * @param text at most {@value #LENGTH} code points of the message's own, with an ellipsis
 * where it is cut off
 * @param matches where in it the words stand, as code points from and to (exclusive),
 * ascending, without overlap
 */
public record Snippet(String text, List<int[]> matches) {

	private static final int LENGTH = 200;

	private static final int BEFORE = 60;

	private static final String ELLIPSIS = "…";

	/**
	 * What a message has of what is looked for: of the text that meets most of it, where
	 * that begins.
	 * @return null if it is not what is looked for
	 */
	public static @Nullable Snippet find(SearchQuery query, List<String> texts) {
		boolean[] met = new boolean[query.all().size()];
		int most = 0;
		String best = "";
		List<Word> bestWords = List.of();
		int bestStart = 0;
		for (String text : texts) {
			List<Word> words = Words.cut(text);
			if (query.none().stream().anyMatch((phrase) -> phrase.find(words, 0) >= 0)) {
				return null;
			}
			int count = 0;
			int first = Integer.MAX_VALUE;
			for (int i = 0; i < met.length; i++) {
				int start = first(query.all().get(i), words);
				if (start >= 0) {
					met[i] = true;
					count++;
					first = Math.min(first, start);
				}
			}
			if (count > most) {
				most = count;
				best = text;
				bestWords = words;
				bestStart = first;
			}
		}
		for (boolean each : met) {
			if (!each) {
				return null;
			}
		}
		return of(query, best, bestWords, bestStart);
	}

	private static int first(List<Phrase> any, List<Word> words) {
		return any.stream().mapToInt((phrase) -> phrase.find(words, 0)).filter((start) -> start >= 0).min().orElse(-1);
	}

	private static Snippet of(SearchQuery query, String text, List<Word> words, int first) {
		int from = start(text, words.get(first).from());
		int to = text.offsetByCodePoints(from, Math.min(LENGTH, text.codePointCount(from, text.length())));
		List<Word[]> places = new ArrayList<>();
		int end = first;
		while (end < words.size() && words.get(end).from() < to) {
			end++;
		}
		if (end - 1 > first && words.get(end - 1).to() > to) {
			// not in the middle of a word
			end--;
			to = words.get(end).from();
		}
		for (List<Phrase> any : query.all()) {
			for (Phrase phrase : any) {
				for (int i = phrase.find(words, first); i >= 0 && i < end; i = phrase.find(words, i + 1)) {
					places.add(new Word[] { words.get(i), words.get(i + phrase.words().size() - 1) });
				}
			}
		}
		places.sort(Comparator.comparingInt((place) -> place[0].from()));
		String before = (from > 0) ? ELLIPSIS : "";
		List<int[]> matches = new ArrayList<>();
		int reached = from;
		for (Word[] place : places) {
			int begin = Math.max(place[0].from(), reached);
			int last = Math.min(place[1].to(), to);
			boolean isCut = last < place[1].to() && !matches.isEmpty();
			if (begin < last && !isCut) {
				int start = before.length() + text.codePointCount(from, begin);
				matches.add(new int[] { start, start + text.codePointCount(begin, last) });
				reached = last;
			}
		}
		return new Snippet(before + text.substring(from, to) + ((to < text.length()) ? ELLIPSIS : ""), matches);
	}

	/** Some way before the first match, behind a space if there is one. */
	private static int start(String text, int match) {
		int earliest = text.offsetByCodePoints(match, -Math.min(BEFORE, text.codePointCount(0, match)));
		if (earliest == 0) {
			return 0;
		}
		for (int i = earliest; i < match; i++) {
			if (Character.isWhitespace(text.charAt(i))) {
				return i + 1;
			}
		}
		return earliest;
	}

}
