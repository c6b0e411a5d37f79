package dev.agentsessions.message.log;

import java.util.List;

import dev.agentsessions.TestStore;
import dev.agentsessions.database.lane.Lanes;
import dev.agentsessions.message.LogRange;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Logs that are not left alone.
 */
public final class TestLog {

	private TestLog() {
	}

	/** Logs of which this is done to one before its numbers are looked for. */
	public static MessageLog changedWhileSearched(TestStore store, Runnable change) {
		return new MessageLog(store.bean(Lanes.class), store.bean(LogCache.class),
				store.bean(MessageRepository.class)) {
			@Override
			public Mono<List<Long>> findSeqs(LogRange range, MessageFilter filter, int limit, boolean newest) {
				return Mono.fromRunnable(change)
					.subscribeOn(Schedulers.boundedElastic())
					.then(super.findSeqs(range, filter, limit, newest));
			}
		};
	}

}
