package dev.agentsessions.message.history;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;

import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.LogRange;
import dev.agentsessions.message.MessageExists;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.message.log.MessageLog;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionReads;
import dev.agentsessions.session.SessionRow;
import dev.agentsessions.view.View;
import dev.agentsessions.view.ViewChange;
import dev.agentsessions.web.request.LimitSettings;
import dev.agentsessions.write.Write;
import dev.agentsessions.write.Writes;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.stereotype.Service;

/**
 * Whole histories, as the view shows them. Saving one reads and compares first, holding
 * nothing, and then writes only if log and view are still those that it was compared
 * with; if not, it compares again.
 */
@Service
class Histories {

	/** How far back a run is looked for, beyond twice what is sent. */
	private static final long SOUGHT_BEYOND = 1000;

	private static final int IDS_AT_A_TIME = 1000;

	/** To compare so many is no work for a thread that serves others. */
	private static final int MANY = 256;

	/**
	 * A longer log is not replaced: it would be removed in the one transaction, for which
	 * others wait.
	 */
	private static final long MOST_REPLACED = 300_000;

	private final SessionReads sessions;

	private final MessageLog log;

	private final Writes writes;

	private final LimitSettings limits;

	Histories(SessionReads sessions, MessageLog log, Writes writes, LimitSettings limits) {
		this.sessions = sessions;
		this.log = log;
		this.writes = writes;
		this.limits = limits;
	}

	/**
	 * Opens the view of a session, again if its log changes while it is opened. Errors:
	 * 404, 410, 503.
	 * @param use gets the session and its messages in chunks, of which the first is read
	 * when the view is subscribed to
	 */
	<T> Mono<T> open(SessionKey key, boolean includeDeleted,
			BiFunction<SessionRow, Mono<Flux<List<EncodedMessage>>>, Mono<T>> use) {
		return this.sessions.require(key, includeDeleted)
			.flatMap((session) -> use.apply(session, this.log.open(viewed(session, 0))))
			.retryWhen(MessageLog.AGAIN);
	}

	/**
	 * Saves a whole history: appends what is new, and makes it the view, all or nothing.
	 * What was stored stays in the log, unless none of it is kept. Errors: 409 for a
	 * message whose id is that of another, 410, 413 if too many messages are new, or were
	 * to be removed, for one transaction, 429, 503.
	 * @param lastActivity what to record as the last activity, null for now
	 */
	Mono<HistorySaved> save(SessionKey key, List<NewMessage> messages, @Nullable Instant lastActivity) {
		return this.sessions.find(key)
			.flatMap((found) -> found.map((session) -> save(session, messages, lastActivity))
				.orElseGet(() -> write(Write.history(key, LogRange.NONE, 0, false, messages, null, lastActivity))))
			.retryWhen(MessageLog.AGAIN);
	}

	private Mono<HistorySaved> save(SessionRow session, List<NewMessage> messages, @Nullable Instant lastActivity) {
		// each that is stored is one of these at most
		requireRoom(messages.size() - session.head().messageCount());
		long viewed = session.view().messageCount(session.firstSeq(), session.lastSeq());
		return countAtBeginning(session, messages).flatMap((begin) -> {
			List<NewMessage> rest = messages.subList(begin, messages.size());
			// of more than may be new some have to be stored already
			if (begin == viewed && rest.size() <= this.limits.history()) {
				return write(history(session, false, rest, null, lastActivity)).onErrorResume(MessageExists.class,
						(known) -> change(session, messages, begin, CommonRun.NONE, lastActivity));
			}
			return commonRun(session, begin, viewed, messages.size(), rest)
				.flatMap((run) -> change(session, messages, begin, run, lastActivity));
		});
	}

	/** Saves what does not continue the view, or has messages that it does not show. */
	private Mono<HistorySaved> change(SessionRow session, List<NewMessage> messages, int begin, CommonRun run,
			@Nullable Instant lastActivity) {
		return stored(session, unmatched(messages.subList(begin, messages.size()), run))
			.map((stored) -> HistoryChange.of(session, messages, begin, run, stored))
			.flatMap((change) -> write(change.beginsAnew() ? anew(session, messages, lastActivity) : history(session,
					false, change.appended(), new ViewChange.WorkedOut(change.ranges()), lastActivity)));
	}

	private static Write anew(SessionRow session, List<NewMessage> messages, @Nullable Instant lastActivity) {
		if (session.head().messageCount() > MOST_REPLACED) {
			throw Problems
				.tooLarge("A saved history may replace " + MOST_REPLACED
						+ " messages, and the log has more: delete the session before.")
				.exception();
		}
		return history(session, true, messages, null, lastActivity);
	}

	private static Write history(SessionRow session, boolean replaces, List<NewMessage> messages,
			@Nullable ViewChange view, @Nullable Instant lastActivity) {
		return Write.history(session.key(), log(session), session.view().no(), replaces, messages, view, lastActivity);
	}

