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
final class InFlightBodies {

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
	Share share() {
		return new Share();
	}

	/** Bytes of all bodies that are here now. */
	long taken() {
		return this.taken.get();
	}

	/** What one body takes; used by one thread at a time. */
	final class Share {

		private final AtomicLong bytes = new AtomicLong();

		/**
		 * Takes in a part of the body. A body that is alone always finds room.
		 * @throws dev.agentsessions.problem.ProblemException (503) if there is none
		 */
		DataBuffer add(DataBuffer part) {
			if (!take(part.readableByteCount())) {
				DataBufferUtils.release(part);
				throw noRoom();
			}
			return part;
		}

		/**
		 * Takes so many bytes in all, more or fewer than before.
		 * @throws dev.agentsessions.problem.ProblemException (503) if there is no room
		 */
		void hold(int count) {
			if (!take(count - this.bytes.get())) {
				throw noRoom();
			}
		}

		private boolean take(long more) {
			long own = this.bytes.addAndGet(more);
			long all = InFlightBodies.this.taken.addAndGet(more);
			return more <= 0 || all <= InFlightBodies.this.size || all <= own;
		}

		private static ProblemException noRoom() {
			return Problems.busy("This replica has as many bytes of requests as it takes at a time.");
		}

		/** Gives it all back; from the second time on, does nothing. */
		void leave() {
			InFlightBodies.this.taken.addAndGet(-this.bytes.getAndSet(0));
		}

	}

}
