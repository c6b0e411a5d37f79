package dev.agentsessions.tail.draft.store;

/**
 * A part of a draft's text.
 *
 * @param from code points before it
 */
public record DraftPiece(long from, String text) {
}
