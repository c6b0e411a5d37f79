package dev.agentsessions.client.message;

import java.time.Instant;
import java.util.List;

/**
 * What a model sees of a session.
 */
public record History(String sessionId, List<Message> messages, Instant lastActivity, Instant createdAt) {

}
