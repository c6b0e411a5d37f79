package dev.agentsessions.web.request;

import java.util.concurrent.atomic.AtomicLong;

import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.problem.Problems;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.BaseUnits;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.stereotype.Component;

/**
 * Room for the bodies that are being read or carried out, all together: each may be
 * large, but not all at once.
 */
@Component
public final class InFlightBodies {

	private final long size;

	private final AtomicLong taken = new AtomicLong();

	InFlightBodies(RequestMemory memory, MeterRegistry meters) {
		this.size = memory.bodies();
		Gauge.builder("store.bodies.size", this.taken, AtomicLong::get)
			.baseUnit(BaseUnits.BYTES)
			.description("bodies of requests that are being read or carried out")
			.register(meters);
	}

	/** For one body, as it comes in. */
	public Share share() {
		return new Share();
	}

	/** Bytes of all bodies that are here now. */
	long taken() {
		return this.taken.get();
	}

	/** What one body takes. */
	public final class Share {

		private long bytes;

		private boolean left;

		/**
		 * Takes in a part of the body. A body that is alone always finds room.
		 * @throws dev.agentsessions.problem.ProblemException (503) if there is none
		 */
		DataBuffer add(DataBuffer part) {
			try {
				take(part.readableByteCount());
				return part;
			}
			catch (ProblemException ex) {
				DataBufferUtils.release(part);
				throw ex;
			}
		}

		/**
		 * Takes so many bytes more, or gives them back if they are negative.
		 * @throws dev.agentsessions.problem.ProblemException (503) if there is no room
		 */
		public synchronized void take(long more) {
			if (this.left) {
				return;
			}
			this.bytes += more;
			long all = InFlightBodies.this.taken.addAndGet(more);
			if (more > 0 && all > InFlightBodies.this.size && all > this.bytes) {
				throw Problems.busy("This replica has as many bytes of requests as it takes at a time.");
			}
		}

		/** Gives it all back, and takes nothing any more. */
		public synchronized void leave() {
			InFlightBodies.this.taken.addAndGet(-this.bytes);
			this.bytes = 0;
			this.left = true;
		}

	}

}
