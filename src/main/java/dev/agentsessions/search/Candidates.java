package dev.agentsessions.search;

import java.util.List;

/**
 * Some messages that may be what is looked for, the newest first.
 *
 * @param reached up to where there are no others
 * @param isLast whether there are none behind that either
 */
record Candidates(List<MessageCandidate> list, SearchPlace reached, boolean isLast) {
}
