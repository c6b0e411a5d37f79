package dev.agentsessions.search.text;

import java.lang.Character.UnicodeScript;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Cuts a text into words: runs of letters and digits with their marks, by the properties
 * that Unicode gives them, each as {@link Folding} has it. Chinese, Japanese, Korean,
 * Thai, Lao, Khmer and Burmese, in which spaces do not part words (or, in Korean, not
 * what is looked for), are cut into characters.
 */
public final class Words {

	private static final Set<UnicodeScript> WITHOUT_SPACES = EnumSet.of(UnicodeScript.HAN, UnicodeScript.HIRAGANA,
			UnicodeScript.KATAKANA, UnicodeScript.HANGUL, UnicodeScript.BOPOMOFO, UnicodeScript.THAI, UnicodeScript.LAO,
			UnicodeScript.KHMER, UnicodeScript.MYANMAR);

	/** Belongs to Hiragana and Katakana, and so to no script. */
	private static final int PROLONGED_SOUND = 0x30FC;

	/** Thai: no script before it is one of them. */
	private static final int FIRST_WITHOUT_SPACES = 0x0E00;

	private static final String SPACE = " ";

	private final List<Word> words = new ArrayList<>();

	private final StringBuilder word = new StringBuilder();

	private int wordStart;

	private int wordEnd;

	private boolean isCharacterBefore;

	private Words() {
	}

	/** The words of a text in their order. */
	public static List<Word> cut(String text) {
		Words words = new Words();
		for (int i = 0; i < text.length();) {
			int end = Folding.unitEnd(text, i);
			words.add(isPartOfAWord(text.codePointAt(i)) ? Folding.fold(text, i, end) : SPACE, i, end);
			i = end;
		}
		words.endWord();
		return words.words;
	}

	private void add(String folded, int from, int to) {
		if (folded.isEmpty()) {
			// ignorable: it parts nothing
			return;
		}
		for (int i = 0; i < folded.length();) {
			int codePoint = folded.codePointAt(i);
			i += Character.charCount(codePoint);
			if (isWithoutSpaces(codePoint)) {
				endWord();
				this.words.add(new Word(Character.toString(codePoint), from, to, true, this.isCharacterBefore));
				this.isCharacterBefore = true;
			}
			else if (Character.isLetterOrDigit(codePoint) || (this.word.length() > 0 && Folding.isMark(codePoint))) {
				if (this.word.length() == 0) {
					this.wordStart = from;
				}
				this.word.appendCodePoint(codePoint);
				this.wordEnd = to;
				this.isCharacterBefore = false;
			}
			else {
				endWord();
				this.isCharacterBefore = false;
			}
		}
	}

	private void endWord() {
		if (this.word.length() > 0) {
			this.words.add(new Word(this.word.toString(), this.wordStart, this.wordEnd, false, false));
			this.word.setLength(0);
		}
	}

	private static boolean isWithoutSpaces(int codePoint) {
		return codePoint >= FIRST_WITHOUT_SPACES
				&& (codePoint == PROLONGED_SOUND || (WITHOUT_SPACES.contains(UnicodeScript.of(codePoint))
						&& (Character.isLetterOrDigit(codePoint) || Folding.isMark(codePoint))));
	}

	/** Signs that stand for letters, such as ™, are none. */
	private static boolean isPartOfAWord(int codePoint) {
		int type = Character.getType(codePoint);
		return Character.isLetterOrDigit(codePoint) || Folding.isMark(codePoint) || type == Character.FORMAT
				|| type == Character.LETTER_NUMBER || type == Character.OTHER_NUMBER;
	}

}
