package dev.agentsessions.springai;

import java.util.List;

import dev.agentsessions.client.SessionClient;
import dev.agentsessions.client.SessionStore;
import dev.agentsessions.client.StoreException;
import dev.agentsessions.client.message.History;
import dev.agentsessions.client.session.Session;
import dev.agentsessions.client.session.SessionQuery;
import org.springframework.ai.chat.memory.ChatMemoryRepository;
import org.springframework.ai.chat.messages.Message;
import reactor.core.publisher.Mono;

import org.springframework.util.Assert;

/**
 * The conversations of Spring AI in a store: each is a session of that id.
 * <p>
 * What is saved is what a model sees next, and nothing is lost by it: of a window that
 * has moved on only what is new is written, and the log of the session keeps the rest.
 * <p>
 * Calls block, as the interface wants it, up to the timeout of the store, and may not be
 * made on a thread that must not block. Errors are those of the store.
 */
public final class SessionStoreChatMemoryRepository implements ChatMemoryRepository {

	private final SessionStore store;

	public SessionStoreChatMemoryRepository(SessionStore store) {
		this.store = store;
	}

	/**
	 * The ids of all sessions of the store, in the order in which it got to know them.
	 */
	@Override
	public List<String> findConversationIds() {
		return done(this.store.sessions(SessionQuery.ALL.order(SessionQuery.Order.CREATED))
			.map(Session::sessionId)
			.collectList());
	}

	/**
	 * What was saved. A session that was soft-deleted, for being idle, say, is read as
	 * well, and restored when its conversation goes on.
	 */
	@Override
	public List<Message> findByConversationId(String conversationId) {
		return done(session(conversationId).withDeleted()
			.fullHistory()
			.map(History::messages)
			.onErrorResume(StoreException.NotFound.class, (missing) -> Mono.just(List.of()))
			.map(Messages::read));
	}

	@Override
	public void saveAll(String conversationId, List<Message> messages) {
		SessionClient session = session(conversationId);
		Assert.notNull(messages, "messages cannot be null");
		Assert.noNullElements(messages, "messages cannot contain null elements");
		var history = Messages.sent(messages);
		done(session.restoring(session.saveHistory(history)));
	}

	/** Removes the session for good, with its log. */
	@Override
	public void deleteByConversationId(String conversationId) {
		done(session(conversationId).deleteForGood().onErrorComplete(StoreException.NotFound.class).thenReturn(true));
	}

	private SessionClient session(String conversationId) {
		Assert.hasText(conversationId, "conversationId cannot be null or empty");
		return this.store.session(conversationId);
	}

	private static <T> T done(Mono<T> work) {
		return work.blockOptional().orElseThrow();
	}

}
