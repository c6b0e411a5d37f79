package dev.agentsessions.search.text;

/**
 * A word of a text; where a script has no spaces, one of its characters.
 *
 * @param text folded: without case, width and accents
 * @param from where it begins in the text, in UTF-16 units
 * @param to where it ends
 * @param isCharacter whether it is one character of a script without spaces
 * @param joined whether it is a character that follows another without anything between
 */
public record Word(String text, int from, int to, boolean isCharacter, boolean joined) {

	/**
	 * Whether this word of a text is that one of a query.
	 * @param begins whether it is enough that it begins like that
	 * @param follows whether the word before it is one of the query as well
	 */
	boolean is(Word wanted, boolean begins, boolean follows) {
		return (begins ? this.text.startsWith(wanted.text) : this.text.equals(wanted.text))
				&& (this.joined || !wanted.joined || !follows);
	}

}
