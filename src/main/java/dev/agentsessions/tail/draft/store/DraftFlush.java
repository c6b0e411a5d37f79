package dev.agentsessions.tail.draft.store;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * What a writer gives to the database: that it is at work, and what is new of the text.
 *
 * @param no the writer's number; nothing is done if there is a later one
 * @param from code points that the database has; nothing is done if it has another number
 * of them
 * @param text what follows them, maybe empty
 * @param length code points with it
 * @param replica that has the writer; null if it leaves
 */
public record DraftFlush(long id, long no, long from, String text, long length, @Nullable String replica) {

	/**
	 * For so long another replica gets what follows the text that it has asked for; and
	 * as long again from when the writer sees last that it has.
	 */
	public static final Duration WANTED = Duration.ofSeconds(5);

	/** Approximate bytes. */
	long size() {
		return this.text.length() + 100L;
	}

	/**
	 * What became of it.
	 *
	 * @param done whether it was done
	 * @param no of the draft's present writer; null if the draft is gone
	 * @param length code points that the database has
	 * @param sessionThere whether the session is there, and not deleted
	 * @param wanted whether another replica has asked for the text in the last seconds
	 */
	public record Flushed(boolean done, @Nullable Long no, long length, boolean sessionThere, boolean wanted) {
	}

}
