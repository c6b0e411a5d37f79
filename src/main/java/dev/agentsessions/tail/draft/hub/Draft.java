package dev.agentsessions.tail.draft.hub;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.tail.draft.store.DraftFlush;
import dev.agentsessions.tail.draft.store.DraftPiece;
import dev.agentsessions.tail.draft.store.DraftRow;
import dev.agentsessions.tail.event.TailEvent;
import org.jspecify.annotations.Nullable;

/**
 * A message that is being written, as far as this replica knows it: by a writer here, or
 * as a copy of what the database has of it. Its text only grows, but for what a writer
 * here has not yet given to the database, which is cut off when another one goes on.
 * Thread-safe.
 */
public final class Draft {

	/** The most bytes of text in one event. */
	private static final int LONGEST_PIECE = 16 * 1024;

	private static final byte[] NOTHING = {};

	/** As it was when it became known here. */
	private final DraftRow found;

	private final String tenant;

	private final DraftMemory memory;

	// guarded by this

	/** The moment of its session at which its row was last known for sure. */
	private long knownSince;

	private long id;

	private long no;

	/** UTF-8. */
	private byte[] text = NOTHING;

	private TextPlace size = TextPlace.START;

	/** Up to where the database has it. */
	private TextPlace stored = TextPlace.START;

	private @Nullable DraftWriter writer;

	/** Its writer has said all, and its end is on its way. */
	private boolean ending;

	private @Nullable DraftEnd end;

	private boolean forgotten;

	/** Where it was cut off, each time. */
	private final List<TextPlace> cuts = new ArrayList<>(0);

	private @Nullable SharedPiece last;

	/** The newest moment of its session at which the database had it as open. */
	private long seenAt;

	/**
	 * Makes one that is not over.
	 * @param moment of its session, which is now
	 */
	Draft(DraftRow row, String tenant, DraftMemory memory, long moment) {
		this.knownSince = moment;
		this.found = row;
		this.id = row.id();
		this.no = row.no();
		this.tenant = tenant;
		this.memory = memory;
	}

	String messageId() {
		return this.found.messageId();
	}

	/** The id of the row of its session. */
	long session() {
		return this.found.session();
	}

	/** Whether a message with its name is its own. */
	boolean isEndedBy(long session, long seq) {
		return this.found.isEndedBy(session, seq);
	}

	/** Whether it was known here before this moment. */
	synchronized boolean wasKnownBefore(long moment) {
		return this.knownSince < moment;
	}

	synchronized long id() {
		return this.id;
	}

	synchronized long no() {
		return this.no;
	}

	/** Bytes. */
	public synchronized int size() {
		return this.size.bytes;
	}

	/** Code points. */
	public synchronized long length() {
		return this.size.offset;
	}

	/** Who writes it on this replica, null if nobody does. */
	public synchronized @Nullable DraftWriter writer() {
		return this.writer;
	}

	synchronized @Nullable DraftEnd end() {
		return this.end;
	}

	public synchronized boolean isOver() {
		return this.end != null;
	}

	/**
	 * Whether no text of it has to be read here.
	 * @param length code points that the database has
	 */
	public synchronized boolean isHere(long length) {
		return this.writer != null || this.end != null || this.size.offset >= length;
	}

	public synchronized String text() {
		return new String(this.text, 0, this.size.bytes, StandardCharsets.UTF_8);
	}

	/**
	 * Has a writer go on where the database's text ends.
	 * @param moment of its session, which is now
	 * @return the writer before it, null for none
	 */
	synchronized @Nullable DraftWriter writtenBy(DraftWriter next, long id, long no, long moment) {
		DraftWriter before = this.writer;
		cutToStored();
		this.knownSince = moment;
		this.id = id;
		this.no = no;
		this.writer = next;
		this.ending = false;
		return before;
	}

	/**
	 * It is written elsewhere from now on, or by nobody.
	 * @return the writer before it, null for none
	 */
	synchronized @Nullable DraftWriter writtenElsewhere(long no) {
		DraftWriter before = this.writer;
		if (before != null) {
			cutToStored();
			this.writer = null;
			this.ending = false;
		}
		this.no = no;
		return before;
	}

	/**
	 * Its writer has left, or another has taken it over elsewhere.
	 * @param no the number of its present writer
	 * @return whether this was the one that writes it here
	 */
	synchronized boolean leftBy(DraftWriter last, long no) {
		boolean present = this.writer == last;
		if (present) {
			writtenElsewhere(no);
		}
		return present;
	}

	/**
	 * The database has lost it, and is told all of it again, under another id.
	 * @param moment of its session, which is now
	 */
	synchronized void storeAgain(long id, long no, long moment) {
		this.knownSince = moment;
		this.id = id;
		this.no = no;
		this.stored = TextPlace.START;
	}

	synchronized void setEnding(boolean ending) {
		this.ending = ending;
	}

	/**
	 * Adds what its writer says.
	 * @return whether there was memory for it
	 * @throws ProblemException if another writer goes on with it (409)
	 */
	synchronized boolean add(DraftWriter by, String said) {
		if (this.writer != by && this.end == null) {
			throw DraftProblems.taken();
		}
		return add(said);
	}

	private boolean add(String said) {
		byte[] bytes = said.getBytes(StandardCharsets.UTF_8);
		if (this.forgotten || bytes.length == 0) {
			return true;
		}
		int needed = this.size.bytes + bytes.length;
		if (needed > this.text.length) {
			int capacity = Math.max(needed, Math.max(256, 2 * this.text.length));
			if (!this.memory.take(this.tenant, capacity - this.text.length)) {
				return false;
			}
			this.text = Arrays.copyOf(this.text, capacity);
		}
		System.arraycopy(bytes, 0, this.text, this.size.bytes, bytes.length);
		this.size = new TextPlace(needed, this.size.offset + said.codePointCount(0, said.length()));
		return true;
	}

