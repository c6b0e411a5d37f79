package dev.agentsessions.message.page;

import java.util.List;
import java.util.function.Function;

import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.LogRange;
import dev.agentsessions.message.MessageProblems;
import dev.agentsessions.message.log.MessageFilter;
import dev.agentsessions.message.log.MessageLog;
import dev.agentsessions.session.LogHead;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionReads;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Service;

/**
 * Pages of a log. Each begins with the session's row, read after the request came in, so
 * a page is as fresh as a query; numbers have no gaps, so page N is a range and costs the
 * same at any depth. Errors of all: 404, 410, 503.
 */
@Service
class MessagePages {

	private final SessionReads sessions;

	private final MessageLog log;

	MessagePages(SessionReads sessions, MessageLog log) {
		this.sessions = sessions;
		this.log = log;
	}

	/** The session whose log is read. */
	Mono<LogHead> session(SessionKey key, boolean includeDeleted) {
		return this.sessions.requireHead(key, includeDeleted);
	}

	/** Page number n, counted from 1, the oldest messages first. */
	Mono<LogPage> numbered(LogHead session, long number, int size) {
		return again(session, (head) -> {
			long skipped = (number - 1 > head.messageCount() / size) ? head.messageCount() : (number - 1) * size;
			return pageFrom(head, head.firstSeq() + skipped, size);
		});
	}

	/** The first messages after a seq. */
	Mono<LogPage> after(LogHead session, long after, int limit, MessageFilter filter) {
		return again(session, (head) -> {
			long from = (after >= head.lastSeq()) ? head.lastSeq() + 1 : Math.max(after + 1, head.firstSeq());
			return filter.isNone() ? pageFrom(head, from, limit)
					: filtered(head, new LogRange(head.id(), from, head.lastSeq()), limit, filter, false);
		});
	}

	/** The last messages before a seq. */
	Mono<LogPage> before(LogHead session, long before, int limit, MessageFilter filter) {
		return again(session, (head) -> {
			long to = Math.min(before - 1, head.lastSeq());
			LogRange range = new LogRange(head.id(), head.firstSeq(), to);
			if (!filter.isNone()) {
				return filtered(head, range, limit, filter, true);
			}
			long from = Math.max(to - limit + 1, head.firstSeq());
			return page(head, new LogRange(head.id(), from, to), from > head.firstSeq() && from <= to);
		});
	}

	/** One message. Errors: 404 if the log does not hold it. */
	Mono<EncodedMessage> one(LogHead session, long seq) {
		return again(session, (head) -> (seq < head.firstSeq() || seq > head.lastSeq())
				? Mono.error(MessageProblems.notFound()) : page(head, new LogRange(head.id(), seq, seq), false))
			.map((page) -> page.messages().get(0));
	}

	/** The messages with these ids; those that there are. */
	Mono<LogPage> withIds(LogHead session, List<String> ids) {
		return again(session, (head) -> {
			LogRange all = new LogRange(head.id(), head.firstSeq(), head.lastSeq());
			return this.log.findIds(all, ids)
				.flatMap((found) -> this.log
					.open(found.stream().map((seq) -> new LogRange(head.id(), seq, seq)).toList()))
				.flatMap((messages) -> unchanged(head)
					.thenReturn(new LogPage(head, LogRange.NONE, List.of(), messages, false)));
		});
	}

	/** Everything from one seq to another that passes the filter, both exclusive. */
	Mono<LogPage> all(LogHead session, long after, long before, MessageFilter filter) {
		return again(session, (head) -> {
			LogRange range = new LogRange(head.id(), Math.max(Math.min(after, head.lastSeq()) + 1, head.firstSeq()),
					Math.min(before - 1, head.lastSeq()));
			return this.log.open(range, filter)
				.map((messages) -> new LogPage(head, LogRange.NONE, List.of(),
						filter.isNone() ? messages : messages.concatWith(unchanged(head).then(Mono.empty())), false));
		});
	}

	private Mono<LogPage> pageFrom(LogHead head, long from, int size) {
		long last = Math.min(from + size - 1, head.lastSeq());
		return page(head, new LogRange(head.id(), from, last), last < head.lastSeq());
	}

	private Mono<LogPage> page(LogHead head, LogRange range, boolean hasMore) {
		return this.log.begin(range).map((messages) -> {
			LogRange rest = range.from(range.from() + messages.size());
			return new LogPage(head, range, messages,
					(rest.count() > 0) ? this.log.stream(rest, MessageFilter.NONE) : null, hasMore);
		});
	}

	private Mono<LogPage> filtered(LogHead head, LogRange range, int limit, MessageFilter filter, boolean newest) {
		return this.log.find(range, filter, limit + 1, newest).flatMap((found) -> {
			boolean hasMore = found.size() > limit;
			if (!hasMore && MessageLog.mayBeCut(found)) {
				return large(head, range, limit, filter, newest);
			}
			List<EncodedMessage> messages = !hasMore ? found
					: newest ? found.subList(1, found.size()) : found.subList(0, limit);
			LogRange all = messages.isEmpty() ? LogRange.NONE
					: new LogRange(head.id(), messages.get(0).seq(), messages.get(messages.size() - 1).seq());
			return Mono.just(new LogPage(head, all, messages, null, hasMore));
		}).flatMap((page) -> unchanged(head).thenReturn(page));
	}

	/** One that is too large to hold: where it begins and ends is looked up first. */
	private Mono<LogPage> large(LogHead head, LogRange range, int limit, MessageFilter filter, boolean newest) {
		return this.log.findSeqs(range, filter, limit + 1, newest).flatMap((found) -> {
			if (found.isEmpty()) {
				return Mono.error(MessageLog.CHANGED);
			}
			boolean hasMore = found.size() > limit;
			int first = (hasMore && newest) ? 1 : 0;
			LogRange all = new LogRange(head.id(), found.get(first),
					found.get(Math.min(found.size(), first + limit) - 1));
			return Mono.just(new LogPage(head, all, List.of(),
					this.log.stream(all, filter).concatWith(unchanged(head).then(Mono.empty())), hasMore));
		});
	}

	/**
	 * A filter, or ids, hide how many messages there should be, so the head is looked at
	 * once more.
	 */
	private Mono<Void> unchanged(LogHead head) {
		return this.sessions.findHead(head.key(), true)
			.filter((now) -> now.isPresent() && now.get().id() == head.id() && now.get().firstSeq() == head.firstSeq())
			.switchIfEmpty(Mono.error(MessageLog.CHANGED))
			.then();
	}

	/**
	 * Reads the session's row again if its log changed between the row and the messages.
	 * One that is soft-deleted meanwhile is read as it was before that.
	 */
	private <T> Mono<T> again(LogHead session, Function<LogHead, Mono<T>> read) {
		return read.apply(session)
			.onErrorResume((error) -> error == MessageLog.CHANGED,
					(changed) -> this.sessions.requireHead(session.key(), true)
						.flatMap(read)
						.retryWhen(MessageLog.AGAIN));
	}

}
