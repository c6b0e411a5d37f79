package dev.agentsessions.message.log;

import java.util.List;

import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.session.LogHead;
import reactor.core.publisher.Flux;

/**
 * A log that is being read from one end to the other.
 *
 * @param session as it was when the reading began
 * @param messages ascending, in chunks: the first has been read, the others are read as
 * they are asked for. An error in the middle means that the log was replaced or removed,
 * or that the database is away
 */
public record OpenLog(LogHead session, Flux<List<EncodedMessage>> messages) {
}
