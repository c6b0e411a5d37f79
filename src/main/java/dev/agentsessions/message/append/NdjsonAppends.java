package dev.agentsessions.message.append;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

import dev.agentsessions.message.MessageExists;
import dev.agentsessions.message.MessageReader;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.problem.Problem;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.web.json.JsonTree;
import dev.agentsessions.web.request.Fields;
import dev.agentsessions.web.request.InFlightBodies;
import dev.agentsessions.web.request.LimitSettings;
import dev.agentsessions.web.request.NdjsonLine;
import dev.agentsessions.web.request.RequestMemory;
import dev.agentsessions.write.Write;
import dev.agentsessions.write.Writes;
import dev.agentsessions.write.Written;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Signal;

import org.springframework.stereotype.Service;

/**
 * Appends lines as they come, in chunks that are each all or nothing, one chunk at a
 * time: what the client sends faster waits in its own connection.
 */
@Service
class NdjsonAppends {

	private static final int CHUNK_MESSAGES = 500;

	private static final long CHUNK_BYTES = 1 << 20;

	private final Writes writes;

	private final MessageReader reader;

	private final LimitSettings limits;

	private final RequestMemory memory;

	private final InFlightBodies bodies;

	NdjsonAppends(Writes writes, MessageReader reader, LimitSettings limits, RequestMemory memory,
			InFlightBodies bodies) {
		this.writes = writes;
		this.reader = reader;
		this.limits = limits;
		this.memory = memory;
		this.bodies = bodies;
	}

	/**
	 * Appends all lines. A bad one stops it; everything before that line is committed.
	 * Errors: those of an append, 408 of the body, and 400 or 413 for a line, each with
	 * how many messages were <code>committed</code>.
	 * @param lines by what takes room for all that has come and is not written yet
	 */
	Mono<AppendedLines> append(SessionKey session, boolean create,
			Function<InFlightBodies.Share, Flux<NdjsonLine>> lines) {
		return Mono.using(this.bodies::share, (share) -> {
			AppendProgress progress = new AppendProgress();
			return lines.apply(share)
				.map(this::read)
				.bufferUntil(new ChunkEnd(share))
				// a body that breaks off waits for what is being written
				.materialize()
				.concatMap(
						(chunk) -> append(session, create, chunk, progress).doOnSuccess((done) -> leave(chunk, share)),
						1)
				.then(Mono.fromSupplier(progress::end))
				.onErrorMap(ProblemException.class, (error) -> progress.told(error.problem()).exception());
		}, InFlightBodies.Share::leave);
	}

	private static void leave(Signal<List<ReadLine>> chunk, InFlightBodies.Share share) {
		List<ReadLine> written = chunk.get();
		if (written != null) {
			share.take(-written.stream().mapToLong((line) -> line.line().bytes().length).sum());
		}
	}

	private Mono<Void> append(SessionKey session, boolean create, Signal<List<ReadLine>> chunk,
			AppendProgress progress) {
		return chunk.isOnError() ? Mono.error(Objects.requireNonNull(chunk.getThrowable()))
				: Mono.justOrEmpty(chunk.get()).flatMap((lines) -> append(session, create, lines, progress));
	}

	private Mono<Void> append(SessionKey session, boolean create, List<ReadLine> chunk, AppendProgress progress) {
		ProblemException fault = chunk.get(chunk.size() - 1).fault();
		List<ReadLine> good = (fault != null) ? chunk.subList(0, chunk.size() - 1) : chunk;
		Mono<Void> end = (fault != null) ? Mono.error(fault) : Mono.empty();
		int repeated = firstRepeated(good);
		if (repeated < good.size()) {
			// the first of the two is stored then, and known
			return write(session, create, good.subList(0, repeated), progress)
				.then(Mono.defer(() -> append(session, create, chunk.subList(repeated, chunk.size()), progress)));
		}
		return good.isEmpty() ? end : write(session, create, good, progress).then(end);
	}

