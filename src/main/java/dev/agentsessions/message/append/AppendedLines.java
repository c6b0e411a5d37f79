package dev.agentsessions.message.append;

/**
 * What an append of lines did. Others may have appended between its chunks, so
 * <code>lastSeq - firstSeq</code> can be more than what it appended.
 */
record AppendedLines(long firstSeq, long lastSeq, long appended) {
}
