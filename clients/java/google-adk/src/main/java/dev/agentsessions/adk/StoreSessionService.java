package dev.agentsessions.adk;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

import com.google.adk.events.Event;
import com.google.adk.sessions.BaseSessionService;
import com.google.adk.sessions.GetSessionConfig;
import com.google.adk.sessions.ListEventsResponse;
import com.google.adk.sessions.ListSessionsResponse;
import com.google.adk.sessions.Session;
import com.google.adk.sessions.SessionException;
import com.google.adk.sessions.SessionNotFoundException;
import com.google.adk.sessions.State;
import dev.agentsessions.client.SessionClient;
import dev.agentsessions.client.SessionStore;
import dev.agentsessions.client.StoreException;
import dev.agentsessions.client.message.MessageQuery;
import dev.agentsessions.client.message.WriteOptions;
import dev.agentsessions.client.session.SessionDetails;
import dev.agentsessions.client.session.SessionQuery;
import io.reactivex.rxjava3.core.Completable;
import io.reactivex.rxjava3.core.Maybe;
import io.reactivex.rxjava3.core.Single;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The sessions of ADK in a store: each is a session there, and each event a message of
 * it. The states of applications and of users are logs beside them.
 * <p>
 * Nothing is sent before a result is subscribed to, and nothing blocks. Errors are
 * {@link SessionException}s, whose cause is what the store said.
 */
public final class StoreSessionService implements BaseSessionService {

	private static final String APP_LABEL = "adk_app";

	/** How many sessions of a list have their states read at once. */
	private static final int READ_AT_ONCE = 8;

	private final SessionStore store;

	public StoreSessionService(SessionStore store) {
		this.store = store;
	}

	@Override
	@Deprecated
	public Single<Session> createSession(String appName, String userId, @Nullable ConcurrentMap<String, Object> state,
			@Nullable String sessionId) {
		return createSession(appName, userId, (Map<String, Object>) state, sessionId);
	}

	/**
	 * Creates a session, with an id of its own if none is given. A state's keys of the
	 * application and of the user are for all their sessions. Errors:
	 * {@link SessionException} if there is one of that id.
	 */
	@Override
	public Single<Session> createSession(String appName, String userId, @Nullable Map<String, Object> state,
			@Nullable String sessionId) {
		Objects.requireNonNull(appName, "appName cannot be null");
		Objects.requireNonNull(userId, "userId cannot be null");
		boolean ownId = sessionId == null || sessionId.isBlank();
		String id = ownId ? UUID.randomUUID().toString() : sessionId.strip();
		Scopes said = Scopes.of((state != null) ? state : Map.of());
		SessionDetails details = SessionDetails.NONE.owner(userId)
			.labels(Map.of(APP_LABEL, appName))
			.metadata(new States.Snapshot(0, said.present()).besides(Map.of()));
		return single(this.store.create(Names.of(appName, userId, id), details)
			.onErrorResume(StoreException.Conflict.class,
					(conflict) -> (ownId && conflict.outcomeUnknown()) ? log(appName, userId, id).get()
							: Mono.error(conflict)) // an earlier try made it
			.flatMap((created) -> change(appName, userId, said).then(shared(appName, userId))
				.map((shared) -> session(appName, userId, id, said.present(), shared, List.of(),
						created.createdAt()))));
	}

	/**
	 * A session with its events and its state, also one that was soft-deleted for being
	 * idle. The newest events are read without those before them.
	 */
	@Override
	public Maybe<Session> getSession(String appName, String userId, String sessionId,
			Optional<GetSessionConfig> config) {
		Objects.requireNonNull(config, "config cannot be null");
		SessionClient log = log(appName, userId, sessionId);
		Mono<Session> session = log.get().flatMap((found) -> {
			States.Snapshot kept = States.Snapshot.of(found);
			Optional<Integer> newest = config.flatMap(GetSessionConfig::numRecentEvents);
			long before = newest.map((count) -> Math.max(0, found.lastSeq() - count)).orElse(0L);
			return log.messages(MessageQuery.ALL.after(newest.isPresent() ? Math.min(before, kept.seq()) : 0))
				.collect(() -> new Reading(kept), Reading::add)
				.flatMap((reading) -> States.keep(log, found, reading.state)
					.then(shared(appName, userId))
					.map((shared) -> session(appName, userId, sessionId, reading.state.state(), shared,
							reading.events(config), reading.last(found.createdAt()))));
		});
		return Maybe.fromPublisher(session.onErrorComplete(StoreException.NotFound.class)
			.onErrorMap(StoreException.class, StoreSessionService::failed));
	}

