package dev.agentsessions.search.index;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

import dev.agentsessions.database.DatabaseCalls;
import dev.agentsessions.database.Engine;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.LogRange;
import dev.agentsessions.message.log.MessageLog;
import dev.agentsessions.retention.PieceSize;
import dev.agentsessions.schedule.Lifecycle;
import dev.agentsessions.schedule.RecurringJob;
import dev.agentsessions.schedule.Timing;
import dev.agentsessions.search.text.Lexemes;
import dev.agentsessions.search.text.MessageText;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.stereotype.Service;

/**
 * Indexes what was committed, each second, on whichever replica comes first. A round
 * begins with a time before which everything can be seen, goes through all sessions that
 * were active since the time of the round before, and ends with noting that time. There
 * is nothing to remember: a crash leaves work for the next round, and two at work at once
 * index nothing twice.
 */
@Service
class Indexer extends Lifecycle {

	private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

	/** The claim is good for longer than that. */
	private static final Duration UNTIL_KEPT = Duration.ofSeconds(3);

	/** Messages that are added in one statement. */
	private static final int MOST = 500;

	/** Their words, in characters, give or take a message. */
	private static final int MOST_CHARACTERS = 256 * 1024;

	private static final int READ_AT_ONCE = 8;

	/**
	 * Other programs take the time of an activity at the beginning of their transaction.
	 */
	private static final Duration OVERLAP = Duration.ofSeconds(1);

	private static final Instant BEGINNING_OF_TIME = Instant.parse("0001-01-01T00:00:00Z");

	private final IndexRepository repository;

	private final MessageLog log;

	private final IndexMetrics metrics;

	private final IndexPace pace;

	private final boolean enabled;

	private final PieceSize size = new PieceSize(MOST);

	private final String me = UUID.randomUUID().toString();

	private final RecurringJob job;

	/** The last of all sessions that was looked at. */
	private volatile long patrolled;

	Indexer(IndexRepository repository, MessageLog log, IndexMetrics metrics, IndexPace pace, SearchSettings settings,
			DatabaseCalls database) {
		super(Phase.CLEAN_UP);
		this.repository = repository;
		this.log = log;
		this.metrics = metrics;
		this.pace = pace;
		this.enabled = settings.enabled() && database.engine() == Engine.POSTGRESQL;
		Timing timing = new Timing(pace.interval(), pace.interval(), 0.1, Duration.ofSeconds(1),
				Duration.ofSeconds(10));
		this.job = new RecurringJob("the index of messages", timing, Mono.defer(this::run));
	}

	@Override
	protected void begin() {
		if (this.enabled) {
			this.job.start();
		}
	}

	@Override
	protected Mono<Void> end() {
		return this.job.stop();
	}

	/** One round; nothing if another replica has the work. Errors: 503. */
	Mono<Void> run() {
		return this.repository.claim(this.me).flatMap((progress) -> {
			Round round = new Round();
			Instant since = progress.through().isAfter(BEGINNING_OF_TIME.plus(OVERLAP))
					? progress.through().minus(OVERLAP) : BEGINNING_OF_TIME;
			return wanted(round).then(walk(since, 0, round)).then(patrol(round)).then(Mono.defer(() -> {
				Instant through = (round.isComplete && !this.job.isStopping()) ? progress.now() : progress.through();
				this.metrics.through(through);
				return this.repository.release(this.me, through);
			}));
		});
	}

	/** Indexes what waits for it. */
	private Mono<Void> wanted(Round round) {
		return this.repository.wanted()
			.filter((waiting) -> !waiting.ids().isEmpty())
			.flatMap((waiting) -> index(behind(waiting.sessions()), round)
				.then(Mono.defer(() -> (round.isComplete && !this.job.isStopping())
						? this.repository.satisfied(waiting).then(wanted(round)) : Mono.empty())));
	}

	/**
	 * Goes through the sessions in the order of their last activity. Who is written to
	 * meanwhile moves on to the end, and is met there.
	 */
	private Mono<Void> walk(Instant since, long id, Round round) {
		return this.repository.walk(since, id).expand((sessions) -> {
			if (sessions.size() < IndexRepository.PAGE || this.job.isStopping()) {
				return Mono.empty();
			}
			Behind last = sessions.get(sessions.size() - 1);
			return this.repository.walk(last.lastActivity(), last.id());
		}).concatMap((sessions) -> index(behind(sessions), round), 0).then();
	}

