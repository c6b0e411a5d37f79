package dev.agentsessions.client;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import dev.agentsessions.client.agent.AgentSwitch;
import dev.agentsessions.client.message.Message;
import dev.agentsessions.client.message.Range;
import dev.agentsessions.client.tail.TailEvent;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SynchronousSink;
import reactor.core.scheduler.Schedulers;
import reactor.util.retry.Retry;
import reactor.util.retry.Retry.RetrySignal;
import tools.jackson.core.JacksonException;

import org.springframework.http.MediaType;

/**
 * Where one follower is, and how it comes back when its connection ends.
 * <p>
 * The position is that of the last event that was handed on: what is dropped on the way
 * when a connection breaks comes again on the next one.
 */
final class Tail {

	/** The store says something every 15 s. */
	private static final Duration SILENCE = Duration.ofSeconds(45);

	private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

	private final Exchange exchange;

	private final Path path;

	/** Null for several. */
	private final @Nullable String onlySession;

	private final Duration giveUpAfter;

	private @Nullable String position;

	private Duration retry = Duration.ofSeconds(1);

	/** Those that are known to be there. */
	private final Set<String> followed = new LinkedHashSet<>();

	private boolean everReady;

	private boolean ready;

	private int failures;

	private long aloneSince = now();

	private Tail(Exchange exchange, Path path, @Nullable String onlySession, @Nullable String position,
			Duration giveUpAfter) {
		this.exchange = exchange;
		this.path = path;
		this.onlySession = onlySession;
		this.position = position;
		this.giveUpAfter = giveUpAfter;
	}

	/**
	 * The events behind a position.
	 * @param onlySession the session, if it is one
	 */
	static Flux<TailEvent> events(Exchange exchange, Path path, @Nullable String onlySession, @Nullable String position,
			Duration giveUpAfter) {
		return Flux.defer(() -> new Tail(exchange, path, onlySession, position, giveUpAfter).events());
	}

	private Flux<TailEvent> events() {
		return Flux.defer(this::connection)
			.concatWith(Mono.error(new Ended())) // a connection is no end
			.retryWhen(Retry.from((failures) -> failures.concatMap(this::pause)))
			.onErrorResume(Gone.class, (gone) -> Flux.fromIterable(deletions()))
			.takeUntil((event) -> this.onlySession != null && event instanceof TailEvent.SessionDeleted);
	}

	/** What is new on one connection. */
	private Flux<TailEvent> connection() {
		Frame frame = new Frame();
		return this.exchange
			.lines(Request.get(this.path).header("Last-Event-ID", this.position), MediaType.TEXT_EVENT_STREAM, SILENCE)
			.<TailEvent>handle((line, sink) -> {
				if (frame.isWholeWith(new String(line, StandardCharsets.UTF_8))) {
					tell(frame, sink);
				}
			})
			.onErrorMap(JacksonException.class, Answer::notTheStores);
	}

	private void tell(Frame frame, SynchronousSink<TailEvent> sink) {
		if (frame.retry != null) {
			this.retry = frame.retry;
		}
		if (frame.id != null) {
			this.position = frame.id;
		}
		String name = frame.event;
		String data = frame.data;
		frame.clear();
		if (name.equals("bye")) {
			sink.complete();
			return;
		}
		TailEvent event = (data != null) ? event(name, data) : null;
		if (event != null) {
			sink.next(event);
		}
	}

	private @Nullable TailEvent event(String name, String json) {
		byte[] data = json.getBytes(StandardCharsets.UTF_8);
		if (name.equals("ready")) {
			return ready(data);
		}
		if (name.equals("message")) {
			Message message = Json.read(data, Message.class);
			String session = (this.onlySession != null) ? this.onlySession
					: String.valueOf(message.fields().get("session_id"));
			return new TailEvent.Appended(known(session), message, this.position);
		}
		Data said = Json.read(data, Data.class);
		String session = known((this.onlySession != null) ? this.onlySession : said.sessionId());
		return switch (name) {
			case "agent_switch" -> new TailEvent.Switched(session, Json.read(data, AgentSwitch.class), this.position);
			case "view" ->
				new TailEvent.ViewChanged(session, said.ranges(), said.atSeq(), said.viewNo(), this.position);
			case "history_replaced" ->
				new TailEvent.HistoryReplaced(session, said.firstSeq(), said.lastSeq(), this.position);
			case "agent_history_replaced" ->
				new TailEvent.AgentHistoryReplaced(session, said.lastSwitchNo(), this.position);
			case "draft" ->
				new TailEvent.DraftWritten(session, said.messageId(), said.offset(), said.text(), this.position);
			case "draft_discarded" -> new TailEvent.DraftDiscarded(session, said.messageId(), this.position);
			case "session_deleted" -> {
				this.followed.remove(session);
				yield new TailEvent.SessionDeleted(session, this.position);
			}
			default -> null; // of a later version
		};
	}

