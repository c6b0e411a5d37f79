package dev.agentsessions.message.log;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.LogRange;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.retention.Tables;
import dev.agentsessions.session.LogHead;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionReads;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Ranges of messages that are too large to be held all at once.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class MessageLogIT {

	private static final int MESSAGES_EACH = 30;

	/** About four to the most that is read at once. */
	private static final int LENGTH = 60_000;

	private static TestStore uncached;

	private static final MessageFilter OF_USERS = new MessageFilter("user", null, null);

	private final Engine engine;

	private final Api api;

	MessageLogIT(Engine engine) {
		this.engine = engine;
		this.api = Api.on(uncached);
	}

	@BeforeParameterizedClassInvocation
	static void start(Engine engine) {
		uncached = TestStore.start(TestStore.newDatabase(engine), "store.cache.size=0B", "store.search.enabled=false");
	}

	@AfterParameterizedClassInvocation
	static void stop() {
		uncached.close();
	}

	@Test
	void noChunkIsMuchLargerThanWhatIsReadAtOnce() {
		LogHead head = head();
		Flux<List<EncodedMessage>> chunks = uncached.bean(MessageLog.class)
			.stream(new LogRange(head.id(), 1, MESSAGES_EACH), MessageFilter.NONE);
		List<List<EncodedMessage>> read = chunks.collectList().block();
		assertThat(read).hasSizeGreaterThan(5).allSatisfy((chunk) -> {
			long last = chunk.get(chunk.size() - 1).size();
			assertThat(EncodedMessage.bytes(chunk) - last).isLessThan(RangeReads.MOST_BYTES);
		});
	}

	@Test
	void whatIsTooMuchForOneBatchComesInSeveral() {
		LogHead head = head();
		List<LogRange> ranges = IntStream.range(0, 100)
			.mapToObj((i) -> new LogRange(head.id(), 1 + i % 20, 6 + i % 20 + i / 20))
			.toList();
		MessageLog log = uncached.bean(MessageLog.class);
		List<List<EncodedMessage>> read = Flux.fromIterable(ranges)
			.flatMapSequential(log::begin, ranges.size())
			.collectList()
			.block();
		for (int i = 0; i < ranges.size(); i++) {
			long from = ranges.get(i).from();
			assertThat(read.get(i)).hasSizeBetween(5, 6);
			assertThat(read.get(i).stream().map(EncodedMessage::seq))
				.isEqualTo(LongStream.range(from, from + read.get(i).size()).boxed().toList());
		}
	}

	@Test
	void whatFollowsAChunkIsReadWhileThatIsUsed() {
		LogHead head = head();
		List<LogRange> searched = new CopyOnWriteArrayList<>();
		Flux<List<EncodedMessage>> chunks = TestLog.noting(uncached, searched)
			.stream(new LogRange(head.id(), 1, MESSAGES_EACH), OF_USERS);
		StepVerifier.create(chunks, 1)
			.expectNextCount(1)
			.then(() -> Awaitility.await().until(() -> searched.size() == 2))
			.expectNoEvent(Duration.ofMillis(100))
			.then(() -> assertThat(searched).hasSize(2))
			.thenRequest(1)
			.expectNextCount(1)
			.then(() -> Awaitility.await().until(() -> searched.size() == 3))
			.thenCancel()
			.verify();
	}

	/** Where it is in the middle of an answer nobody could be told to come again. */
	@Test
	void onlyWhatIsOpenedIsRefusedByAMomentsCrowd() {
		LogRange range = new LogRange(head().id(), 1, MESSAGES_EACH);
		StepVerifier.create(TestLog.busyAtFirst(uncached).open(range, OF_USERS))
			.verifyErrorMatches((error) -> ((ProblemException) error).problem().status() == 503);
		StepVerifier
			.create(TestLog.busyAtFirst(uncached).stream(range, OF_USERS).concatMapIterable((chunk) -> chunk).count())
			.expectNext((long) MESSAGES_EACH)
			.verifyComplete();
	}

	@Test
	void noStatementLooksThroughAllOfALongLog() {
		long last = 250_000;
		LogHead head = head(
				"insert into messages (session_db_id, seq, role, content)"
						+ " select id, 1, 'user', 'first' from sessions where session_id = '%1$s'"
						+ " union all select id, " + last + ", 'user', 'last' from sessions where session_id = '%1$s'",
				last);
		List<LogRange> searched = new CopyOnWriteArrayList<>();
		List<Long> found = TestLog.noting(uncached, searched)
			.stream(new LogRange(head.id(), 1, last), OF_USERS)
			.concatMapIterable((chunk) -> chunk)
			.map(EncodedMessage::seq)
			.collectList()
			.block();
		assertThat(found).containsExactly(1L, last);
		assertThat(searched).hasSize(3).allSatisfy((range) -> assertThat(range.count()).isLessThanOrEqualTo(100_000));
	}

	@Test
	void ofMuchJsonOnlyWhatIsAnsweredIsPutTogether() {
		assumeTrue(this.engine == Engine.POSTGRESQL, "H2 reads each range by itself");
		int messages = 1000;
		// what is stored is copied as it is, compressed
		LogHead head = head("insert into messages (session_db_id, seq, role, parts_json) select id, 1, 'user',"
				+ " jsonb_build_array(jsonb_build_object('type', 'text', 'text', repeat('much ', 200000)))"
				+ " from sessions where session_id = '%1$s'; insert into messages (session_db_id, seq, role, parts_json)"
				+ " select s.id, n, 'user', parts_json from sessions s join messages on session_db_id = s.id,"
				+ " generate_series(2, " + messages + ") n where session_id = '%1$s'", messages);
		LogRange all = new LogRange(head.id(), 1, messages);
		MessageLog log = uncached.bean(MessageLog.class);
		assertThat(log.begin(all).block()).extracting(EncodedMessage::seq).startsWith(1L);
		assertThat(log.find(all, OF_USERS, messages + 1, false).block()).extracting(EncodedMessage::seq).startsWith(1L);
	}

	@Test
	void largeMessagesOfManyCallersAreReadOnce() {
		assumeTrue(this.engine == Engine.POSTGRESQL, "H2 reads each range by itself");
		int messages = 64;
		LogHead head = head("insert into messages (session_db_id, seq, role, content) select id, n, 'user',"
				+ " repeat('much ', 200000) from sessions, generate_series(1, " + messages + ") n"
				+ " where session_id = '%1$s'", messages);
		DistributionSummary batches = uncached.bean(MeterRegistry.class)
			.get("store.lanes.batch.requests")
			.tag("kind", "reader")
			.summary();
		MessageLog log = uncached.bean(MessageLog.class);
		double before = batches.totalAmount();
		Flux.range(1, messages).flatMap((seq) -> log.begin(new LogRange(head.id(), seq, seq)), messages).then().block();
		// among small ones, then among any
		assertThat(batches.totalAmount() - before).isBetween(2.0 * messages, 2.1 * messages);
	}

	/** Of a session that has so many messages, made by a statement with its id. */
	private LogHead head(String sql, long lastSeq) {
		String session = this.api.newSession();
		Tables tables = Tables.of(uncached);
		tables.insert(session, sql.formatted(session));
		tables.insert(session, "update sessions set last_seq = " + lastSeq + " where session_id = '" + session + "'");
		return head(session);
	}

	private static LogHead head(String session) {
		return uncached.bean(SessionReads.class).requireHead(SessionKey.of("default", session), false).block();
	}

	private LogHead head() {
		String session = Api.newId();
		List<String> messages = IntStream.rangeClosed(1, MESSAGES_EACH)
			.mapToObj((n) -> Json.message(n + " " + "x".repeat(LENGTH)))
			.toList();
		this.api.append(session, Json.array(messages)).expect(201);
		return head(session);
	}

}
