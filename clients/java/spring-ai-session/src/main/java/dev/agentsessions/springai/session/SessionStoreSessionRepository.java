package dev.agentsessions.springai.session;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

import dev.agentsessions.client.SessionClient;
import dev.agentsessions.client.SessionStore;
import dev.agentsessions.client.StoreException;
import dev.agentsessions.client.message.History;
import dev.agentsessions.client.message.Range;
import dev.agentsessions.client.message.View;
import dev.agentsessions.client.message.WriteOptions;
import dev.agentsessions.client.session.SessionDetails;
import dev.agentsessions.client.session.SessionQuery;
import dev.agentsessions.client.session.SessionUpdate;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.session.EventFilter;
import org.springframework.ai.session.Session;
import org.springframework.ai.session.SessionEvent;
import org.springframework.ai.session.SessionRepository;
import reactor.core.publisher.Mono;

import org.springframework.util.Assert;

/**
 * The sessions of Spring AI Session in a store: each is a session of that id, whose owner
 * is the user. The active events are what a model sees by the view of the session, and
 * the archived ones are the rest of its log.
 * <p>
 * Calls block, as the interface wants it, up to the timeout of the store, and may not be
 * made on a thread that must not block. Errors are those of the store, but for sessions
 * that are not there.
 */
public final class SessionStoreSessionRepository implements SessionRepository {

	/** What of a session's metadata is ours. */
	private static final String FIELD = "spring_ai_session";

	/** For a session that another program made for nobody. */
	private static final String NO_USER = "unknown";

	private final SessionStore store;

	public SessionStoreSessionRepository(SessionStore store) {
		this.store = store;
	}

	/**
	 * Creates a session, or changes its user, expiry and metadata; one that was
	 * soft-deleted is restored with its events.
	 */
	@Override
	public Session save(Session session) {
		Assert.notNull(session, "session must not be null");
		SessionDetails details = SessionDetails.NONE.owner(session.userId())
			.metadata(metadata(session, session.createdAt()));
		SessionDetails expiring = (session.expiresAt() != null) ? details.expiresAt(session.expiresAt()) : details;
		SessionClient stored = this.store.session(session.id());
		return done(stored
			.restoring(this.store.create(session.id(), expiring)
				.onErrorResume(StoreException.Conflict.class, (exists) -> update(stored, session)))
			.map(SessionStoreSessionRepository::session));
	}

	private static Mono<dev.agentsessions.client.session.Session> update(SessionClient stored, Session session) {
		return stored.get()
			.flatMap((found) -> stored.update(SessionUpdate.NONE.owner(session.userId())
				.expiresAt(session.expiresAt())
				.metadata(metadata(session, createdAt(found)))));
	}

	@Override
	public @Nullable Session findById(String sessionId) {
		return ifThere(id(sessionId).get().map(SessionStoreSessionRepository::session)).block();
	}

	/** All sessions of that owner, whoever made them; the first one is the first. */
	@Override
	public List<Session> findByUserId(String userId) {
		Assert.hasText(userId, "userId must not be null or empty");
		return done(this.store.sessions(SessionQuery.ALL.owner(userId).order(SessionQuery.Order.CREATED))
			.map(SessionStoreSessionRepository::session)
			.collectList());
	}

	/**
	 * Those that were made here and have expired; all sessions of the store are looked
	 * at. It soft-deletes expired ones by itself, so that there is little to find.
	 */
	@Override
	public List<String> findExpiredSessionIds(Instant before) {
		Assert.notNull(before, "before must not be null");
		return done(this.store.sessions(SessionQuery.ALL.order(SessionQuery.Order.CREATED))
			.filter((session) -> session.metadata().containsKey(FIELD))
			.filter((session) -> session.expiresAt() != null && session.expiresAt().isBefore(before))
			.map(dev.agentsessions.client.session.Session::sessionId)
			.collectList());
	}

	/** Removes the session for good, with its log. */
	@Override
	public void delete(String sessionId) {
		id(sessionId).deleteForGood().onErrorComplete(StoreException.NotFound.class).block();
	}

