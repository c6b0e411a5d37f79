package dev.agentsessions.tail.output;

import java.util.List;
import java.util.function.Consumer;

import dev.agentsessions.problem.UnexpectedErrors;
import dev.agentsessions.tail.event.TailEvent;
import dev.agentsessions.tail.time.TailClock;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;

/**
 * The socket of a tail. It takes one chunk at a time, so a reader that stalls holds one
 * chunk. Everything but {@link #onLoop} happens on the channel's event loop.
 */
public final class TailOutput {

	public static final List<byte[]> KEEP_ALIVE = List.of(TailEvent.KEEP_ALIVE);

	private final TailSocket socket;

	private final TailClock clock;

	private final TailMetrics metrics;

	private final Consumer<Boolean> written;

	private final FutureListener<Void> taken = this::taken;

	private long lastWrite = System.nanoTime();

	private boolean writing;

	private boolean slow;

	/**
	 * Makes an output.
	 * @param written hears whether a chunk was taken, each time
	 */
	public TailOutput(TailSocket socket, TailClock clock, TailMetrics metrics, Consumer<Boolean> written) {
		this.socket = socket;
		this.clock = clock;
		this.metrics = metrics;
		this.written = written;
	}

	public EventLoop loop() {
		return this.socket.channel().eventLoop();
	}

	/** At once if this is the channel's event loop already. */
	public void onLoop(Runnable action) {
		if (loop().inEventLoop()) {
			action.run();
		}
		else {
			loop().execute(action);
		}
	}

	/** When the last chunk was written, or when this was made. */
	public long lastWrite() {
		return this.lastWrite;
	}

	/** Whether a chunk was not taken yet. */
	public boolean isWriting() {
		return this.writing;
	}

	/** Writes a chunk; not while one is being written. */
	public void write(List<byte[]> chunk) {
		this.writing = true;
		this.lastWrite = System.nanoTime();
		this.socket.write(chunk).addListener(this.taken);
	}

	/** Notices a reader that has taken nothing for longer than a moment. */
	public void check(long now) {
		setSlow(this.writing && this.clock.isStalled(now - this.lastWrite));
	}

	/** Hangs up if the last chunk is not taken in time. */
	public void endInTime(long now) {
		if (this.clock.isTooLateToEnd(now - this.lastWrite)) {
			this.socket.channel().close();
		}
	}

	/** Its follower comes back where it was. */
	public void hangUp(Throwable error) {
		UnexpectedErrors.report("a tail", error);
		this.socket.channel().close();
	}

	public void close() {
		setSlow(false);
	}

	private void taken(Future<Void> write) {
		this.writing = false;
		setSlow(false);
		this.written.accept(write.isSuccess());
	}

	private void setSlow(boolean slow) {
		if (slow != this.slow) {
			this.slow = slow;
			this.metrics.slow(slow ? 1 : -1);
		}
	}

}
