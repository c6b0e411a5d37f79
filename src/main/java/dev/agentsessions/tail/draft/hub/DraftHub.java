package dev.agentsessions.tail.draft.hub;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.schedule.Lifecycle;
import dev.agentsessions.schedule.RecurringJob;
import dev.agentsessions.schedule.Timing;
import dev.agentsessions.schedule.Steps;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.tail.draft.store.DraftRepository;
import dev.agentsessions.tail.draft.store.DraftRow;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Who writes and who follows drafts on this replica, and who has to be told.
 */
@Component
public final class DraftHub extends Lifecycle {

	private static final Duration ROUND = Duration.ofSeconds(1);

	/** One in so many rounds looks whether a hint was lost, or a look has failed. */
	private static final int ROUNDS_PER_LOOK = 2;

	/** One in so many removes the drafts of deleted sessions. */
	private static final int ROUNDS_PER_REMOVAL = 10;

	/** How many sessions the database is asked for in one statement. */
	private static final int TOGETHER = 500;

	private static final int CONCURRENCY = 64;

	/** Distinguishes the replicas, and what one was before it started anew. */
	private final String replica = UUID.randomUUID().toString();

	private final Map<SessionKey, SessionDrafts> sessions = new ConcurrentHashMap<>();

	private final Map<Integer, Set<SessionDrafts>> numbered = new ConcurrentHashMap<>();

	private final DraftRepository repository;

	private final DraftMemory memory;

	private final DraftTimes times;

	private final DraftMetrics metrics;

	private volatile boolean closing;

	private volatile BooleanSupplier othersHaveTails = () -> false;

	private volatile Consumer<SessionKey> toOthers = (key) -> {
	};

	private int round;

	DraftHub(DraftRepository repository, DraftMemory memory, DraftTimes times, DraftMetrics metrics) {
		super(Phase.CLEAN_UP);
		this.repository = repository;
		this.memory = memory;
		this.times = times;
		this.metrics = metrics;
		runs(new RecurringJob("the look at drafts", Timing.steady(ROUND), Mono.defer(this::round)));
		// alone, for what is looked for in the database may take long
		runs(new RecurringJob("the watch over writers of drafts", Timing.steady(ROUND),
				Mono.fromRunnable(this::checkWriters)));
	}

	DraftRepository repository() {
		return this.repository;
	}

	DraftMemory memory() {
		return this.memory;
	}

	public DraftTimes times() {
		return this.times;
	}

	/** What this replica is called in the database. */
	public String replica() {
		return this.replica;
	}

	/** Whether any other replica has tails, as far as is known. */
	boolean isFollowedElsewhere() {
		return this.othersHaveTails.getAsBoolean();
	}

	/** Whether anybody writes or follows drafts here. */
	public boolean isInUse() {
		return !this.sessions.isEmpty();
	}

	/** The draft of this row, if its writer is here; else null. */
	public @Nullable Draft writtenHere(SessionKey key, DraftRow row) {
		SessionDrafts drafts = this.sessions.get(key);
		Draft draft = (drafts != null) ? drafts.open(row.messageId()) : null;
		return (draft != null && draft.id() == row.id() && draft.writer() != null) ? draft : null;
	}

	/** Whether no draft is begun here, because all requests are about to end. */
	public boolean isClosing() {
		return this.closing;
	}

	// who is here

	/**
	 * A follower comes; until {@link #unfollow}.
	 * @param toTell is run when there is something new to tell of the session's drafts,
	 * on any thread, and returns at once; the same for all who follow them at once
	 */
	public DraftCursor follow(SessionKey key, Runnable toTell) {
		DraftCursor[] made = new DraftCursor[1];
		SessionDrafts drafts = use(key, (found) -> made[0] = found.follow(toTell));
		drafts.look().subscribe();
		return made[0];
	}

	public void unfollow(DraftCursor cursor) {
		release(cursor.drafts(), SessionDrafts::unfollow);
	}

	/** A writer comes; until {@link #writerGoes}. */
	public SessionDrafts writerComes(SessionKey key) {
		return use(key, SessionDrafts::writerComes);
	}

	public void writerGoes(SessionDrafts drafts) {
		release(drafts, SessionDrafts::writerGoes);
	}

	/**
	 * Has a request go on with a draft where the database's text ends.
	 * @param session the id of the session's row
	 * @param row with this replica as its writer
	 * @param moment of the session, before it was looked whether the draft is open
	 * @param epoch of the lanes, before the database was asked
	 * @param callerFault why the caller would not be let in now; null if it would
	 */
	public DraftWriter begin(SessionDrafts drafts, long session, Draft draft, DraftRow row, long moment, long epoch,
			Supplier<@Nullable ProblemException> callerFault) {
		draft.seenAt(moment);
		DraftWriter writer = new DraftWriter(drafts, session, draft, epoch, this, this.metrics, callerFault);
		drafts.writers().add(writer);
		DraftWriter last = draft.writer();
		if (last != null) {
			// whether or not it has been told so
			draft.storedUpTo(last, row.length());
		}
		DraftWriter before = draft.writtenBy(writer, row.id(), row.no(), drafts.moment());
		if (before != null) {
			before.taken();
		}
		writer.begin(row.length());
		if (drafts.isFollowedSince(moment)) {
			// who came meanwhile has not seen it in the database
			drafts.look().subscribe();
		}
		if (this.closing) {
			// those that had begun before have been told
			writer.leave();
		}
		return writer;
	}

