package dev.agentsessions.tail.hub;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

import dev.agentsessions.message.log.MessageLog;
import dev.agentsessions.paging.RowIds;
import dev.agentsessions.session.SessionState;
import dev.agentsessions.tail.event.SessionList;
import dev.agentsessions.tail.event.TailEvent;
import dev.agentsessions.tail.event.TailReader;
import dev.agentsessions.tail.event.TailStep;
import dev.agentsessions.tail.output.TailMetrics;
import dev.agentsessions.tail.output.TailOutput;
import dev.agentsessions.tail.output.TailSocket;
import dev.agentsessions.tail.time.LoopTurns;
import dev.agentsessions.tail.time.StreamLifetime;
import dev.agentsessions.tail.time.TailClock;
import dev.agentsessions.tail.time.TailTimer;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.MonoSink;

/**
 * One open stream. It writes one chunk at a time and takes the next one only when the
 * socket has taken this, so a reader that stalls holds little and slows nobody. Chunks
 * are written below the codecs of WebFlux, as the bytes that all tails share: a delivery
 * costs less than half of one through a <code>Flux</code> of events. Everything but
 * {@link #close} happens on the channel's event loop.
 */
public final class Tail implements LoopTurns.Worker {

	private static final int MAX_CHUNKS = 8;

	private final Subscriptions subscriptions;

	private final @Nullable SessionList list;

	private final RowIds rows;

	private final TailReader reader;

	private final TailClock clock;

	private final TailMetrics metrics;

	private final MonoSink<Void> done;

	private final TailOutput output;

	private final TailTimer timer;

	private final StreamLifetime lifetime;

	private boolean pumping;

	/** It gets no further events, only a goodbye. */
	private boolean leaving;

	/** What is being written is the last. */
	private boolean ending;

	private boolean closed;

	/**
	 * Makes a tail whose ready event is sent; done succeeds when it ends by itself.
	 * @param list the sessions, null for a tail of one
	 */
	public Tail(TailSocket socket, List<Subscription> subscriptions, @Nullable SessionList list, RowIds rows,
			TailReader reader, TailClock clock, TailMetrics metrics, StreamLifetime lifetime, MonoSink<Void> done) {
		this.subscriptions = new Subscriptions(subscriptions);
		this.list = list;
		this.rows = rows;
		this.reader = reader;
		this.clock = clock;
		this.metrics = metrics;
		this.done = done;
		this.output = new TailOutput(socket, clock, metrics, this::written);
		this.lifetime = lifetime;
		this.timer = new TailTimer(this.output.loop(), clock, this::tick);
	}

	public EventLoop loop() {
		return this.output.loop();
	}

	public List<Subscription> subscriptions() {
		return this.subscriptions.all();
	}

	/** Begins to hear of its sessions. */
	public void join() {
		for (Subscription subscription : subscriptions()) {
			subscription.session().join(this);
			// between the read of its state and now nobody may have been listening
			subscription.session().look().subscribe();
		}
		this.timer.start(this.lifetime.nextTick(this.output.lastWrite()));
		pump();
	}

	public boolean isClosed() {
		return this.closed;
	}

	/** Writes what there is, after what is being written. */
	@Override
	public void pump() {
		if (this.pumping) {
			return;
		}
		this.pumping = true;
		int chunks = 0;
		try {
			while (!this.closed && !this.output.isWriting() && !this.ending && chunks < MAX_CHUNKS && writeNext()) {
				chunks++;
			}
		}
		catch (Throwable ex) {
			this.output.hangUp(ex);
		}
		finally {
			this.pumping = false;
		}
		if (chunks == MAX_CHUNKS) {
			// others on this event loop have waited long enough
			LoopTurns.on(loop()).goOn(this);
		}
	}

	private boolean writeNext() {
		if (this.leaving) {
			this.ending = true;
			write(List.of(this.clock.bye()));
			return true;
		}
		List<byte[]> chunk = nextChunk();
		if (chunk.isEmpty()) {
			// what was still to be read when the last end was told may have been nothing
			this.ending = this.subscriptions.haveEnded();
			if (this.ending) {
				this.done.success();
			}
			return false;
		}
		this.metrics.delivered(chunk.size());
		write(chunk);
		return true;
	}

