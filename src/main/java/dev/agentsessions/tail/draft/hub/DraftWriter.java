package dev.agentsessions.tail.draft.hub;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

import dev.agentsessions.message.MessageExists;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.session.SessionProblems;
import dev.agentsessions.tail.draft.hub.DraftMetrics.WriterEnd;
import dev.agentsessions.tail.draft.store.DraftFlush;
import dev.agentsessions.tail.draft.store.DraftPlace;
import dev.agentsessions.tail.draft.store.DraftRow;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/**
 * One request that writes to a draft. What it says goes to the followers on this replica
 * at once, and to the database when another replica needs it, and every few seconds.
 * Thread-safe.
 */
public final class DraftWriter {

	/** For so long a new draft is given to replicas that have tails, unasked. */
	private static final Duration WANTED_AT_FIRST = Duration.ofSeconds(2);

	/** What an append is answered if there is no session, or it is deleted. */
	private static final Set<Integer> SESSION_GONE = Set.of(404, 410);

	private final SessionDrafts drafts;

	private final long session;

	private final Draft draft;

	private final DraftHub hub;

	private final DraftMetrics metrics;

	/** Why its caller would not be let in now; null if it would. */
	private final Supplier<@Nullable ProblemException> callerFault;

	private final Sinks.Empty<Void> stopped = Sinks.empty();

	private final AtomicBoolean looksAgain = new AtomicBoolean();

	private volatile long lastSign = System.nanoTime();

	private volatile long lastStored = System.nanoTime();

	private volatile long wantedUntil = System.nanoTime();

	/** Code points that the draft had in the database. */
	private volatile long beganAt;

	// guarded by this

	private WriterState state = WriterState.WRITING;

	private boolean leaving;

	/** Code points that the database had of its text when it left. */
	private long kept = -1;

	/**
	 * Whether it was not there when its text was last to be stored, or its session was
	 * not.
	 */
	private volatile boolean gone;

	/** In which epoch of the lanes the database last had it. */
	private volatile long storedIn;

	private boolean flushing;

	private boolean scheduled;

	private Sinks.@Nullable Empty<Void> nextFlush;

	/**
	 * Makes a writer that is not the present one yet.
	 * @param session the id of the session's row
	 * @param storedIn in which epoch of the lanes the database has the draft
	 */
	DraftWriter(SessionDrafts drafts, long session, Draft draft, long storedIn, DraftHub hub, DraftMetrics metrics,
			Supplier<@Nullable ProblemException> callerFault) {
		this.drafts = drafts;
		this.session = session;
		this.draft = draft;
		this.storedIn = storedIn;
		this.hub = hub;
		this.metrics = metrics;
		this.callerFault = callerFault;
	}

	public Draft draft() {
		return this.draft;
	}

	/**
	 * It has become the present writer.
	 * @param length code points that the database has
	 */
	void begin(long length) {
		this.beganAt = length;
		this.metrics.writerComes();
		this.drafts.changed();
		this.hub.tellFollowers(this.drafts.key());
		if (this.hub.isFollowedElsewhere()) {
			this.wantedUntil = System.nanoTime() + WANTED_AT_FIRST.toNanos();
		}
	}

	/** Fails when the request has to end for another reason than what it says. */
	public Mono<Void> stopped() {
		return this.stopped.asMono().publishOn(Schedulers.parallel());
	}

	boolean isPresent() {
		return this.draft.writer() == this;
	}

	/**
	 * Adds to the text.
	 * @throws ProblemException if another writer goes on with it (409), or there is no
	 * room for it (503)
	 */
	public void say(String text) {
		this.lastSign = System.nanoTime();
		if (!this.draft.add(this, text)) {
			throw DraftProblems.noRoom();
		}
		if (!text.isEmpty()) {
			this.metrics.said();
			this.drafts.changed();
			flushSoon();
		}
	}

	// how it ends

	/** Another writer goes on with the draft. */
	void taken() {
		if (ends(WriterState.WRITING, WriterEnd.TAKEN)) {
			stop(DraftProblems.taken());
		}
	}

	/** This replica stops: it goes on elsewhere. */
	void leave() {
		synchronized (this) {
			if (this.state != WriterState.WRITING) {
				return;
			}
		}
		stop(DraftProblems.shuttingDown());
	}

	/**
	 * All is said; from now on nothing but the append decides on it. Errors: 409 if
	 * another writer goes on with the draft, or it is being discarded; why it has ended.
	 */
	public Mono<Void> beginCommit() {
		return Mono.defer(() -> beginEnding() ? flush().then(Mono.defer(this::requirePresent))
				: Mono.firstWithSignal(this.stopped.asMono(), Mono.error(DraftProblems.taken())));
	}

