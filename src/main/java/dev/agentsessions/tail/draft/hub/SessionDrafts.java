package dev.agentsessions.tail.draft.hub;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

import dev.agentsessions.session.SessionKey;
import dev.agentsessions.tail.draft.store.DraftRow;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The drafts of a session that somebody follows or writes on this replica. Those that are
 * written elsewhere are copied from the database, one look at a time; a hint that comes
 * meanwhile makes it look again. Thread-safe.
 */
public final class SessionDrafts {

	/** Far more than can end while the database is asked. */
	private static final int MOST_ENDED = 200;

	private static final Runnable NOBODY = () -> {
	};

	private final SessionKey key;

	private final DraftHub hub;

	private final Set<DraftWriter> writers = ConcurrentHashMap.newKeySet(1);

	/** Tells those who follow here that there is something new; all of them at once. */
	private volatile Runnable toTell = NOBODY;

	// guarded by this

	private final Map<String, Draft> open = new LinkedHashMap<>(2);

	private int followers;

	private int requests;

	/**
	 * The moments at which requests here have begun to open a draft, which they still do.
	 */
	private final SortedSet<Long> openings = new TreeSet<>();

	private volatile boolean opening;

	private boolean forgotten;

	private volatile boolean looking;

	private boolean again;

	private volatile boolean lookFailed;

	/** Counts the moments at which a follower, a request or a look has begun. */
	private long moments;

	/** That of the newest follower. */
	private long followedAt;

	/** That of the look that is under way, or was the last. */
	private long lookedAt;

	/**
	 * The moments at which drafts have ended here: a look that began before may still see
	 * them. One that begins later and does finds them again, in a session that was
	 * restored.
	 */
	private final Map<Long, Long> ended = new LinkedHashMap<>() {

		@Override
		protected boolean removeEldestEntry(Map.Entry<Long, Long> eldest) {
			return size() > MOST_ENDED;
		}

	};

	/**
	 * By their ids, the messages that were told while a look is under way, or a request
	 * here opens a draft: what these have read may not know of them.
	 */
	private final Map<String, ToldMessage> told = new TreeMap<>();

	private volatile boolean empty = true;

	SessionDrafts(SessionKey key, DraftHub hub) {
		this.key = key;
		this.hub = hub;
	}

	SessionKey key() {
		return this.key;
	}

	// who is here

	synchronized DraftCursor follow(Runnable toTell) {
		this.followers++;
		this.toTell = toTell;
		this.followedAt = moment();
		return new DraftCursor(this, this.followedAt);
	}

	/** Whether a follower has come after this moment. */
	synchronized boolean isFollowedSince(long moment) {
		return this.followedAt > moment;
	}

	/** A moment that is later than all before. */
	public synchronized long moment() {
		return ++this.moments;
	}

	synchronized void unfollow() {
		this.followers--;
		if (!isFollowed()) {
			this.toTell = NOBODY;
		}
	}

	synchronized void writerComes() {
		this.requests++;
	}

	synchronized void writerGoes() {
		this.requests--;
	}

	/**
	 * A request begins to open a draft; until {@link #endsOpening}.
	 * @return the moment
	 */
	public synchronized long beginsOpening() {
		long moment = moment();
		this.openings.add(moment);
		this.opening = true;
		return moment;
	}

	/**
	 * It has opened it, or could not.
	 * @param moment at which it began
	 */
	public synchronized void endsOpening(long moment) {
		this.openings.remove(moment);
		this.opening = !this.openings.isEmpty();
		forgetTold();
	}

	/** Whether somebody here needs it. */
	synchronized boolean isNeeded() {
		return this.requests > 0 || isFollowed();
	}

	synchronized boolean isFollowed() {
		return this.followers > 0;
	}

	/** Nobody here needs it any longer. */
	synchronized void forget() {
		this.forgotten = true;
		this.open.values().forEach(Draft::forget);
		this.open.clear();
		this.empty = this.open.isEmpty();
	}

	// its drafts

	/** Whether it has none. */
	boolean isEmpty() {
		return this.empty;
	}

	/** Whether the last look failed, which nothing else may make up for. */
	boolean hasFailedToLook() {
		return this.lookFailed;
	}

