/**
 * The index of words of messages, in PostgreSQL, and who keeps it.
 */
@NullMarked
package dev.agentsessions.search.index;

import org.jspecify.annotations.NullMarked;
