package dev.agentsessions.client.message;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What saving a history did.
 *
 * @param appended how many messages were written
 * @param replaced whether the log began anew, since nothing of it was in what was sent
 * @param ranges the view; null if it is the whole log
 */
public record SavedHistory(String sessionId, long lastSeq, long appended, boolean replaced,
		@Nullable List<Range> ranges) {

}
