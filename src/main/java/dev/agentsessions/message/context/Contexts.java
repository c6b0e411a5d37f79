package dev.agentsessions.message.context;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

import dev.agentsessions.database.lane.Lanes;
import dev.agentsessions.database.lane.operation.BatchedSelect;
import dev.agentsessions.database.rows.RowArrays;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.LogRange;
import dev.agentsessions.message.MessageReader;
import dev.agentsessions.message.context.ContextLimits.TooSmall;
import dev.agentsessions.message.log.MessageLog;
import dev.agentsessions.problem.Problem;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionProblems;
import dev.agentsessions.view.View;
import dev.agentsessions.view.View.Range;
import dev.agentsessions.web.request.LimitSettings;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.stereotype.Service;

/**
 * The part of a view that fits a model. It is read from its end, and no further than it
 * fits, so that it costs what it answers and not what the session has. It has as many
 * bytes as a body may have.
 */
@Service
class Contexts {

	/** The most system and developer messages. */
	static final int MAX_INSTRUCTIONS = 100;

	private static final int FIRST_PART = 32;

	/** A part of so many messages is no work for the thread that it was read by. */
	private static final int LONG_PART = 256;

	private static final int LARGEST_PART = 1024;

	/**
	 * More results than this in a row are one group that is too large, wherever it
	 * begins.
	 */
	private static final int MOST_RESULTS = 1024;

	private static final String WHERE_INSTRUCTION = " and role in ('" + String.join("', '", MessageReader.INSTRUCTIONS)
			+ "') ";

	/** What a context begins with is read with the session: one read less. */
	private static final BatchedSelect<SessionKey, InstructedSession> SESSIONS = new BatchedSelect<>(
			new RowArrays<SessionKey>("t").text("tenant", SessionKey::tenant).text("sid", SessionKey::sessionId),
			"select " + InstructedSession.COLUMNS
					+ ", cast(array(select seq from messages where session_db_id = sessions.id"
					+ " and seq >= sessions.first_seq" + WHERE_INSTRUCTION + "order by seq limit "
					+ (MAX_INSTRUCTIONS + 1) + ") as varchar)"
					+ " from sessions where tenant = :tenant and session_id = :sid",
			InstructedSession::of);

	private static final BatchedSelect<LogRange, Long> INSTRUCTIONS = new BatchedSelect<>(
			new RowArrays<LogRange>("t").number("session", LogRange::sessionDbId)
				.number("lo", LogRange::from)
				.number("hi", LogRange::to),
			"select seq from messages where session_db_id = :session and seq between :lo and :hi" + WHERE_INSTRUCTION
					+ "order by seq limit " + (MAX_INSTRUCTIONS + 1),
			(range, row) -> row.number());

	private final Lanes lanes;

	private final MessageLog log;

	private final LimitSettings limits;

	Contexts(Lanes lanes, MessageLog log, LimitSettings limits) {
		this.lanes = lanes;
		this.log = log;
		this.limits = limits;
	}

	/** A session and where its instructions are. Errors: 404, 410. */
	Mono<InstructedSession> session(SessionKey key, boolean includeDeleted) {
		return this.lanes.read(key, SESSIONS, key).map((found) -> {
			if (found.isEmpty()) {
				throw SessionProblems.notFound();
			}
			found.get(0).head().requireVisible(includeDeleted);
			return found.get(0);
		});
	}

	/**
	 * What fits. Errors: 422 if nothing does, or there are too many instructions, 413 if
	 * it is more than a body may have, 503.
	 * @param keepsInstructions whether system and developer messages come first, or not
	 * at all
	 */
	Mono<FittedContext> fit(InstructedSession session, ContextLimits limits, boolean keepsInstructions) {
		return fitOnce(session, limits, keepsInstructions).onErrorResume((error) -> error == MessageLog.CHANGED,
				(changed) -> Mono
					.defer(() -> session(session.head().key(), true)
						.flatMap((now) -> fitOnce(now, limits, keepsInstructions)))
					.retryWhen(MessageLog.AGAIN));
	}

	private Mono<FittedContext> fitOnce(InstructedSession session, ContextLimits limits, boolean keepsInstructions) {
		Mono<List<ModelMessage>> instructions = keepsInstructions
				? instructions(session).flatMap((seqs) -> messages(session.head().id(), seqs)) : Mono.just(List.of());
		return instructions.flatMap((first) -> read(new Reading(session, limits, first))).map((context) -> {
			if (context.isTooSmall()) {
				throw tooSmall(context.tooSmall());
			}
			return new FittedContext(session, context);
		});
	}

	/** Their numbers in the order of the view; one too many if they are more. */
	private Mono<List<Long>> instructions(InstructedSession session) {
		List<Range> view = session.viewed();
		if (session.instructions().size() <= MAX_INSTRUCTIONS) {
			return Mono.just(
					view.stream().flatMap((range) -> session.instructions().stream().filter(range::contains)).toList());
		}
		return Flux.fromIterable(view)
			.flatMapSequential((range) -> this.lanes.readOf(session.head().id(), INSTRUCTIONS,
					new LogRange(session.head().id(), range.from(), range.to())), 8)
			.concatMapIterable((seqs) -> seqs)
			.take(MAX_INSTRUCTIONS + 1)
			.collectList();
	}

