package dev.agentsessions.search.text;

import java.util.List;

/**
 * Words that are looked for one after the other.
 *
 * @param words at least one
 * @param begins whether the last of them may go on
 */
public record Phrase(List<Word> words, boolean begins) {

	/**
	 * Where it stands first in these words of a text, from one of them on.
	 * @param from the number of the first word that is looked at
	 * @return the number of the word with which it begins, -1 if there is no such
	 */
	int find(List<Word> text, int from) {
		for (int start = from; start + this.words.size() <= text.size(); start++) {
			if (standsAt(start, text)) {
				return start;
			}
		}
		return -1;
	}

	private boolean standsAt(int start, List<Word> text) {
		for (int i = 0; i < this.words.size(); i++) {
			Word wanted = this.words.get(i);
			if (!text.get(start + i).is(wanted, this.begins && i == this.words.size() - 1, i > 0)) {
				return false;
			}
		}
		return true;
	}

}
