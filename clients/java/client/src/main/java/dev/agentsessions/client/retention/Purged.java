package dev.agentsessions.client.retention;

/**
 * What was removed for good, or would be.
 *
 * @param deleted how many sessions
 * @param messages how many messages were in them
 */
public record Purged(long deleted, long messages) {

}
