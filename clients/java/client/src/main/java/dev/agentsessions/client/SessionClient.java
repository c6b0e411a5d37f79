package dev.agentsessions.client;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

import dev.agentsessions.client.agent.AgentContext;
import dev.agentsessions.client.agent.AgentSwitch;
import dev.agentsessions.client.agent.NewAgentContext;
import dev.agentsessions.client.agent.NewAgentSwitch;
import dev.agentsessions.client.agent.RecordedTurn;
import dev.agentsessions.client.agent.Turn;
import dev.agentsessions.client.message.Appended;
import dev.agentsessions.client.message.AppendedLines;
import dev.agentsessions.client.message.Compacted;
import dev.agentsessions.client.message.Compaction;
import dev.agentsessions.client.message.ContextLimits;
import dev.agentsessions.client.message.DraftOptions;
import dev.agentsessions.client.message.History;
import dev.agentsessions.client.message.Message;
import dev.agentsessions.client.message.MessagePage;
import dev.agentsessions.client.message.MessageQuery;
import dev.agentsessions.client.message.ModelContext;
import dev.agentsessions.client.message.Range;
import dev.agentsessions.client.message.SavedHistory;
import dev.agentsessions.client.message.View;
import dev.agentsessions.client.message.WriteOptions;
import dev.agentsessions.client.session.Fork;
import dev.agentsessions.client.session.Session;
import dev.agentsessions.client.session.SessionDetails;
import dev.agentsessions.client.session.SessionStats;
import dev.agentsessions.client.session.SessionUpdate;
import dev.agentsessions.client.tail.OpenDraft;
import dev.agentsessions.client.tail.TailEvent;
import dev.agentsessions.client.tail.TailStart;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.http.MediaType;

/**
 * One session of a store. All methods may fail with {@link StoreException.NotFound} and
 * {@link StoreException.Deleted}, but for those that create the session.
 */
public final class SessionClient {

	private static final int MOST_IDS = 100;

	/** At which a draft is looked for, while another one writes to it. */
	private static final int MOST_PLACES = 5;

	private final Exchange exchange;

	private final Duration giveUpAfter;

	private final String sessionId;

	private final boolean includeDeleted;

	SessionClient(Exchange exchange, Duration giveUpAfter, String sessionId, boolean includeDeleted) {
		this.exchange = exchange;
		this.giveUpAfter = giveUpAfter;
		this.sessionId = sessionId;
		this.includeDeleted = includeDeleted;
	}

	public String sessionId() {
		return this.sessionId;
	}

	/** The same session, also read while it is soft-deleted. */
	public SessionClient withDeleted() {
		return new SessionClient(this.exchange, this.giveUpAfter, this.sessionId, true);
	}

	// ---- the session

	public Mono<Session> get() {
		return read(path(), Session.class);
	}

	/** Changes what is named; answers the session as it is now. */
	public Mono<Session> update(SessionUpdate update) {
		return this.exchange.call(Request.patch(path(), update)).map((answer) -> answer.as(Session.class));
	}

	/** Soft-deletes the session, which {@link #restore()} undoes. */
	public Mono<Void> delete() {
		return this.exchange.call(Request.delete(path()))
			.onErrorResume(StoreException.Deleted.class, SessionClient::unlessAnEarlierTryDid)
			.then();
	}

	/** Removes the session for good with all that belongs to it; its id is free then. */
	public Mono<Void> deleteForGood() {
		return this.exchange.call(Request.delete(path().with("soft", false)), false).then();
	}

	/**
	 * Undoes a soft delete. Errors: {@link StoreException.Conflict}
	 * {@code session-not-deleted}.
	 */
	public Mono<Session> restore() {
		return this.exchange.call(Request.post(path("restore")))
			.map((answer) -> answer.as(Session.class))
			.onErrorResume(StoreException.Conflict.class,
					(conflict) -> conflict.outcomeUnknown() ? get() : Mono.error(conflict));
	}

