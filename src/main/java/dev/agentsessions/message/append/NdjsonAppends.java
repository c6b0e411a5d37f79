package dev.agentsessions.message.append;

import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

import dev.agentsessions.message.MessageReader;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.web.json.JsonTree;
import dev.agentsessions.web.request.Fields;
import dev.agentsessions.web.request.LimitSettings;
import dev.agentsessions.web.request.NdjsonLine;
import dev.agentsessions.web.request.RequestMemory;
import dev.agentsessions.write.Write;
import dev.agentsessions.write.Writes;
import dev.agentsessions.write.Written;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

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

	NdjsonAppends(Writes writes, MessageReader reader, LimitSettings limits, RequestMemory memory) {
		this.writes = writes;
		this.reader = reader;
		this.limits = limits;
		this.memory = memory;
	}

	/**
	 * Appends all lines. A bad one stops it; everything before that line is committed.
	 * Errors: those of an append, and 400 or 413 for a line, each with how many messages
	 * were <code>committed</code>.
	 */
	Mono<AppendedLines> append(SessionKey session, boolean create, Flux<NdjsonLine> lines) {
		return Mono.defer(() -> {
			AppendProgress progress = new AppendProgress();
			return lines.map(this::read)
				.bufferUntil(new ChunkEnd())
				.concatMap((chunk) -> append(session, create, chunk, progress), 1)
				.then(Mono.fromSupplier(progress::end))
				.onErrorMap(ProblemException.class,
						(error) -> error.problem().with("committed", progress.committed).exception());
		});
	}

	private Mono<Void> append(SessionKey session, boolean create, List<ReadLine> chunk, AppendProgress progress) {
		List<NewMessage> messages = chunk.stream().map(ReadLine::message).filter(Objects::nonNull).toList();
		ProblemException fault = chunk.get(chunk.size() - 1).fault();
		Mono<Void> end = (fault != null) ? Mono.error(fault) : Mono.empty();
		return messages.isEmpty() ? end
				: this.writes.write(Write.lines(session, messages, create, progress.isBeginning()))
					.doOnNext((done) -> progress.add(done, messages.size()))
					.then(end);
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
			return new ReadLine(message, null, line.bytes().length);
		}
		catch (ProblemException ex) {
			return new ReadLine(null, line.fault(ex), 0);
		}
	}

	private record ReadLine(@Nullable NewMessage message, @Nullable ProblemException fault, int size) {
	}

	/** Ends a chunk when it is large enough, and with the first bad line. */
	private static final class ChunkEnd implements Predicate<ReadLine> {

		private int messages;

		private long bytes;

		@Override
		public boolean test(ReadLine line) {
			this.messages++;
			this.bytes += line.size();
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

		/** Whether no line has been written: those that are known may be passed over. */
		boolean isBeginning() {
			return this.committed == 0;
		}

		AppendedLines end() {
			if (this.committed + this.known == 0) {
				throw Problems.invalid("The body has no line with a message.");
			}
			return new AppendedLines(this.first, this.last, this.committed, (this.known > 0) ? this.known : null);
		}

	}

}
