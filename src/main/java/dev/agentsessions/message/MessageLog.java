package dev.agentsessions.message;

import java.util.List;

import dev.agentsessions.database.Lanes;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Component;

/**
 * Reads of a log. Between the first and the last seq that a session's row names, the log
 * has no gaps and never changes; fewer rows than that mean that it was replaced or
 * removed meanwhile.
 */
@Component
public class MessageLog {

	private static final RangeReads reads = new RangeReads();

	private static final int FIRST_CHUNK = 32;

	private static final int MAX_CHUNK = 1000;

	/**
	 * What a chunk should come to: enough to be worth a statement, and little for one
	 * slow reader to hold.
	 */
	private static final int CHUNK_BYTES = 128 * 1024;

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
	 * All messages of a range, from the cache where they are there. Errors:
	 * {@link LogChanged} if some are gone, 503.
	 */
	public Mono<List<EncodedMessage>> read(LogRange range) {
		return read(range, true);
	}

	private Mono<List<EncodedMessage>> read(LogRange range, boolean keep) {
		if (range.count() == 0) {
			return Mono.just(List.of());
		}
		List<@Nullable EncodedMessage> cached = this.cache.get(range);
		int first = cached.indexOf(null);
		if (first < 0) {
			return Mono.just(cached);
		}
		LogRange missing = new LogRange(range.sessionDbId(), range.from() + first,
				range.from() + cached.lastIndexOf(null));
		return fetch(missing, keep).map((fetched) -> {
			for (int i = 0; i < fetched.size(); i++) {
				cached.set(first + i, fetched.get(i));
			}
			return cached;
		});
	}

	private Mono<List<EncodedMessage>> fetch(LogRange range, boolean keep) {
		long epoch = this.cache.epoch();
		return this.lanes.read(reads, range)
			.filter((messages) -> messages.size() == range.count())
			.switchIfEmpty(Mono.error(LogChanged.INSTANCE))
			.doOnNext((messages) -> {
				if (keep) {
					this.cache.put(epoch, range.sessionDbId(), messages);
				}
			});
	}

	/**
	 * At most limit messages of a range that pass the filter, the first or the newest
	 * ones, ascending.
	 */
	Mono<List<EncodedMessage>> find(LogRange range, MessageFilter filter, int limit, boolean newest) {
		return this.repository.find(range, filter, limit, newest);
	}

	/**
	 * The messages of a range that pass the filter, of any number, in chunks that are
	 * read as they are asked for; no connection is held in between. Errors:
	 * {@link LogChanged}, 503.
	 */
	Flux<List<EncodedMessage>> stream(LogRange range, MessageFilter filter) {
		return open(range, filter).flatMapMany((messages) -> messages);
	}

	/**
	 * The same, with the first chunk read already: an error up to there is one of the
	 * opening, before anything is answered.
	 */
	Mono<Flux<List<EncodedMessage>>> open(LogRange range, MessageFilter filter) {
		if (range.count() == 0) {
			return Mono.just(Flux.empty());
		}
		return chunk(range, filter, FIRST_CHUNK).map((first) -> Mono.just(first)
			.expand((chunk) -> chunk.isLast() ? Mono.empty() : chunk(chunk.rest(), filter, chunk.next()))
			.map(Chunk::messages)
			.filter((messages) -> !messages.isEmpty()));
	}

	private Mono<Chunk> chunk(LogRange range, MessageFilter filter, int size) {
		if (!filter.isNone()) {
			return find(range, filter, size, false).map((found) -> new Chunk(found,
					(found.size() < size) ? range.to() : found.get(found.size() - 1).seq(), range));
		}
		long to = Math.min(range.from() + size - 1, range.to());
		return read(new LogRange(range.sessionDbId(), range.from(), to), range.count() <= MOST_KEPT)
			.map((found) -> new Chunk(found, to, range));
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
			return new LogRange(this.range.sessionDbId(), this.to + 1, this.range.to());
		}

		/** How many messages the next chunk should have, judged by these. */
		int next() {
			long bytes = this.messages.stream().mapToLong(EncodedMessage::size).sum();
			return (int) Math.max(1,
					Math.min(MAX_CHUNK, CHUNK_BYTES * (long) this.messages.size() / Math.max(1, bytes)));
		}

	}

	/** The log is not what its session's row promised a moment ago. */
	public static final class LogChanged extends RuntimeException {

		static final LogChanged INSTANCE = new LogChanged();

		private LogChanged() {
			super("the log was replaced or removed while it was read", null, false, false);
		}

	}

}