	/**
	 * Looks at some of all sessions: what was written past this store, or while the clock
	 * of the database was wrong, is found in the end.
	 */
	private Mono<Void> patrol(Round round) {
		return Mono.defer(() -> this.repository.patrol(this.patrolled)).flatMap((sessions) -> {
			this.patrolled = (sessions.size() < IndexRepository.BEAT) ? 0 : sessions.get(sessions.size() - 1).id();
			return index(behind(sessions), round);
		});
	}

	private static List<Behind> behind(List<Behind> sessions) {
		return sessions.stream().filter(Behind::isBehind).toList();
	}

	/** Indexes sessions to their ends, each a piece at a time. */
	private Mono<Void> index(List<Behind> sessions, Round round) {
		Deque<Behind> queue = new ArrayDeque<>(sessions);
		return sessions.isEmpty() ? Mono.empty()
				: Mono.defer(() -> advance(queue, round))
					.repeat(() -> !queue.isEmpty() && !this.job.isStopping())
					.then();
	}

	/** Indexes as many messages as are worth a statement, or some more. */
	private Mono<Void> advance(Deque<Behind> queue, Round round) {
		List<Mono<Step>> steps = new ArrayList<>();
		long rows = 0;
		while (!queue.isEmpty() && rows < this.size.rows()) {
			Behind session = queue.remove();
			LogRange range = session.next((int) (this.size.rows() - rows));
			rows += Math.max(1, range.count());
			// one that was replaced meanwhile is met again, where its new activity is
			steps.add(removeOld(session).then(step(session, range))
				.onErrorResume((error) -> error == MessageLog.CHANGED, (changed) -> Mono.empty()));
		}
		return Flux.fromIterable(steps)
			.flatMapSequential((step) -> step, READ_AT_ONCE, 1)
			.bufferUntil(fills(MOST_CHARACTERS))
			.concatMap((some) -> add(some, queue, round), 0)
			.then();
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

	private Mono<Void> removeOld(Behind session) {
		if (!session.hasOldMessages()) {
			return Mono.empty();
		}
		Mono<Long> piece = Mono.defer(() -> this.size.timed(this.repository.removeOld(session, this.size.rows())));
		return piece.expand((removed) -> (removed > 0) ? piece : Mono.empty()).then();
	}

	private Mono<Step> step(Behind session, LogRange range) {
		if (range.count() == 0) {
			return Mono.just(new Step(session, session.lastSeq(), List.of()));
		}
		// words are cut elsewhere: others wait for the thread that reads
		return this.log.beginOnce(range).publishOn(Schedulers.parallel()).map((messages) -> {
			List<IndexedWords> words = new ArrayList<>();
			for (EncodedMessage message : messages) {
				MessageText text = MessageText.of(message);
				String lexemes = Lexemes.of(session.tenant(), text.texts());
				if (lexemes != null) {
					words.add(new IndexedWords(session.id(), message.seq(), session.tenant(), text.timestamp(),
							text.role(), lexemes));
				}
			}
			return new Step(session, messages.get(messages.size() - 1).seq(), words);
		});
	}

	private Mono<Void> add(List<Step> steps, Deque<Behind> queue, Round round) {
		long start = System.nanoTime();
		return this.size.timed(this.repository.add(steps)).flatMap((done) -> {
			for (Step step : steps) {
				if (!done.contains(step.session().id())) {
					round.isComplete = false;
					continue;
				}
				this.metrics.indexed(step.words().size());
				Behind next = step.session().indexedTo(step.reached());
				if (next.isBehind()) {
					queue.add(next);
				}
			}
			return keep(round).then(pause(Duration.ofNanos(System.nanoTime() - start)));
		});
	}

	private Mono<Void> keep(Round round) {
		long now = System.nanoTime();
		if (now - round.keptAt < UNTIL_KEPT.toNanos()) {
			return Mono.empty();
		}
		round.keptAt = now;
		return this.repository.keep(this.me);
	}

	private Mono<Void> pause(Duration work) {
		Duration pause = work.multipliedBy(this.pace.pauseForWork());
		return Mono.delay((pause.compareTo(LONGEST_PAUSE) < 0) ? pause : LONGEST_PAUSE).then();
	}

	/** What is to be known of a round while it goes on; one step after the other. */
	private static final class Round {

		/** Whether nobody else was at work on what was seen. */
		private volatile boolean isComplete = true;

		private volatile long keptAt = System.nanoTime();

	}

}