	/**
	 * Whether it has to know which messages followers are told. What ends while this
	 * looks has opened its drafts before; what begins then finds the message in the log.
	 */
	boolean needsMessages() {
		return this.opening || this.looking || !this.empty;
	}

	synchronized List<Draft> open() {
		return List.copyOf(this.open.values());
	}

	/** The one of this message, null if there is none. */
	public synchronized @Nullable Draft open(String messageId) {
		return this.open.get(messageId);
	}

	/**
	 * A draft that a writer here has begun, or goes on with. It may be over already.
	 * @param row as the database has it
	 */
	public synchronized Draft opened(DraftRow row) {
		Draft known = this.open.get(row.messageId());
		if (known != null && known.id() == row.id()) {
			return known;
		}
		if (known != null) {
			replace(known);
		}
		Draft made = add(row);
		ToldMessage message = this.told.get(row.messageId());
		if (message != null && message.ends(row)) {
			end(made, new DraftEnd(message.seq));
		}
		return made;
	}

	/**
	 * A draft that the database has.
	 * @param begun a moment before the database was asked: what has become known here
	 * since, it may not have seen
	 * @return null if another one with its name has become known here since
	 */
	public synchronized @Nullable Draft found(DraftRow row, long begun) {
		Draft known = this.open.get(row.messageId());
		if (known != null) {
			leaveTo(row, known);
		}
		return (known == null || known.id() == row.id() || known.wasKnownBefore(begun)) ? opened(row) : null;
	}

	private Draft add(DraftRow row) {
		Draft made = new Draft(row, this.key.tenant(), this.hub.memory(), moment());
		this.open.put(row.messageId(), made);
		this.empty = this.open.isEmpty();
		return made;
	}

	/** It is over: followers hear of it by the message itself, or that there is none. */
	synchronized void end(Draft draft, DraftEnd end) {
		this.ended.put(draft.id(), moment());
		draft.end(end);
		this.open.remove(draft.messageId(), draft);
		this.empty = this.open.isEmpty();
	}

	/**
	 * A follower is told the message with this id.
	 * @param session the id of the row of its session
	 */
	synchronized void delivered(String messageId, long session, long seq) {
		if (this.looking || this.opening) {
			this.told.merge(messageId, new ToldMessage(session, seq, moment()), ToldMessage::later);
		}
		Draft draft = this.open.get(messageId);
		if (draft != null && draft.isEndedBy(session, seq)) {
			end(draft, new DraftEnd(seq));
		}
	}

	/** There is something new to tell. */
	void changed() {
		this.toTell.run();
	}

	// looks at the database

	/**
	 * Looks at what others write. Never fails: the hub has it look again. Must not be
	 * cancelled: it would be under way for ever.
	 */
	Mono<Void> look() {
		return Mono.defer(() -> begin() ? lookOnce() : Mono.empty());
	}

	private synchronized boolean begin() {
		this.again = this.looking;
		if (!this.again) {
			beginLook();
		}
		return !this.again;
	}

	private void beginLook() {
		this.looking = true;
		this.lookedAt = moment();
	}

	private synchronized boolean endLook() {
		this.looking = this.again;
		this.again = false;
		if (this.looking) {
			beginLook();
		}
		forgetTold();
		return !this.looking;
	}

	/** Of what is under way nothing has begun before those messages were told. */
	private void forgetTold() {
		long looked = this.looking ? this.lookedAt : Long.MAX_VALUE;
		long oldest = this.opening ? Math.min(looked, this.openings.first()) : looked;
		this.told.values().removeIf((message) -> message.moment < oldest);
	}

	private Mono<Void> lookOnce() {
		return this.hub.repository()
			.rows(this.key)
			.flatMap((rows) -> complete(rows, take(rows)))
			.doOnSuccess((done) -> this.lookFailed = false)
			.doOnError((error) -> this.lookFailed = true)
			.onErrorComplete()
			.then(Mono.fromRunnable(() -> {
				changed();
				if (!endLook()) {
					lookOnce().subscribe();
				}
			}));
	}

	private synchronized List<Draft> take(List<DraftRow> rows) {
		return take(rows, this.lookedAt);
	}

