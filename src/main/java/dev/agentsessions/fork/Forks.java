package dev.agentsessions.fork;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

import dev.agentsessions.database.PoolPlaces;
import dev.agentsessions.database.SqlErrors;
import dev.agentsessions.message.log.MessageLog;
import dev.agentsessions.problem.InvalidInput;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.session.SessionDetails;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionProblems;
import dev.agentsessions.session.SessionReads;
import dev.agentsessions.session.SessionRow;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

import org.springframework.stereotype.Service;

/**
 * Makes forks. The log is copied in pieces, under a name that nobody can ask for; the
 * last statement makes sure that the source is still what was copied, and takes the
 * fork's own name. If anything goes wrong before that, or the caller hangs up, what was
 * copied is left to the removal of purged sessions.
 */
@Service
class Forks {

	/** Messages that the first statement copies. */
	private static final int FIRST_PIECE = 500;

	private static final int LARGEST_PIECE = 20_000;

	/**
	 * What a statement should take: long enough to be worth it, far below its time-out.
	 */
	private static final Duration LONG = Duration.ofMillis(400);

	/** Until a statement that is under way has run into its time-out. */
	private static final Retry LATER = Retry.backoff(4, Duration.ofSeconds(1));

	/** How often all is copied anew because the source has changed meanwhile. */
	private static final long MAX_COPIES = 5;

	/** In place of the id of a row: the caller has hung up. */
	private static final long GONE = -1;

	private final SessionReads sessions;

	private final ForkRepository repository;

	private final PoolPlaces places;

	Forks(SessionReads sessions, ForkRepository repository, PoolPlaces places) {
		this.sessions = sessions;
		this.repository = repository;
		this.places = places;
	}

	/**
	 * Forks a session. Errors: 400 if its log has no such message, 404, 409 if the new
	 * session exists, 410 if one of the two is soft-deleted, 429, 503.
	 * @param throughSeq the last message to take over, null for all
	 */
	Mono<SessionRow> fork(SessionKey key, SessionKey target, @Nullable Long throughSeq, SessionDetails details) {
		return this.sessions.find(target).flatMap((there) -> {
			if (there.isPresent()) {
				return Mono.error(SessionProblems.exists());
			}
			return this.sessions.require(key, false).flatMap((source) -> {
				long through = (throughSeq != null) ? throughSeq : source.lastSeq();
				if (through > source.lastSeq() || through < source.firstSeq() - 1) {
					return Mono.error(Problems.invalid(InvalidInput.body("/through_seq",
							"is not in the log, which has " + source.firstSeq() + " to " + source.lastSeq())));
				}
				return make(new Fork(source, through, target, details));
			});
		}).retryWhen(MessageLog.AGAIN.maxAttempts(MAX_COPIES));
	}

	/**
	 * Who hangs up before its row is there has it discarded as soon as it is, and no
	 * piece that waits for its turn is copied any more. That there are too many forks is
	 * said before one begins; then each piece waits for its turn, of which all switches
	 * together are one.
	 */
	Mono<SessionRow> make(Fork fork) {
		AtomicLong row = new AtomicLong();
		return this.places.begin(fork.target().tenant(), this.repository.begin(fork, (id) -> {
			if (!row.compareAndSet(0, id)) {
				discard(id).subscribe();
			}
		}))
			.flatMap((id) -> copy(fork, row).flatMap((copied) -> finish(fork, id, copied))
				.onErrorResume((error) -> discard(id).then(Mono.error(error))))
			.doOnCancel(() -> {
				long begun = row.getAndSet(GONE);
				if (begun > 0) {
					discard(begun).subscribe();
				}
			});
	}

	/**
	 * A piece that is still being copied locks the row: then it is tried again later, and
	 * nobody waits for that.
	 */
	private Mono<Void> discard(long id) {
		return this.repository.discard(id).onErrorResume((error) -> {
			this.repository.discard(id).retryWhen(LATER).onErrorComplete().subscribe();
			return Mono.empty();
		});
	}

	/**
	 * Copies what belongs to the fork.
	 * @param row the id of its row, or {@link #GONE} from some time on
	 */
	Mono<CopiedMessages> copy(Fork fork, AtomicLong row) {
		CopiedPiece first = new CopiedPiece(fork.source().firstSeq(), FIRST_PIECE, CopiedMessages.NONE);
		return copyPiece(fork, row, first)
			.expand((piece) -> (piece.from > fork.throughSeq()) ? Mono.empty() : copyPiece(fork, row, piece))
			.takeLast(1)
			.next()
			.map((piece) -> piece.copied)
			.flatMap((copied) -> goOn(fork, row,
					(id) -> this.repository.copyAgents(fork, id)
						.then(this.repository.addTerms(fork, id))
						.thenReturn(copied)));
	}

	private Mono<CopiedPiece> copyPiece(Fork fork, AtomicLong row, CopiedPiece piece) {
		long to = Math.min(piece.from + piece.size - 1, fork.throughSeq());
		if (to < piece.from) {
			return Mono.just(new CopiedPiece(fork.throughSeq() + 1, piece.size, piece.copied));
		}
		return goOn(fork, row, (id) -> {
			long start = System.nanoTime();
			return this.repository.copyMessages(fork, id, piece.from, to).map((copied) -> {
				if (copied.count() != to - piece.from + 1) {
					throw MessageLog.CHANGED;
				}
				boolean isLong = System.nanoTime() - start > LONG.toNanos();
				int size = isLong ? Math.max(1, piece.size / 2) : Math.min(LARGEST_PIECE, 2 * piece.size);
				return new CopiedPiece(to + 1, size, piece.copied.plus(copied));
			});
		})
			// messages may be so large that as many take too long; after any other
			// error the piece may be there
			.onErrorResume((error) -> piece.size > 1 && error == SqlErrors.TOO_SLOW, (slow) -> copyPiece(fork, row,
					new CopiedPiece(piece.from, Math.max(1, piece.size / 8), piece.copied)));
	}

	/** Does nothing if the caller has hung up meanwhile: nobody hears of it then. */
	private <T> Mono<T> goOn(Fork fork, AtomicLong row, LongFunction<Mono<T>> work) {
		return this.places.goOn(fork.target().tenant(), Mono.defer(() -> {
			long id = row.get();
			return (id != GONE) ? work.apply(id) : Mono.empty();
		}));
	}

	/** If the log that was copied is still there; it may have grown. */
	private Mono<SessionRow> finish(Fork fork, long id, CopiedMessages copied) {
		SessionKey key = new SessionKey(fork.source().tenant(), fork.source().sessionId());
		Mono<Boolean> same = this.sessions.require(key, false).map(fork::isOfLog);
		return same.flatMap((before) -> before ? this.repository.finish(fork, id, copied) : Mono.empty())
			// of a log that is the same a copy would come to the same end
			.switchIfEmpty(same.flatMap((still) -> Mono
				.error(still ? Problems.busy("The session is being erased, or the copy took an hour; nothing was done.")
						: MessageLog.CHANGED)))
			.onErrorResume(SqlErrors::isUniqueViolation,
					(taken) -> this.sessions.find(fork.target()).then(Mono.error(SessionProblems.exists())));
	}

	/** What is to be copied next, and what has been. */
	private record CopiedPiece(long from, int size, CopiedMessages copied) {
	}

}
