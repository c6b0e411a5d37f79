package dev.agentsessions.message;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A part of a streamed answer, put together from what is small and what is large enough
 * to be shared instead of copied: a hundred slow readers of one log then hold it once.
 */
public final class AnswerParts {

	private static final int LARGE = 16 * 1024;

	private final List<ByteBuffer> parts = new ArrayList<>(1);

	private ByteArrayOutputStream small;

	private AnswerParts(int size) {
		this.small = new ByteArrayOutputStream(size);
	}

	/** Begins what these messages, and a character for each, are put together in. */
	public static AnswerParts of(List<EncodedMessage> messages) {
		int size = messages.size();
		for (EncodedMessage message : messages) {
			size += (message.size() < LARGE) ? message.size() : 0;
		}
		return new AnswerParts(size);
	}

	public void add(char ascii) {
		this.small.write(ascii);
	}

	/** Adds bytes that never change. */
	public void add(byte[] bytes, int from, int length) {
		if (length < LARGE) {
			this.small.write(bytes, from, length);
		}
		else {
			flush();
			this.parts.add(ByteBuffer.wrap(bytes, from, length));
		}
	}

	/** What was added, in its order. */
	public List<ByteBuffer> all() {
		flush();
		return this.parts;
	}

	private void flush() {
		if (this.small.size() > 0) {
			this.parts.add(ByteBuffer.wrap(this.small.toByteArray()));
			this.small = new ByteArrayOutputStream();
		}
	}

}
