package dev.agentsessions.tail;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import dev.agentsessions.session.RowIds;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import reactor.core.publisher.Mono;

/**
 * A tail whose event loop is the thread of the test.
 */
final class TestTail {

	/** What clients are shown instead of ids. */
	static final RowIds ROWS = new RowIds(Mono.just("0123456789abcdef0123456789abcdef"));

	static {
		ROWS.whenReady(Mono.empty()).block();
	}

	private TestTail() {
	}

	/**
	 * Opens a tail that does nothing by itself.
	 * @param ended is run when it ends
	 */
	static Tail open(EmbeddedChannel channel, List<Leg> legs, Framing framing, TailReader reader, Runnable ended) {
		TailClock clock = new TailClock(new TailSettings(Duration.ofSeconds(15), Duration.ofDays(1),
				Duration.ofSeconds(1), Duration.ofSeconds(1), 10, 10, 10));
		AtomicReference<Tail> tail = new AtomicReference<>();
		Mono.<Void>create((done) -> tail.set(new Tail(new TailSocket(channel, new DefaultHttpHeaders()), legs, framing,
				reader, clock, new TailMetrics(new SimpleMeterRegistry()), new Stay(clock, null), done)))
			.subscribe(null, null, ended);
		return tail.get();
	}

}
