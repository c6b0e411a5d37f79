package dev.agentsessions.tail;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

import dev.agentsessions.paging.RowIds;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.tail.draft.hub.DraftCursor;
import dev.agentsessions.tail.draft.hub.DraftHub;
import dev.agentsessions.tail.event.OpenTail;
import dev.agentsessions.tail.event.TailEvent;
import dev.agentsessions.tail.event.TailReader;
import dev.agentsessions.tail.hub.FollowedSession;
import dev.agentsessions.tail.hub.Subscription;
import dev.agentsessions.tail.hub.Tail;
import dev.agentsessions.tail.hub.TailHub;
import dev.agentsessions.tail.output.TailMetrics;
import dev.agentsessions.tail.output.TailSocket;
import dev.agentsessions.tail.time.StreamLifetime;
import dev.agentsessions.tail.time.TailClock;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.netty.http.server.HttpServerResponse;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.stereotype.Component;

/**
 * Writes tails as bodies of answers. The headers and the first event go through WebFlux;
 * then the tail has the channel for itself until it ends.
 */
@Component
class TailStreams {

	private final TailHub hub;

	private final DraftHub drafts;

	private final TailReader reader;

	private final TailClock clock;

	private final TailMetrics metrics;

	private final StreamQuota quota;

	private final RowIds rows;

	TailStreams(TailHub hub, DraftHub drafts, TailReader reader, TailClock clock, TailMetrics metrics,
			StreamQuota quota, RowIds rows) {
		this.hub = hub;
		this.drafts = drafts;
		this.reader = reader;
		this.clock = clock;
		this.metrics = metrics;
		this.quota = quota;
		this.rows = rows;
	}

	/**
	 * A place for one more stream, from before it is opened.
	 * @param sessions how many it will follow
	 * @throws dev.agentsessions.problem.ProblemException 429 or 503 if there is none, 503
	 * while the replica is about to stop
	 */
	StreamQuota.Place place(String tenant, int sessions) {
		if (this.hub.isClosing()) {
			throw Problems.busy("This replica is shutting down.");
		}
		return this.quota.take(tenant, sessions);
	}

	/**
	 * The whole of the stream; ends with it, and frees it and its place when the client
	 * goes away.
	 * @param stillKnown whether the caller would still be let in; the stream ends when
	 * not; null if always
	 */
	Mono<Void> write(OpenTail open, StreamQuota.Place place, @Nullable BooleanSupplier stillKnown,
			ServerHttpResponse response) {
		StreamLifetime lifetime = new StreamLifetime(this.clock, stillKnown);
		HttpServerResponse server = ServerHttpResponseDecorator.getNativeResponse(response);
		byte[] ready = TailEvent.frame(open.id(), "ready", open.ready());
		byte[] retry = TailEvent.utf8(this.clock.retry());
		// a Mono would be sent as a whole answer, with its length
		Flux<DataBuffer> first = Flux.just(DefaultDataBufferFactory.sharedInstance.wrap(retry),
				DefaultDataBufferFactory.sharedInstance.wrap(ready));
		return response.writeAndFlushWith(Flux.just(first))
			.then(Mono.<Void>create((done) -> server.withConnection((connection) -> start(open, lifetime,
					new TailSocket(connection.channel(), server.responseHeaders()), done))))
			.doFinally((signal) -> place.leave());
	}

	private void start(OpenTail open, StreamLifetime lifetime, TailSocket socket, MonoSink<Void> done) {
		List<Subscription> subscriptions = new ArrayList<>(open.starts().size());
		for (OpenTail.Start start : open.starts()) {
			FollowedSession session = this.hub.follow(start.state());
			subscriptions.add(new Subscription(session, start, open.starts().size(),
					open.drafts() ? this.drafts.follow(session.key(), session::draftsChanged) : null));
		}
		Tail tail = new Tail(socket, subscriptions, open.list(), this.rows, this.reader, this.clock, this.metrics,
				lifetime, done);
		this.metrics.opened();
		done.onDispose(() -> tail.close(() -> closed(tail)));
		tail.loop().execute(() -> {
			// its client may have gone away already
			if (!tail.isClosed()) {
				tail.join();
				this.hub.joined(tail);
			}
		});
	}

	private void closed(Tail tail) {
		this.hub.left(tail);
		for (Subscription subscription : tail.subscriptions()) {
			DraftCursor cursor = subscription.drafts();
			if (cursor != null) {
				// first: all who follow its drafts at once have the same session
				this.drafts.unfollow(cursor);
			}
			this.hub.unfollow(subscription.session());
		}
		this.metrics.closed();
	}

}
