package dev.agentsessions.message.log;

import java.util.Arrays;
import java.util.List;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalListener;
import dev.agentsessions.database.lane.Lanes;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.LogRange;
import dev.agentsessions.session.SessionState;
import dev.agentsessions.write.Commit;
import dev.agentsessions.write.Commits;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.jspecify.annotations.Nullable;

import org.springframework.stereotype.Component;

/**
 * Messages as encoded bytes, bounded in bytes, the least useful out first. It never lies:
 * between the first and the last seq of a session's row the log never changes, the key is
 * the row's id and the seq, which are never used twice, and a read asks it only for what
 * a row, read after the request came in, says is there. A new lane connection may be one
 * to another server, on which numbers were used differently (a failover that lost
 * something), so it empties the cache and begins a new epoch; what was under way in an
 * older one is not taken in.
 */
@Component
final class LogCache {

	/**
	 * Messages are kept in blocks of neighbours, so that a page is one or two look-ups.
	 */
	private static final int BLOCK = 32;

	/** Object headers, the block's array and the cache's own entry, for each message. */
	private static final int OVERHEAD = 80;

	private final Cache<BlockKey, EncodedMessage[]> blocks;

	private final Lanes lanes;

	private final Counter hits;

	private final Counter misses;

	LogCache(CacheSettings settings, Lanes lanes, Commits commits, MeterRegistry meters) {
		this.lanes = lanes;
		this.blocks = Caffeine.newBuilder()
			.maximumWeight(settings.bytes())
			.weigher(LogCache::weigh)
			.evictionListener(evictions(meters))
			// upkeep is short, and the thread that causes it does it
			.executor(Runnable::run)
			.build();
		this.hits = messages(meters, "hit");
		this.misses = messages(meters, "miss");
		Gauge.builder("store.cache.size", this.blocks, LogCache::weight)
			.description("bytes of messages that are kept")
			.baseUnit("bytes")
			.register(meters);
		lanes.onNewConnection(this.blocks::invalidateAll);
		commits.listen(this::committed);
	}

	/** To be asked before the statement whose results are then {@link #put}. */
	long epoch() {
		return this.lanes.epoch();
	}

	/**
	 * The messages of a range that are here; null for each that is not.
	 */
	List<@Nullable EncodedMessage> get(LogRange range) {
		@Nullable EncodedMessage[] found = find(range);
		count(found);
		return Arrays.asList(found);
	}

	private @Nullable EncodedMessage[] find(LogRange range) {
		@Nullable EncodedMessage[] found = new EncodedMessage[(int) range.count()];
		for (int at = 0; at < found.length;) {
			long seq = range.from() + at;
			int inBlock = (int) (seq % BLOCK);
			int count = Math.min(BLOCK - inBlock, found.length - at);
			EncodedMessage[] block = this.blocks.getIfPresent(new BlockKey(range.sessionDbId(), seq / BLOCK));
			if (block != null) {
				System.arraycopy(block, inBlock, found, at, count);
			}
			at += count;
		}
		return found;
	}

	private void count(@Nullable EncodedMessage[] found) {
		int hits = 0;
		for (EncodedMessage message : found) {
			hits += (message != null) ? 1 : 0;
		}
		this.hits.increment(hits);
		if (hits < found.length) {
			this.misses.increment(found.length - hits);
		}
	}

	/**
	 * Takes in messages that are committed.
	 * @param epoch what {@link #epoch()} was before the statement that read or wrote them
	 * @param messages ascending
	 */
	void put(long epoch, long sessionDbId, List<EncodedMessage> messages) {
		int from = 0;
		while (from < messages.size() && epoch == epoch()) {
			long number = messages.get(from).seq() / BLOCK;
			int to = from + 1;
			while (to < messages.size() && messages.get(to).seq() / BLOCK == number) {
				to++;
			}
			List<EncodedMessage> part = messages.subList(from, to);
			BlockKey key = new BlockKey(sessionDbId, number);
			this.blocks.asMap().compute(key, (same, block) -> merge(block, part));
			// the cache is emptied after a new epoch has begun: what that may have missed
			// is thrown away here
			if (epoch != epoch()) {
				this.blocks.invalidate(key);
			}
			from = to;
		}
	}

	/** What was just written is what is read next. */
	private void committed(Commit commit) {
		SessionState after = commit.after();
		if (after != null && !commit.messages().isEmpty()) {
			put(commit.epoch(), after.id(), commit.messages());
		}
	}

	private static EncodedMessage[] merge(EncodedMessage @Nullable [] block, List<EncodedMessage> part) {
		EncodedMessage[] merged = (block != null) ? block.clone() : new EncodedMessage[BLOCK];
		part.forEach((message) -> merged[(int) (message.seq() % BLOCK)] = message);
		return merged;
	}

	private static int weigh(BlockKey key, EncodedMessage[] block) {
		long bytes = BLOCK * 8L + OVERHEAD;
		for (EncodedMessage message : block) {
			bytes += (message != null) ? message.size() + OVERHEAD : 0;
		}
		return (int) Math.min(Integer.MAX_VALUE, bytes);
	}

	private static long weight(Cache<BlockKey, EncodedMessage[]> blocks) {
		return blocks.policy().eviction().map((eviction) -> eviction.weightedSize().orElse(0)).orElse(0L);
	}

	private static Counter messages(MeterRegistry meters, String outcome) {
		return Counter.builder("store.cache.messages")
			.description("messages that a read looked for")
			.tag("outcome", outcome)
			.register(meters);
	}

	private static RemovalListener<BlockKey, EncodedMessage[]> evictions(MeterRegistry meters) {
		Counter evictions = Counter.builder("store.cache.evictions")
			.description("blocks of up to " + BLOCK + " messages that gave way to others")
			.register(meters);
		return (key, block, cause) -> evictions.increment();
	}

	private record BlockKey(long sessionDbId, long number) {
	}

}