	private Mono<Void> requirePresent() {
		if (isPresent() || this.draft.end() != null) {
			return (this.gone && !mayBeLost()) ? requireNotDiscarded() : Mono.empty();
		}
		endingFailed();
		return Mono.error(DraftProblems.taken());
	}

	private Mono<Void> requireNotDiscarded() {
		return place().onErrorComplete().flatMap((found) -> {
			DraftPlace place = found.orElse(null);
			if (place == null || place.deleted() || place.message() != null || place.draft() != null) {
				return Mono.empty();
			}
			discardedElsewhere(WriterState.ENDING);
			return Mono.error(DraftProblems.taken());
		});
	}

	/**
	 * Whether the database may have lost it in a crash, after which connections are
	 * others; if not, somebody has gone on with it and discarded it.
	 */
	private boolean mayBeLost() {
		return this.hub.repository().epoch() != this.storedIn;
	}

	private void discardedElsewhere(WriterState from) {
		if (ends(from, WriterEnd.TAKEN)) {
			end(DraftEnd.DISCARDED);
			stop(DraftProblems.taken());
		}
	}

	/** Where it is, or would be; empty if its session is gone. */
	private Mono<Optional<DraftPlace>> place() {
		return this.hub.repository()
			.place(this.drafts.key(), this.draft.messageId())
			.map((found) -> found.filter((place) -> place.session() == this.session));
	}

	/** The message is in the log. */
	public void committed(long seq) {
		if (ends(WriterState.ENDING, WriterEnd.COMMITTED)) {
			end(new DraftEnd(seq));
			remove().onErrorComplete().subscribe();
		}
	}

	/** The message was not appended: the draft is open, if only its session is there. */
	public void commitFailed(Throwable error) {
		endingFailed();
		if (error instanceof ProblemException problem && SESSION_GONE.contains(problem.problem().status())) {
			endWithSession(problem);
		}
	}

	/** The message was not appended, or the draft could not be discarded. */
	private void endingFailed() {
		synchronized (this) {
			if (this.state == WriterState.ENDING) {
				this.state = WriterState.WRITING;
				this.draft.setEnding(false);
			}
		}
		this.drafts.changed();
	}

	/**
	 * Ends the draft without a message. Errors: 503, after which it is open; 409 if it
	 * has become a message.
	 * @return whether this was its present writer
	 */
	public Mono<Boolean> discard() {
		return discard(WriterEnd.DISCARDED);
	}

	/** Nobody is told before the database has forgotten it: it might come back. */
	private Mono<Boolean> discard(WriterEnd how) {
		return Mono.defer(() -> !beginEnding() ? Mono.just(false) : forget().doOnNext((done) -> {
			if (ends(WriterState.ENDING, done ? how : WriterEnd.TAKEN) && done) {
				end(DraftEnd.DISCARDED);
			}
			else {
				stop(DraftProblems.taken());
				this.drafts.look().subscribe();
			}
		}).doOnError((error) -> endingFailed()));
	}

	private synchronized boolean beginEnding() {
		boolean begins = this.state == WriterState.WRITING;
		if (begins) {
			this.state = WriterState.ENDING;
			this.draft.setEnding(true);
		}
		return begins;
	}

	private synchronized boolean ends(WriterState from, WriterEnd how) {
		boolean ends = this.state == from;
		if (ends) {
			this.state = WriterState.ENDED;
			this.drafts.writers().remove(this);
			this.metrics.writerGoes(how);
		}
		return ends;
	}

	private void end(DraftEnd end) {
		this.drafts.end(this.draft, end);
		this.drafts.changed();
	}

	/**
	 * Has the database forget it, unless the log has its message. Errors: 503, 409.
	 * @return false if another writer has gone on with it
	 */
	private Mono<Boolean> forget() {
		DraftFlush last = this.draft.flush(this, null);
		return (last == null) ? Mono.just(false)
				: this.hub.repository()
					.discard(last.id(), last.no())
					.flatMap((done) -> done ? Mono.just(true) : isGone())
					.doOnNext((done) -> this.hub.tellFollowers(this.drafts.key()));
	}

	private Mono<Boolean> isGone() {
		return place().flatMap((found) -> {
			Long message = found.map(DraftPlace::message).orElse(null);
			return (message != null) ? Mono.error(becameMessage(message))
					: Mono.just(found.map(DraftPlace::draft).isEmpty());
		});
	}

	/** Somebody else has appended its message: the draft ends with that. */
	private ProblemException becameMessage(long seq) {
		end(new DraftEnd(seq));
		MessageExists problem = new MessageExists(Map.of(this.draft.messageId(), seq));
		stop(problem);
		return problem;
	}

