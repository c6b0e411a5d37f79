package dev.agentsessions.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

import dev.agentsessions.client.message.Message;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * What a model has said so far, and how it ends. It is written by one thread and read by
 * others.
 */
final class Transcript {

	private static final int LONGEST_PIECE = 16 * 1024;

	private final Sinks.Many<Boolean> changes = Sinks.many().replay().latest();

	private final Sinks.Empty<Void> end = Sinks.empty();

	private final StringBuilder text = new StringBuilder();

	private @Nullable Map<String, Object> lastLine;

	private @Nullable Message message;

	private @Nullable Throwable failure;

	void say(String piece) {
		synchronized (this) {
			this.text.append(piece);
		}
		this.changes.tryEmitNext(true);
	}

	/** The model has said everything. */
	void end(Function<String, Message> message) {
		String whole;
		synchronized (this) {
			whole = wellFormed(this.text.toString());
		}
		try {
			Message made = message.apply(whole).unstored();
			synchronized (this) {
				this.message = made;
			}
			end(Map.of("message", made), null);
		}
		catch (RuntimeException ex) {
			fail(ex);
		}
	}

	/** The model won't go on. */
	void fail(Throwable failure) {
		end(Map.of("discard", true), failure);
	}

	private void end(Map<String, Object> lastLine, @Nullable Throwable failure) {
		synchronized (this) {
			this.lastLine = lastLine;
			this.failure = failure;
		}
		this.changes.tryEmitNext(true);
		this.end.tryEmitEmpty();
	}

	/** Null before the end, and if there is none. */
	synchronized @Nullable Message message() {
		return this.message;
	}

	synchronized @Nullable Throwable failure() {
		return this.failure;
	}

	/** Says so whenever there may be more to read, and at once. */
	Flux<Boolean> changes() {
		return this.changes.asFlux().startWith(false);
	}

	/** Completes when nothing more is said. */
	Mono<Void> end() {
		return this.end.asMono();
	}

	/** How many code points there are. */
	synchronized int length() {
		return this.text.codePointCount(0, this.text.length());
	}

	/** Reads from a code point on. */
	Reader from(int offset) {
		synchronized (this) {
			return new Reader(this.text.offsetByCodePoints(0, offset));
		}
	}

	/**
	 * Half a character can't be sent; one is put in its place, so that numbers stay.
	 */
	private static String wellFormed(String text) {
		StringBuilder mended = new StringBuilder(text.length());
		text.codePoints()
			.map((each) -> (each >= Character.MIN_SURROGATE && each <= Character.MAX_SURROGATE) ? 0xFFFD : each)
			.forEach(mended::appendCodePoint);
		return mended.toString();
	}

	/** What one request says of it, as lines. */
	final class Reader {

		private int at;

		private volatile boolean ended;

		private Reader(int at) {
			this.at = at;
		}

		boolean hasEnded() {
			return this.ended;
		}

		/** How many code points were read. */
		int offset() {
			synchronized (Transcript.this) {
				return Transcript.this.text.codePointCount(0, this.at);
			}
		}

		/** The lines for what is new, the last one too if there is nothing behind it. */
		List<Map<String, Object>> next() {
			List<Map<String, Object>> lines = new ArrayList<>();
			synchronized (Transcript.this) {
				StringBuilder text = Transcript.this.text;
				Map<String, Object> lastLine = Transcript.this.lastLine;
				int whole = wholeCharacters(text, lastLine != null);
				while (this.at < whole) {
					int to = Math.min(whole, this.at + LONGEST_PIECE);
					if (to < whole && Character.isHighSurrogate(text.charAt(to - 1))) {
						to++;
					}
					lines.add(Map.of("text", wellFormed(text.substring(this.at, to))));
					this.at = to;
				}
				if (lastLine != null) {
					lines.add(lastLine);
					this.ended = true;
				}
			}
			return lines;
		}

		/** Without the first half of a character whose second half is still to come. */
		private int wholeCharacters(StringBuilder text, boolean isAll) {
			int length = text.length();
			return (!isAll && length > 0 && Character.isHighSurrogate(text.charAt(length - 1))) ? length - 1 : length;
		}

	}

}
