package dev.agentsessions.tail.draft;

import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

import dev.agentsessions.message.MessageExists;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionReads;
import dev.agentsessions.tail.draft.hub.Draft;
import dev.agentsessions.tail.draft.hub.DraftHub;
import dev.agentsessions.tail.draft.hub.DraftProblems;
import dev.agentsessions.tail.draft.hub.DraftWriter;
import dev.agentsessions.tail.draft.store.DraftPiece;
import dev.agentsessions.tail.draft.store.DraftRepository;
import dev.agentsessions.tail.draft.store.DraftRow;
import dev.agentsessions.web.request.NdjsonLine;
import dev.agentsessions.write.Write;
import dev.agentsessions.write.Writes;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Service;

/**
 * Writing and reading messages in the making. The text of a draft is for those who watch;
 * its message is appended as any other, whatever has become of the draft.
 */
@Service
class Drafts {

	private static final Comparator<DraftRow> OLDEST_FIRST = Comparator.comparing(DraftRow::startedAt)
		.thenComparing(DraftRow::messageId);

	private final DraftHub hub;

	private final DraftRepository repository;

	private final DraftOpener opener;

	private final DraftLines reader;

	private final Writes writes;

	private final SessionReads sessions;

	Drafts(DraftHub hub, DraftRepository repository, DraftOpener opener, DraftLines reader, Writes writes,
			SessionReads sessions) {
		this.hub = hub;
		this.repository = repository;
		this.opener = opener;
		this.reader = reader;
		this.writes = writes;
		this.sessions = sessions;
	}

	/**
	 * Writes to a draft as the lines come, until one of them ends it, or there are no
	 * more. Errors: those of an append; 409 if the draft has come to another place, or
	 * another writer goes on with it; 408 after a silence; 429; 400 and 413 for a line.
	 * After an error, and when the caller goes away, the draft is open if it has any
	 * text; but for 408, 404 and 410, after which there is none.
	 * @param callerFault why the caller would not be let in now; null if it would
	 */
	Mono<DraftAnswer> write(DraftTarget target, Flux<NdjsonLine> lines,
			Supplier<@Nullable ProblemException> callerFault) {
		return Mono.usingWhen(Mono.fromSupplier(() -> begin(target, callerFault)), (request) -> write(request, lines),
				DraftRequest::close, (request, error) -> request.close(), DraftRequest::close);
	}

	private DraftRequest begin(DraftTarget target, Supplier<@Nullable ProblemException> callerFault) {
		if (this.hub.isClosing()) {
			throw DraftProblems.shuttingDown();
		}
		DraftRequest request = new DraftRequest(target, this.hub, callerFault);
		request.open(this.opener.open(request));
		return request;
	}

	/** Its body is listened to from the first: else nobody would hear that it breaks. */
	private Mono<DraftAnswer> write(DraftRequest request, Flux<NdjsonLine> lines) {
		Mono<DraftAnswer> end = lines
			.concatMap((line) -> request.opened().then(Mono.defer(() -> take(request, line))), 1)
			.next();
		return Mono.firstWithSignal(end, request.stopped())
			.switchIfEmpty(request.opened().then(Mono.defer(() -> bodyEnds(request))));
	}

	private static Mono<DraftAnswer> bodyEnds(DraftRequest request) {
		DraftWriter writer = request.writer();
		return (writer == null) ? Mono.error(isMessage(request)) : leaveOpen(request.target(), writer);
	}

	private static Mono<DraftAnswer> leaveOpen(DraftTarget target, DraftWriter writer) {
		return writer.leaveOpen().map((length) -> new DraftAnswer.Open(target.messageId(), length));
	}

	/** Does what a line says; answers how the draft ends, if it does. */
	private Mono<DraftAnswer> take(DraftRequest request, NdjsonLine line) {
		DraftLine said;
		try {
			said = this.reader.read(request.target().messageId(), line);
			say(request.writer(), said.text());
		}
		catch (ProblemException ex) {
			return Mono.error(line.fault(ex));
		}
		NewMessage message = said.message();
		return (message != null) ? commit(request, message) : said.discard() ? discard(request) : Mono.empty();
	}

	private void say(@Nullable DraftWriter writer, @Nullable String text) {
		if (writer != null && text != null) {
			if (writer.draft().size() + ByteBufUtil.utf8Bytes(text) > this.reader.mostBytes()) {
				throw Problems.tooLarge("The draft is larger than " + this.reader.mostBytes() + " bytes.").exception();
			}
			writer.say(text);
		}
	}

	private Mono<DraftAnswer> commit(DraftRequest request, NewMessage message) {
		// a session that is gone since the draft was opened stays so
		Write end = Write.draftEnd(request.target().session(), request.sessionRow(), message);
		Mono<DraftAnswer.Appended> append = Mono.defer(() -> this.writes.write(end)).map(DraftAnswer.Appended::new);
		DraftWriter writer = request.writer();
		return (writer == null) ? append.cast(DraftAnswer.class) : request
			.end(writer.beginCommit()
				.then(append.doOnNext((done) -> writer.committed(Objects.requireNonNull(done.done().firstSeq())))
					.doOnError((error) -> writer.commitFailed(error))))
			.cast(DraftAnswer.class);
	}

	private static Mono<DraftAnswer> discard(DraftRequest request) {
		DraftWriter writer = request.writer();
		if (writer == null) {
			return Mono.error(isMessage(request));
		}
		return request.end(writer.discard())
			.flatMap((done) -> done ? Mono.just(new DraftAnswer.Discarded()) : Mono.error(DraftProblems.taken()));
	}

	private static ProblemException isMessage(DraftRequest request) {
		return new MessageExists(Map.of(request.target().messageId(), Objects.requireNonNull(request.message())));
	}

	/**
	 * The open drafts of a session, whose texts are read one after another as they are
	 * asked for: all together may be far larger than a message. One that ends before it
	 * is its turn is left out. Errors: 404, 410, 503.
	 */
	Mono<Flux<OpenDraft>> list(SessionKey session) {
		return this.sessions.requireHead(session, false)
			.then(this.opener.settled(session))
			.map((rows) -> Flux.fromStream(rows.stream().sorted(OLDEST_FIRST))
				.concatMap((row) -> text(session, row)
					.map((text) -> new OpenDraft(row.messageId(), text, row.startedAt())), 1));
	}

	private Mono<String> text(SessionKey session, DraftRow row) {
		Draft here = this.hub.writtenHere(session, row);
		return (here != null) ? Mono.just(here.text())
				: this.repository.pieces(row, 0)
					.filter((pieces) -> row.length() == 0 || !pieces.isEmpty())
					.map((pieces) -> String.join("", pieces.stream().map(DraftPiece::text).toList()));
	}

}
