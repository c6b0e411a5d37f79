package dev.agentsessions.message.append;

import org.jspecify.annotations.Nullable;

/**
 * What an append of lines did. Others may have appended between its chunks, so
 * <code>lastSeq - firstSeq</code> can be more than what it appended.
 *
 * @param known how many lines at the beginning were stored already; null for none
 */
record AppendedLines(long firstSeq, long lastSeq, long appended, @Nullable Long known) {
}
