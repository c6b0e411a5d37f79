package dev.agentsessions.write.batch;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.agentsessions.database.Engine;
import dev.agentsessions.database.lane.Lanes;
import dev.agentsessions.database.lane.operation.Answer;
import dev.agentsessions.database.lane.operation.LaneConnection;
import dev.agentsessions.database.lane.operation.LaneOperation;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.problem.UnexpectedErrors;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.write.Change;
import dev.agentsessions.write.Commits;
import dev.agentsessions.write.LockedSession;
import dev.agentsessions.write.Write;
import dev.agentsessions.write.Writes.Done;
import dev.agentsessions.write.Writes.Request;
import dev.agentsessions.write.Written;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Component;

/**
 * Writes of many callers to many sessions as one short transaction of two statements,
 * whatever their number: their sessions are locked, each write is decided on in memory,
 * and what comes of it is written. A write that is refused writes nothing and takes
 * nobody with it. A batch of plain appends is one statement, but not where Citus would
 * take it to pieces: it would be several, and need all nodes.
 */
@Component
final class WriteBatch implements LaneOperation<Request, Done> {

	private final Engine engine;

	private final Lanes lanes;

	private final Commits commits;

	WriteBatch(Engine engine, Lanes lanes, Commits commits) {
		this.engine = engine;
		this.lanes = lanes;
		this.commits = commits;
	}

	@Override
	public Mono<List<Answer<Done>>> run(LaneConnection connection, List<Request> requests) {
		long epoch = this.lanes.epoch();
		List<Write> writes = requests.stream().map(Request::write).toList();
		return (requests.stream().allMatch(Request::isPlain) && !connection.leadsToNodes())
				? PlainAppends.run(connection, writes, epoch) : decide(connection, writes, epoch);
	}

	private Mono<List<Answer<Done>>> decide(LaneConnection connection, List<Write> writes, long epoch) {
		return connection
			.atomically(() -> lock(connection, Wanted.of(writes)).map((locked) -> new Decided(writes, locked, epoch)),
					(decided) -> decided.rows.areNone() ? List.of() : write(connection, decided))
			.map(Decided::answers);
	}

	private Mono<LockedSessions> lock(LaneConnection connection, List<Wanted> wanted) {
		return (this.engine == Engine.H2) ? H2Statements.lock(connection, wanted)
				: LockStatement.run(connection, wanted, this.lanes.buckets());
	}

	private List<Mono<Void>> write(LaneConnection connection, Decided decided) {
		return (this.engine == Engine.H2) ? List.of(H2Statements.write(connection, decided.rows))
				: WriteStatement.of(connection, decided.transaction, decided.rows, decided.printed);
	}

	@Override
	public long size(Request request) {
		return request.write().size();
	}

	/** H2 writes row by row. */
	@Override
	public boolean endsBatch(Request request) {
		return this.engine == Engine.H2 || request.write().endsBatch();
	}

	@Override
	public void done(List<Request> requests, List<Answer<Done>> answers) {
		for (Answer<Done> answer : answers) {
			Done done = answer.value();
			if (done != null && done.change() != null) {
				this.commits.tell(done.change().commit(done.epoch()));
			}
		}
	}

	/** A batch that is decided on. */
	private static final class Decided {

		private final List<Write> writes;

		private final List<LockedSession> before;

		private final List<Decision> decisions;

		private final Rows rows = new Rows();

		private final long epoch;

		private final String transaction;

		private final PrintedJson printed = new PrintedJson();

		Decided(List<Write> writes, LockedSessions locked, long epoch) {
			this.epoch = epoch;
			this.transaction = locked.transaction();
			this.writes = writes;
			this.before = new ArrayList<>(writes.size());
			this.decisions = new ArrayList<>(writes.size());
			Map<SessionKey, LockedSession> sessions = new HashMap<>(locked.byKey());
			for (Write write : writes) {
				LockedSession found = sessions.get(write.session());
				LockedSession session = (found != null) ? found : LockedSession.missing(write.session(), 0, 0);
				Decision decision = (found != null) ? decide(found, write, locked.now()) : failed(session);
				if (decision.after() != session) {
					this.rows.add(session, write, decision);
					sessions.put(write.session(), decision.after());
				}
				this.before.add(session);
				this.decisions.add(decision);
			}
		}

		/** A write that cannot be decided on takes nobody with it. */
		private static Decision decide(LockedSession session, Write write, Instant now) {
			try {
				return Decision.of(session, write, now);
			}
			catch (RuntimeException ex) {
				UnexpectedErrors.report("a write", ex);
				return failed(session);
			}
		}

		private static Decision failed(LockedSession session) {
			return Decision.refused(session, Problems.internal().exception());
		}

		List<Answer<Done>> answers() {
			List<Answer<Done>> answers = new ArrayList<>(this.writes.size());
			for (int n = 0; n < this.writes.size(); n++) {
				answers.add(answer(this.before.get(n), this.writes.get(n), this.decisions.get(n)));
			}
			return answers;
		}

		private Answer<Done> answer(LockedSession session, Write write, Decision decision) {
			Written written = decision.written();
			if (written == null) {
				return Answer.failed(Objects.requireNonNull(decision.refusal()));
			}
			return Answer.of(new Done(written, decision.changesAnything() ? change(session, decision, written) : null,
					this.epoch));
		}

		private Change change(LockedSession session, Decision decision, Written written) {
			LockedSession after = decision.after();
			long first = decision.firstSeq();
			return new Change(session.state(), after.state(), first, written.at(),
					this.printed.messages(after.id(), first, decision.messages()),
					this.printed.switches(after.contextId(), decision.made()));
		}

	}

}
