package dev.agentsessions.search;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

import dev.agentsessions.database.PoolPlaces;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.log.MessageLog;
import dev.agentsessions.paging.RowIds;
import dev.agentsessions.problem.Problem;
import dev.agentsessions.search.index.SearchSettings;
import dev.agentsessions.search.text.MessageText;
import dev.agentsessions.search.text.SearchQuery;
import dev.agentsessions.search.text.Snippet;
import dev.agentsessions.search.text.WordThreads;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionReads;
import dev.agentsessions.web.json.Times;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Service;

/**
 * Searches messages. What the database finds may be too much: it is compared with the
 * messages themselves, from which the snippets are made.
 */
@Service
class Searches {

	/** After this a page is answered as far as it is. */
	private static final Duration LONGEST = Duration.ofSeconds(2);

	/** How many messages are read at once: each may be large. */
	private static final int AT_ONCE = 24;

	/** How many candidates are looked at once the first were not all what they should. */
	private static final int LATER = 100;

	private final SearchRepository repository;

	private final SessionReads sessions;

	private final MessageLog log;

	private final RowIds rows;

	private final WordThreads threads;

	private final SearchSettings settings;

	private final PoolPlaces places;

	Searches(SearchRepository repository, SessionReads sessions, MessageLog log, RowIds rows, WordThreads threads,
			SearchSettings settings, PoolPlaces places) {
		this.repository = repository;
		this.sessions = sessions;
		this.log = log;
		this.rows = rows;
		this.threads = threads;
		this.settings = settings;
		this.places = places;
	}

	/**
	 * One page, the newest messages first. Errors: 400 for a wrong cursor, 404 and 410
	 * for the one session that is searched, 404 if there is no search here, 429, 503.
	 * @param path path and query of this search, to which a cursor can be added
	 */
	Mono<SearchPage> search(String tenant, SearchQuery query, SearchFilter filter, int limit, @Nullable String cursor,
			String path) {
		if (!this.settings.enabled()) {
			return Mono.error(
					Problem
						.of(404, "search-disabled", "There is no search here",
								"This service was started with store.search.enabled=false.")
						.exception());
		}
		return this.rows.whenReady(Mono.defer(() -> {
			Instant to = filter.sessions().to();
			SearchPlace latest = SearchPlace.before((to != null) ? to : Times.MAX);
			SearchPlace reached = (cursor != null) ? SearchPlace.of(cursor, this.rows) : latest;
			SearchPlace start = reached.time().isAfter(latest.time()) ? latest : reached;
			CompletableFuture<Void> gone = new CompletableFuture<>();
			return session(tenant, filter)
				.flatMap((session) -> this.places.begin(tenant,
						this.repository.indexedThrough()
							.flatMap((through) -> find(new Search(tenant, query, filter, session.orElse(null)), start,
									limit, gone)
								.map((found) -> page(found, limit, path, through)))))
				.doOnCancel(() -> gone.complete(null));
		}));
	}

	private Mono<Optional<Long>> session(String tenant, SearchFilter filter) {
		String sessionId = filter.sessionId();
		return (sessionId == null) ? Mono.just(Optional.empty())
				: this.sessions.requireHead(SessionKey.of(tenant, sessionId), false)
					.map((head) -> Optional.of(head.id()));
	}

	/**
	 * As far as there is time.
	 * @param gone done when nobody waits for it any longer
	 */
	private Mono<Progress> find(Search search, SearchPlace start, int limit, CompletableFuture<Void> gone) {
		long deadline = System.nanoTime() + LONGEST.toNanos();
		BooleanSupplier isOver = () -> gone.isDone() || System.nanoTime() > deadline;
		boolean isNothing = search.filter().sessions().isImpossible();
		return Mono.just(new Progress(List.of(), start, false, isNothing))
			.expand((progress) -> (progress.isLast || progress.found.size() > limit || isOver.getAsBoolean())
					? Mono.empty() : next(search, progress, limit + 1, isOver, gone))
			.last();
	}

	/**
	 * Looks through some more candidates; all, if there is enough time. Empty if nobody
	 * waits for it any longer: then no message is asked for again either.
	 */
	private Mono<Progress> next(Search search, Progress progress, int wanted, BooleanSupplier isOver,
			CompletableFuture<Void> gone) {
		int most = progress.isBegun ? LATER : wanted;
		AtomicInteger missing = new AtomicInteger(wanted - progress.found.size());
		return this.repository.find(search, progress.place, most, gone::isDone)
			.flatMap((candidates) -> Flux.fromIterable(candidates.list())
				.flatMapSequential(this::message, AT_ONCE, 1)
				.takeUntilOther(Mono.fromFuture(gone, true))
				.concatMap((read) -> examined(search.query(), read), AT_ONCE)
				.takeUntil((examined) -> (examined.message != null && missing.decrementAndGet() == 0)
						|| isOver.getAsBoolean())
				.collectList()
				.filter((examined) -> !gone.isDone())
				.map((examined) -> progress.plus(examined, candidates)));
	}

	/** Without a message if it is gone meanwhile. */
	private Mono<ReadCandidate> message(MessageCandidate candidate) {
		return this.log.beginUncached(candidate.range())
			.map((messages) -> new ReadCandidate(candidate, messages.get(0)))
			.onErrorResume((error) -> error == MessageLog.CHANGED,
					(gone) -> Mono.just(new ReadCandidate(candidate, null)));
	}

	/** Message by message, so that searches take turns. */
	private Mono<Examined> examined(SearchQuery query, ReadCandidate read) {
		return Mono.fromSupplier(() -> new Examined(read.candidate, found(query, read)))
			.subscribeOn(this.threads.scheduler());
	}

	private static @Nullable FoundMessage found(SearchQuery query, ReadCandidate read) {
		if (read.message == null) {
			return null;
		}
		MessageText text = MessageText.of(read.message);
		Snippet snippet = Snippet.find(query, text.texts());
		MessageCandidate candidate = read.candidate;
		return (snippet == null) ? null : new FoundMessage(candidate.sessionId(), candidate.title(), candidate.seq(),
				text.role(), text.timestamp(), snippet.text(), snippet.matches());
	}

	private SearchPage page(Progress progress, int limit, String path, Instant through) {
		List<Examined> found = progress.found;
		boolean isFull = found.size() > limit;
		SearchPlace reached = isFull ? found.get(limit - 1).candidate.place() : progress.place;
		boolean hasMore = isFull || !progress.isLast;
		List<FoundMessage> data = found.stream().limit(limit).map(Examined::message).filter(Objects::nonNull).toList();
		return new SearchPage(data, hasMore, hasMore ? path + "&cursor=" + reached.cursor(this.rows) : null, through);
	}

	/** A candidate with the message that it is; null if it is gone. */
	private record ReadCandidate(MessageCandidate candidate, @Nullable EncodedMessage message) {
	}

	/** A candidate with what is answered of it; null if it is not what is looked for. */
	private record Examined(MessageCandidate candidate, @Nullable FoundMessage message) {
	}

	/**
	 * How far a search has come.
	 *
	 * @param place up to where candidates have been looked through
	 */
	private record Progress(List<Examined> found, SearchPlace place, boolean isBegun, boolean isLast) {

		Progress plus(List<Examined> examined, Candidates candidates) {
			List<Examined> all = new ArrayList<>(this.found);
			examined.stream().filter((each) -> each.message != null).forEach(all::add);
			boolean isWhole = examined.size() == candidates.list().size();
			return new Progress(all,
					isWhole ? candidates.reached() : examined.get(examined.size() - 1).candidate.place(), true,
					isWhole && candidates.isLast());
		}

	}

}
