package dev.agentsessions.message.log;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

import dev.agentsessions.TestStore;
import dev.agentsessions.database.lane.Lanes;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.LogRange;
import dev.agentsessions.problem.Problems;
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
		Mono<Void> changed = Mono.<Void>fromRunnable(change).subscribeOn(Schedulers.boundedElastic());
		return new OfStore(store) {
			@Override
			public Mono<List<Long>> findSeqs(LogRange range, MessageFilter filter, int limit, boolean newest) {
				return changed.then(super.findSeqs(range, filter, limit, newest));
			}

			@Override
			public Mono<List<Long>> findIds(LogRange range, List<String> ids) {
				return changed.then(super.findIds(range, ids));
			}
		};
	}

	/** Logs that note which ranges are searched. */
	static MessageLog noting(TestStore store, List<LogRange> searched) {
		return new OfStore(store) {
			@Override
			public Mono<List<EncodedMessage>> find(LogRange range, MessageFilter filter, int limit, boolean newest) {
				searched.add(range);
				return super.find(range, filter, limit, newest);
			}
		};
	}

	/** Logs of which the first search is refused. */
	static MessageLog busyAtFirst(TestStore store) {
		AtomicBoolean searched = new AtomicBoolean();
		return new OfStore(store) {
			@Override
			public Mono<List<EncodedMessage>> find(LogRange range, MessageFilter filter, int limit, boolean newest) {
				return !searched.getAndSet(true) ? Mono.error(Problems.busy("Others come first."))
						: super.find(range, filter, limit, newest);
			}
		};
	}

	/** Logs of which that of one session cannot be read. */
	public static MessageLog refusing(TestStore store, long sessionDbId) {
		return new OfStore(store) {
			@Override
			public Mono<List<EncodedMessage>> beginUncached(LogRange range) {
				return (range.sessionDbId() == sessionDbId) ? Mono.error(Problems.busy("It takes too long."))
						: super.beginUncached(range);
			}
		};
	}

	/** Logs that read messages like this. */
	public static MessageLog reading(Function<LogRange, Mono<List<EncodedMessage>>> read) {
		return new MessageLog(null, null, null) {
			@Override
			public Mono<List<EncodedMessage>> beginUncached(LogRange range) {
				return read.apply(range);
			}
		};
	}

	private static class OfStore extends MessageLog {

		OfStore(TestStore store) {
			super(store.bean(Lanes.class), store.bean(LogCache.class), store.bean(MessageRepository.class));
		}

	}

}
