package dev.agentsessions.message.context;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import dev.agentsessions.database.lane.BatchedSelect;
import dev.agentsessions.database.lane.Lanes;
import dev.agentsessions.database.rows.RowArrays;
import dev.agentsessions.database.rows.RowReader;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.LogRange;
import dev.agentsessions.message.log.MessageLog;
import dev.agentsessions.problem.Problem;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionReads;
import dev.agentsessions.session.SessionRow;
import dev.agentsessions.session.View.Range;
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

	private static final Retry AGAIN = Retry.backoff(5, Duration.ofMillis(2))
		.jitter(0.5)
		.filter((error) -> error == MessageLog.CHANGED)
		.onRetryExhaustedThrow((spec, signal) -> Problems.busy("The session keeps changing."));

	private static final BatchedSelect<LogRange, Long> INSTRUCTIONS = new BatchedSelect<>(
			new RowArrays<LogRange>("t").number("session", LogRange::sessionDbId)
				.number("lo", LogRange::from)
				.number("hi", LogRange::to),
			"select seq from messages where session_db_id = :session and role in ('system', 'developer')"
					+ " and seq between :lo and :hi order by seq limit " + (MAX_INSTRUCTIONS + 1),
			(range, row) -> seq(row));

	private final SessionReads sessions;

	private final Lanes lanes;

	private final MessageLog log;

	Contexts(SessionReads sessions, Lanes lanes, MessageLog log) {
		this.sessions = sessions;
		this.lanes = lanes;
		this.log = log;
	}

	/** The session. Errors: 404, 410. */
	Mono<SessionRow> session(SessionKey key, boolean includeDeleted) {
		return this.sessions.require(key, includeDeleted);
	}

	/**
	 * What fits. Errors: 404, 422 if nothing does, or there are too many instructions,
	 * 503.
	 * @param keepsInstructions whether system and developer messages come first, or not
	 * at all
	 */
	Mono<ModelContext> fit(SessionRow session, ContextLimits limits, boolean keepsInstructions) {
		return Mono.defer(() -> fitOnce(session, limits, keepsInstructions)).retryWhen(AGAIN);
	}

	private Mono<ModelContext> fitOnce(SessionRow session, ContextLimits limits, boolean keepsInstructions) {
		List<Range> view = session.viewed();
		return instructions(session.id(), view).flatMap((seqs) -> {
			Set<Long> instructions = new HashSet<>(seqs);
			Mono<List<ModelMessage>> read = keepsInstructions ? messages(session.id(), seqs) : Mono.just(List.of());
			return read.flatMap((first) -> grow(new Reading(session.id(), view, instructions, limits, first)));
		}).map((context) -> {
			if (context.isTooSmall()) {
				throw tooSmall(context.needed());
			}
			return context;
		});
	}

	private Mono<List<Long>> instructions(long sessionDbId, List<Range> view) {
		return Flux.fromIterable(view)
			.flatMapSequential(
					(range) -> this.lanes.read(INSTRUCTIONS, new LogRange(sessionDbId, range.from(), range.to())), 8)
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
		return this.log.stream(List.of(part)).collectList().flatMap((chunks) -> {
			List<EncodedMessage> found = new ArrayList<>();
			chunks.forEach(found::addAll);
			return grow(reading.with(found));
		});
	}

	private static long seq(RowReader row) {
		return row.number();
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

		private final Set<Long> instructions;

		private final ContextLimits limits;

		private final List<ModelMessage> first;

		private final List<ModelMessage> read = new ArrayList<>();

		/** The range that is read, and up to where. */
		private int range;

		private long to;

		private long size = FIRST_PART;

		Reading(long sessionDbId, List<Range> view, Set<Long> instructions, ContextLimits limits,
				List<ModelMessage> first) {
			this.sessionDbId = sessionDbId;
			this.view = view;
			this.instructions = instructions;
			this.limits = limits;
			this.first = first;
			this.range = view.size() - 1;
			this.to = view.isEmpty() ? 0 : view.get(this.range).to();
		}

		boolean isAtBeginning() {
			return this.range < 0;
		}

		ModelContext context() {
			List<MessageGroup> groups = MessageGroup.of(this.read, isAtBeginning());
			return new ModelContext(this.limits, this.first).take(isAtBeginning() ? groups : certain(groups));
		}

		/**
		 * Without the oldest group, which may have more before it, unless it is too large
		 * already.
		 */
		private List<MessageGroup> certain(List<MessageGroup> groups) {
			if (groups.isEmpty() || this.read.get(0).results().isEmpty()) {
				return groups;
			}
			List<MessageGroup> without = groups.subList(1, groups.size());
			ModelContext context = new ModelContext(this.limits, this.first).take(without);
			MessageGroup oldest = groups.get(0);
			boolean fits = this.limits.allow(context.tokens() + oldest.tokens(),
					context.messages().size() + oldest.size());
			return fits ? without : groups;
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
					found.stream()
						.filter((message) -> !this.instructions.contains(message.seq()))
						.map(ModelMessage::of)
						.toList());
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