	/** Those that are wanted in any case. Errors: 422 if they are too many. */
	private Mono<List<ModelMessage>> messages(long sessionDbId, List<Long> seqs) {
		if (seqs.size() > MAX_INSTRUCTIONS) {
			return Mono.error(tooManyInstructions());
		}
		AtomicLong bytes = new AtomicLong();
		List<LogRange> places = View.merged(seqs.stream().map((seq) -> new Range(seq, seq)).toList(), 0)
			.stream()
			.map((place) -> new LogRange(sessionDbId, place.from(), place.to()))
			.toList();
		return this.log.messages(places)
			.map(ModelMessage::of)
			.doOnNext((message) -> requireRoom(bytes.addAndGet(message.bytes())))
			.collectList();
	}

	/** Reads on, the newer before the older, until it is known what fits. */
	private Mono<ModelContext> read(Reading reading) {
		return reading.isDone() ? Mono.just(reading.context)
				: Mono.defer(() -> read(reading.next())).doOnNext((part) -> {
					reading.take(part);
					requireRoom(reading.bytes());
				}).repeat(() -> !reading.isDone()).then(Mono.fromSupplier(() -> reading.context));
	}

	/** The end of a part: of one that is too large to be read at once not all of it. */
	private Mono<List<EncodedMessage>> read(LogRange part) {
		Mono<List<EncodedMessage>> read = this.log.begin(part)
			.flatMap((found) -> (found.size() == part.count()) ? Mono.just(found)
					: read(part.from(part.to() - found.size() + 1)));
		return (part.count() < LONG_PART) ? read : read.publishOn(Schedulers.parallel());
	}

	private void requireRoom(long bytes) {
		long most = this.limits.body().toBytes();
		if (bytes > most) {
			throw Problems
				.tooLarge("The context would have more than " + most + " bytes; ask for fewer tokens or messages.")
				.exception();
		}
	}

	private static ProblemException tooSmall(TooSmall limit) {
		return Problem
			.of(422, "context-too-small", "Nothing fits",
					"The instructions and the newest message, with what belongs to it, need at least " + limit.needed()
							+ " " + limit.of() + ".")
			.with("needed", limit.needed())
			.with("limit", "max_" + limit.of())
			.exception();
	}

	private static ProblemException tooManyInstructions() {
		return Problem
			.of(422, "too-many-instructions", "There are too many instructions",
					"The view has more than " + MAX_INSTRUCTIONS
							+ " system and developer messages; ask with system=drop, or hide some.")
			.exception();
	}

	/** How far a view has been read from its end. */
	private static final class Reading {

		private final long sessionDbId;

		private final List<Range> view;

		private final ModelContext context;

		/** Results before which their call was not met yet. */
		private final Deque<ModelMessage> results = new ArrayDeque<>();

		private long bytesOfResults;

		private boolean isEnd = true;

		/** The range that is read, and up to where. */
		private int range;

		private long to;

		private long size;

		Reading(InstructedSession session, ContextLimits limits, List<ModelMessage> first) {
			this.sessionDbId = session.head().id();
			this.view = session.viewed();
			this.context = new ModelContext(limits, first);
			this.size = firstPart(limits);
			this.range = this.view.size() - 1;
			this.to = this.view.isEmpty() ? 0 : this.view.get(this.range).to();
		}

		boolean isDone() {
			return this.context.isFull() || this.range < 0;
		}

		long bytes() {
			return this.context.bytes() + this.bytesOfResults;
		}

		/** One message more than fit shows that they are all. */
		private static long firstPart(ContextLimits limits) {
			Long most = limits.maxMessages();
			if (most == null) {
				return FIRST_PART;
			}
			return Math.min(most + 1, (limits.maxTokens() != null) ? FIRST_PART : LARGEST_PART);
		}

		/** What has to be read next. */
		LogRange next() {
			long from = Math.max(this.view.get(this.range).from(), this.to - this.size + 1);
			return new LogRange(this.sessionDbId, from, this.to);
		}

		/** Takes the end of what was to be read next. */
		void take(List<EncodedMessage> part) {
			for (int i = part.size() - 1; i >= 0 && !this.context.isFull(); i--) {
				ModelMessage message = ModelMessage.of(part.get(i));
				if (!message.isInstruction()) {
					take(message);
				}
			}
			this.size = Math.min(2L * part.size(), LARGEST_PART);
			this.to = part.get(0).seq() - 1;
			if (this.to < this.view.get(this.range).from()) {
				this.range--;
				this.to = (this.range < 0) ? 0 : this.view.get(this.range).to();
			}
			if (this.range < 0) {
				takeGroups();
			}
			else if (this.results.size() > MOST_RESULTS && !this.context
				.hasRoomFor(this.results.stream().mapToLong(ModelMessage::tokens).sum(), this.results.size())) {
				this.context.take(List.of(new MessageGroup(List.copyOf(this.results), Set.of(), null)));
			}
		}

		private void take(ModelMessage message) {
			this.results.addFirst(message);
			this.bytesOfResults += message.bytes();
			if (message.results().isEmpty()) {
				takeGroups();
			}
		}

		/** What begins here does not depend on anything before it. */
		private void takeGroups() {
			this.context.take(MessageGroup.of(this.results, this.isEnd));
			this.isEnd = false;
			this.results.clear();
			this.bytesOfResults = 0;
		}

	}

}
