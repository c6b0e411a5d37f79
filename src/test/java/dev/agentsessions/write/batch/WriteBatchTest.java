package dev.agentsessions.write.batch;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;

import dev.agentsessions.Api;
import dev.agentsessions.SilentLoggers;
import dev.agentsessions.TestPostgres;
import dev.agentsessions.TestStore;
import dev.agentsessions.agent.NewSwitch;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.lane.Lanes;
import dev.agentsessions.database.lane.operation.Answer;
import dev.agentsessions.database.lane.operation.LaneOperation;
import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.message.LogRange;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.problem.UnexpectedErrors;
import dev.agentsessions.session.ChangedDetails;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.view.View.Range;
import dev.agentsessions.view.ViewChange;
import dev.agentsessions.write.ContextChange;
import dev.agentsessions.write.IdempotencyKey;
import dev.agentsessions.write.Write;
import dev.agentsessions.write.Write.Fate;
import dev.agentsessions.write.Writes;
import dev.agentsessions.write.Writes.Done;
import dev.agentsessions.write.Writes.Request;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Writes that share a batch leave in PostgreSQL what they leave one by one.
 */
class WriteBatchTest {

	private static final int SESSIONS = 40;

	/** All rows of a session, but for ids and times, and for terms that are none. */
	private static final String ROWS = """
			select concat_ws(chr(10), deleted_at is null, to_jsonb(s) - '{id,session_id,created_at,last_activity,
			        deleted_at,last_message_at}'::text[],
			    (select jsonb_agg(to_jsonb(t) - 'session_db_id') from session_terms t where session_db_id = s.id
			     and (owner is not null or terms <> '{}')),
			    (select jsonb_agg(to_jsonb(m) - '{id,session_db_id,timestamp}'::text[] order by seq) from messages m
			     where session_db_id = s.id),
			    (select jsonb_agg(to_jsonb(k) - '{session_db_id,created_at}'::text[] #- '{switch_json,switched_at}'
			         order by idempotency_key) from append_keys k where session_db_id = s.id),
			    (select jsonb_agg(to_jsonb(c) - '{id,session_db_id,created_at,updated_at}'::text[])
			     from agent_contexts c where session_db_id = s.id),
			    (select jsonb_agg(to_jsonb(w) - '{id,context_db_id,switched_at}'::text[] order by switch_no)
			     from agent_switches w join agent_contexts c on c.id = w.context_db_id where c.session_db_id = s.id))
			from sessions s where session_id = '%s'""";

	@RegisterExtension
	final SilentLoggers silent = SilentLoggers.of(UnexpectedErrors.class.getName());

	private final long seed = Long.getLong("seed", System.nanoTime());

	private final Random random = new Random(this.seed);

	private final TestStore store = TestStore.on(Engine.POSTGRESQL);

	private Connection connection;

	@BeforeEach
	void connect() throws SQLException {
		this.connection = TestPostgres.connect(this.store.databaseUrl());
	}

	@AfterEach
	void disconnect() throws SQLException {
		this.connection.close();
	}

	@Test
	void aViewOfASessionThatIsNewInItsBatchIsStored() throws SQLException {
		SessionKey session = newKey();
		assertThat(write(List.of(Write.append(session, List.of(message(null), message(null)), true, null, null),
				Write.view(session, new ViewChange.NewRanges(List.of(Range.from(2))), List.of(), null, null))))
			.allMatch((answer) -> answer.startsWith("done"));
		assertThat(rows(session)).contains("\"last_view_no\": 1").contains("\"ranges\": [[2]]");
	}

	@Test
	void aBatchWritesWhatItsWritesWriteOneByOne() throws SQLException {
		writeBatchesAndOneByOne();
		writeMoreKindsOfBatchesThanHaveAStatementOfTheirOwn();
		writeBatchesAndOneByOne();
	}

