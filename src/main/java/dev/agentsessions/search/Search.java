package dev.agentsessions.search;

import dev.agentsessions.search.text.SearchQuery;
import org.jspecify.annotations.Nullable;

/**
 * What is searched for, and where.
 *
 * @param session the row of the only session that is searched, null for all
 */
record Search(String tenant, SearchQuery query, SearchFilter filter, @Nullable Long session) {
}
