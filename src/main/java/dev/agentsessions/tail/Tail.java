package dev.agentsessions.tail;

import java.util.ArrayList;
import java.util.List;

import dev.agentsessions.message.log.MessageLog;
import dev.agentsessions.session.SessionState;
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
final class Tail implements LoopTurns.Worker {

	private static final int MAX_CHUNKS = 8;

	private final Legs legs;

	private final Framing framing;

	private final TailReader reader;

	private final TailClock clock;

	private final TailMetrics metrics;

	private final MonoSink<Void> done;

	private final TailOutput output;

	private final TailTimer timer;

	private final Stay stay;

	private boolean pumping;

	/** It gets no further events, only a goodbye. */
	private boolean leaving;

	/** What is being written is the last. */
	private boolean ending;

	private boolean closed;

	/** Makes a tail whose ready event is sent; done succeeds when it ends by itself. */
	Tail(TailSocket socket, List<Leg> legs, Framing framing, TailReader reader, TailClock clock, TailMetrics metrics,
			Stay stay, MonoSink<Void> done) {
		this.legs = new Legs(legs);
		this.framing = framing;
		this.reader = reader;
		this.clock = clock;
		this.metrics = metrics;
		this.done = done;
		this.output = new TailOutput(socket, clock, metrics, this::written);
		this.stay = stay;
		this.timer = new TailTimer(this.output.loop(), clock, this::tick);
	}

	EventLoop loop() {
		return this.output.loop();
	}

	List<Leg> legs() {
		return this.legs.all();
	}

	/** Begins to hear of its sessions. */
	void join() {
		for (Leg leg : legs()) {
			leg.session().join(this);
			// between the read of its state and now nobody may have been listening
			leg.session().look().subscribe();
		}
		this.timer.start(this.stay.nextTick(this.output.lastWrite()));
		pump();
	}

	boolean isClosed() {
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
			this.ending = this.legs.haveEnded();
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
		this.leaving |= this.stay.isOver(now);
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
		return this.stay.nextTick(this.output.lastWrite());
	}

	/** Says goodbye and ends: the follower comes back elsewhere and misses nothing. */
	void leave() {
		this.leaving = true;
		pump();
	}

	/** Frees everything; nothing is written any more. From any thread. */
	void close(Runnable closed) {
		loop().execute(() -> {
			this.closed = true;
			this.timer.stop();
			this.output.close();
			legs().forEach((leg) -> leg.session().leave(this));
			closed.run();
		});
	}

	private List<byte[]> nextChunk() {
		List<byte[]> chunk = new ArrayList<>(1);
		int bytes = 0;
		for (int i = 0; i < this.legs.size() && bytes < Leg.CHUNK && !this.ending; i++) {
			Leg leg = this.legs.inTurn(i);
			TailEvent event = next(leg);
			while (event != null) {
				byte[] frame = this.framing.frame(leg, event);
				chunk.add(frame);
				bytes += frame.length;
				this.ending = event.endsSession() && this.legs.toldOfAnEnd();
				event = (bytes < Leg.CHUNK && !this.ending) ? leg.poll() : null;
			}
		}
		this.legs.nextRound();
		return chunk;
	}

	private @Nullable TailEvent next(Leg leg) {
		// a read that only moves the position, and finds nothing to tell, is followed by
		// another look
		for (int i = 0; i < 2 && !leg.hasNext() && !leg.isReading(); i++) {
			SessionState state = leg.session().fill(leg);
			if (state == null && leg.isWaiting()) {
				this.timer.lookSoon();
			}
			if (state == null || !this.legs.mayRead()) {
				break;
			}
			read(leg, state);
		}
		return leg.poll();
	}

	/** What comes from the log comes at the reader's own pace. */
	private void read(Leg leg, SessionState state) {
		this.metrics.caughtUp();
		this.reader.read(leg.position(), state, this.legs.beginReading(leg))
			.subscribe((step) -> this.output.onLoop(() -> took(leg, step)),
					(error) -> this.output.onLoop(() -> failed(leg, state, error)));
	}

	private void took(Leg leg, TailStep step) {
		this.legs.endReading(leg, step, this.output.isWriting());
		pump();
	}

	/** It is tried again when the session has a newer state, or at the next tick. */
	private void failed(Leg leg, SessionState state, Throwable error) {
		this.legs.endReading(leg);
		this.timer.lookSoon();
		if (error == MessageLog.CHANGED) {
			leg.session().look().subscribe(null, null, () -> this.output.onLoop(() -> pumpUnlessAt(leg, state)));
		}
	}

	private void pumpUnlessAt(Leg leg, SessionState state) {
		if (!leg.session().isAt(state)) {
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