	private void writeBatchesAndOneByOne() throws SQLException {
		for (int n = 0; n < SESSIONS; n++) {
			SessionKey inBatches = newKey();
			SessionKey oneByOne = newKey();
			for (int i = 0; i < 2; i++) {
				List<Function<SessionKey, Write>> writes = writes();
				List<String> expected = new ArrayList<>();
				for (Function<SessionKey, Write> write : writes) {
					expected.addAll(write(List.of(write.apply(oneByOne))));
				}
				List<Write> batch = writes.stream().map((write) -> write.apply(inBatches)).toList();
				assertThat(write(batch)).as("seed %d, session %d %s", this.seed, n, batch).isEqualTo(expected);
				assertThat(rows(inBatches)).as("seed %d, session %d %s", this.seed, n, batch).isEqualTo(rows(oneByOne));
			}
		}
	}

	@Test
	void aRowThatCannotBeReadTakesNobodyWithIt() throws SQLException {
		SessionKey broken = newKey();
		SessionKey other = newKey();
		write(List.of(Write.append(broken, List.of(message(null)), true, null, null)));
		String row = " where session_id = '" + broken.sessionId() + "'";
		try (Statement statement = this.connection.createStatement()) {
			statement.execute("update sessions set created_at = 'infinity'" + row);
			try {
				List<String> answers = write(List.of(Write.append(broken, List.of(message(null)), true, 1L, null),
						Write.append(other, List.of(message(null)), true, 0L, null)));
				assertThat(answers.get(0)).contains("internal-error");
				assertThat(answers.get(1)).startsWith("done");
			}
			finally {
				// the lists of other tests could not be read either
				statement.execute("delete from sessions" + row);
			}
		}
	}

	/** As what one statement does is committed when its answer is read. */
	@Test
	void noPlainAppendIsMadeToARowThatCannotBeRead() throws SQLException {
		SessionKey broken = newKey();
		SessionKey other = newKey();
		List<Write> both = List.of(Write.append(broken, List.of(message(null)), true, null, null),
				Write.append(other, List.of(message(null)), true, null, null));
		write(both);
		String row = " where session_id = '" + broken.sessionId() + "'";
		try (Statement statement = this.connection.createStatement()) {
			statement.execute("update sessions set last_message_at = 'infinity'" + row);
			try {
				assertThat(writePlainly(both)).containsExactly("Undecided", "done 2-2 null");
				assertThat(writePlainly(both.subList(0, 1))).containsExactly("Undecided");
				assertThat(rows(broken)).contains("\"last_seq\": 1,");
				Writes writes = this.store.bean(Writes.class);
				assertThatThrownBy(() -> writes.write(both.get(0)).block()).hasMessageContaining("internal");
			}
			finally {
				// the lists of other tests could not be read either
				statement.execute("delete from sessions" + row);
			}
		}
	}

	/** Each set of tables is a kind: these are 71. */
	private void writeMoreKindsOfBatchesThanHaveAStatementOfTheirOwn() {
		ContextChange context = new ContextChange("agent", JsonText.EMPTY_OBJECT, null, null, null, null, false);
		NewSwitch made = new NewSwitch(null, "next", null, JsonText.EMPTY_OBJECT, null);
		List<NewMessage> text = List.of(message(null));
		List<Function<SessionKey, Write>> writes = List.of((session) -> Write.append(session, text, true, null, null),
				(session) -> Write.history(session, LogRange.NONE, 0, false, text, null, Instant.EPOCH),
				(session) -> Write.append(session, text, true, null, new IdempotencyKey("k", "f", () -> "")),
				(session) -> Write.context(session, context), //
				(session) -> Write.agentSwitch(session, made, null),
				(session) -> Write.details(session, ChangedDetails.metadata(new JsonText("{\"d\":1}"))),
				(session) -> Write.details(session, ChangedDetails.owner("somebody")));
		for (int kind = 1; kind < (1 << writes.size()); kind++) {
			List<Write> batch = new ArrayList<>();
			for (int i = 0; i < writes.size(); i++) {
				SessionKey session = newKey();
				if ((kind >> i) % 2 == 1) {
					if (i > 1) {
						write(List.of(Write.append(session, text, true, null, null)));
					}
					if (i == 4) {
						write(List.of(Write.context(session, context)));
					}
					batch.add(writes.get(i).apply(session));
				}
			}
			assertThat(write(batch)).allMatch((answer) -> answer.startsWith("done"));
		}
	}