	/** Adds what was read from the database, as far as it follows what is here. */
	public synchronized void addStored(List<DraftPiece> pieces) {
		for (DraftPiece piece : pieces) {
			if (this.writer != null || piece.from() > this.size.offset) {
				return;
			}
			if (piece.from() == this.size.offset && add(piece.text())) {
				this.stored = this.size;
			}
		}
	}

	/** What a writer has to tell the database now; null if it is not the present one. */
	synchronized @Nullable DraftFlush flush(DraftWriter by, @Nullable String replica) {
		if (this.writer != by) {
			return null;
		}
		String rest = new String(this.text, this.stored.bytes, this.size.bytes - this.stored.bytes,
				StandardCharsets.UTF_8);
		return new DraftFlush(this.id, this.no, this.stored.offset, rest, this.size.offset, replica);
	}

	/**
	 * The database has so many code points of it.
	 * @return whether this writer is the present one, and has said as many
	 */
	synchronized boolean storedUpTo(DraftWriter by, long offset) {
		boolean said = this.writer == by && offset <= this.size.offset;
		if (said) {
			this.stored = place(offset);
		}
		return said;
	}

	synchronized boolean hasUnstored() {
		return this.size.bytes > this.stored.bytes;
	}

	/** It is over, unless it was before. Nobody needs its text any longer. */
	synchronized void end(DraftEnd end) {
		if (this.end == null) {
			this.end = end;
			forget();
		}
	}

	/** Nobody here follows it or writes to it any longer. */
	synchronized void forget() {
		this.forgotten = true;
		this.memory.giveBack(this.tenant, this.text.length);
		this.text = NOTHING;
		this.size = TextPlace.START;
		this.stored = TextPlace.START;
		this.last = null;
	}

	/** The database was asked at this moment, and had it as open. */
	synchronized void seenAt(long moment) {
		this.seenAt = Math.max(this.seenAt, moment);
	}

	/**
	 * Whether one who came at this moment may hear of it for the first time: only if its
	 * message cannot be among those that he knew then.
	 */
	synchronized boolean mayBeginAfter(long moment) {
		return this.end == null && !this.ending && this.seenAt > moment;
	}

	/**
	 * What a follower is to be told next, who is then told of it.
	 * @return null if it has been told all
	 */
	synchronized @Nullable TailEvent next(Told told) {
		boolean begins = told.cuts < 0;
		boolean cut = false;
		for (int i = begins ? this.cuts.size() : told.cuts; i < this.cuts.size(); i++) {
			if (this.cuts.get(i).bytes < told.upTo.bytes) {
				told.upTo = this.cuts.get(i);
				cut = true;
			}
		}
		told.cuts = this.cuts.size();
		if (this.forgotten || (told.upTo.bytes == this.size.bytes && !cut && !begins)) {
			return null;
		}
		SharedPiece piece = piece(told.upTo);
		told.upTo = piece.to;
		return piece.event;
	}

	/** Those who hear at the same time share one. */
	private SharedPiece piece(TextPlace from) {
		TextPlace to = endOfPiece(from);
		SharedPiece known = this.last;
		if (known != null && known.from.equals(from) && known.to.equals(to)) {
			return known;
		}
		String said = new String(this.text, from.bytes, to.bytes - from.bytes, StandardCharsets.UTF_8);
		SharedPiece made = new SharedPiece(from, to, TailEvent.draft(messageId(), from.offset, said));
		this.last = made;
		return made;
	}

	private TextPlace endOfPiece(TextPlace from) {
		if (this.size.bytes - from.bytes <= LONGEST_PIECE) {
			return this.size;
		}
		int end = from.bytes + LONGEST_PIECE;
		while (!isBeginning(this.text[end])) {
			end--;
		}
		return new TextPlace(end, from.offset + codePoints(from.bytes, end));
	}

	private void cutToStored() {
		if (hasUnstored()) {
			this.size = this.stored;
			this.cuts.add(this.stored);
			this.last = null;
		}
	}

	private TextPlace place(long offset) {
		TextPlace at = (offset >= this.stored.offset) ? this.stored : TextPlace.START;
		int bytes = at.bytes;
		for (long left = offset - at.offset; left > 0; left--) {
			bytes++;
			while (bytes < this.size.bytes && !isBeginning(this.text[bytes])) {
				bytes++;
			}
		}
		return new TextPlace(bytes, offset);
	}

	private long codePoints(int from, int to) {
		long count = 0;
		for (int i = from; i < to; i++) {
			count += isBeginning(this.text[i]) ? 1 : 0;
		}
		return count;
	}

	/** Whether a code point begins with this byte of UTF-8. */
	private static boolean isBeginning(byte next) {
		return (next & 0xC0) != 0x80;
	}

	/** A place in the text, in bytes and in code points. */
	private record TextPlace(int bytes, long offset) {

		static final TextPlace START = new TextPlace(0, 0);

	}

	private record SharedPiece(TextPlace from, TextPlace to, TailEvent event) {
	}

	/** What a follower has been told of a draft. Used by that follower only. */
	static final class Told {

		private final Draft draft;

		private TextPlace upTo = TextPlace.START;

		/** How often it had been cut off; -1 before anything is told. */
		private int cuts = -1;

		Told(Draft draft) {
			this.draft = draft;
		}

		Draft draft() {
			return this.draft;
		}

	}

}