	private TailEvent ready(byte[] data) {
		List<TailEvent.FollowedSession> sessions = (this.onlySession != null)
				? List.of(Json.read(data, TailEvent.FollowedSession.class))
				: Json.read(data, ReadyData.class).sessions();
		List<TailEvent.FollowedSession> left = sessions.stream().filter((session) -> !session.deleted()).toList();
		// one of those that are left is there, or this would be a 404 or 410
		left.stream()
			.filter((session) -> left.size() == 1 || hasAnything(session))
			.forEach((session) -> known(session.sessionId()));
		this.everReady = true;
		this.ready = true;
		return new TailEvent.Ready(sessions, this.position);
	}

	/** A session that has nothing yet looks like one that is not there. */
	private static boolean hasAnything(TailEvent.FollowedSession session) {
		return session.lastSeq() > 0 || session.switchCount() > 0 || session.viewNo() > 0;
	}

	private String known(String session) {
		this.followed.add(session);
		return session;
	}

	/** Of sessions that went while there was no connection. */
	private List<TailEvent> deletions() {
		List<TailEvent> deletions = new ArrayList<>();
		this.followed.forEach((session) -> deletions.add(new TailEvent.SessionDeleted(session, this.position)));
		return deletions;
	}

	/** When to come back, if ever. */
	private Mono<Long> pause(RetrySignal signal) {
		Throwable failure = signal.failure();
		if (this.ready) {
			this.ready = false;
			this.failures = 0;
			this.aloneSince = now();
		}
		if (this.everReady
				&& (failure instanceof StoreException.NotFound || failure instanceof StoreException.Deleted)) {
			return Mono.error(new Gone());
		}
		StoreException.Unavailable lost = healing(failure);
		if (lost == null) {
			return Mono.error(failure);
		}
		if (now() - this.aloneSince > this.giveUpAfter.toMillis()) {
			return Mono.error(lost);
		}
		Duration asked = lost.retryAfter();
		return Mono.delay(pause(this.failures++).plus((asked.compareTo(LONGEST_PAUSE) < 0) ? asked : LONGEST_PAUSE));
	}

	/**
	 * What a connection ended with, if it is worth another one; null if it will not heal.
	 */
	private static StoreException.@Nullable Unavailable healing(Throwable failure) {
		if (failure instanceof Ended) {
			return new StoreException.Unavailable("The stream ends before it begins", null);
		}
		if (failure instanceof StoreException.Unavailable unavailable) {
			return unavailable;
		}
		return (failure instanceof StoreException fault && fault.status() >= 500)
				? new StoreException.Unavailable(fault.status(), fault.problem(), Duration.ZERO) : null;
	}

	private Duration pause(int failures) {
		long most = Math.min(this.retry.toMillis() << Math.min(failures, 10), LONGEST_PAUSE.toMillis());
		return Duration.ofMillis(most + ThreadLocalRandom.current().nextLong(most / 4 + 1));
	}

	private static long now() {
		return Schedulers.parallel().now(TimeUnit.MILLISECONDS);
	}

	record ReadyData(List<TailEvent.FollowedSession> sessions) {

	}

	/** What events say, one this and another that. */
	record Data(@Nullable String sessionId, @Nullable List<Range> ranges, long atSeq, long viewNo, long firstSeq,
			long lastSeq, long lastSwitchNo, @Nullable String messageId, int offset, @Nullable String text) {

	}

	/** One event as it comes, line by line. */
	private static final class Frame {

		private String event = "message";

		private @Nullable String data;

		private @Nullable String id;

		private @Nullable Duration retry;

		/** Takes a line; an empty one is the end of an event. */
		boolean isWholeWith(String line) {
			if (line.isEmpty()) {
				return true;
			}
			int colon = line.indexOf(':');
			String value = (colon < 0) ? "" : line.substring(line.startsWith(": ", colon) ? colon + 2 : colon + 1);
			switch ((colon < 0) ? line : line.substring(0, colon)) {
				case "event" -> this.event = value;
				case "data" -> this.data = (this.data != null) ? this.data + "\n" + value : value;
				case "id" -> this.id = value;
				case "retry" -> this.retry = value.matches("[0-9]{1,6}")
						? Duration.ofMillis(Math.max(100, Long.parseLong(value))) : null;
				default -> { // a comment
				}
			}
			return false;
		}

		void clear() {
			this.event = "message";
			this.data = null;
			this.id = null;
			this.retry = null;
		}

	}

	/** A connection has ended, as all do. */
	private static final class Ended extends RuntimeException {

		Ended() {
			super(null, null, false, false);
		}

	}

	/** All that was followed is gone. */
	private static final class Gone extends RuntimeException {

		Gone() {
			super(null, null, false, false);
		}

	}

}
