package dev.agentsessions.langchain4j;

import java.util.List;

import dev.agentsessions.client.SessionClient;
import dev.agentsessions.client.SessionStore;
import dev.agentsessions.client.StoreException;
import dev.agentsessions.client.message.History;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.store.memory.chat.ChatMemoryStore;
import reactor.core.publisher.Mono;

/**
 * The chat memories of LangChain4j in a store: each is a session, whose id is the text of
 * the memory's.
 * <p>
 * What is saved is what a model sees next, and nothing is lost by it: of a window that
 * has moved on only what is new is written, and the log of the session keeps the rest.
 * <p>
 * Calls block, as the interface wants it, up to the timeout of the store, and may not be
 * made on a thread that must not block. Errors are those of the store.
 */
public final class SessionStoreChatMemoryStore implements ChatMemoryStore {

	private final SessionStore store;

	public SessionStoreChatMemoryStore(SessionStore store) {
		this.store = store;
	}

	/**
	 * What was saved. A session that was soft-deleted, for being idle, say, is read as
	 * well, and restored when its conversation goes on.
	 */
	@Override
	public List<ChatMessage> getMessages(Object memoryId) {
		return done(session(memoryId).withDeleted()
			.fullHistory()
			.map(History::messages)
			.onErrorResume(StoreException.NotFound.class, (missing) -> Mono.just(List.of()))
			.map(Messages::read));
	}

	@Override
	public void updateMessages(Object memoryId, List<ChatMessage> messages) {
		SessionClient session = session(memoryId);
		var history = messages.stream().map(Messages::sent).toList();
		done(session.restoring(session.saveHistory(history)));
	}

	/** Removes the session for good, with its log. */
	@Override
	public void deleteMessages(Object memoryId) {
		done(session(memoryId).deleteForGood().onErrorComplete(StoreException.NotFound.class).thenReturn(true));
	}

	private SessionClient session(Object memoryId) {
		return this.store.session(memoryId.toString());
	}

	private static <T> T done(Mono<T> work) {
		return work.blockOptional().orElseThrow();
	}

}
