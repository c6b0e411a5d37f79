package dev.agentsessions.client;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

import reactor.core.publisher.Flux;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;

/**
 * The lines of a stream of bytes, without their ends. A line that is cut off at the end
 * is dropped.
 */
final class Lines {

	private final ByteArrayOutputStream begun = new ByteArrayOutputStream();

	private Lines() {
	}

	static Flux<byte[]> of(Flux<DataBuffer> buffers) {
		return Flux.defer(() -> {
			Lines lines = new Lines();
			return buffers.map(lines::take).concatMapIterable((taken) -> taken, 1);
		});
	}

	private List<byte[]> take(DataBuffer buffer) {
		byte[] bytes = new byte[buffer.readableByteCount()];
		buffer.read(bytes);
		DataBufferUtils.release(buffer);
		List<byte[]> lines = new ArrayList<>();
		int begin = 0;
		for (int at = 0; at < bytes.length; at++) {
			if (bytes[at] == '\n') {
				this.begun.write(bytes, begin, at - begin);
				lines.add(this.begun.toByteArray());
				this.begun.reset();
				begin = at + 1;
			}
		}
		this.begun.write(bytes, begin, bytes.length - begin);
		return lines;
	}

}
