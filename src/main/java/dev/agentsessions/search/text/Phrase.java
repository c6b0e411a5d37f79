package dev.agentsessions.search.text;

import java.util.ArrayList;
import java.util.List;

/**
 * Words that are looked for one after the other.
 *
 * @param words at least one
 * @param begins whether the last of them may go on
 */
public record Phrase(List<Word> words, boolean begins) {

	/** Where in these words of a text it stands. */
	List<Passage> places(List<Word> text) {
		List<Passage> places = new ArrayList<>();
		int last = this.words.size() - 1;
		for (int start = 0; start + last < text.size(); start++) {
			if (standsAt(start, text)) {
				places.add(new Passage(text.get(start).from(), text.get(start + last).to()));
			}
		}
		return places;
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

	/**
	 * A part of a text, in UTF-16 units.
	 *
	 * @param to exclusive
	 */
	record Passage(int from, int to) {
	}

}
