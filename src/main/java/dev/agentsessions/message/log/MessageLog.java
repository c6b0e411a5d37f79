package dev.agentsessions.message.log;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import dev.agentsessions.database.lane.Lanes;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.LogRange;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.write.Writes;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;
import reactor.util.retry.RetryBackoffSpec;

import org.springframework.stereotype.Component;

/**
 * Reads of a log. Between the first and the last seq that a session's row names, the log
 * has no gaps and never changes; fewer rows than that mean that it was replaced or
 * removed meanwhile.
 */
@Component
public class MessageLog {

	/** The log is not what its session's row promised a moment ago. */
	public static final ProblemException CHANGED = Problems.busy("The log was replaced or removed while it was read.");

	/** For who reads the session's row again after that, or compares with it again. */
	public static final RetryBackoffSpec AGAIN = Writes.AGAIN
		.filter((error) -> error == CHANGED || error == Writes.CHANGED);

	/** A reader that has much of a log already is not sent away by a moment's crowd. */
	private static final Retry PATIENTLY = Retry.backoff(4, Duration.ofMillis(100))
		.maxBackoff(Duration.ofSeconds(1))
		.jitter(0.5)
		.filter((error) -> error instanceof ProblemException refusal && refusal.problem().status() == 503
				&& refusal != CHANGED)
		.onRetryExhaustedThrow((spec, last) -> last.failure());

	/** Each batch has room for at least its first. */
	private static final Retry NEXT_BATCH = Retry.max(20)
		.filter((error) -> error == RangeReads.CROWDED_OUT)
		.onRetryExhaustedThrow((spec, last) -> last.failure());

	private static final int FIRST_CHUNK = 32;

	private static final int MAX_CHUNK = 2000;

	/**
	 * What a chunk should come to: enough to be worth two statements, and little for one
	 * slow reader to hold.
	 */
	private static final int CHUNK_BYTES = 256 * 1024;

	/** How many messages one statement looks through for those of a stream. */
	private static final long MOST_SEARCHED = 100_000;

	/**
	 * Longer ranges are read once and not again soon: they would only push others out.
	 */
	private static final long MOST_KEPT = 10_000;

	private final Lanes lanes;

	private final LogCache cache;

	private final MessageRepository repository;

	MessageLog(Lanes lanes, LogCache cache, MessageRepository repository) {
		this.lanes = lanes;
		this.cache = cache;
		this.repository = repository;
	}

	/**
	 * The first messages of a range: all, if they are not too many bytes to hold; at
	 * least one, unless the range is empty. From the cache where they are there. Errors:
	 * {@link #CHANGED} if some are gone, 503.
	 */
	public Mono<List<EncodedMessage>> begin(LogRange range) {
		return begin(range, RangeReads.isShort(range), true);
	}

	/**
	 * The same for who has time, and does not expect others to read them soon: it waits
	 * some moments for a database that is too busy.
	 */
	public Mono<List<EncodedMessage>> beginUncached(LogRange range) {
		return Mono.defer(() -> begin(range, RangeReads.isShort(range), false)).retryWhen(PATIENTLY);
	}

	/**
	 * The first messages of a range, from the cache where they are there.
	 * @param small whether all of it should be small, seen from what is before it
	 * @param keep whether it is worth a place in the cache
	 */
	private Mono<List<EncodedMessage>> begin(LogRange range, boolean small, boolean keep) {
		if (range.count() == 0) {
			return Mono.just(List.of());
		}
		List<@Nullable EncodedMessage> cached = this.cache.get(range);
		int first = cached.indexOf(null);
		if (first < 0) {
			return Mono.just(beginning(cached));
		}
		LogRange missing = new LogRange(range.sessionDbId(), range.from() + first,
				range.from() + cached.lastIndexOf(null));
		return fetch(missing, small, keep).map((fetched) -> {
			for (int i = 0; i < fetched.size(); i++) {
				cached.set(first + i, fetched.get(i));
			}
			return beginning(cached);
		});
	}

	/** Up to what is missing, or too much. */
	private static List<EncodedMessage> beginning(List<@Nullable EncodedMessage> messages) {
		long bytes = 0;
		for (int i = 0; i < messages.size(); i++) {
			EncodedMessage message = messages.get(i);
			if (message == null || bytes >= RangeReads.MOST_BYTES) {
				return messages.subList(0, i);
			}
			bytes += message.size();
		}
		return messages;
	}

	private Mono<List<EncodedMessage>> fetch(LogRange range, boolean small, boolean keep) {
		long epoch = this.cache.epoch();
		return read(range, small).filter((messages) -> isBeginning(messages, range))
			.switchIfEmpty(Mono.error(CHANGED))
			.doOnNext((messages) -> {
				if (keep) {
					this.cache.put(epoch, range.sessionDbId(), messages);
				}
			});
	}

	/** Large messages are found by a second look, after the small ones before them. */
	private Mono<List<EncodedMessage>> read(LogRange range, boolean small) {
		if (!small) {
			return read(RangeReads.OF_ANY, range);
		}
		return read(RangeReads.OF_SMALL, range).flatMap((found) -> {
			LogRange rest = range.from(range.from() + found.size());
			return (rest.count() == 0 || mayBeCut(found)) ? Mono.just(found) : read(RangeReads.OF_ANY, rest)
				.map((others) -> Stream.concat(found.stream(), others.stream()).toList());
		});
	}

	private Mono<List<EncodedMessage>> read(RangeReads reads, LogRange range) {
		return this.lanes.readOf(range.sessionDbId(), reads, range).retryWhen(NEXT_BATCH);
	}

