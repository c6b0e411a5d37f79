package dev.agentsessions.search;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * An answer to a search.
 *
 * @param data the newest first; fewer than were asked for, or none, if looking for more
 * took too long
 * @param hasMore whether there may be more
 * @param next path and query of what follows, null at the end
 * @param indexedThrough what was committed before this time is found
 */
record SearchPage(List<FoundMessage> data, boolean hasMore, @Nullable String next, Instant indexedThrough) {
}
