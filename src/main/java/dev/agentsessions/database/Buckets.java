package dev.agentsessions.database;

import java.util.Collection;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

import org.reactivestreams.Publisher;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * How the sessions of a store are divided, so that the parts can be on several machines:
 * each bucket is a schema with all the tables, and a session is in one with everything
 * that belongs to it. With one bucket there is no schema of its own.
 *
 * @param count at least 1; fixed when the tables are made
 */
public record Buckets(int count) {

	/**
	 * The bucket of a session, from 0. Its names decide, so it stays the same for ever:
	 * their hash, with its bits mixed (the end of MurmurHash3: Appleby, 2011).
	 */
	public int of(BucketKey session) {
		int hash = session.number();
		hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
		hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
		return Math.floorMod(hash ^ (hash >>> 16), this.count);
	}

	/** The bucket of a session, or a draft, whose row has this id. */
	public int ofRow(long id) {
		return (int) Math.floorMod(id - 1, (long) this.count);
	}

	/**
	 * What <code>store_row_ids</code> has counted, as an id of a row of this bucket.
	 * There is one counter for all, so that the order of ids is that in which rows are
	 * made.
	 */
	public long rowId(long counted, int bucket) {
		return (counted - 1) * this.count + bucket + 1;
	}

	/** What the name of a table begins with for a statement that is run elsewhere. */
	public String qualifier(int bucket) {
		return (this.count == 1) ? "" : schema(bucket) + ".";
	}

	/** The schema of a bucket; empty for that of the connection. */
	public String schema(int bucket) {
		return (this.count == 1) ? "" : "bucket_" + bucket;
	}

	/** These by their buckets. */
	public <T extends BucketKey> Collection<List<T>> divide(List<T> sessions) {
		return sessions.stream().collect(Collectors.groupingBy(this::of)).values();
	}

	/**
	 * Does this in all buckets at once; answers in their order. An error is told when all
	 * have ended, of several one.
	 * @param most how many at once
	 */
	public <T> Mono<List<T>> together(IntFunction<Mono<T>> work, int most) {
		if (this.count == 1) {
			return work.apply(0).map(List::of);
		}
		return Flux.range(0, this.count)
			.flatMapSequential((bucket) -> work.apply(bucket).materialize(), most)
			.collectList()
			.flatMapMany(Flux::fromIterable)
			.concatMap((outcome) -> outcome.isOnError() ? Mono.<T>error(outcome.getThrowable())
					: Mono.justOrEmpty(outcome.get()))
			.collectList();
	}

	/**
	 * Does this in each bucket, one after the other, also if it fails in some; then it
	 * ends with one of the errors.
	 */
	public <T> Flux<T> each(IntFunction<? extends Publisher<T>> work) {
		return each(Flux.range(0, this.count), work);
	}

	static <T> Flux<T> each(Flux<Integer> buckets, IntFunction<? extends Publisher<T>> work) {
		return buckets.concatMapDelayError(work::apply, 1)
			.onErrorMap(Exceptions::isMultiple, (errors) -> Exceptions.unwrapMultiple(errors).get(0));
	}

}
