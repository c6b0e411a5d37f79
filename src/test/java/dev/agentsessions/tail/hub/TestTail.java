package dev.agentsessions.tail.hub;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;

import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.TestMessages;
import dev.agentsessions.paging.RowIds;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionState;
import dev.agentsessions.tail.event.SessionList;
import dev.agentsessions.tail.event.TailReader;
import dev.agentsessions.tail.output.TailMetrics;
import dev.agentsessions.tail.output.TailSocket;
import dev.agentsessions.tail.time.StreamLifetime;
import dev.agentsessions.tail.time.TailClock;
import dev.agentsessions.tail.time.TailTimes;
import dev.agentsessions.view.View;
import dev.agentsessions.write.Commit;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A tail whose event loop is the thread of the test.
 */
public final class TestTail {

	/** What clients are shown instead of ids. */
	public static final RowIds ROWS = new RowIds(Mono.just("0123456789abcdef0123456789abcdef"));

	static {
		ROWS.whenReady(Mono.empty()).block();
	}

	private static final SessionKey SESSION = new SessionKey("default", "a");

	private TestTail() {
	}

	/**
	 * Messages that were appended to session "a", whose row is 1.
	 * @param atHand whether they come with it
	 */
	static Commit append(long firstSeq, long lastSeq, boolean atHand) {
		List<EncodedMessage> messages = LongStream.rangeClosed(firstSeq, atHand ? lastSeq : firstSeq - 1)
			.mapToObj((seq) -> EncodedMessage.of(seq, Instant.EPOCH, TestMessages.text("user", "text")))
			.toList();
		return new Commit(SESSION, state(firstSeq - 1), state(lastSeq), messages, List.of(), 0);
	}

	private static SessionState state(long lastSeq) {
		return new SessionState(SESSION, 1, 1, lastSeq, 0, 0, false, View.numbered(0));
	}

	/**
	 * Opens a tail that does nothing by itself.
	 * @param list null for one session
	 * @param ended is run when it ends
	 */
	static Tail open(EmbeddedChannel channel, List<Subscription> subscriptions, @Nullable SessionList list,
			TailReader reader, Runnable ended) {
		TailClock clock = new TailClock(new TailTimes(Duration.ofSeconds(15), Duration.ofDays(1), Duration.ofSeconds(1),
				Duration.ofSeconds(1)));
		AtomicReference<Tail> tail = new AtomicReference<>();
		Mono.<Void>create((done) -> tail
			.set(new Tail(new TailSocket(channel, new DefaultHttpHeaders()), subscriptions, list, ROWS, reader, clock,
					new TailMetrics(new SimpleMeterRegistry()), new StreamLifetime(clock, null), done)))
			.subscribe(null, null, ended);
		return tail.get();
	}

}