	/**
	 * What has to happen from time to time.
	 * @return when it has to happen again
	 */
	private long tick(long now) {
		this.leaving |= this.lifetime.isOver(now);
		this.output.check(now);
		pump();
		if (this.output.isWriting()) {
			if (this.ending || this.leaving) {
				this.output.endInTime(now);
			}
			this.timer.lookSoon();
		}
		else if (!this.closed && !this.ending && this.clock.isSilent(now - this.output.lastWrite())) {
			write(TailOutput.KEEP_ALIVE);
		}
		return this.lifetime.nextTick(this.output.lastWrite());
	}

	/** Says goodbye and ends: the follower comes back elsewhere and misses nothing. */
	void leave() {
		this.leaving = true;
		pump();
	}

	/** Frees everything; nothing is written any more. From any thread. */
	public void close(Runnable closed) {
		loop().execute(() -> {
			this.closed = true;
			this.timer.stop();
			this.output.close();
			subscriptions().forEach((subscription) -> subscription.session().leave(this));
			closed.run();
		});
	}

	private List<byte[]> nextChunk() {
		List<byte[]> chunk = new ArrayList<>(1);
		int bytes = 0;
		for (int i = 0; i < this.subscriptions.size() && bytes < Subscription.CHUNK && !this.ending; i++) {
			Subscription subscription = this.subscriptions.inTurn(i);
			TailEvent event = next(subscription);
			while (event != null) {
				byte[] frame = frame(subscription, event);
				chunk.add(frame);
				bytes += frame.length;
				this.ending = event.endsSession() && this.subscriptions.toldOfAnEnd();
				event = (bytes < Subscription.CHUNK && !this.ending) ? poll(subscription) : null;
			}
		}
		this.subscriptions.nextRound();
		return chunk;
	}

	private @Nullable TailEvent next(Subscription subscription) {
		// a read that only moves the position, and finds nothing to tell, is followed by
		// another look
		for (int i = 0; i < 2 && !subscription.hasNext() && !subscription.isReading(); i++) {
			SessionState state = subscription.session().fill(subscription);
			if (state == null && subscription.isWaiting()) {
				this.timer.lookSoon();
			}
			if (state == null || !this.subscriptions.mayRead()) {
				break;
			}
			read(subscription, state);
		}
		return poll(subscription);
	}

	private static @Nullable TailEvent poll(Subscription subscription) {
		TailEvent event = subscription.poll();
		return (event != null) ? event : subscription.pollDraft();
	}

	/**
	 * An event that its subscription has just taken. Who follows one session gets the
	 * bytes that all share who do; for several every id holds all positions, and every
	 * event names its session.
	 */
	private byte[] frame(Subscription subscription, TailEvent event) {
		if (this.list == null) {
			return event.bytes(this.rows);
		}
		String id = event.movesPosition() ? this.list
			.id(subscriptions().stream().map(Subscription::position).collect(Collectors.toList()), this.rows) : null;
		return event.bytes(id, subscription.session().key().sessionId());
	}

	/** What comes from the log comes at the reader's own pace. */
	private void read(Subscription subscription, SessionState state) {
		this.metrics.caughtUp();
		this.reader.read(subscription.position(), state, this.subscriptions.beginReading(subscription))
			.subscribe((step) -> this.output.onLoop(() -> took(subscription, step)),
					(error) -> this.output.onLoop(() -> failed(subscription, state, error)));
	}

	private void took(Subscription subscription, TailStep step) {
		this.subscriptions.endReading(subscription, step, this.output.isWriting());
		pump();
	}

	/** It is tried again when the session has a newer state, or at the next tick. */
	private void failed(Subscription subscription, SessionState state, Throwable error) {
		this.subscriptions.endReading(subscription);
		this.timer.lookSoon();
		if (error == MessageLog.CHANGED) {
			subscription.session()
				.look()
				.subscribe(null, null, () -> this.output.onLoop(() -> pumpUnlessAt(subscription, state)));
		}
	}

	private void pumpUnlessAt(Subscription subscription, SessionState state) {
		if (!subscription.session().isAt(state)) {
			pump();
		}
	}

	private void write(List<byte[]> chunk) {
		this.output.write(chunk);
		if (this.output.isWriting()) {
			this.timer.lookSoon();
		}
	}

	private void written(boolean success) {
		if (this.ending || !success) {
			this.done.success();
		}
		else {
			pump();
		}
	}

}