	/**
	 * Has the database forget it, whatever became of it. Errors: 503; what stays there is
	 * silent, and removed later.
	 */
	private Mono<Void> remove() {
		DraftFlush last = this.draft.flush(this, null);
		return (last == null) ? Mono.empty()
				: this.hub.repository()
					.end(last.id(), last.no())
					.doOnNext((done) -> this.hub.tellFollowers(this.drafts.key()))
					.then();
	}

	/** The session is not there, and nothing is left to write to. */
	private void endWithSession(ProblemException problem) {
		if (ends(WriterState.WRITING, WriterEnd.DISCARDED)) {
			end(DraftEnd.DISCARDED);
			remove().onErrorComplete().subscribe();
			stop(problem);
		}
	}

	private void stop(ProblemException problem) {
		this.stopped.tryEmitError(problem);
	}

	/**
	 * The request was broken off, unless the draft has ended. If it has any text, it
	 * stays open.
	 */
	public Mono<Void> close() {
		return Mono.defer(() -> (this.beganAt == 0 && this.draft.length() == 0 && this.draft.end() == null)
				? discard().onErrorComplete().then(goAway()) : goAway());
	}

	/**
	 * The request ends before the draft does, which stays open, with all its text in the
	 * database: so many code points. Errors: 409 if another writer goes on with it, or it
	 * has become a message; 503 if the text could not be stored.
	 */
	public Mono<Long> leaveOpen() {
		return this.hub.repository().message(this.drafts.key(), this.draft.messageId()).flatMap((message) -> {
			if (message.isPresent()) {
				return Mono.error(becameMessage(message.get()));
			}
			long length = this.draft.length();
			return goAway().then(Mono.defer(() -> (this.draft.end() == null && !this.gone && kept() == length)
					? Mono.just(length) : Mono.error(whyNotKept())));
		});
	}

	private ProblemException whyNotKept() {
		DraftEnd end = this.draft.end();
		Long message = (end != null) ? end.seq() : null;
		if (message != null) {
			return becameMessage(message);
		}
		return (end != null || kept() < 0) ? DraftProblems.taken() : DraftProblems.notStored();
	}

	private synchronized long kept() {
		return this.kept;
	}

	private Mono<Void> goAway() {
		return Mono.defer(() -> {
			boolean left = ends(WriterState.WRITING, WriterEnd.LEFT) || ends(WriterState.ENDING, WriterEnd.LEFT);
			if (!left) {
				return Mono.empty();
			}
			if (this.draft.end() != null) {
				return remove().onErrorComplete();
			}
			synchronized (this) {
				this.leaving = true;
			}
			return flush().then(Mono.fromRunnable(this::hasLeft));
		});
	}

	private void hasLeft() {
		long no = this.draft.no();
		if (this.draft.leftBy(this, no)) {
			synchronized (this) {
				this.kept = this.draft.length();
			}
			this.drafts.changed();
			this.hub.tellFollowers(this.drafts.key());
		}
	}

	// from time to time

	/** Says that it is at work, and looks whether it may be. */
	void check() {
		long now = System.nanoTime();
		ProblemException fault = this.callerFault.get();
		if (fault != null) {
			stop(fault);
		}
		else if (now - this.lastSign > this.hub.times().silence().toNanos()) {
			Duration silence = this.hub.times().silence();
			discard(WriterEnd.SILENT).onErrorReturn(false)
				.filter((done) -> done)
				.subscribe((done) -> stop(DraftProblems.silent(silence)));
		}
		else if (this.draft.end() == null && now - this.lastStored > this.hub.times().sign().toNanos()) {
			flush().subscribe();
		}
	}

	/**
	 * Finds out why the database does not know it any longer: it may have lost it, and is
	 * told of it again.
	 */
	Mono<Void> lookAgain() {
		return Mono.defer(() -> !this.looksAgain.compareAndSet(false, true) ? Mono.empty()
				: place().flatMap((found) -> found.map(this::foundAt).orElseGet(() -> {
					endWithSession(SessionProblems.notFound());
					return Mono.empty();
				})).doFinally((signal) -> this.looksAgain.set(false)));
	}

