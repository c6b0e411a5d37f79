package dev.agentsessions.client.message;

/**
 * The numbers that messages of a stream got.
 *
 * @param appended how many were appended
 * @param known how many at the beginning were stored already
 */
public record AppendedLines(long firstSeq, long lastSeq, long appended, long known) {

}