	@Override
	public void appendEvent(SessionEvent event) {
		Assert.notNull(event, "event must not be null");
		id(event.getSessionId()).append(StoredEvent.sent(event), WriteOptions.NONE.existing())
			.onErrorComplete(SessionStoreSessionRepository::isReplay)
			.onErrorMap(SessionStoreSessionRepository::isMissing, missing(event.getSessionId()))
			.block();
	}

	/** Whether an event of this id is there, also if it says something else. */
	private static boolean isReplay(Throwable error) {
		return error instanceof StoreException.Conflict conflict && conflict.is("message-exists");
	}

	/**
	 * Puts other events in the view. If there are new ones among them they are appended
	 * first, on the condition that nobody has written since, and then the view changes:
	 * until then, and if this program ends in between, they stand at the end.
	 */
	@Override
	public boolean compactEvents(String sessionId, List<SessionEvent> archivedEvents, List<SessionEvent> retainedEvents,
			long expectedVersion) {
		Assert.notNull(archivedEvents, "archivedEvents must not be null");
		Assert.notNull(retainedEvents, "retainedEvents must not be null");
		SessionClient session = id(sessionId);
		return done(session.view()
			.flatMap((view) -> (version(view) != expectedVersion) ? Mono.just(false)
					: session.fullHistory()
						.map((history) -> StoredEvent.read(sessionId, history.messages()))
						.map((active) -> Compaction.of(active, archivedEvents, retainedEvents))
						.flatMap((compaction) -> compact(session, view, compaction)))
			// what is not active any more may be the work of another one, after the view
			// was read
			.onErrorResume(IllegalArgumentException.class,
					(wrong) -> session.view()
						.flatMap((now) -> (version(now) != expectedVersion) ? Mono.just(false) : Mono.error(wrong)))
			.onErrorMap(SessionStoreSessionRepository::isMissing, missing(sessionId)));
	}

	private static Mono<Boolean> compact(SessionClient session, View view, Compaction compaction) {
		if (compaction.inserted().isEmpty()) {
			return show(session, compaction.ranges(view.lastSeq()), view);
		}
		return session.append(compaction.inserted(), WriteOptions.NONE.ifLastSeq(view.lastSeq()).existing())
			.flatMap((appended) -> show(session, compaction.ranges(view.lastSeq()),
					new View(view.sessionId(), List.of(), view.viewNo(), appended.lastSeq(), 0)))
			.onErrorResume(SessionStoreSessionRepository::isOvertaken, (overtaken) -> Mono.just(false));
	}

	/** Tries again while others only append: what they append is behind the ranges. */
	private static Mono<Boolean> show(SessionClient session, List<Range> ranges, View still) {
		return session.setView(ranges, still)
			.thenReturn(true)
			.onErrorResume(SessionStoreSessionRepository::isOvertaken,
					(overtaken) -> session.view()
						.flatMap((now) -> (now.viewNo() == still.viewNo() && now.lastSeq() > still.lastSeq())
								? show(session, ranges, now) : Mono.just(false)));
	}

	private static boolean isOvertaken(Throwable error) {
		return error instanceof StoreException.Conflict conflict && conflict.is("sequence-conflict");
	}

	/**
	 * Grows with everything that is appended and with each change of the view; 0 if there
	 * is no session.
	 */
	@Override
	public long getEventVersion(String sessionId) {
		return done(ifThere(id(sessionId).view()).map(SessionStoreSessionRepository::version).defaultIfEmpty(0L));
	}

	private static long version(View view) {
		return view.lastSeq() + view.viewNo();
	}

