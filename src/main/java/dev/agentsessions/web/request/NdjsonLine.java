package dev.agentsessions.web.request;

/**
 * One line of an NDJSON body.
 *
 * @param number counted from 1, blank lines included
 * @param bytes without the line's end; empty if it is too long
 * @param tooLong whether it is longer than the limit; no line follows one that is
 */
public record NdjsonLine(long number, byte[] bytes, boolean tooLong) {
}