	private static SessionKey newKey() {
		return SessionKey.of("default", Api.newId());
	}

	/** Past the queue, so that they are one batch whatever else the lane has to do. */
	private List<String> write(List<Write> writes) {
		return write(writes, false);
	}

	private List<String> writePlainly(List<Write> writes) {
		return write(writes, true);
	}

	private List<String> write(List<Write> writes, boolean plain) {
		WriteBatch batch = this.store.bean(WriteBatch.class);
		LaneOperation<List<Request>, List<Answer<Done>>> together = (connection,
				requests) -> batch.run(connection, requests.get(0)).map((answers) -> List.of(Answer.of(answers)));
		List<Request> requests = writes.stream().map((write) -> new Request(write, plain)).toList();
		return Objects
			.requireNonNull(
					this.store.bean(Lanes.class).write("default", writes.get(0).session(), together, requests).block())
			.stream()
			.map(WriteBatchTest::outcome)
			.toList();
	}

	private static String outcome(Answer<Done> answer) {
		if (answer.value() == null) {
			return (answer.error() instanceof ProblemException refusal) ? refusal.problem().name()
					: Objects.requireNonNull(answer.error()).getClass().getSimpleName();
		}
		return "done " + answer.value().written().firstSeq() + "-" + answer.value().written().lastSeq() + " "
				+ answer.value().written().view();
	}

	private @Nullable String rows(SessionKey session) throws SQLException {
		try (Statement statement = this.connection.createStatement();
				ResultSet rows = statement.executeQuery(ROWS.formatted(session.sessionId()))) {
			return rows.next() ? rows.getString(1) : null;
		}
	}

	private List<Function<SessionKey, Write>> writes() {
		List<Function<SessionKey, Write>> writes = new ArrayList<>();
		int size = 1 + this.random.nextInt(6);
		while (writes.size() < size) {
			writes.add(write());
		}
		return writes;
	}

	private Function<SessionKey, Write> write() {
		List<NewMessage> messages = messages();
		IdempotencyKey key = this.random.nextBoolean() ? null
				: new IdempotencyKey("k" + this.random.nextInt(9), "f", () -> "");
		switch (this.random.nextInt(9)) {
			case 0 -> {
				NewSwitch made = new NewSwitch(null, "agent", "reason", new JsonText("{\"s\":1}"), null);
				return (session) -> Write.turn(session, true, null, key, messages, made, new JsonText("{\"c\":1}"),
						ChangedDetails.metadata(new JsonText("{\"d\":1}")));
			}
			case 1 -> {
				ViewChange change = new ViewChange.NewRanges(List.of(Range.from(1 + this.random.nextInt(4))));
				return (session) -> Write.view(session, change, List.of(), null, key);
			}
			case 2 -> {
				ViewChange change = new ViewChange.Summary(1L, 1 + this.random.nextInt(3));
				return (session) -> Write.view(session, change, messages.subList(0, 1), null, key);
			}
			case 3 -> {
				long seed = this.random.nextLong();
				return (session) -> Write.details(session, ChangedDetails.random(new Random(seed), false));
			}
			case 4 -> {
				Fate fate = this.random.nextBoolean() ? Fate.DELETED : Fate.RESTORED;
				return (session) -> Write.fate(session, fate);
			}
			case 5 -> {
				ContextChange change = new ContextChange("saved", new JsonText("{\"x\":1}"), null, 3L, null, null,
						false);
				return (session) -> Write.context(session, change);
			}
			case 6 -> {
				return (session) -> Write.history(session, LogRange.NONE, 0, false, messages, null, Instant.EPOCH);
			}
			default -> {
				return (session) -> Write.append(session, messages, true, null, key);
			}
		}
	}

	private List<NewMessage> messages() {
		int ids = this.random.nextInt(40);
		return IntStream.range(0, 1 + this.random.nextInt(3))
			.mapToObj((i) -> message(this.random.nextBoolean() ? null : "m" + (ids + 7 * i) % 40))
			.toList();
	}

	private NewMessage message(@Nullable String id) {
		return new NewMessage(id, "user", "text " + this.random.nextInt(), null, null, null, null, 7L,
				new JsonText("{\"m\":1}"), null);
	}

}
