package dev.agentsessions.database;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntFunction;

import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/**
 * The buckets that a job which often recurs looks at in each of its rounds: a quarter of
 * them in turn, but eight at least. So each has its turn within four rounds, and the job
 * costs little while nothing happens, however many buckets there are.
 */
public final class BucketTurns {

	private static final int ROUNDS = 4;

	private static final int LEAST = 8;

	private final int atOnce;

	/** 1 for a bucket that shall not have to wait. */
	private final AtomicIntegerArray hurried;

	private int next;

	private int nextHurried;

	public BucketTurns(Buckets buckets) {
		this.hurried = new AtomicIntegerArray(buckets.count());
		this.atOnce = Math.min(buckets.count(), Math.max(LEAST, (buckets.count() + ROUNDS - 1) / ROUNDS));
	}

	/**
	 * Has the bucket looked at in the next round, unless very many are; cheap, from any
	 * thread.
	 */
	public void hurry(int bucket) {
		if (this.hurried.get(bucket) == 0) {
			this.hurried.set(bucket, 1);
		}
	}

	/**
	 * Does this in each bucket of the next round, one after the other, also if it fails
	 * in some; then it ends with one of the errors.
	 */
	public <T> Flux<T> round(IntFunction<? extends Publisher<T>> work) {
		return Flux.defer(() -> Buckets.each(Flux.fromIterable(next()), work));
	}

	/**
	 * The buckets of the next round: those whose turn it is, and as many again of those
	 * that are in a hurry.
	 */
	synchronized List<Integer> next() {
		int count = this.hurried.length();
		List<Integer> round = new ArrayList<>();
		for (int i = 0; i < this.atOnce; i++) {
			round.add(this.next);
			this.hurried.set(this.next, 0);
			this.next = (this.next + 1) % count;
		}
		int from = this.nextHurried;
		for (int i = 0; i < count && round.size() < 2 * this.atOnce; i++) {
			int bucket = (from + i) % count;
			if (this.hurried.getAndSet(bucket, 0) == 1) {
				round.add(bucket);
				this.nextHurried = bucket + 1;
			}
		}
		return round;
	}

}
