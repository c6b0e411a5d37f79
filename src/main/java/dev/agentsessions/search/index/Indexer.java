package dev.agentsessions.search.index;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;
import java.util.function.Predicate;

import dev.agentsessions.database.BucketTurns;
import dev.agentsessions.database.Buckets;
import dev.agentsessions.database.DatabaseCalls;
import dev.agentsessions.database.Engine;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.LogRange;
import dev.agentsessions.message.log.MessageLog;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.problem.UnexpectedErrors;
import dev.agentsessions.schedule.Lifecycle;
import dev.agentsessions.schedule.PieceSize;
import dev.agentsessions.schedule.RecurringJob;
import dev.agentsessions.schedule.Timing;
import dev.agentsessions.search.index.IndexProgress.Walk;
import dev.agentsessions.search.text.Lexemes;
import dev.agentsessions.search.text.MessageText;
import dev.agentsessions.search.text.WordThreads;
import dev.agentsessions.web.json.Times;
import dev.agentsessions.write.Commits;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Service;

/**
 * Indexes what was committed, each second, on whichever replica comes first; of very many
 * buckets a part, first where this replica has written. A walk begins with a time before
 * which everything can be seen, goes through all sessions that were active since the time
 * of the walk before, and ends with noting that time; one that takes longer than a round
 * is gone on with in the next. A crash leaves work for others, and two at work at once
 * index nothing twice. Where search is switched off it only keeps what waits from
 * growing.
 */
@Service
class Indexer extends Lifecycle {

	private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

	/** How long each part of a round goes on. */
	private static final Duration TURN = Duration.ofSeconds(3);

	/** What is as young as this does not wait for a backlog. */
	private static final Duration RECENT = Duration.ofMinutes(1);

	/** The claim is good for longer than that. */
	private static final Duration UNTIL_KEPT = Duration.ofSeconds(3);

	/** Messages that are added in one statement. */
	private static final int MOST = 500;

	/** Their words, in characters, give or take a message. */
	private static final int MOST_CHARACTERS = 256 * 1024;

	private static final int READ_AT_ONCE = 8;

	/** How many times as seldom there is a round where search is switched off. */
	private static final int SELDOM = 60;

	/**
	 * Other programs take the time of an activity at the beginning of their transaction.
	 */
	private static final Duration OVERLAP = Duration.ofSeconds(1);

	private final IndexRepository repository;

	private final MessageLog log;

	private final IndexMetrics metrics;

	private final IndexPace pace;

	private final WordThreads threads;

	private final boolean enabled;

	private final boolean hasTables;

	private final PieceSize size = new PieceSize(MOST);

	private final String me = UUID.randomUUID().toString();

	private final RecurringJob job;

	private final BucketTurns turns;

	/** The last session of each bucket that was looked at. */
	private final AtomicLongArray patrolled;

	Indexer(IndexRepository repository, MessageLog log, IndexMetrics metrics, IndexPace pace, WordThreads threads,
			SearchSettings settings, DatabaseCalls database, Commits commits) {
		super(Phase.CLEAN_UP);
		this.repository = repository;
		Buckets buckets = database.buckets();
		this.turns = new BucketTurns(buckets);
		this.patrolled = new AtomicLongArray(buckets.count());
		this.log = log;
		this.metrics = metrics;
		this.pace = pace;
		this.threads = threads;
		this.hasTables = database.engine() == Engine.POSTGRESQL;
		this.enabled = settings.enabled() && this.hasTables;
		Timing timing = !this.enabled ? Timing.spread(pace.interval().multipliedBy(SELDOM))
				: new Timing(pace.interval(), pace.interval(), 0.1, Duration.ofSeconds(1), Duration.ofSeconds(10));
		if (this.enabled && buckets.count() > 1) {
			commits.listen((commit) -> this.turns.hurry(buckets.of(commit.session())));
		}
		this.job = runs(new RecurringJob("the index of messages", timing, Mono.defer(this::run)));
	}

	@Override
	protected void begin() {
		if (this.hasTables) {
			super.begin();
		}
	}

	/** One round of the buckets whose turn it is. Errors: 503. */
	Mono<Void> run() {
		return this.turns.round(this.enabled ? this::run : this::forget).then();
	}

	/** Writers go on to note sessions for an index that nobody keeps. */
	private Mono<Void> forget(int bucket) {
		return Mono.defer(() -> this.repository.forget(bucket))
			.repeat()
			.takeUntil((forgotten) -> forgotten < IndexRepository.FORGOTTEN || this.job.isStopping())
			.then();
	}

	/** Nothing if another replica has the work. */
	private Mono<Void> run(int bucket) {
		return this.repository.claim(bucket, this.me).flatMap((progress) -> {
			Round round = new Round(bucket, progress);
			return wanted(round).then(Mono.defer(() -> recent(round)))
				.then(Mono.defer(() -> walk(round)))
				.then(Mono.defer(() -> patrol(round)))
				.then(Mono.defer(() -> end(round)));
		});
	}