	/**
	 * The active events by the view alone; for all others the whole log is read. Keywords
	 * are looked for here, as the filter has them, and not by the store's search.
	 */
	@Override
	public List<SessionEvent> findEvents(String sessionId, EventFilter filter) {
		Assert.notNull(filter, "filter must not be null");
		SessionClient session = id(sessionId);
		Mono<List<StoredEvent>> events = filter.excludeArchived()
				? session.fullHistory().map(History::messages).map((messages) -> StoredEvent.read(sessionId, messages))
				: session.view().flatMap((view) -> log(session, view));
		List<SessionEvent> found = done(ifThere(events).defaultIfEmpty(List.of())).stream()
			.map(StoredEvent::event)
			.filter(filter::matches)
			.toList();
		int from = 0;
		int to = found.size();
		if (filter.lastN() != null) {
			from = Math.max(0, to - filter.lastN());
		}
		if (filter.pageSize() != null) {
			long begin = from + (long) Objects.requireNonNullElse(filter.page(), 0) * filter.pageSize();
			from = (int) Math.min(begin, to);
			to = (int) Math.min((long) from + filter.pageSize(), to);
		}
		return List.copyOf(found.subList(from, to));
	}

	/** All events as they are with a view: those outside of it are archived. */
	private static Mono<List<StoredEvent>> log(SessionClient session, View view) {
		return session.messages()
			.takeWhile((message) -> Objects.requireNonNull(message.seq()) <= view.lastSeq())
			.collectList()
			.map((messages) -> {
				List<StoredEvent> events = new ArrayList<>();
				Set<String> replaced = new HashSet<>();
				for (StoredEvent event : StoredEvent.read(session.sessionId(), messages)) {
					int at = positionOf(event.before(), events);
					events.add((at >= 0) ? at : events.size(),
							isIn(view, event.seqs().get(0)) ? event : event.asArchived());
					replaced.addAll(event.replaces());
				}
				events.removeIf((event) -> replaced.contains(event.id()));
				return events;
			});
	}

	private static int positionOf(@Nullable String id, List<StoredEvent> events) {
		for (int at = events.size() - 1; id != null && at >= 0; at--) {
			if (events.get(at).id().equals(id)) {
				return at;
			}
		}
		return -1;
	}

	private static boolean isIn(View view, long seq) {
		return view.ranges().isEmpty() || view.ranges()
			.stream()
			.anyMatch((range) -> range.from() <= seq && (range.through() == null || seq <= range.through()));
	}

	private SessionClient id(String sessionId) {
		Assert.hasText(sessionId, "sessionId must not be null or empty");
		return this.store.session(sessionId);
	}

	private static Session session(dev.agentsessions.client.session.Session stored) {
		Map<String, Object> metadata = new LinkedHashMap<>();
		stored.metadata().forEach((name, value) -> {
			if (value != null && !name.equals(FIELD)) {
				metadata.put(name, value);
			}
		});
		return Session.builder()
			.id(stored.sessionId())
			.userId((stored.owner() != null) ? stored.owner() : NO_USER)
			.createdAt(createdAt(stored))
			.expiresAt(stored.expiresAt())
			.metadata(metadata)
			.build();
	}

	/** When the program says that it was, which need not be when the store made it. */
	private static Instant createdAt(dev.agentsessions.client.session.Session stored) {
		return (stored.metadata().get(FIELD) instanceof Map<?, ?> own && own.get("created_at") instanceof String time)
				? Instant.parse(time) : stored.createdAt();
	}

	private static Map<String, Object> metadata(Session session, Instant createdAt) {
		Map<String, Object> metadata = new LinkedHashMap<>(session.metadata());
		metadata.put(FIELD, Map.of("created_at", createdAt.toString()));
		return metadata;
	}

	private static boolean isMissing(Throwable error) {
		return error instanceof StoreException.NotFound || error instanceof StoreException.Deleted;
	}

	private static Function<Throwable, Throwable> missing(String sessionId) {
		return (cause) -> new IllegalArgumentException("Session not found: " + sessionId, cause);
	}

	private static <T> Mono<T> ifThere(Mono<T> work) {
		return work.onErrorComplete(SessionStoreSessionRepository::isMissing);
	}

	private static <T> T done(Mono<T> work) {
		return work.blockOptional().orElseThrow();
	}

}
