package dev.agentsessions.turn;

import java.util.Optional;

import dev.agentsessions.agent.AgentWrites;
import dev.agentsessions.agent.NewSwitch;
import dev.agentsessions.database.JsonText;
import dev.agentsessions.database.LaneConnection;
import dev.agentsessions.database.LaneTransaction;
import dev.agentsessions.database.Lanes;
import dev.agentsessions.message.MessageProblems;
import dev.agentsessions.message.MessageWrites;
import dev.agentsessions.session.IdempotencyKeys;
import dev.agentsessions.session.KeptAnswer;
import dev.agentsessions.session.LockedSession;
import dev.agentsessions.session.SessionLock;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Service;

/**
 * Turns: what messages and agents each do, in one transaction under the session's lock.
 */
@Service
class Turns {

	private final Lanes lanes;

	private final AgentWrites agents;

	private final LaneTransaction<Turn, TurnDone> operation = new LaneTransaction<>(this::run, Turn::size);

	Turns(Lanes lanes, AgentWrites agents) {
		this.lanes = lanes;
		this.agents = agents;
	}

	/**
	 * Does all of the turn or nothing. Errors: 404 without a session that it may not
	 * create, or without a context for its metadata; 409, 410, 412, 422, 503.
	 */
	Mono<TurnDone> take(Turn turn) {
		return this.lanes.write(turn.session(), this.operation, turn);
	}

	private Mono<TurnDone> run(LaneConnection connection, Turn turn) {
		return SessionLock.take(connection, turn.session(), turn.create())
			.flatMap((session) -> IdempotencyKeys.find(connection, session, turn.key())
				.map((kept) -> new TurnDone(kept.firstSeq(), kept.lastSeq(), kept.agentSwitch(), true))
				.switchIfEmpty(Mono.defer(() -> run(connection, session, turn))));
	}

	private Mono<TurnDone> run(LaneConnection connection, LockedSession session, Turn turn) {
		if (turn.expectedLast() != null && turn.expectedLast() != session.lastSeq()) {
			return Mono.error(MessageProblems.conflict(session.lastSeq()));
		}
		Long first = turn.messages().isEmpty() ? null : session.lastSeq() + 1;
		return MessageWrites.append(connection, session, turn.messages())
			.flatMap((last) -> makeSwitch(connection, session.advancedTo(last), turn.agentSwitch())
				.flatMap((made) -> setMetadata(connection, session, turn)
					.thenReturn(new TurnDone(first, last, made.orElse(null), false))))
			.flatMap((done) -> IdempotencyKeys
				.keep(connection, session, turn.key(),
						new KeptAnswer(done.firstSeq(), done.lastSeq(), done.agentSwitch(), session.now()))
				.then(SessionLock.touch(connection, session))
				.thenReturn(done));
	}

	private Mono<Optional<JsonText>> makeSwitch(LaneConnection connection, LockedSession session,
			@Nullable NewSwitch wanted) {
		return (wanted != null) ? this.agents.switchTo(connection, session, wanted).map(Optional::of)
				: Mono.just(Optional.empty());
	}

	private Mono<Void> setMetadata(LaneConnection connection, LockedSession session, Turn turn) {
		JsonText metadata = turn.contextMetadata();
		return (metadata != null) ? this.agents.setMetadata(connection, session, metadata) : Mono.empty();
	}

}