	/** Indexes what waits for it. */
	private Mono<Void> wanted(Round round) {
		return this.repository.wanted(round.bucket)
			.flatMap((waiting) -> index(behind(waiting.sessions()), round).flatMap((done) -> {
				if (!done || round.wasInTheWay) {
					return Mono.empty();
				}
				boolean isLast = waiting.ids().size() < IndexRepository.PAGE;
				round.hasNoneWaiting = isLast;
				Mono<Void> satisfied = waiting.ids().isEmpty() ? Mono.empty()
						: this.repository.satisfied(round.bucket, waiting);
				return satisfied.then(Mono.defer(() -> (isLast || !mayGoOn(round)) ? Mono.empty() : wanted(round)));
			}));
	}

	/** While there is a backlog, first what is being written now. */
	private Mono<Void> recent(Round round) {
		Instant since = round.progress.now().minus(RECENT);
		return round.progress.through().isAfter(since) ? Mono.empty()
				: pages(round.begin(), round.progress.newWalk(since), (place) -> {
				}).then();
	}

	/**
	 * Goes through the sessions in the order of their last activity. Who is written to
	 * meanwhile moves on to the end, and is met there.
	 */
	private Mono<Void> walk(Round round) {
		Instant through = round.progress.through();
		Instant since = through.isAfter(Times.MIN.plus(OVERLAP)) ? through.minus(OVERLAP) : Times.MIN;
		Walk begun = round.progress.walk();
		Walk walk = (begun != null) ? begun : round.progress.newWalk(since);
		round.walk = walk;
		// what was passed by until here still waits, or the walk meets it
		round.wasInTheWay = false;
		return pages(round.begin(), walk, round::reached)
			.doOnNext((isAtItsEnd) -> round.isWhole = isAtItsEnd && round.hasNoneWaiting && !round.wasInTheWay)
			.then();
	}

	/**
	 * Indexes page after page of the sessions, for as long as a turn may take; answers
	 * whether there are no more.
	 * @param reached hears of each place up to which all is indexed
	 */
	private Mono<Boolean> pages(Round round, Walk place, Consumer<Walk> reached) {
		return this.repository.walk(round.bucket, place)
			.flatMap((sessions) -> index(behind(sessions), round).flatMap((done) -> {
				if (!done || sessions.isEmpty()) {
					return Mono.just(done);
				}
				Walk next = place.to(sessions.get(sessions.size() - 1));
				reached.accept(next);
				boolean isLast = sessions.size() < IndexRepository.PAGE;
				return (isLast || !mayGoOn(round)) ? Mono.just(isLast)
						: keep(round).then(rest(round)).then(Mono.defer(() -> pages(round, next, reached)));
			}));
	}

	/**
	 * Looks at some of all sessions: what was written past this store, or while the clock
	 * of the database was wrong, is found in the end.
	 */
	private Mono<Void> patrol(Round round) {
		int bucket = round.bucket;
		return this.repository.patrol(bucket, this.patrolled.get(bucket)).flatMap((sessions) -> {
			boolean isLast = sessions.size() < IndexRepository.BEAT;
			this.patrolled.set(bucket, isLast ? 0 : sessions.get(sessions.size() - 1).id());
			return index(behind(sessions), round.begin());
		}).then();
	}

	/** Notes how far it has come. */
	private Mono<Void> end(Round round) {
		Walk walk = round.walk;
		boolean isWhole = walk != null && round.isWhole;
		Instant through = isWhole ? walk.through() : round.progress.through();
		this.metrics.through(round.bucket, through);
		return round.isLost ? Mono.empty()
				: this.repository.release(round.bucket, this.me, through, isWhole ? null : walk).then();
	}

	private boolean mayGoOn(Round round) {
		return !round.isLost && !this.job.isStopping() && System.nanoTime() < round.turnEnds;
	}

	private static List<Behind> behind(List<Behind> sessions) {
		return sessions.stream().filter(Behind::isBehind).toList();
	}

	/**
	 * Indexes sessions to their ends, each a piece at a time, for as long as a turn may
	 * take; answers whether all are.
	 */
	private Mono<Boolean> index(List<Behind> sessions, Round round) {
		Deque<Behind> queue = new ArrayDeque<>(sessions);
		return sessions.isEmpty() ? Mono.just(true)
				: Mono.defer(() -> advance(queue, round))
					.repeat(() -> !queue.isEmpty() && mayGoOn(round))
					.then(Mono.fromSupplier(queue::isEmpty));
	}

	/** Indexes as many messages as are worth a statement, or some more. */
	private Mono<Void> advance(Deque<Behind> queue, Round round) {
		List<Mono<Step>> steps = new ArrayList<>();
		long rows = 0;
		while (!queue.isEmpty() && rows < this.size.rows()) {
			Behind session = queue.remove();
			LogRange range = session.next((int) (this.size.rows() - rows));
			rows += Math.max(1, range.count());
			steps.add(removeOld(session, round).then(step(session, range))
				.onErrorResume((error) -> passedBy(error, round)));
		}
		return Flux.fromIterable(steps)
			.flatMapSequential((step) -> step, READ_AT_ONCE, 1)
			.bufferUntil(fills(MOST_CHARACTERS))
			.concatMap((some) -> add(some, queue, round), 0)
			.then();
	}

