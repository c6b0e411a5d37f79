package dev.agentsessions.web.request;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

import reactor.core.publisher.Flux;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;

/**
 * Splits a stream of buffers into lines, holding no more than one line and one buffer at
 * a time. Blank lines are passed over; the last line needs no end.
 */
final class NdjsonLines {

	private final int limit;

	/** What has so much room is not kept for lines that may be short. */
	private static final int LONG = 8 * 1024;

	private final InFlightBodies.Share share;

	private ByteArrayOutputStream line = new ByteArrayOutputStream();

	/** Bytes of the line, as its share was told. */
	private int held;

	private long number = 1;

	private boolean tooLong;

	private NdjsonLines(int limit, InFlightBodies.Share share) {
		this.limit = limit;
		this.share = share;
	}

	/**
	 * Splits a body. Errors: 503 if there is no room for the beginning of a line.
	 * @param share what has come of a line takes room there
	 */
	static Flux<NdjsonLine> split(Flux<DataBuffer> body, int limit, InFlightBodies.Share share) {
		return Flux.defer(() -> {
			NdjsonLines lines = new NdjsonLines(limit, share);
			return body.concatMapIterable(lines::take, 1).concatWith(Flux.defer(() -> Flux.fromIterable(lines.rest())));
		}).doOnDiscard(DataBuffer.class, DataBufferUtils::release);
	}

	/**
	 * Releases the buffer, unless it throws: one that failed is discarded by its stream.
	 */
	private List<NdjsonLine> take(DataBuffer buffer) {
		byte[] bytes = new byte[buffer.readableByteCount()];
		buffer.read(bytes);
		List<NdjsonLine> complete = new ArrayList<>();
		int from = 0;
		for (int i = 0; i < bytes.length && !this.tooLong; i++) {
			if (bytes[i] == '\n') {
				if (this.line.size() == 0 && i - from <= this.limit && isBlank(bytes, from, i)) {
					this.number++;
				}
				else {
					add(complete, bytes, from, i);
					end(complete);
				}
				from = i + 1;
			}
		}
		add(complete, bytes, from, bytes.length);
		hold();
		DataBufferUtils.release(buffer);
		return complete;
	}

	private List<NdjsonLine> rest() {
		List<NdjsonLine> last = new ArrayList<>();
		end(last);
		hold();
		return last;
	}

	private void hold() {
		int more = this.line.size() - this.held;
		this.held += more;
		this.share.take(more);
	}

	private void add(List<NdjsonLine> lines, byte[] bytes, int from, int to) {
		if (this.tooLong) {
			return;
		}
		if (this.line.size() + (to - from) > this.limit) {
			this.tooLong = true;
			lines.add(new NdjsonLine(this.number, new byte[0], true));
			return;
		}
		this.line.write(bytes, from, to - from);
	}

	private void end(List<NdjsonLine> lines) {
		if (this.tooLong) {
			return;
		}
		byte[] bytes = this.line.toByteArray();
		if (bytes.length > LONG) {
			this.line = new ByteArrayOutputStream();
		}
		else {
			this.line.reset();
		}
		if (!isBlank(bytes, 0, bytes.length)) {
			lines.add(new NdjsonLine(this.number, bytes, false));
		}
		this.number++;
	}

	private static boolean isBlank(byte[] bytes, int from, int to) {
		for (int i = from; i < to; i++) {
			byte b = bytes[i];
			if (b != ' ' && b != '\t' && b != '\r') {
				return false;
			}
		}
		return true;
	}

}
