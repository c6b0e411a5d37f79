package dev.agentsessions.message.log;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.LogRange;
import dev.agentsessions.session.LogHead;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionReads;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;

import static org.assertj.core.api.Assertions.assertThat;

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

	private final Api api;

	MessageLogIT(Engine engine) {
		this.api = Api.on(uncached);
	}

	@BeforeParameterizedClassInvocation
	static void start(Engine engine) {
		uncached = TestStore.start(TestStore.newDatabase(engine), "store.cache.size=0B");
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

	private LogHead head() {
		String session = Api.newId();
		List<String> messages = IntStream.rangeClosed(1, MESSAGES_EACH)
			.mapToObj((n) -> Json.message(n + " " + "x".repeat(LENGTH)))
			.toList();
		this.api.append(session, Json.array(messages)).expect(201);
		return uncached.bean(SessionReads.class).requireHead(SessionKey.of("default", session), false).block();
	}

}
