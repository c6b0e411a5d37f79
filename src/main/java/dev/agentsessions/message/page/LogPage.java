package dev.agentsessions.message.page;

import java.util.List;

import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.LogRange;
import dev.agentsessions.session.LogHead;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * A page of a log, or all of it.
 *
 * @param session as it was when the page was read
 * @param range from the first message to the last; none where nothing can follow
 * @param messages ascending; all, or the beginning of a page that is too large to hold
 * @param rest in chunks, which are read as they are asked for; null if there is none. An
 * error in the middle means that the log was replaced or removed, or that the database is
 * away
 * @param hasMore whether messages follow in the direction that was asked for
 */
record LogPage(LogHead session, LogRange range, List<EncodedMessage> messages,
		@Nullable Flux<List<EncodedMessage>> rest, boolean hasMore) {

	Flux<List<EncodedMessage>> chunks() {
		Flux<List<EncodedMessage>> begin = Flux.just(this.messages).filter((chunk) -> !chunk.isEmpty());
		return (this.rest != null) ? begin.concatWith(this.rest) : begin;
	}

}
