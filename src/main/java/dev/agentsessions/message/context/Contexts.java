package dev.agentsessions.message.context;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.agentsessions.database.lane.Lanes;
import dev.agentsessions.database.lane.operation.BatchedSelect;
import dev.agentsessions.database.rows.RowArrays;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.LogRange;
import dev.agentsessions.message.log.MessageFilter;
import dev.agentsessions.message.log.MessageLog;
import dev.agentsessions.problem.Problem;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionProblems;
import dev.agentsessions.view.View.Range;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

import org.springframework.stereotype.Service;

/**
 * The part of a view that fits a model. It is read from its end, and no further than it
 * fits, so that it costs what it answers and not what the session has.
 */
@Service
class Contexts {

	/** The most system and developer messages. */
	static final int MAX_INSTRUCTIONS = 100;

	private static final int FIRST_PART = 32;

	private static final int LARGEST_PART = 1024;

	/**
	 * More results than this in a row are one group that is too large, wherever it
	 * begins.
	 */
	private static final int MOST_RESULTS = 1024;

	private static final Retry AGAIN = Retry.backoff(5, Duration.ofMillis(2))
		.jitter(0.5)
		.filter((error) -> error == MessageLog.CHANGED)
		.onRetryExhaustedThrow((spec, signal) -> Problems.busy("The session keeps changing."));

	private static final String WHERE_INSTRUCTION = " and role in ('system', 'developer') ";

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

	Contexts(Lanes lanes, MessageLog log) {
		this.lanes = lanes;
		this.log = log;
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
	 * What fits. Errors: 422 if nothing does, or there are too many instructions, 503.
	 * @param keepsInstructions whether system and developer messages come first, or not
	 * at all
	 */
	Mono<FittedContext> fit(InstructedSession session, ContextLimits limits, boolean keepsInstructions) {
		return fitOnce(session, limits, keepsInstructions).onErrorResume((error) -> error == MessageLog.CHANGED,
				(changed) -> Mono
					.defer(() -> session(session.head().key(), true)
						.flatMap((now) -> fitOnce(now, limits, keepsInstructions)))
					.retryWhen(AGAIN));
	}

	private Mono<FittedContext> fitOnce(InstructedSession session, ContextLimits limits, boolean keepsInstructions) {
		Mono<List<ModelMessage>> instructions = keepsInstructions
				? instructions(session).flatMap((seqs) -> messages(session.head().id(), seqs)) : Mono.just(List.of());
		return instructions.flatMap((first) -> grow(new Reading(session, limits, first))).map((context) -> {
			if (context.isTooSmall()) {
				throw tooSmall(context.needed());
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
		return Flux.fromIterable(seqs)
			.concatMap((seq) -> this.log.begin(new LogRange(sessionDbId, seq, seq)), 1)
			.concatMapIterable((found) -> found)
			.map(ModelMessage::of)
			.collectList();
	}

	/** Reads on, the newer before the older, until it is known what fits. */
	private Mono<ModelContext> grow(Reading reading) {
		ModelContext context = reading.context();
		if (context.isFull() || reading.isAtBeginning()) {
			return Mono.just(context);
		}
		LogRange part = reading.next();
		return read(part).flatMap((found) -> grow(reading.with(found)));
	}

	/** All of a part: what is too large to be read at once follows in chunks. */
	private Mono<List<EncodedMessage>> read(LogRange part) {
		return this.log.begin(part)
			.flatMap((found) -> (found.size() == part.count()) ? Mono.just(found)
					: this.log.stream(part.from(part.from() + found.size()), MessageFilter.NONE)
						.collect(() -> new ArrayList<>(found), List::addAll));
	}

	private static ProblemException tooSmall(long needed) {
		return Problem
			.of(422, "context-too-small", "Nothing fits",
					"The instructions and the newest message, with what belongs to it, need at least " + needed + ".")
			.with("needed", needed)
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

		private final ContextLimits limits;

		private final List<ModelMessage> first;

		private final List<ModelMessage> read = new ArrayList<>();

		/** The range that is read, and up to where. */
		private int range;

		private long to;

		private long size;

		Reading(InstructedSession session, ContextLimits limits, List<ModelMessage> first) {
			this.sessionDbId = session.head().id();
			this.view = session.viewed();
			this.limits = limits;
			this.first = first;
			this.size = firstPart(limits);
			this.range = this.view.size() - 1;
			this.to = this.view.isEmpty() ? 0 : this.view.get(this.range).to();
		}

		/** One message more than fit shows that they are all. */
		private static long firstPart(ContextLimits limits) {
			Long most = limits.maxMessages();
			if (most == null) {
				return FIRST_PART;
			}
			return Math.min(most + 1, (limits.maxTokens() != null) ? FIRST_PART : LARGEST_PART);
		}

		boolean isAtBeginning() {
			return this.range < 0;
		}

		ModelContext context() {
			List<MessageGroup> groups = MessageGroup.of(this.read, isAtBeginning());
			return new ModelContext(this.limits, this.first).take(isAtBeginning() ? groups : certain(groups));
		}

		/**
		 * Without the oldest group, if its beginning was not read: only then is it known
		 * whether it counts, or has results that belong to no call.
		 */
		private List<MessageGroup> certain(List<MessageGroup> groups) {
			if (groups.isEmpty() || this.read.get(0).results().isEmpty()) {
				return groups;
			}
			List<MessageGroup> without = groups.subList(1, groups.size());
			ModelContext context = new ModelContext(this.limits, this.first).take(without);
			MessageGroup oldest = groups.get(0);
			boolean isTooLarge = oldest.size() > MOST_RESULTS && !this.limits.allow(context.tokens() + oldest.tokens(),
					context.messages().size() + oldest.size());
			return isTooLarge ? groups : without;
		}

		/** What has to be read next. */
		LogRange next() {
			long from = Math.max(this.view.get(this.range).from(), this.to - this.size + 1);
			return new LogRange(this.sessionDbId, from, this.to);
		}

		/** Takes what was read. */
		Reading with(List<EncodedMessage> found) {
			long from = next().from();
			this.read.addAll(0,
					found.stream().map(ModelMessage::of).filter((message) -> !message.isInstruction()).toList());
			this.size = Math.min(2 * this.size, LARGEST_PART);
			if (from == this.view.get(this.range).from()) {
				this.range--;
				this.to = isAtBeginning() ? 0 : this.view.get(this.range).to();
			}
			else {
				this.to = from - 1;
			}
			return this;
		}

	}

}