	private SessionDrafts use(SessionKey key, Consumer<SessionDrafts> use) {
		return this.sessions.compute(key, (missing, found) -> {
			SessionDrafts drafts = (found != null) ? found : first(key);
			use.accept(drafts);
			return drafts;
		});
	}

	private void release(SessionDrafts drafts, Consumer<SessionDrafts> release) {
		this.sessions.computeIfPresent(drafts.key(), (key, found) -> {
			release.accept(found);
			return found.isNeeded() ? found : last(found);
		});
	}

	private SessionDrafts first(SessionKey key) {
		SessionDrafts made = new SessionDrafts(key, this);
		this.numbered.compute(key.number(), (number, found) -> {
			Set<SessionDrafts> others = (found != null) ? found : ConcurrentHashMap.newKeySet(1);
			others.add(made);
			return others;
		});
		return made;
	}

	private @Nullable SessionDrafts last(SessionDrafts drafts) {
		this.numbered.computeIfPresent(drafts.key().number(), (number, others) -> {
			others.remove(drafts);
			return others.isEmpty() ? null : others;
		});
		drafts.forget();
		return null;
	}

	// hints

	/**
	 * There are other replicas.
	 * @param haveTails whether any of them has tails, as far as is known
	 * @param tell has those look that have something to do with a session's drafts
	 */
	public void tellsOthers(BooleanSupplier haveTails, Consumer<SessionKey> tell) {
		this.othersHaveTails = haveTails;
		this.toOthers = tell;
	}

	/** Replicas that have something to do with the session's drafts look at them. */
	public void tellOthers(SessionKey key) {
		this.toOthers.accept(key);
	}

	/** Replicas that have tails look at the session's drafts. */
	void tellFollowers(SessionKey key) {
		if (isFollowedElsewhere()) {
			tellOthers(key);
		}
	}

	/**
	 * Something has happened to the drafts of sessions with these numbers, on another
	 * replica.
	 * @param numbers empty for all
	 */
	public void hint(Set<Integer> numbers) {
		Flux<SessionDrafts> hinted = numbers.isEmpty() ? Flux.fromIterable(this.sessions.values())
				: Flux.fromIterable(numbers).flatMapIterable((number) -> this.numbered.getOrDefault(number, Set.of()));
		hinted.flatMap(SessionDrafts::look, CONCURRENCY).subscribe();
	}

	// from time to time

	private void checkWriters() {
		this.sessions.values().forEach((drafts) -> drafts.writers().forEach(DraftWriter::check));
	}

	private Mono<Void> round() {
		this.round++;
		List<Flux<Void>> steps = new ArrayList<>();
		steps.add(tell(this.repository.removeOver(this.times.silence())));
		if (this.round % ROUNDS_PER_LOOK == 0) {
			steps.add(lookForLost().flux());
		}
		if (this.round % ROUNDS_PER_REMOVAL == 0) {
			steps.add(tell(this.repository.removeOfDeleted()));
		}
		return Steps.all(steps).then();
	}

	private Flux<Void> tell(Flux<SessionKey> removed) {
		return all(removed.doOnNext(this::tellFollowers).mapNotNull(this.sessions::get).map(SessionDrafts::look))
			.flux();
	}

	private Mono<Void> lookForLost() {
		if (!this.repository.hasReplicas()) {
			return all(Flux.fromIterable(this.sessions.values())
				.filter(SessionDrafts::hasFailedToLook)
				.map(SessionDrafts::look));
		}
		Flux<SessionDrafts> known = Flux.fromIterable(this.sessions.values()).filter((drafts) -> !drafts.isEmpty());
		Flux<SessionDrafts> found = Flux.fromIterable(this.sessions.values())
			.filter(SessionDrafts::isEmpty)
			.map(SessionDrafts::key)
			.buffer(TOGETHER)
			.concatMap(this.repository::withDrafts)
			.flatMapIterable((keys) -> keys)
			.mapNotNull(this.sessions::get);
		return all(known.concatWith(found).map(SessionDrafts::look));
	}

	/**
	 * Makes these looks. An error in finding out which ones is told when those that have
	 * begun have ended: it would cancel them, and a session whose look never ends is not
	 * looked at again.
	 */
	static Mono<Void> all(Flux<Mono<Void>> looks) {
		return looks.flatMapDelayError((look) -> look, CONCURRENCY, 1).then();
	}

	/**
	 * Ends the requests of all writers as soon as the shutdown begins: they go on
	 * elsewhere.
	 */
	@EventListener
	public void leaveAll(ContextClosedEvent event) {
		this.closing = true;
		this.sessions.values().forEach((drafts) -> drafts.writers().forEach(DraftWriter::leave));
	}

}
