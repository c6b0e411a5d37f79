package dev.agentsessions.tail.draft;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

import dev.agentsessions.problem.Problems;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionProblems;
import dev.agentsessions.tail.draft.hub.Draft;
import dev.agentsessions.tail.draft.hub.DraftHub;
import dev.agentsessions.tail.draft.hub.DraftProblems;
import dev.agentsessions.tail.draft.hub.DraftWriter;
import dev.agentsessions.tail.draft.store.DraftPlace;
import dev.agentsessions.tail.draft.store.DraftRepository;
import dev.agentsessions.tail.draft.store.DraftRow;
import dev.agentsessions.write.Write;
import dev.agentsessions.write.Writes;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Component;

/**
 * How a request becomes the present writer of a draft. What another writer has said so
 * far is stored first; then the draft is taken over on condition that nothing of that has
 * changed.
 */
@Component
class DraftOpener {

	private static final Duration ASK_AGAIN = Duration.ofMillis(15);

	/** As often a draft is begun that others begin or end at the same time. */
	private static final int ATTEMPTS = 5;

	private final DraftHub hub;

	private final DraftRepository repository;

	private final Writes writes;

	private final DraftSettings settings;

	DraftOpener(DraftHub hub, DraftRepository repository, Writes writes, DraftSettings settings) {
		this.hub = hub;
		this.repository = repository;
		this.writes = writes;
		this.settings = settings;
	}

	/**
	 * Makes the request the draft's present writer, unless the draft is a message
	 * already. Errors: 404, 409, 410, 429, 503.
	 */
	Mono<Void> open(DraftRequest request) {
		return open(request, ATTEMPTS);
	}

	private Mono<Void> open(DraftRequest request, int attempts) {
		if (attempts == 0) {
			return Mono.error(Problems.busy("Others begin and end this draft at the same time; nothing was done."));
		}
		DraftTarget target = request.target();
		long moment = request.drafts().moment();
		long epoch = this.repository.epoch();
		Mono<Void> again = Mono.defer(() -> open(request, attempts - 1));
		return settled(request).flatMap((found) -> {
			if (found.isEmpty() && !target.create()) {
				return Mono.error(SessionProblems.notFound());
			}
			if (found.isEmpty()) {
				return (target.offset() == 0) ? create(target.session()).then(again)
						: Mono.error(DraftProblems.offset(0));
			}
			DraftPlace place = found.get();
			if (place.deleted()) {
				return Mono.error(SessionProblems.deleted());
			}
			request.setSessionRow(place.session());
			Long message = place.message();
			if (message != null) {
				request.setMessage(message);
				return Mono.empty();
			}
			return claim(request, place, moment)
				.flatMap((row) -> goOn(request, place.session(), row, moment, epoch).thenReturn(true))
				.switchIfEmpty(again.thenReturn(true))
				.then();
		});
	}

	/** It can be followed at once, before it has a message. */
	private Mono<Void> create(SessionKey session) {
		return this.writes.write(Write.append(session, List.of(), true, null, null)).then();
	}

	/** Where the draft is, when all is stored that another writer has said. */
	private Mono<Optional<DraftPlace>> settled(DraftRequest request) {
		DraftTarget target = request.target();
		Draft known = request.drafts().open(target.messageId());
		DraftWriter here = (known != null) ? known.writer() : null;
		Mono<Void> stored = (here != null) ? here.flush() : Mono.empty();
		return stored.then(
				settled(target.session(), Mono.defer(() -> this.repository.place(target.session(), target.messageId())),
						(found) -> found.map(DraftPlace::draft).stream().toList()));
	}

	/**
	 * The draft with this replica as its writer; empty if it has changed meanwhile.
	 * @param moment of the session at which it was not known yet where the draft is
	 */
	private Mono<DraftRow> claim(DraftRequest request, DraftPlace place, long moment) {
		DraftTarget target = request.target();
		DraftRow row = place.draft();
		long length = (row != null) ? row.length() : 0;
		if (length != target.offset()) {
			return Mono.error(DraftProblems.offset(length));
		}
		if (row != null) {
			Draft draft = request.drafts().found(row, moment);
			// if another one has become known meanwhile, all begins again
			return (draft == null) ? Mono.empty()
					: copy(draft, row).then(this.repository.takeOver(row, this.hub.replica()))
						.filter((done) -> done)
						.map((done) -> row.next());
		}
		// these are no exact limits: who begins at the same time does not count yet
		if (place.ofSession() >= this.settings.maxPerSession()) {
			return Mono.error(DraftProblems.tooMany("session", this.settings.maxPerSession()));
		}
		return this.repository.ofTenant(target.session().tenant())
			.flatMap((count) -> (count < this.settings.maxPerTenant())
					? this.repository.begin(target.session(), place, target.messageId(), this.hub.replica())
					: Mono.error(DraftProblems.tooMany("tenant", this.settings.maxPerTenant())));
	}

	private Mono<Void> goOn(DraftRequest request, long session, DraftRow row, long moment, long epoch) {
		Draft draft = request.drafts().opened(row);
		return copy(draft, row).then(Mono.fromRunnable(() -> {
			request
				.setWriter(this.hub.begin(request.drafts(), session, draft, row, moment, epoch, request.callerFault()));
			if (draft.length() != request.target().offset() && !draft.isOver()) {
				throw DraftProblems.noRoom();
			}
		}));
	}

	/** Has its text here, where its writer goes on. Errors: 503. */
	private Mono<Void> copy(Draft draft, DraftRow row) {
		return draft.isHere(row.length()) ? Mono.empty() : this.repository.pieces(row, draft.length())
			.doOnNext(draft::addStored)
			.flatMap((pieces) -> draft.isHere(row.length()) ? Mono.empty() : Mono.error(DraftProblems.noRoom()));
	}

	/**
	 * The drafts of a session, when all is stored that writers on other replicas have
	 * said.
	 */
	Mono<List<DraftRow>> settled(SessionKey session) {
		return settled(session, Mono.defer(() -> this.repository.rows(session)), (rows) -> rows);
	}

	/**
	 * What is found when all is stored that writers on other replicas have said.
	 * @param look what is done until then
	 * @param rows the drafts in what is found
	 */
	private <T> Mono<T> settled(SessionKey session, Mono<T> look, Function<T, List<DraftRow>> rows) {
		return look.flatMap((found) -> {
			List<DraftRow> others = rows.apply(found)
				.stream()
				.filter((row) -> row.isWrittenElsewhere(this.hub.replica()))
				.toList();
			return others.isEmpty() ? Mono.just(found) : want(session, others).then(answered(look, rows, deadline()));
		});
	}

	private <T> Mono<T> answered(Mono<T> look, Function<T, List<DraftRow>> rows, long deadline) {
		return look.flatMap((found) -> (isOver(deadline) || rows.apply(found).stream().allMatch(this::isSettled))
				? Mono.just(found) : Mono.delay(ASK_AGAIN).then(answered(look, rows, deadline)));
	}

	private boolean isSettled(DraftRow row) {
		return row.answered() || !row.isWrittenElsewhere(this.hub.replica());
	}

	private Mono<Void> want(SessionKey session, List<DraftRow> rows) {
		return this.repository.want(session, rows).doOnSuccess((done) -> this.hub.tellOthers(session));
	}

	private long deadline() {
		return System.nanoTime() + this.hub.times().patience().toNanos();
	}

	private static boolean isOver(long deadline) {
		return System.nanoTime() - deadline > 0;
	}

}