	/**
	 * Does this, and if the session is soft-deleted, restores it and does it again, by
	 * subscribing to it a second time. Errors: those of the work and of
	 * {@link #restore()}, but for a session that somebody else has just restored.
	 */
	public <T> Mono<T> restoring(Mono<T> work) {
		return work.onErrorResume(StoreException.Deleted.class,
				(deleted) -> restore().onErrorComplete(StoreException.Conflict.class).then(work));
	}

	public Mono<SessionStats> stats() {
		return read(path("stats"), SessionStats.class);
	}

	/**
	 * Makes a new session that begins with the log of this one. The answer takes as long
	 * as the copy: for a very long log use a store with a longer timeout. Errors:
	 * {@link StoreException.Conflict} {@code session-exists}.
	 */
	public Mono<Session> fork(Fork fork) {
		String id = (fork.sessionId() != null) ? fork.sessionId() : UUID.randomUUID().toString();
		Map<Object, Object> body = new LinkedHashMap<>(said(fork.details()));
		if (fork.throughSeq() != null) {
			body.put("through_seq", fork.throughSeq());
		}
		return SessionStore.create(this.exchange, path("forks"), id, fork.sessionId() == null, body);
	}

	// ---- messages

	/** Appends messages, all or none; creates the session if it is new. */
	public Mono<Appended> append(Message... messages) {
		return append(Arrays.asList(messages), WriteOptions.NONE);
	}

	/**
	 * Appends 1 to 1,000 messages, all or none. Errors: {@link StoreException.Conflict}
	 * {@code sequence-conflict}, {@code message-exists}.
	 */
	public Mono<Appended> append(List<Message> messages, WriteOptions options) {
		Request request = write(path("messages"), unstored(messages), options);
		return this.exchange.call(request).map((answer) -> answer.asReplayable(Appended.class));
	}

	/**
	 * Appends any number of messages, which are committed in chunks as they come. It is
	 * not sent again by itself: if it fails with an unknown outcome, some of the messages
	 * may be there; where the store tells how many, that is the number {@code committed}
	 * of the {@link StoreException#problem()}. If all have ids of their own, subscribe
	 * again to go on from the first one; those that are stored are passed over. A
	 * publisher that says nothing for about 20 s is ended by the store, with a 408.
	 */
	public Mono<AppendedLines> appendAll(Publisher<Message> messages) {
		Flux<byte[]> lines = Flux.from(messages).map((message) -> line(message.unstored()));
		return this.exchange.send(Request.post(path("messages")), lines)
			.map((answer) -> answer.as(AppendedLines.class))
			.onErrorMap(StoreException.class, SessionClient::partlyDone);
	}

	private static StoreException partlyDone(StoreException refusal) {
		Long committed = refusal.problem().number("committed");
		return refusal.outcomeUnknown(refusal.outcomeUnknown() || (committed != null && committed > 0));
	}

	/** All messages of the log, the oldest first, for any length. */
	public Flux<Message> messages() {
		return messages(MessageQuery.ALL);
	}

	/**
	 * The messages of the log that match, the oldest first, for any length. No more is
	 * read than is taken; after a lost connection it goes on behind the last one.
	 */
	public Flux<Message> messages(MessageQuery query) {
		return Flux.defer(() -> {
			AtomicLong last = new AtomicLong(query.after());
			Exchange.Tries tries = this.exchange.tries();
			return Flux.defer(() -> lines(query.after(last.get()))).doOnNext((message) -> {
				last.set(message.seq());
				tries.gotOn();
			}).retryWhen(tries.again());
		});
	}

	private Flux<Message> lines(MessageQuery query) {
		Path path = path("messages").with("after", query.after())
			.with("role", query.role())
			.with("from", query.from())
			.with("to", query.to());
		return this.exchange.lines(Request.get(reading(path)), MediaType.APPLICATION_NDJSON, this.exchange.timeout())
			.map((line) -> Json.read(line, Message.class));
	}

	/** The newest messages, up to 1,000, in the order of the log. */
	public Flux<Message> newest(int limit) {
		return read(path("messages").with("before", "").with("limit", limit), Messages.class)
			.flatMapIterable(Messages::data);
	}

