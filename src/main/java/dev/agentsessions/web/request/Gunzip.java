package dev.agentsessions.web.request;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.problem.Problems;
import reactor.core.publisher.Flux;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;

/**
 * Unpacks a body that comes as gzip (RFC 1952), a little at a time: what comes out may be
 * a thousand times as large as what came in. Nothing is passed over: neither a second
 * member, nor what is no member, nor an end that is missing. What the JDK has for this
 * waits for its input, and what Netty has does not tell where it ended.
 */
final class Gunzip {

	/** Of the input at a time. */
	private static final int SLICE = 1024;

	/** The names of files that a header may have are short. */
	private static final int LONGEST_HEADER = 512;

	private static final int TRAILER = 8;

	private final Inflater inflater = new Inflater(true);

	private final CRC32 checksum = new CRC32();

	private final byte[] output = new byte[8 * SLICE];

	/** What of a header or trailer has come. */
	private final ByteArrayOutputStream frame = new ByteArrayOutputStream();

	private GzipPart part = GzipPart.HEADER;

	private Gunzip() {
	}

	/** The body as it was. Errors: 400 if it is not gzip, or not all of it. */
	static Flux<DataBuffer> unpack(Flux<DataBuffer> body) {
		return Flux.using(Gunzip::new,
				(gunzip) -> body.concatMapIterable(Gunzip::slices, 1)
					.concatMapIterable(gunzip::take, 1)
					.concatWith(Flux.defer(gunzip::end)),
				(gunzip) -> gunzip.inflater.end());
	}

	private static List<byte[]> slices(DataBuffer buffer) {
		List<byte[]> slices = new ArrayList<>();
		while (buffer.readableByteCount() > 0) {
			byte[] slice = new byte[Math.min(SLICE, buffer.readableByteCount())];
			buffer.read(slice);
			slices.add(slice);
		}
		DataBufferUtils.release(buffer);
		return slices;
	}

	private List<DataBuffer> take(byte[] slice) {
		List<DataBuffer> unpacked = new ArrayList<>();
		int from = 0;
		while (from < slice.length) {
			switch (this.part) {
				case HEADER -> {
					int known = this.frame.size();
					this.frame.write(slice, from, slice.length - from);
					int length = headerLength(this.frame.toByteArray());
					from += Math.min(length, this.frame.size()) - known;
					if (length <= this.frame.size()) {
						next(GzipPart.DATA);
					}
				}
				case DATA -> {
					this.inflater.setInput(slice, from, slice.length - from);
					inflate(unpacked);
					from = slice.length - this.inflater.getRemaining();
				}
				case TRAILER -> {
					this.frame.write(slice[from++]);
					if (this.frame.size() == TRAILER) {
						check(ByteBuffer.wrap(this.frame.toByteArray()).order(ByteOrder.LITTLE_ENDIAN));
						next(GzipPart.HEADER);
					}
				}
			}
		}
		return unpacked;
	}

	private void inflate(List<DataBuffer> unpacked) {
		try {
			for (int read = this.inflater.inflate(this.output); read > 0; read = this.inflater.inflate(this.output)) {
				this.checksum.update(this.output, 0, read);
				unpacked.add(DefaultDataBufferFactory.sharedInstance.wrap(Arrays.copyOf(this.output, read)));
			}
		}
		catch (DataFormatException ex) {
			throw noGzip();
		}
		if (this.inflater.finished()) {
			next(GzipPart.TRAILER);
		}
		else if (this.inflater.needsDictionary()) {
			throw noGzip();
		}
	}

	private void next(GzipPart part) {
		this.part = part;
		this.frame.reset();
		if (part == GzipPart.HEADER) {
			this.inflater.reset();
			this.checksum.reset();
		}
	}

	/**
	 * How long the header is that these bytes begin with; longer than they if it goes on.
	 */
	private static int headerLength(byte[] bytes) {
		byte[] magic = { 0x1f, (byte) 0x8b, 8 };
		int given = Math.min(bytes.length, magic.length);
		if (!Arrays.equals(bytes, 0, given, magic, 0, given)) {
			throw noGzip();
		}
		if (bytes.length < 10) {
			return 10;
		}
		int flags = bytes[3];
		if ((flags & 0xe0) != 0) {
			throw noGzip();
		}
		int end = 10;
		if ((flags & 4) != 0) { // extra fields
			end += (end + 2 <= bytes.length) ? 2 + (bytes[end] & 0xff) + ((bytes[end + 1] & 0xff) << 8) : 2;
		}
		for (int text = 8; text <= 16; text *= 2) { // a name, a comment
			end = ((flags & text) != 0) ? afterZero(bytes, end) : end;
		}
		end += ((flags & 2) != 0) ? 2 : 0; // a checksum of all this
		if (end > LONGEST_HEADER) {
			throw noGzip();
		}
		return end;
	}

	private static int afterZero(byte[] bytes, int from) {
		int zero = from;
		while (zero < bytes.length && bytes[zero] != 0) {
			zero++;
		}
		return zero + 1;
	}

	private void check(ByteBuffer trailer) {
		if (trailer.getInt() != (int) this.checksum.getValue()
				|| trailer.getInt() != (int) this.inflater.getBytesWritten()) {
			throw noGzip();
		}
	}

	private Flux<DataBuffer> end() {
		return (this.part == GzipPart.HEADER && this.frame.size() == 0) ? Flux.empty() : Flux.error(noGzip());
	}

	private static ProblemException noGzip() {
		return Problems.invalidRequest("The body is not gzip, or not all of it.").exception();
	}

	private enum GzipPart {

		HEADER, DATA, TRAILER

	}

}
