package dev.agentsessions.retention;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;

import dev.agentsessions.retention.RemovalRepository.Part;
import dev.agentsessions.retention.RemovalRepository.Piece;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Service;

/**
 * Removes what was put out of reach, whoever did that and whatever became of him: small
 * sessions several at a time, large ones in pieces, with a pause after each statement.
 * There is nothing to remember, so a crash leaves nothing behind but work for the next
 * sweep.
 */
@Service
class Removal {

	private final RemovalRepository repository;

	private final Duration pause;

	private final int mostRows;

	private final PieceSize size;

	Removal(RemovalRepository repository, RetentionSettings settings) {
		this.repository = repository;
		this.pause = settings.pause();
		this.mostRows = settings.batchSize();
		this.size = new PieceSize(this.mostRows);
	}

	/**
	 * Removes all there is but for what other replicas are at work on. Emits what each
	 * statement has removed. Errors: 503, with the statements before it done.
	 * @param enough asked before each statement
	 */
	Flux<Tally> sweep(BooleanSupplier enough) {
		Mono<Tally> round = round(enough).reduce(Tally.NONE, Tally::plus);
		return round.expand((done) -> (done.isNone() || enough.getAsBoolean()) ? Mono.empty() : round)
			.filter((done) -> !done.isNone());
	}

	private Flux<Tally> round(BooleanSupplier enough) {
		return this.repository.find(this.mostRows)
			.flatMapIterable(this::groups)
			.concatMap((group) -> enough.getAsBoolean() ? Mono.empty() : remove(group, enough), 0);
	}

	/** Together what can go in one statement, alone what can't. */
	private List<List<PurgedSession>> groups(List<PurgedSession> sessions) {
		List<List<PurgedSession>> groups = new ArrayList<>();
		long rows = Long.MAX_VALUE / 2;
		for (PurgedSession session : sessions) {
			rows += session.rows();
			if (rows > this.size.rows()) {
				groups.add(new ArrayList<>());
				rows = session.rows();
			}
			groups.get(groups.size() - 1).add(session);
		}
		return groups;
	}

	private Flux<Tally> remove(List<PurgedSession> group, BooleanSupplier enough) {
		PurgedSession first = group.get(0);
		Flux<Tally> removed = (first.rows() <= this.size.rows())
				? timed(this.repository.removeWhole(group.stream().map(PurgedSession::id).toList())).flux()
				: Flux.concat(pieces(Part.MESSAGES, first.id(), enough).map((piece) -> new Tally(0, piece.rows())),
						pieces(Part.SWITCHES, first.id(), enough).thenMany(pieces(Part.KEYS, first.id(), enough))
							.thenMany(timed(this.repository.removeEmptied(first.id()))));
		return removed;
	}

	private Flux<Piece> pieces(Part part, long session, BooleanSupplier enough) {
		return piece(part, session, part.start).expand((piece) -> enough.getAsBoolean() ? Mono.empty()
				: piece(part, session, Objects.requireNonNull(piece.last())));
	}

	private Mono<Piece> piece(Part part, long session, Object after) {
		return timed(Mono.defer(() -> this.repository.removePiece(part, session, after, this.size.rows())));
	}

	/** Then pauses. */
	private <T> Mono<T> timed(Mono<T> statement) {
		return Mono.defer(() -> {
			long start = System.nanoTime();
			return statement.doOnTerminate(() -> this.size.took(Duration.ofNanos(System.nanoTime() - start)));
		}).flatMap((done) -> Mono.delay(this.pause).thenReturn(done));
	}

}