	private static boolean isBeginning(List<EncodedMessage> messages, LogRange range) {
		return !messages.isEmpty() && messages.get(0).seq() == range.from()
				&& messages.get(messages.size() - 1).seq() == range.from() + messages.size() - 1;
	}

	/**
	 * At most limit messages of a range that pass the filter, the first or the newest
	 * ones, ascending; fewer if they are too many bytes to hold, see {@link #mayBeCut}.
	 */
	public Mono<List<EncodedMessage>> find(LogRange range, MessageFilter filter, int limit, boolean newest) {
		return this.repository.find(range, filter, limit, newest);
	}

	/** Whether there may be others that were too many bytes to be found as well. */
	public static boolean mayBeCut(List<EncodedMessage> found) {
		return EncodedMessage.bytes(found) >= RangeReads.MOST_BYTES;
	}

	/** The numbers of the messages that {@link #find} would find if it could hold any. */
	public Mono<List<Long>> findSeqs(LogRange range, MessageFilter filter, int limit, boolean newest) {
		return this.repository.findSeqs(range, filter, limit, newest);
	}

	/** The numbers of the messages of a range that have one of these ids, ascending. */
	public Mono<List<Long>> findIds(LogRange range, List<String> ids) {
		return this.repository.findIds(range, ids);
	}

	/**
	 * The messages of a range that pass the filter, of any number, in chunks of which one
	 * is read ahead; no connection is held in between. A chunk that the database is too
	 * busy for is asked for again, at most four times. Errors: {@link #CHANGED}, 503.
	 */
	public Flux<List<EncodedMessage>> stream(LogRange range, MessageFilter filter) {
		return Mono.defer(() -> open(range, filter)).retryWhen(PATIENTLY).flatMapMany((messages) -> messages);
	}

	/**
	 * What {@link #stream} gives, once its first chunk is read: an error up to there is
	 * one of the opening, before anything is answered, and comes at once.
	 */
	public Mono<Flux<List<EncodedMessage>>> open(LogRange range, MessageFilter filter) {
		if (range.count() == 0) {
			return Mono.just(Flux.empty());
		}
		boolean keep = range.count() <= MOST_KEPT;
		// what follows a chunk is begun as soon as that is taken, whether it is asked for
		// or not
		return chunk(range, filter, FIRST_CHUNK, keep).map((first) -> Mono.just(first)
			.expand((chunk) -> chunk.isLast() ? Mono.empty()
					: Mono.defer(() -> chunk(chunk.rest(), filter, chunk.next(), keep)).retryWhen(PATIENTLY))
			.map(Chunk::messages)
			.filter((messages) -> !messages.isEmpty()));
	}

	/** The messages of these ranges, one after the other. */
	public Mono<Flux<List<EncodedMessage>>> open(List<LogRange> ranges) {
		return ranges.isEmpty() ? Mono.just(Flux.empty())
				: open(ranges.get(0), MessageFilter.NONE)
					.map((first) -> first.concatWith(Flux.fromIterable(ranges.subList(1, ranges.size()))
						.concatMap((range) -> stream(range, MessageFilter.NONE), 1)));
	}

	/** The same, message by message; no more of their chunks are read ahead. */
	public Flux<EncodedMessage> messages(List<LogRange> ranges) {
		return open(ranges).flatMapMany((chunks) -> chunks).concatMapIterable((chunk) -> chunk, 1);
	}

	private Mono<Chunk> chunk(LogRange range, MessageFilter filter, int size, boolean keep) {
		if (!filter.isNone()) {
			LogRange searched = range.to(Math.min(range.from() + MOST_SEARCHED - 1, range.to()));
			return find(searched, filter, size, false).map((found) -> new Chunk(found,
					(found.size() < size && !mayBeCut(found)) ? searched.to() : found.get(found.size() - 1).seq(),
					range));
		}
		long to = Math.min(range.from() + size - 1, range.to());
		return halves(new LogRange(range.sessionDbId(), range.from(), to), keep)
			.map((found) -> new Chunk(found, found.get(found.size() - 1).seq(), range));
	}

	/**
	 * The beginning of a range, of which both halves are asked for at once: they take
	 * different lanes, so one is put together by the database while the other is taken in
	 * here.
	 */
	private Mono<List<EncodedMessage>> halves(LogRange range, boolean keep) {
		if (range.count() <= FIRST_CHUNK) {
			return begin(range, true, keep);
		}
		LogRange second = range.from(range.from() + range.count() / 2);
		LogRange first = range.to(second.from() - 1);
		return begin(first, true, keep).zipWith(begin(second, true, keep),
				(found, others) -> (found.size() < first.count()) ? found
						: Stream.concat(found.stream(), others.stream()).toList());
	}

	/**
	 * A part of a range.
	 *
	 * @param to up to where the range has been read
	 */
	private record Chunk(List<EncodedMessage> messages, long to, LogRange range) {

		boolean isLast() {
			return this.to >= this.range.to();
		}

		LogRange rest() {
			return this.range.from(this.to + 1);
		}

		/** How many messages the next chunk should have, judged by these. */
		int next() {
			if (this.messages.isEmpty()) {
				return FIRST_CHUNK;
			}
			long bytes = EncodedMessage.bytes(this.messages);
			return (int) Math.max(1, Math.min(MAX_CHUNK, CHUNK_BYTES * (long) this.messages.size() / bytes));
		}

	}

}
