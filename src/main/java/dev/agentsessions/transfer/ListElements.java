package dev.agentsessions.transfer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

import org.jspecify.annotations.Nullable;

/**
 * The elements of a JSON list, one at a time, each as the text that it is. It looks at
 * brackets and quotes only: an element that is broken costs itself and not its
 * neighbours, and of a list that was cut off all whole elements are found.
 */
final class ListElements {

	/** The most bytes of one element, or of a rest, that are kept. */
	static final int MOST = 32 << 20;

	private final InputStream in;

	private int next;

	private boolean started;

	private boolean ended;

	private @Nullable String fault;

	private String rest = "";

	private long index = -1;

	/** Reads from a stream of UTF-8 that the caller closes; it should be buffered. */
	ListElements(InputStream in) throws IOException {
		this.in = in;
		this.next = in.read();
	}

	/** The next element without the white space around it; null after the last. */
	@Nullable String next() throws IOException {
		skipSpace();
		if (!this.started) {
			this.started = true;
			if (this.next < 0) {
				this.ended = true;
				return null;
			}
			if (this.next != '[') {
				return end("must be a list", rest());
			}
			this.next = this.in.read();
			skipSpace();
			if (this.next == ']') {
				this.ended = true;
				this.next = this.in.read();
			}
		}
		if (this.ended) {
			skipSpace();
			return (this.next >= 0 && this.fault == null) ? end("is followed by something else", rest()) : null;
		}
		return element();
	}

	/** The place of the last element, counted from 0. */
	long index() {
		return this.index;
	}

	/** What is wrong with the list, after its last element; null if nothing is. */
	@Nullable String fault() {
		return this.fault;
	}

	/** The text that is none of the elements. */
	String faulty() {
		return this.rest;
	}

	private @Nullable String element() throws IOException {
		ByteArrayOutputStream text = new ByteArrayOutputStream();
		int depth = 0;
		boolean quoted = false;
		for (;; this.next = this.in.read()) {
			if (this.next < 0) {
				this.index++;
				return end("ends in the middle", OldText.decode(text.toByteArray()).strip());
			}
			if (!quoted && depth == 0 && (this.next == ',' || this.next == ']')) {
				this.ended = this.next == ']';
				this.next = this.in.read();
				this.index++;
				return OldText.decode(text.toByteArray()).strip();
			}
			keep(text);
			if (quoted && this.next == '\\') {
				this.next = this.in.read();
				keep(text);
			}
			else if (this.next == '"') {
				quoted = !quoted;
			}
			else if (!quoted) {
				depth += (this.next == '[' || this.next == '{') ? 1 : (this.next == ']' || this.next == '}') ? -1 : 0;
			}
		}
	}

	private void keep(ByteArrayOutputStream text) {
		if (this.next >= 0 && text.size() < MOST) {
			text.write(this.next);
		}
	}

	private @Nullable String end(String fault, String rest) {
		this.ended = true;
		this.next = -1;
		this.fault = fault;
		this.rest = rest;
		return null;
	}

	private String rest() throws IOException {
		ByteArrayOutputStream text = new ByteArrayOutputStream();
		for (; this.next >= 0 && text.size() < MOST; this.next = this.in.read()) {
			text.write(this.next);
		}
		return OldText.decode(text.toByteArray());
	}

	private void skipSpace() throws IOException {
		while (this.next == ' ' || this.next == '\n' || this.next == '\r' || this.next == '\t') {
			this.next = this.in.read();
		}
	}

}
