package dev.agentsessions.search.index;

import java.time.Instant;

/**
 * How far the index has come.
 *
 * @param through all that was committed before this time is indexed
 * @param now what is committed before this time can be seen from now on
 */
record IndexProgress(Instant through, Instant now) {
}
