package dev.agentsessions.client.message;

import org.jspecify.annotations.Nullable;

/**
 * A summary, and what it stands for.
 *
 * @param fromSeq the first message that it stands for; null for the first of the view
 * that is neither system nor developer, an earlier summary included
 * @param throughSeq the last message that it stands for, in the order of the view
 */
public record Compaction(Message summary, @Nullable Long fromSeq, long throughSeq) {

	public static Compaction through(long throughSeq, Message summary) {
		return new Compaction(summary, null, throughSeq);
	}

}
