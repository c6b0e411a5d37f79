package dev.agentsessions.search.text;

import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Takes case, width and accents from a text, one character with its marks at a time, so
 * that it is known where in the text each one was. Case goes down, up and down again (the
 * full mappings of Unicode), width by the compatibility forms (NFKD, NFKC), accents are
 * the combining marks of Latin, Greek, Cyrillic, Arabic and Hebrew; marks of other
 * scripts are letters to those who write them.
 */
final class Folding {

	/** Letters that have lost an accent which Unicode does not call one. */
	private static final Map<Character, String> STROKES = Map.ofEntries(Map.entry('ø', "o"), Map.entry('ł', "l"),
			Map.entry('đ', "d"), Map.entry('ħ', "h"), Map.entry('ŧ', "t"), Map.entry('ı', "i"), Map.entry('æ', "ae"),
			Map.entry('œ', "oe"), Map.entry('ð', "d"), Map.entry('þ', "th"));

	private static final int HALF_WIDTH_VOICED = 0xFF9E;

	private static final int HALF_WIDTH_SEMI_VOICED = 0xFF9F;

	/**
	 * Marks of one character are put in order, which takes the square of their number;
	 * those beyond this, which no text needs (Unicode's Stream-Safe Text Format has 30),
	 * are taken for themselves.
	 */
	private static final int MOST_MARKS = 30;

	private static final int TATWEEL = 0x0640;

	/** What single characters of the first plane become; each is made when it is met. */
	private static final @Nullable String[] known = new @Nullable String[Character.MAX_VALUE + 1];

	private Folding() {
	}

	/** Where the character that begins here ends, with all marks on it. */
	static int unitEnd(String text, int from) {
		int end = from + Character.charCount(text.codePointAt(from));
		for (int marks = 0; marks < MOST_MARKS && end < text.length(); marks++) {
			int next = text.codePointAt(end);
			if (next < 0x300 || !(isMark(next) || isMedialJamo(next))) {
				break;
			}
			end += Character.charCount(next);
		}
		return end;
	}

	/** Whether it belongs to the character before it. */
	static boolean isMark(int codePoint) {
		int type = Character.getType(codePoint);
		return type == Character.NON_SPACING_MARK || type == Character.COMBINING_SPACING_MARK
				|| type == Character.ENCLOSING_MARK || codePoint == HALF_WIDTH_VOICED
				|| codePoint == HALF_WIDTH_SEMI_VOICED;
	}

	/** A part of a Korean syllable that is written in parts. */
	private static boolean isMedialJamo(int codePoint) {
		return (codePoint >= 0x1160 && codePoint <= 0x11FF) || (codePoint >= 0xD7B0 && codePoint <= 0xD7FF);
	}

	/** What a character is compared as; nothing if it is to be passed over. */
	static String fold(String text, int from, int to) {
		if (to - from > 1) {
			return fold(text.substring(from, to));
		}
		char character = text.charAt(from);
		String folded = known[character];
		if (folded == null) {
			folded = fold(String.valueOf(character));
			known[character] = folded;
		}
		return folded;
	}

	private static String fold(String unit) {
		String upper = Normalizer.normalize(unit, Form.NFKD).toLowerCase(Locale.ROOT).toUpperCase(Locale.ROOT);
		String lower = Normalizer.normalize(upper.toLowerCase(Locale.ROOT), Form.NFKD);
		StringBuilder bare = new StringBuilder();
		lower.codePoints().filter((each) -> !isAccent(each) && !isIgnorable(each)).forEach((each) -> {
			String letter = (each <= Character.MAX_VALUE) ? STROKES.get((char) each) : null;
			if (letter != null) {
				bare.append(letter);
			}
			else {
				bare.appendCodePoint((each == 'ς') ? 'σ' : each);
			}
		});
		return Normalizer.normalize(bare, Form.NFKC);
	}

	private static boolean isAccent(int codePoint) {
		return codePoint >= 0x300 && Character.getType(codePoint) == Character.NON_SPACING_MARK
				&& (codePoint <= 0x36F || (codePoint >= 0x483 && codePoint <= 0x487)
						|| (codePoint >= 0x591 && codePoint <= 0x6ED) || (codePoint >= 0x1AB0 && codePoint <= 0x1AFF)
						|| (codePoint >= 0x1DC0 && codePoint <= 0x1DFF) || (codePoint >= 0x20D0 && codePoint <= 0x20FF)
						|| (codePoint >= 0xFE00 && codePoint <= 0xFE2F));
	}

	/** Joiners, soft hyphens and the like, which are not seen. */
	private static boolean isIgnorable(int codePoint) {
		return Character.getType(codePoint) == Character.FORMAT || codePoint == TATWEEL;
	}

}