	private static LogRange log(SessionRow session) {
		return new LogRange(session.id(), session.firstSeq(), session.lastSeq());
	}

	private void requireRoom(long added) {
		if (added > this.limits.history()) {
			throw Problems
				.tooLarge(
						"A saved history may have " + this.limits.history() + " messages that are not stored already.")
				.exception();
		}
	}

	/** Writes it if log and view are still those that were compared. */
	private Mono<HistorySaved> write(Write write) {
		requireRoom(write.messages().size());
		return this.writes.write(write).map((done) -> HistorySaved.of(write, done));
	}

	/**
	 * How many messages of the view are the first ones of these. One that is sent under
	 * its id elsewhere is not taken for one without.
	 */
	private Mono<Integer> countAtBeginning(SessionRow session, List<NewMessage> messages) {
		Set<String> ids = NewMessage.ids(messages);
		return each(viewed(session, 0), messages.size()).zipWithIterable(messages)
			.takeWhile((pair) -> HistoryMatch.matches(pair.getT1(), pair.getT2())
					&& (ids.isEmpty() || pair.getT2().id() != null || !ids.contains(pair.getT1().id())))
			.count()
			.map(Long::intValue);
	}

	/**
	 * The longest run that the view, behind what the two begin with together, and the
	 * rest of what is sent have in common. It is looked for where a client that sends so
	 * much may have it from.
	 */
	private Mono<CommonRun> commonRun(SessionRow session, int begin, long viewed, int sent, List<NewMessage> rest) {
		if (rest.isEmpty()) {
			return Mono.just(CommonRun.NONE);
		}
		return Mono.defer(() -> {
			SentMessages numbers = new SentMessages(rest);
			CommonRun.Finder finder = new CommonRun.Finder(numbers.numbers());
			long from = Math.max(begin, viewed - (2L * sent + SOUGHT_BEYOND));
			return each(viewed(session, from), sent).index()
				.doOnNext((message) -> finder.next(from + message.getT1(), numbers.numberOf(message.getT2())))
				.then(Mono.fromSupplier(finder::longest));
		});
	}

	/** The messages of these ranges, to be compared with so many. */
	private Flux<EncodedMessage> each(List<LogRange> ranges, int compared) {
		return (compared < MANY) ? this.log.messages(ranges)
				: this.log.open(ranges)
					.flatMapMany((chunks) -> chunks.publishOn(Schedulers.parallel(), 1))
					.concatMapIterable((chunk) -> chunk, 1);
	}

	private static List<NewMessage> unmatched(List<NewMessage> sent, CommonRun run) {
		List<NewMessage> unmatched = new ArrayList<>(sent.subList(0, run.sentFrom()));
		unmatched.addAll(sent.subList(run.sentFrom() + run.length(), sent.size()));
		return unmatched;
	}

	/**
	 * Where there are messages with the ids of these, as they are sent. Errors: 409 for
	 * one that is another message, 413 if they stand in more places than a view may have
	 * ranges.
	 */
	private Mono<Map<String, Long>> stored(SessionRow session, List<NewMessage> sent) {
		Map<String, NewMessage> byId = new LinkedHashMap<>();
		sent.stream().filter((message) -> message.id() != null).forEach((message) -> byId.put(message.id(), message));
		LogRange log = log(session);
		return Flux.fromIterable(byId.keySet())
			.buffer(IDS_AT_A_TIME)
			.concatMap((ids) -> this.log.findIds(log, ids))
			.concatMapIterable((seqs) -> seqs)
			.collectSortedList()
			.flatMapMany((seqs) -> each(places(session, seqs), byId.size()))
			.collectMap((found) -> id(found, byId), EncodedMessage::seq);
	}

	private static List<LogRange> places(SessionRow session, List<Long> seqs) {
		List<View.Range> places = View.merged(seqs.stream().map((seq) -> new View.Range(seq, seq)).toList(), 0);
		if (places.size() > View.MAX_RANGES) {
			throw View.tooManyRanges();
		}
		return places.stream().map((place) -> new LogRange(session.id(), place.from(), place.to())).toList();
	}

	private static String id(EncodedMessage stored, Map<String, NewMessage> sent) {
		String id = Objects.requireNonNull(stored.id());
		if (!HistoryMatch.matches(stored, Objects.requireNonNull(sent.get(id)))) {
			throw new MessageExists(Map.of(id, stored.seq()));
		}
		return id;
	}

	/** The ranges that a session's view has in its log, from a place in the view on. */
	static List<LogRange> viewed(SessionRow session, long from) {
		List<LogRange> ranges = new ArrayList<>();
		long skip = from;
		for (View.Range range : session.viewed()) {
			long size = range.to() - range.from() + 1;
			if (skip < size) {
				ranges.add(new LogRange(session.id(), range.from() + skip, range.to()));
			}
			skip = Math.max(0, skip - size);
		}
		return ranges;
	}

}
