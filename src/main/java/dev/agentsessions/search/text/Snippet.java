package dev.agentsessions.search.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import dev.agentsessions.search.text.Phrase.Passage;
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
		List<Passage> bestPlaces = List.of();
		for (String text : texts) {
			List<Word> words = Words.cut(text);
			if (query.none().stream().anyMatch((phrase) -> !phrase.places(words).isEmpty())) {
				return null;
			}
			List<Passage> places = new ArrayList<>();
			int count = 0;
			for (int i = 0; i < met.length; i++) {
				List<Passage> found = query.all()
					.get(i)
					.stream()
					.flatMap((each) -> each.places(words).stream())
					.toList();
				met[i] |= !found.isEmpty();
				count += found.isEmpty() ? 0 : 1;
				places.addAll(found);
			}
			if (count > most) {
				most = count;
				best = text;
				bestPlaces = places;
			}
		}
		for (boolean each : met) {
			if (!each) {
				return null;
			}
		}
		return of(best, bestPlaces);
	}

	private static Snippet of(String text, List<Passage> places) {
		List<Passage> sorted = new ArrayList<>(places);
		sorted.sort(Comparator.comparingInt(Passage::from));
		int from = start(text, sorted.get(0).from());
		int to = text.offsetByCodePoints(from, Math.min(LENGTH, text.codePointCount(from, text.length())));
		String before = (from > 0) ? ELLIPSIS : "";
		List<int[]> matches = new ArrayList<>();
		int reached = from;
		for (Passage place : sorted) {
			int begin = Math.max(place.from(), reached);
			int end = Math.min(place.to(), to);
			if (begin < end) {
				int first = before.length() + text.codePointCount(from, begin);
				matches.add(new int[] { first, first + text.codePointCount(begin, end) });
				reached = end;
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