	/**
	 * The sessions of a user, the one that was created first is the first; with their
	 * states, without events.
	 */
	@Override
	public Single<ListSessionsResponse> listSessions(String appName, String userId) {
		SessionQuery own = SessionQuery.ALL.owner(Objects.requireNonNull(userId, "userId cannot be null"))
			.label(APP_LABEL, Objects.requireNonNull(appName, "appName cannot be null"))
			.order(SessionQuery.Order.CREATED);
		String prefix = Names.of(appName, userId, "");
		return single(
				shared(appName, userId)
					.flatMap(
							(shared) -> this.store.sessions(own)
								.filter((found) -> found.sessionId().startsWith(prefix))
								.flatMapSequential(
										(found) -> States
											.now(this.store.session(found.sessionId()), found,
													(message) -> Events.delta(Events.read(message)))
											.onErrorComplete(StoreSessionService::isGone)
											.map((state) -> session(appName, userId, Names.session(found.sessionId()),
													state.state(), shared, List.of(), found.lastActivity())),
										READ_AT_ONCE)
								.collectList()
								.map((sessions) -> ListSessionsResponse.builder().sessions(sessions).build())));
	}

	/** Removes a session for good; one that is not there is no error. */
	@Override
	public Completable deleteSession(String appName, String userId, String sessionId) {
		return Completable.fromPublisher(log(appName, userId, sessionId).deleteForGood()
			.onErrorComplete(StoreException.NotFound.class)
			.onErrorMap(StoreException.class, StoreSessionService::failed));
	}

	/** All events of a session, the oldest first; none if there is no session. */
	@Override
	public Single<ListEventsResponse> listEvents(String appName, String userId, String sessionId) {
		return single(log(appName, userId, sessionId).messages()
			.mapNotNull(Events::read)
			.collectList()
			.onErrorResume(StoreException.NotFound.class, (missing) -> Mono.just(List.of()))
			.map((events) -> ListEventsResponse.builder().events(events).build()));
	}

	/**
	 * Appends an event, once, and then changes the session that is given as it says; a
	 * partial one is not stored. Errors: {@link SessionNotFoundException}.
	 */
	@Override
	public Single<Event> appendEvent(Session session, Event event) {
		Objects.requireNonNull(session, "session cannot be null");
		Objects.requireNonNull(event, "event cannot be null");
		if (event.partial().orElse(false)) {
			return Single.just(event);
		}
		SessionClient log = log(session.appName(), session.userId(), session.id());
		List<dev.agentsessions.client.message.Message> message = List.of(Events.sent(event));
		var append = log.append(message, WriteOptions.NONE.existing());
		return single(log.restoring(append)
			.then(change(session.appName(), session.userId(), Scopes.of(Events.delta(event))))
			.then(Mono.fromCallable(() -> {
				applied(session, event);
				return event;
			}))
			.cache());
	}

	private void applied(Session session, Event event) {
		BaseSessionService.super.appendEvent(session, event);
		Events.delta(event).forEach((key, value) -> {
			if (key.startsWith(State.TEMP_PREFIX)) { // which the default leaves out
				if (value != null) {
					session.state().put(key, value);
				}
				else {
					session.state().remove(key);
				}
			}
		});
		session.lastUpdateTime(Instant.ofEpochMilli(event.timestamp()));
	}

	private SessionClient log(String appName, String userId, String sessionId) {
		Objects.requireNonNull(appName, "appName cannot be null");
		Objects.requireNonNull(userId, "userId cannot be null");
		Objects.requireNonNull(sessionId, "sessionId cannot be null");
		return this.store.session(Names.of(appName, userId, sessionId)).withDeleted();
	}

