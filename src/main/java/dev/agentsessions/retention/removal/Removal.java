package dev.agentsessions.retention.removal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

import dev.agentsessions.retention.PieceSize;
import dev.agentsessions.retention.RetentionMetrics;
import dev.agentsessions.retention.RetentionPace;
import dev.agentsessions.retention.Tally;
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
public class Removal {

	private final RemovalRepository repository;

	private final RetentionMetrics metrics;

	private final Duration pause;

	private final int mostRows;

	private final PieceSize size;

	Removal(RemovalRepository repository, RetentionPace pace, RetentionMetrics metrics) {
		this.repository = repository;
		this.metrics = metrics;
		this.pause = pace.pause();
		this.mostRows = pace.batchSize();
		this.size = new PieceSize(this.mostRows);
	}

	/**
	 * Removes all there is but for what other replicas are at work on; answers how much
	 * that was. Errors: 503, with the statements before it done.
	 * @param enough asked before each statement
	 */
	public Mono<Tally> sweep(BooleanSupplier enough) {
		Mono<Tally> round = round(enough).doOnNext(this.metrics::removed).reduce(Tally.NONE, Tally::plus);
		return round.expand((done) -> (done.isNone() || enough.getAsBoolean()) ? Mono.empty() : round)
			.reduce(Tally.NONE, Tally::plus);
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
		long first = group.get(0).id();
		if (group.get(0).rows() <= this.size.rows()) {
			return timed(this.repository.removeWhole(group.stream().map(PurgedSession::id).toList())).flux();
		}
		Flux<Piece> others = pieces(Part.SWITCHES, first, enough).thenMany(pieces(Part.KEYS, first, enough));
		return pieces(Part.MESSAGES, first, enough).map((piece) -> new Tally(0, piece.rows()))
			.concatWith(others.then(timed(this.repository.removeEmptied(first))).map((rows) -> new Tally(rows, 0)));
	}

	private Flux<Piece> pieces(Part part, long session, BooleanSupplier enough) {
		return piece(part, session, part.start())
			.expand((piece) -> enough.getAsBoolean() ? Mono.empty() : piece(part, session, piece.reach()));
	}

	private Mono<Piece> piece(Part part, long session, Object from) {
		return Mono.defer(() -> this.repository.findPiece(part, session, from, this.size.rows()))
			.flatMap((reach) -> timed(this.repository.removePiece(part, session, from, reach))
				.map((rows) -> new Piece(rows, reach)))
			.filter((piece) -> piece.rows() > 0);
	}

	/** Then pauses. */
	private <T> Mono<T> timed(Mono<T> statement) {
		return this.size.timed(statement).flatMap((done) -> Mono.delay(this.pause).thenReturn(done));
	}

	/**
	 * Some rows that were removed.
	 *
	 * @param reach the key of the last of them
	 */
	private record Piece(long rows, Object reach) {
	}

}