	/** Which line is the first with an id that one before it has. */
	private static int firstRepeated(List<ReadLine> lines) {
		Set<String> ids = new HashSet<>();
		for (int i = 0; i < lines.size(); i++) {
			String id = Objects.requireNonNull(lines.get(i).message()).id();
			if (id != null && !ids.add(id)) {
				return i;
			}
		}
		return lines.size();
	}

	/**
	 * Of lines of which one has a known id those before it. Then that id is looked for
	 * once more: the log may have been replaced meanwhile.
	 */
	private Mono<Void> write(SessionKey session, boolean create, List<ReadLine> lines, AppendProgress progress) {
		List<NewMessage> messages = lines.stream().map(ReadLine::message).map(Objects::requireNonNull).toList();
		// a session that lines have been written to, and that is gone, stays so
		return this.writes.write(Write.lines(session, messages, create && progress.isNone(), progress.isBeginning()))
			.doOnNext((done) -> progress.add(done, messages.size()))
			.then()
			.onErrorResume(MessageExists.class, (exists) -> {
				int first = exists.first();
				if (first > 0) {
					return write(session, create, lines.subList(0, first), progress)
						.then(Mono.defer(() -> write(session, create, lines.subList(first, lines.size()), progress)));
				}
				String id = Objects.requireNonNull(messages.get(0).id());
				return Mono.error(lines.get(0).line().fault(new MessageExists(Map.of(id, exists.known().get(id)))));
			});
	}

	private ReadLine read(NdjsonLine line) {
		try {
			if (line.tooLong()) {
				throw Problems.tooLarge("The line is longer than " + this.limits.message().toBytes() + " bytes.")
					.exception();
			}
			Fields fields = Fields.of(JsonTree.parse(line.bytes(), this.memory.values()));
			NewMessage message = this.reader.read(fields);
			fields.end();
			return new ReadLine(line, message, null);
		}
		catch (ProblemException ex) {
			return new ReadLine(line, null, line.fault(ex));
		}
	}

	/** A line with a message, or a fault. */
	private record ReadLine(NdjsonLine line, @Nullable NewMessage message, @Nullable ProblemException fault) {
	}

	/** Ends a chunk when it is large enough, and with the first bad line. */
	private static final class ChunkEnd implements Predicate<ReadLine> {

		private final InFlightBodies.Share share;

		private int messages;

		private long bytes;

		ChunkEnd(InFlightBodies.Share share) {
			this.share = share;
		}

		@Override
		public boolean test(ReadLine line) {
			this.messages++;
			this.bytes += line.line().bytes().length;
			this.share.take(line.line().bytes().length);
			boolean end = this.messages == CHUNK_MESSAGES || this.bytes >= CHUNK_BYTES || line.fault() != null;
			if (end) {
				this.messages = 0;
				this.bytes = 0;
			}
			return end;
		}

	}

	/** What is committed so far; written by one chunk after the other. */
	private static final class AppendProgress {

		private volatile long first;

		private volatile long last;

		private volatile long committed;

		private volatile long known;

		void add(Written done, int messages) {
			Long first = done.firstSeq();
			this.first = (isBeginning() && this.known == 0 && first != null) ? first : this.first;
			this.last = done.lastSeq();
			this.known += done.known();
			this.committed += messages - done.known();
		}

		/** Whether no line has been written, nor was known. */
		boolean isNone() {
			return this.committed + this.known == 0;
		}

		/** Whether no line has been written: those that are known may be passed over. */
		boolean isBeginning() {
			return this.committed == 0;
		}

		/** What is said to have done nothing has done nothing after that. */
		Problem told(Problem problem) {
			Problem told = (this.committed > 0)
					? problem.after("After " + this.committed + " messages were committed: ") : problem;
			return told.with("committed", this.committed);
		}

		AppendedLines end() {
			if (isNone()) {
				throw Problems.invalid("The body has no line with a message.");
			}
			return new AppendedLines(this.first, this.last, this.committed, (this.known > 0) ? this.known : null);
		}

	}

}
