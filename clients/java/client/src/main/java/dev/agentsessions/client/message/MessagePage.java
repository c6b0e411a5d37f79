package dev.agentsessions.client.message;

import java.util.List;

/**
 * A numbered page of messages, the oldest first.
 *
 * @param page its number, from 1
 * @param total how many messages there are on all pages
 */
public record MessagePage(List<Message> data, boolean hasMore, long page, int pageSize, long total) {

}
