package dev.agentsessions.tail.draft;

import java.time.Duration;
import java.util.function.Supplier;

import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.tail.draft.hub.DraftHub;
import dev.agentsessions.tail.draft.hub.DraftProblems;
import dev.agentsessions.tail.draft.hub.DraftWriter;
import dev.agentsessions.tail.draft.hub.SessionDrafts;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A request that writes to a draft, from its beginning to its end.
 */
final class DraftRequest {

	/**
	 * How often it is looked whether a request may go on that has no draft to write to.
	 */
	private static final Duration LOOK = Duration.ofSeconds(1);

	private final DraftTarget target;

	private final DraftHub hub;

	private final SessionDrafts drafts;

	private final Supplier<@Nullable ProblemException> callerFault;

	private Mono<Void> opened = Mono.never();

	private volatile Mono<?> ending = Mono.empty();

	private volatile long sessionRow;

	private volatile @Nullable Long message;

	private volatile @Nullable DraftWriter writer;

	/**
	 * Begins; nothing is known of the draft yet.
	 * @param callerFault why the caller would not be let in now; null if it would
	 */
	DraftRequest(DraftTarget target, DraftHub hub, Supplier<@Nullable ProblemException> callerFault) {
		this.target = target;
		this.hub = hub;
		this.callerFault = callerFault;
		this.drafts = hub.writerComes(target.session());
	}

	/** Begins to open the draft, which ends whether or not somebody waits for it. */
	void open(Mono<Void> opening) {
		long moment = this.drafts.beginsOpening();
		this.opened = opening.doFinally((signal) -> this.drafts.endsOpening(moment)).cache();
		this.opened.subscribe(null, (error) -> {
			// told to those who ask
		});
	}

	/** Completes when the draft is open. Errors: those of opening it. */
	Mono<Void> opened() {
		return this.opened;
	}

	/** Fails when the request has to end for another reason than what it says. */
	<T> Mono<T> stopped() {
		return this.opened.then(Mono.defer(() -> {
			DraftWriter begun = this.writer;
			return (begun != null) ? begun.stopped().then(Mono.never()) : stoppedWithoutWriter();
		}));
	}

	private <T> Mono<T> stoppedWithoutWriter() {
		return Flux.interval(LOOK).flatMap((tick) -> Mono.justOrEmpty(whyToStop())).next().flatMap(Mono::error);
	}

	private @Nullable ProblemException whyToStop() {
		ProblemException fault = this.callerFault.get();
		return (fault == null && this.hub.isClosing()) ? DraftProblems.shuttingDown() : fault;
	}

	DraftTarget target() {
		return this.target;
	}

	SessionDrafts drafts() {
		return this.drafts;
	}

	Supplier<@Nullable ProblemException> callerFault() {
		return this.callerFault;
	}

	/** The id of the row of the session in which the draft was opened. */
	long sessionRow() {
		return this.sessionRow;
	}

	void setSessionRow(long id) {
		this.sessionRow = id;
	}

	/**
	 * The number of the message that the draft had become before the request came; null
	 * if it had not. What is said then is passed over, and only its end counts.
	 */
	@Nullable Long message() {
		return this.message;
	}

	void setMessage(long seq) {
		this.message = seq;
	}

	/** Its part as the present writer; null if the draft is a message already. */
	@Nullable DraftWriter writer() {
		return this.writer;
	}

	void setWriter(DraftWriter writer) {
		this.writer = writer;
	}

	/** Does what ends the draft, whether or not somebody waits for it. */
	<T> Mono<T> end(Mono<T> ending) {
		Mono<T> shared = ending.cache();
		this.ending = shared;
		return shared;
	}

	/** Leaves a draft open that has any text and does not end. */
	Mono<Void> close() {
		return this.opened.onErrorComplete()
			.then(Mono.defer(() -> this.ending.onErrorComplete().then()))
			.then(Mono.defer(() -> {
				DraftWriter begun = this.writer;
				return (begun != null) ? begun.close() : Mono.<Void>empty();
			}))
			.doFinally((signal) -> this.hub.writerGoes(this.drafts));
	}

}