	/** Up to 1,000 messages in front of one, in the order of the log. */
	public Flux<Message> before(long seq, int limit) {
		return read(path("messages").with("before", seq).with("limit", limit), Messages.class)
			.flatMapIterable(Messages::data);
	}

	/**
	 * A numbered page, the oldest messages first.
	 * @param page from 1
	 * @param pageSize up to 1,000
	 */
	public Mono<MessagePage> page(long page, int pageSize) {
		return read(path("messages").with("page", page).with("page_size", pageSize), MessagePage.class);
	}

	/** One message by its number. Errors: 404 {@code message-not-found}. */
	public Mono<Message> message(long seq) {
		return read(path("messages", String.valueOf(seq)), Message.class);
	}

	/** Those of these ids that the log has. */
	public Flux<Message> messagesById(Collection<String> ids) {
		return Flux.fromIterable(ids).buffer(MOST_IDS).concatMap((some) -> {
			Path path = path("messages");
			for (String id : some) {
				path = path.with("id", id);
			}
			return read(path, Messages.class);
		}).concatMapIterable(Messages::data);
	}

	// ---- what a model sees

	/**
	 * What a model sees, in the shape that its API takes: without numbers, times, token
	 * counts and metadata.
	 */
	public Mono<History> history() {
		return read(path("history"), History.class);
	}

	/** The same with every field. */
	public Mono<History> fullHistory() {
		return read(path("history").with("full", true), History.class);
	}

	/**
	 * Saves a whole conversation: creates the session if it is new, appends what is new,
	 * and makes what is sent the view. A window that has moved on, or a summary in place
	 * of the oldest, loses nothing of the log. The last writer wins.
	 */
	public Mono<SavedHistory> saveHistory(List<Message> messages) {
		return this.exchange.call(Request.put(path("history"), Map.of("messages", unstored(messages))))
			.map((answer) -> answer.as(SavedHistory.class));
	}

	/**
	 * The newest messages that fit a model, calls beside their results. Errors: 422
	 * {@code context-too-small}.
	 */
	public Mono<ModelContext> context(ContextLimits limits) {
		Path path = path("context").with("max_tokens", limits.maxTokens())
			.with("max_messages", limits.maxMessages())
			.with("system", limits.keepInstructions() ? null : "drop");
		return read(path, ModelContext.class);
	}

	public Mono<View> view() {
		return read(path("view"), View.class);
	}

	/**
	 * Shows a model other messages, whatever it saw before; none at all is the whole log.
	 */
	public Mono<View> setView(List<Range> ranges) {
		return setView(ranges, null);
	}

	/**
	 * Shows a model other messages, if nobody has written or changed the view meanwhile.
	 * Errors: 412 {@code sequence-conflict}.
	 */
	public Mono<View> setView(List<Range> ranges, @Nullable View ifStill) {
		return this.exchange.call(onView(Request.put(path("view"), Map.of("ranges", ranges)), ifStill))
			.map((answer) -> answer.as(View.class));
	}

	/** Puts a summary in place of what it sums up; the log keeps that. */
	public Mono<Compacted> compact(Compaction compaction) {
		return compact(compaction, null);
	}

	/** The same if nobody has written or changed the view meanwhile. */
	public Mono<Compacted> compact(Compaction compaction, @Nullable View ifStill) {
		Compaction sent = new Compaction(compaction.summary().unstored(), compaction.fromSeq(),
				compaction.throughSeq());
		return this.exchange.call(onView(Request.post(path("compactions"), sent), ifStill))
			.map((answer) -> answer.as(Compacted.class));
	}

	private static Request onView(Request request, @Nullable View ifStill) {
		return request.header("Idempotency-Key", UUID.randomUUID().toString())
			.header("If-Match", (ifStill != null) ? ifStill.etag() : null);
	}

	// ---- agents

	/** Errors: 404 {@code agent-context-not-found} if no agent was ever at work. */
	public Mono<AgentContext> agentContext() {
		return read(path("agent-context"), AgentContext.class);
	}

	public Mono<AgentContext> saveAgentContext(NewAgentContext context) {
		Request request = Request.put(path("agent-context"), context);
		return this.exchange.call(request, context.agentHistory() == null)
			.map((answer) -> answer.as(AgentContext.class));
	}

