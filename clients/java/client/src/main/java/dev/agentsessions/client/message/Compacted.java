package dev.agentsessions.client.message;

import java.util.List;

/**
 * What a compaction did.
 *
 * @param seq the summary's number
 * @param ranges the view
 */
public record Compacted(long seq, List<Range> ranges, long lastSeq) {

}
