package dev.agentsessions.transfer.legacy.value;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

import org.jspecify.annotations.Nullable;

/**
 * The elements of a JSON list, one at a time, each as the text that it is. It looks at
 * brackets and quotes only: an element that is broken costs itself and not its
 * neighbours, and of a list that was cut off all whole elements are found.
 */
public final class ListElements {

	/** The most bytes of one element, or of a rest, that are kept. */
	public static final int MOST = 32 << 20;

	private final InputStream in;

	/**
	 * With a lock for each byte, as a buffered stream has it, reading would take twice as
	 * long.
	 */
	private final byte[] buffer = new byte[1 << 15];

	private int position;

	private int limit;

	/** What has been read of the element at hand. */
	private byte[] text = new byte[1 << 10];

	private int length;

	private int next;

	private boolean started;

	private boolean ended;

	private @Nullable String fault;

	private String rest = "";

	private long index = -1;

	/** Reads from a stream of UTF-8 that the caller closes. */
	public ListElements(InputStream in) throws IOException {
		this.in = in;
		this.next = advance();
	}

	/** The next element without the white space around it; null after the last. */
	public @Nullable String next() throws IOException {
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
			this.next = advance();
			skipSpace();
			if (this.next == ']') {
				this.ended = true;
				this.next = advance();
			}
		}
		if (this.ended) {
			skipSpace();
			return (this.next >= 0 && this.fault == null) ? end("is followed by something else", rest()) : null;
		}
		return element();
	}

	/** The place of the last element, counted from 0. */
	public long index() {
		return this.index;
	}

	/** What is wrong with the list, after its last element; null if nothing is. */
	public @Nullable String fault() {
		return this.fault;
	}

	/** The text that is none of the elements. */
	public String faulty() {
		return this.rest;
	}

	private @Nullable String element() throws IOException {
		this.length = 0;
		this.index++;
		int depth = 0;
		boolean quoted = false;
		for (; this.next >= 0; this.next = advance()) {
			if (!quoted && depth == 0 && (this.next == ',' || this.next == ']')) {
				this.ended = this.next == ']';
				this.next = advance();
				return kept();
			}
			keep();
			if (quoted && this.next == '\\') {
				this.next = advance();
				keep();
			}
			else if (this.next == '"') {
				quoted = !quoted;
			}
			else if (!quoted) {
				depth += (this.next == '[' || this.next == '{') ? 1 : (this.next == ']' || this.next == '}') ? -1 : 0;
			}
		}
		return end("ends in the middle", kept());
	}

	private void keep() {
		if (this.next >= 0 && this.length < MOST) {
			if (this.length == this.text.length) {
				this.text = Arrays.copyOf(this.text, 2 * this.length);
			}
			this.text[this.length++] = (byte) this.next;
		}
	}

	private String kept() {
		return OldText.decode(Arrays.copyOf(this.text, this.length)).strip();
	}

	private @Nullable String end(String fault, String rest) {
		this.ended = true;
		this.next = -1;
		this.fault = fault;
		this.rest = rest;
		return null;
	}

	private String rest() throws IOException {
		for (this.length = 0; this.next >= 0 && this.length < MOST; this.next = advance()) {
			keep();
		}
		return kept();
	}

	private int advance() throws IOException {
		if (this.position == this.limit) {
			this.position = 0;
			this.limit = Math.max(0, this.in.read(this.buffer));
			if (this.limit == 0) {
				return -1;
			}
		}
		return this.buffer[this.position++] & 0xFF;
	}

	private void skipSpace() throws IOException {
		while (this.next == ' ' || this.next == '\n' || this.next == '\r' || this.next == '\t') {
			this.next = advance();
		}
	}

}