	/** Removes the context and its switches. */
	public Mono<Void> deleteAgentContext() {
		return this.exchange.call(Request.delete(path("agent-context")), false).then();
	}

	/**
	 * Switches to another agent; the session has to be there. Errors:
	 * {@link StoreException.Conflict} {@code agent-conflict}.
	 */
	public Mono<AgentSwitch> switchAgent(NewAgentSwitch agentSwitch) {
		Request request = Request.post(path("agent-switches"), agentSwitch)
			.header("Idempotency-Key", UUID.randomUUID().toString());
		return this.exchange.call(request).map((answer) -> answer.as(AgentSwitch.class));
	}

	/** The switches, the newest first, read in parts as they are taken. */
	public Flux<AgentSwitch> agentSwitches() {
		return this.exchange.parts(reading(path("agent-switches")), Switches.class, Switches::next)
			.concatMapIterable(Switches::data, 1);
	}

	/** Records one turn of an agent, as a whole or not at all. */
	public Mono<RecordedTurn> turn(Turn turn) {
		return turn(turn, WriteOptions.NONE);
	}

	/**
	 * The same under conditions. Errors: {@link StoreException.Conflict}
	 * {@code sequence-conflict}, {@code agent-conflict}, {@code message-exists}.
	 */
	public Mono<RecordedTurn> turn(Turn turn, WriteOptions options) {
		Map<String, Object> body = new LinkedHashMap<>();
		if (!turn.messages().isEmpty()) {
			body.put("messages", unstored(turn.messages()));
		}
		if (turn.agentSwitch() != null) {
			body.put("agent_switch", turn.agentSwitch());
		}
		if (turn.contextMetadata() != null) {
			body.put("agent_context", Map.of("metadata", turn.contextMetadata()));
		}
		if (turn.session() != null) {
			body.put("session", turn.session());
		}
		return this.exchange.call(write(path("turns"), body, options))
			.map((answer) -> answer.asReplayable(RecordedTurn.class));
	}

	// ---- live

	/** Follows the session live, with what comes from now on. */
	public Flux<TailEvent> tail() {
		return tail(TailStart.NOW);
	}

	/**
	 * Follows the session live. Each message and each switch behind the start comes once
	 * and in order, across lost connections and stores that are started anew. A reader
	 * may be as slow as it likes, and what it does not ask for stays in the store.
	 * <p>
	 * It ends after {@link TailEvent.SessionDeleted}. Errors: those that another try
	 * would not heal, and {@link StoreException.Unavailable} when there was no connection
	 * for the time that the builder's {@code giveUpAfter} says.
	 */
	public Flux<TailEvent> tail(TailStart start) {
		Path path = path("tail").with("after", start.after())
			.with("wait", start.awaitsCreation() ? true : null)
			.with("drafts", start.drafts() ? true : null);
		return Tail.events(this.exchange, path, this.sessionId, start.position(), this.giveUpAfter);
	}

	/**
	 * Writes an assistant's message while the model is saying it.
	 * @see #draft(String, Publisher, Function)
	 */
	public Mono<Appended> draft(String messageId, Publisher<String> pieces) {
		return draft(messageId, pieces, Message::assistant);
	}

	/**
	 * Writes a message while the model is saying it: who follows the session with drafts
	 * sees it grow. When the pieces end it is appended, once, whatever happens to
	 * connections and stores meanwhile; the client holds the text, and goes on where the
	 * store has come to. Creates the session if it is new. Where the store can't hold the
	 * draft, because there are too many, say, nobody sees it grow, and it is appended all
	 * the same.
	 * <p>
	 * If the pieces fail the draft is discarded, and the error is theirs. Cancelling
	 * stops the pieces and leaves the draft open; the store discards it after a minute,
	 * or {@link #discardDraft} does at once. To keep what was said so far, end the
	 * pieces, by {@code takeUntilOther}, say.
	 * <p>
	 * Errors: {@link StoreException.Conflict} {@code draft-taken} if another writer goes
	 * on with it, {@code draft-offset} if there is such a draft already,
	 * {@code message-exists}; {@link StoreException.Unavailable} if the store is not
	 * there for the timeout after the pieces have ended.
	 * @param messageId the id that the message gets
	 * @param pieces subscribed to once
	 * @param message makes the message of the whole text
	 */
	public Mono<Appended> draft(String messageId, Publisher<String> pieces, Function<String, Message> message) {
		return draft(messageId, pieces, message, DraftOptions.NONE);
	}