	private Mono<Void> change(String appName, String userId, Scopes delta) {
		return States.change(this.store.session(Names.ofState(appName)), SessionDetails.NONE, delta.app())
			.then(States.change(this.store.session(Names.ofState(appName, userId)), SessionDetails.NONE.owner(userId),
					delta.user()));
	}

	/** The states of the application and of the user, with the prefixes of their keys. */
	private Mono<Map<String, Object>> shared(String appName, String userId) {
		return Mono.zip(States.read(this.store.session(Names.ofState(appName))),
				States.read(this.store.session(Names.ofState(appName, userId))), (app, user) -> {
					Map<String, Object> both = new LinkedHashMap<>(app);
					both.putAll(user);
					return both;
				});
	}

	private static Session session(String appName, String userId, String id, Map<String, Object> own,
			Map<String, Object> shared, List<Event> events, Instant lastUpdateTime) {
		Map<String, Object> state = new ConcurrentHashMap<>(own);
		state.keySet().removeIf(Scopes::isShared);
		state.putAll(shared);
		return Session.builder(id)
			.appName(appName)
			.userId(userId)
			.state(state)
			.events(events)
			.lastUpdateTime(lastUpdateTime)
			.build();
	}

	private static <T> Single<T> single(Mono<T> work) {
		return Single.fromPublisher(work.onErrorMap(StoreException.class, StoreSessionService::failed));
	}

	/** Whether it was removed since it was listed. */
	private static boolean isGone(Throwable failure) {
		return failure instanceof StoreException.NotFound || failure instanceof StoreException.Deleted;
	}

	private static SessionException failed(StoreException cause) {
		return (cause instanceof StoreException.NotFound) ? new SessionNotFoundException(cause.getMessage(), cause)
				: new SessionException(cause.getMessage(), cause);
	}

	/** The parts of a state, or of a change of one: null removes a key. */
	private record Scopes(Map<String, @Nullable Object> own, Map<String, @Nullable Object> app,
			Map<String, @Nullable Object> user) {

		static Scopes of(Map<String, ? extends @Nullable Object> state) {
			Scopes scopes = new Scopes(new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashMap<>());
			state.forEach((key, value) -> (key.startsWith(State.APP_PREFIX) ? scopes.app
					: key.startsWith(State.USER_PREFIX) ? scopes.user : scopes.own)
				.put(key, value));
			return scopes;
		}

		static boolean isShared(String key) {
			return key.startsWith(State.APP_PREFIX) || key.startsWith(State.USER_PREFIX);
		}

		/** What the session itself begins with. */
		Map<String, Object> present() {
			Map<String, Object> present = new LinkedHashMap<>();
			this.own.forEach((key, value) -> {
				if (value != null && value != State.REMOVED) {
					present.put(key, value);
				}
			});
			return present;
		}

	}

	/** Events as they are read, and the state that they make. */
	private static final class Reading {

		private final List<Event> events = new ArrayList<>();

		private States.Snapshot state;

		Reading(States.Snapshot state) {
			this.state = state;
		}

		void add(dev.agentsessions.client.message.Message message) {
			Event event = Events.read(message);
			this.state = this.state.after(message, Events.delta(event));
			if (event != null) {
				this.events.add(event);
			}
		}

		/** First the newest, then those of them that are not too old, as ADK has it. */
		List<Event> events(Optional<GetSessionConfig> config) {
			int from = config.flatMap(GetSessionConfig::numRecentEvents)
				.map((count) -> Math.max(0, this.events.size() - count))
				.orElse(0);
			Optional<Instant> after = config.flatMap(GetSessionConfig::afterTimestamp);
			return this.events.subList(from, this.events.size())
				.stream()
				.filter((event) -> after.isEmpty() || !Instant.ofEpochMilli(event.timestamp()).isBefore(after.get()))
				.toList();
		}

		Instant last(Instant otherwise) {
			return this.events.isEmpty() ? otherwise
					: Instant.ofEpochMilli(this.events.get(this.events.size() - 1).timestamp());
		}

	}

}