	/**
	 * Takes over which drafts there are.
	 * @param begun the moment at which the look began: what has become known here since,
	 * it may not have seen
	 * @return those that are gone
	 */
	synchronized List<Draft> take(List<DraftRow> rows, long begun) {
		for (DraftRow row : rows) {
			if (!this.forgotten && !wasTold(row) && this.ended.getOrDefault(row.id(), 0L) < begun) {
				take(row, begun);
			}
		}
		Set<String> seen = rows.stream().map(DraftRow::messageId).collect(Collectors.toSet());
		return this.open.values()
			.stream()
			.filter((draft) -> !seen.contains(draft.messageId()) && draft.wasKnownBefore(begun))
			.toList();
	}

	private boolean wasTold(DraftRow row) {
		ToldMessage message = this.told.get(row.messageId());
		return message != null && message.ends(row);
	}

	private void take(DraftRow row, long begun) {
		Draft known = this.open.get(row.messageId());
		if (known != null && known.id() != row.id()) {
			if (known.writer() != null && this.hub.replica().equals(row.replica())) {
				// its writer here has begun it again, and has not heard so yet
				return;
			}
			if (known.wasKnownBefore(begun)) {
				replace(known);
				known = null;
			}
		}
		if (known == null) {
			add(row);
		}
		else {
			leaveTo(row, known);
		}
	}

	/** Another one with its name has been begun. */
	private void replace(Draft known) {
		stop(known.writtenElsewhere(known.no()));
		end(known, DraftEnd.DISCARDED);
	}

	/** Somebody else may have gone on with it. */
	private static void leaveTo(DraftRow row, Draft known) {
		if (known.id() == row.id() && known.no() < row.no()) {
			stop(known.writtenElsewhere(row.no()));
		}
	}

	private static void stop(@Nullable DraftWriter before) {
		if (before != null) {
			before.taken();
		}
	}

	/** Reads what else is to be known of them. */
	private Mono<Void> complete(List<DraftRow> rows, List<Draft> gone) {
		return Flux.fromIterable(rows)
			.concatMap(this::copyText)
			.thenMany(Flux.fromIterable(gone))
			.concatMap(this::findEnd)
			.then(want(rows))
			.then(Mono.fromRunnable(() -> seen(rows)));
	}

	private Mono<Void> copyText(DraftRow row) {
		Draft draft = open(row.messageId());
		if (draft == null || draft.id() != row.id()) {
			return Mono.empty();
		}
		DraftWriter writer = draft.writer();
		if (writer != null && row.wanted() && draft.no() == row.no()) {
			writer.wanted();
		}
		return draft.isHere(row.length()) ? Mono.empty()
				: this.hub.repository().pieces(row, draft.length()).doOnNext(draft::addStored).then();
	}

	private Mono<Void> findEnd(Draft gone) {
		DraftWriter writer = gone.writer();
		if (writer != null) {
			return writer.lookAgain();
		}
		return this.hub.repository()
			.message(this.key, gone.messageId())
			.doOnNext((seq) -> end(gone, seq.map(DraftEnd::new).orElse(DraftEnd.DISCARDED)))
			.then();
	}

	/** Has those tell their text who write for somebody that is followed here. */
	private Mono<Void> want(List<DraftRow> rows) {
		List<DraftRow> unwanted = rows.stream()
			.filter((row) -> row.isWrittenElsewhere(this.hub.replica()) && !row.wanted())
			.toList();
		return (unwanted.isEmpty() || !isFollowed()) ? Mono.empty()
				: this.hub.repository().want(this.key, unwanted).doOnSuccess((done) -> this.hub.tellOthers(this.key));
	}

	private synchronized void seen(List<DraftRow> rows) {
		rows.stream()
			.map((row) -> this.open.get(row.messageId()))
			.filter(Objects::nonNull)
			.forEach((draft) -> draft.seenAt(this.lookedAt));
	}

	/** Those at work here, also on what has become a message without them. */
	Set<DraftWriter> writers() {
		return this.writers;
	}

	/**
	 * A message that a follower was told.
	 *
	 * @param session the id of the row of its session
	 * @param moment at which it was told first
	 */
	private record ToldMessage(long session, long seq, long moment) {

		/** A follower may be slow, and be told of one that was in the log before. */
		ToldMessage later(ToldMessage next) {
			return (next.session > this.session || (next.session == this.session && next.seq > this.seq)) ? next : this;
		}

		boolean ends(DraftRow row) {
			return row.isEndedBy(this.session, this.seq);
		}

	}

}