	/**
	 * One that was replaced meanwhile is met again, where its new activity is; one that
	 * could not be read, in the next round: the others do not wait for it.
	 */
	private static Mono<Step> passedBy(Throwable error, Round round) {
		if (error != MessageLog.CHANGED) {
			round.wasInTheWay = true;
		}
		if (!(error instanceof ProblemException)) {
			UnexpectedErrors.report("the index of messages", error);
		}
		return Mono.empty();
	}

	/**
	 * Whether a step is the one with which those before it come to so many characters.
	 */
	private static Predicate<Step> fills(long characters) {
		AtomicLong sum = new AtomicLong();
		return (step) -> {
			if (sum.addAndGet(step.characters()) < characters) {
				return false;
			}
			sum.set(0);
			return true;
		};
	}

	private Mono<Void> removeOld(Behind session, Round round) {
		if (!session.hasOldMessages()) {
			return Mono.empty();
		}
		Mono<Long> piece = Mono.defer(() -> this.size.timed(this.repository.removeOld(session, this.size.rows())));
		return piece.expand((removed) -> (removed > 0) ? keep(round).then(rest(round)).then(piece) : Mono.empty())
			.then();
	}

	private Mono<Step> step(Behind session, LogRange range) {
		if (range.count() == 0) {
			return Mono.just(new Step(session, session.lastSeq(), List.of()));
		}
		// words are cut elsewhere: others wait for the thread that reads
		return this.log.beginUncached(range).publishOn(this.threads.scheduler()).map((messages) -> {
			List<IndexedWords> words = messages.stream()
				.map((message) -> words(session, message))
				.filter((each) -> !each.words().isEmpty())
				.toList();
			return new Step(session, messages.get(messages.size() - 1).seq(), words);
		});
	}

	/** A message that cannot be cut into words must not keep all others from it. */
	private static IndexedWords words(Behind session, EncodedMessage message) {
		try {
			MessageText text = MessageText.of(message);
			return new IndexedWords(session.id(), message.seq(), session.tenant(), text.timestamp(), text.role(),
					Lexemes.of(session.tenant(), text.texts()));
		}
		catch (RuntimeException ex) {
			UnexpectedErrors.report("the index of messages", ex);
			return new IndexedWords(session.id(), message.seq(), session.tenant(), Instant.EPOCH, null, "");
		}
	}

	private Mono<Void> add(List<Step> steps, Deque<Behind> queue, Round round) {
		return this.size.timed(this.repository.add(round.bucket, steps)).flatMap((done) -> {
			for (Step step : steps) {
				if (!done.contains(step.session().id())) {
					round.wasInTheWay = true;
					continue;
				}
				this.metrics.indexed(step.words().size());
				Behind next = step.session().indexedTo(step.reached());
				if (next.isBehind()) {
					queue.add(next);
				}
			}
			return keep(round).then(rest(round));
		});
	}

	private Mono<Void> keep(Round round) {
		long now = System.nanoTime();
		if (now - round.keptAt < UNTIL_KEPT.toNanos()) {
			return Mono.empty();
		}
		round.keptAt = now;
		return this.repository.keep(round.bucket, this.me, round.progress.through(), round.walk)
			.doOnNext((kept) -> round.isLost = !kept)
			.then();
	}

	/** From what was done since the last rest. */
	private Mono<Void> rest(Round round) {
		return Mono.defer(() -> pause(Duration.ofNanos(System.nanoTime() - round.restedAt)))
			.doOnSuccess((rested) -> round.restedAt = System.nanoTime());
	}

	private Mono<Void> pause(Duration work) {
		Duration pause = work.multipliedBy(this.pace.pauseForWork());
		return Mono.delay((pause.compareTo(LONGEST_PAUSE) < 0) ? pause : LONGEST_PAUSE).then();
	}

	/** What is to be known of a round while it goes on; one step after the other. */
	private static final class Round {

		private final int bucket;

		private final IndexProgress progress;

		/** Whether nothing waits that was there when the round began. */
		private volatile boolean hasNoneWaiting;

		/** Up to where all sessions are indexed; null for nowhere. */
		private volatile @Nullable Walk walk;

		/** Whether the walk has come to its end, and everything before it is indexed. */
		private volatile boolean isWhole;

		/** Whether something that was seen was passed by. */
		private volatile boolean wasInTheWay;

		/** Whether somebody else has the work now. */
		private volatile boolean isLost;

		private volatile long keptAt = System.nanoTime();

		private volatile long restedAt = System.nanoTime();

		private volatile long turnEnds;

		Round(int bucket, IndexProgress progress) {
			this.bucket = bucket;
			this.progress = progress;
			this.walk = progress.walk();
			begin();
		}

		/** What was passed by is met again in the next round, which begins before it. */
		void reached(Walk place) {
			if (!this.wasInTheWay) {
				this.walk = place;
			}
		}

		/** Begins the turn of another part. */
		Round begin() {
			this.turnEnds = System.nanoTime() + TURN.toNanos();
			return this;
		}

	}

}
