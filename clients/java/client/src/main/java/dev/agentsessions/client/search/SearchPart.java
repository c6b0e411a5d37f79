package dev.agentsessions.client.search;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * A part of what was found, which may be empty although there is more.
 *
 * @param next the path of the next part; null behind the last
 * @param indexedThrough all that was committed before this time is found
 */
public record SearchPart(List<FoundMessage> data, boolean hasMore, @Nullable String next, Instant indexedThrough) {

}
