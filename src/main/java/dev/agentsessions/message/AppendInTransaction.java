package dev.agentsessions.message;

import dev.agentsessions.database.LaneConnection;
import dev.agentsessions.session.IdempotencyKeys;
import dev.agentsessions.session.KeptAnswer;
import dev.agentsessions.session.LockedSession;
import dev.agentsessions.session.SessionLock;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * An append in several statements: simple, and slow. H2 has no statement that could do it
 * at once.
 */
final class AppendInTransaction {

	private AppendInTransaction() {
	}

	static Mono<Appended> run(LaneConnection connection, Append append) {
		return SessionLock.take(connection, append.session(), append.create())
			.flatMap((session) -> IdempotencyKeys.find(connection, session, append.key())
				.map((kept) -> replay(session, kept))
				.switchIfEmpty(Mono.defer(() -> append(connection, session, append))));
	}

	private static Appended replay(LockedSession session, KeptAnswer kept) {
		Long first = kept.firstSeq();
		return new Appended(session.id(), (first != null) ? first : 0, kept.lastSeq(), session.lastSwitchNo(),
				kept.createdAt(), true);
	}

	private static Mono<Appended> append(LaneConnection connection, LockedSession session, Append append) {
		if (!isExpected(append.expectedLast(), session.lastSeq()) || !isExpected(append.expectedRow(), session.id())) {
			return Mono.error(MessageProblems.conflict(session.lastSeq()));
		}
		return MessageWrites.append(connection, session, append.messages())
			.map((last) -> new Appended(session.id(), session.lastSeq() + 1, last, session.lastSwitchNo(),
					session.now(), false))
			.flatMap((done) -> IdempotencyKeys
				.keep(connection, session, append.key(),
						new KeptAnswer(done.firstSeq(), done.lastSeq(), null, done.timestamp()))
				.thenReturn(done));
	}

	private static boolean isExpected(@Nullable Long expected, long found) {
		return expected == null || expected == found;
	}

}