	/**
	 * The same with options.
	 * @see #draft(String, Publisher, Function)
	 */
	public Mono<Appended> draft(String messageId, Publisher<String> pieces, Function<String, Message> message,
			DraftOptions options) {
		Path path = path("drafts", messageId).with("create", options.create() ? null : false);
		WriteOptions appending = options.create() ? WriteOptions.NONE : WriteOptions.NONE.existing();
		return DraftWriter.write(this.exchange, path, messageId, pieces, message,
				(whole) -> append(List.of(whole), appending));
	}

	/** The open drafts with their text; the one that was begun first is the first. */
	public Flux<OpenDraft> drafts() {
		return read(path("drafts"), Drafts.class).flatMapIterable(Drafts::data);
	}

	/**
	 * Ends an open draft without a message; its writer, if there still is one, is told
	 * {@code draft-taken}. Completes also if there is no such draft.
	 */
	public Mono<Void> discardDraft(String messageId) {
		return drafts().filter((draft) -> draft.messageId().equals(messageId))
			.next()
			.flatMap((draft) -> discardDraft(messageId, draft.length(), MOST_PLACES));
	}

	/** Where it is now, if somebody writes to it meanwhile. */
	private Mono<Void> discardDraft(String messageId, long offset, int mostPlaces) {
		Path path = path("drafts", messageId).with("offset", offset);
		return this.exchange.call(Request.lines(path, line(Map.of("discard", true))))
			.then()
			.onErrorResume(StoreException.Conflict.class, (conflict) -> {
				Long told = conflict.is("draft-offset") ? conflict.problem().number("offset") : null;
				if (told == null) {
					return unlessAnEarlierTryDid(conflict).then();
				}
				if (told == 0) { // it has ended
					return Mono.empty();
				}
				return (mostPlaces > 1) ? discardDraft(messageId, told, mostPlaces - 1) : Mono.error(conflict);
			});
	}

	// ---- how

	private Path path(String... below) {
		String[] segments = new String[below.length + 2];
		segments[0] = "sessions";
		segments[1] = this.sessionId;
		System.arraycopy(below, 0, segments, 2, below.length);
		return Path.of(segments);
	}

	private <T> Mono<T> read(Path path, Class<T> type) {
		return this.exchange.call(Request.get(reading(path))).map((answer) -> answer.as(type));
	}

	private Path reading(Path path) {
		return path.with("include_deleted", this.includeDeleted ? true : null);
	}

	private static Request write(Path path, Object body, WriteOptions options) {
		String key = (options.key() != null) ? options.key() : UUID.randomUUID().toString();
		return Request.post(path.with("create", options.create() ? null : false), body)
			.header("Idempotency-Key", key)
			.header("If-Match", (options.ifLastSeq() != null) ? "\"" + options.ifLastSeq() + "\"" : null);
	}

	private static Map<?, ?> said(SessionDetails details) {
		return Json.convert(details, Map.class);
	}

	private static List<Message> unstored(List<Message> messages) {
		return messages.stream().map(Message::unstored).toList();
	}

	static byte[] line(Object value) {
		byte[] json = Json.write(value);
		byte[] line = Arrays.copyOf(json, json.length + 1);
		line[json.length] = '\n';
		return line;
	}

	private static Mono<Answer> unlessAnEarlierTryDid(StoreException refusal) {
		return refusal.outcomeUnknown() ? Mono.empty() : Mono.error(refusal);
	}

	record Messages(List<Message> data) {

	}

	record Switches(List<AgentSwitch> data, @Nullable String next) {

	}

	record Drafts(List<OpenDraft> data) {

	}

}