	private Mono<Void> foundAt(DraftPlace place) {
		DraftRow row = place.draft();
		Long message = place.message();
		if (place.deleted()) {
			endWithSession(SessionProblems.deleted());
		}
		else if (message != null) {
			end(new DraftEnd(message));
		}
		else if (row != null && row.id() != this.draft.id() && this.hub.replica().equals(row.replica())
				&& isPresent()) {
			// begun again by this, without an answer
			this.draft.storeAgain(row.id(), row.no(), this.drafts.moment());
		}
		else if (row != null && (row.id() != this.draft.id() || row.no() > this.draft.no())) {
			this.draft.leftBy(this, row.no());
			taken();
			this.drafts.look().subscribe();
		}
		else if (row == null && !mayBeLost()) {
			discardedElsewhere(WriterState.WRITING);
		}
		else if (row == null && isWriting()) {
			long epoch = this.hub.repository().epoch();
			return this.hub.repository()
				.begin(this.drafts.key(), place, this.draft.messageId(), this.hub.replica())
				.doOnNext((again) -> {
					this.storedIn = epoch;
					this.draft.storeAgain(again.id(), again.no(), this.drafts.moment());
				})
				.then();
		}
		return Mono.empty();
	}

	private synchronized boolean isWriting() {
		return this.state == WriterState.WRITING;
	}

	// what the database is told

	/** Another replica needs the text, and what follows it. */
	void wanted() {
		this.wantedUntil = System.nanoTime() + DraftFlush.WANTED.toNanos();
		flush().subscribe();
	}

	/** Stores the text if another replica needs it, not too often. */
	private void flushSoon() {
		long now = System.nanoTime();
		if (this.wantedUntil - now < 0) {
			return;
		}
		long delay = this.lastStored + this.hub.times().flush().toNanos() - now;
		synchronized (this) {
			if (this.scheduled || this.flushing) {
				return;
			}
			this.scheduled = delay > 0;
		}
		if (delay <= 0) {
			flush().subscribe();
		}
		else {
			Schedulers.parallel().schedule(() -> {
				synchronized (this) {
					this.scheduled = false;
				}
				flush().subscribe();
			}, delay, TimeUnit.NANOSECONDS);
		}
	}

	/**
	 * Stores all of the text that there is now. Completes in bounded time, also if that
	 * was not possible.
	 */
	public Mono<Void> flush() {
		return Mono.defer(() -> {
			Sinks.Empty<Void> done;
			synchronized (this) {
				if (this.flushing) {
					done = (this.nextFlush != null) ? this.nextFlush : Sinks.empty();
					this.nextFlush = done;
					return done.asMono();
				}
				this.flushing = true;
				done = Sinks.empty();
			}
			run(done);
			return done.asMono();
		});
	}

	private void run(Sinks.Empty<Void> done) {
		flushOnce().onErrorComplete().doFinally((signal) -> {
			Sinks.Empty<Void> next;
			synchronized (this) {
				next = this.nextFlush;
				this.nextFlush = null;
				this.flushing = next != null;
			}
			done.tryEmitEmpty();
			if (next != null) {
				run(next);
			}
			else if (this.draft.hasUnstored()) {
				flushSoon();
			}
		}).subscribe();
	}

	private Mono<Void> flushOnce() {
		boolean leaves;
		synchronized (this) {
			leaves = this.leaving;
		}
		this.lastStored = System.nanoTime();
		long epoch = this.hub.repository().epoch();
		DraftFlush flush = this.draft.flush(this, leaves ? null : this.hub.replica());
		return (flush == null) ? Mono.empty()
				: this.hub.repository()
					.flush(this.drafts.key(), flush)
					.flatMap((outcome) -> flushed(flush, outcome, epoch));
	}

	/**
	 * It has been stored, or could not be.
	 * @param epoch of the lanes in which that began
	 */
	private Mono<Void> flushed(DraftFlush flush, DraftFlush.Flushed outcome, long epoch) {
		if (outcome.wanted()) {
			this.wantedUntil = System.nanoTime() + DraftFlush.WANTED.toNanos();
		}
		Long no = outcome.no();
		if (no == null || !outcome.sessionThere()) {
			this.gone = true;
			return isWriting() ? lookAgain() : Mono.empty();
		}
		this.gone = false;
		this.storedIn = epoch;
		if (no > flush.no()) {
			this.draft.leftBy(this, no);
			taken();
			return this.drafts.look();
		}
		boolean known = this.draft.storedUpTo(this, outcome.length());
		if (!outcome.done()) {
			// an earlier one was done without an answer
			return known ? flushOnce() : Mono.empty();
		}
		if (outcome.wanted()) {
			this.metrics.stored();
			this.hub.tellOthers(this.drafts.key());
		}
		else if (!flush.text().isEmpty()) {
			this.metrics.stored();
			this.hub.tellFollowers(this.drafts.key());
		}
		return Mono.empty();
	}

	private enum WriterState {

		WRITING,

		/** Its message is on its way to the log, or its row is being removed. */
		ENDING,

		ENDED

	}

}
