package dev.agentsessions.write.batch;

import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.MessageExists;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.write.LockedSession;
import dev.agentsessions.write.LockedSession.KnownMessage;
import dev.agentsessions.write.Write;
import dev.agentsessions.write.Write.Known;
import dev.agentsessions.write.Written;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a write whose ids are in its session's log already: those of a retry,
 * or of a mistake.
 *
 * @param session as it is locked
 * @param skipped how many at the beginning are passed over, for they are stored
 * @param areAll whether the write is answered again, for all of it was done before
 * @param refusal null if it is not refused
 */
record KnownMessages(LockedSession session, Write write, int skipped, boolean areAll,
		@Nullable ProblemException refusal) {

	static KnownMessages of(LockedSession session, Write write) {
		// of a session that came to be since its row was looked for nothing is known yet:
		// the batch fails, and is decided again
		if (write.replacesLog() || !write.hasIds() || !session.exists()) {
			return new KnownMessages(session, write, 0, false, null);
		}
		List<NewMessage> messages = write.messages();
		int stored = (write.known() != Known.REFUSED) ? stored(session, messages) : 0;
		boolean skips = write.known() == Known.SKIPPED;
		if (stored == messages.size() && (skips || areNeighbours(session, messages))) {
			return new KnownMessages(session, write, stored, true, null);
		}
		int skipped = skips ? stored : 0;
		return new KnownMessages(session, write, skipped, false, refusal(session, messages, skipped));
	}

	/** How many at the beginning are in the log as they are sent. */
	private static int stored(LockedSession session, List<NewMessage> messages) {
		int stored = 0;
		for (NewMessage message : messages) {
			KnownMessage known = find(session, message);
			if (known == null || !known.isSame(message)) {
				break;
			}
			stored++;
		}
		return stored;
	}

	private static boolean areNeighbours(LockedSession session, List<NewMessage> stored) {
		long next = seq(session, stored.get(0));
		for (NewMessage message : stored) {
			if (seq(session, message) != next++) {
				return false;
			}
		}
		return true;
	}

	/** Ids that are in the log. */
	private static @Nullable ProblemException refusal(LockedSession session, List<NewMessage> messages, int from) {
		Map<String, Long> known = new LinkedHashMap<>();
		int first = messages.size();
		for (int i = from; i < messages.size(); i++) {
			KnownMessage stored = find(session, messages.get(i));
			if (stored != null) {
				known.put(messages.get(i).id(), stored.seq());
				first = Math.min(first, i);
			}
		}
		return known.isEmpty() ? null : new MessageExists(known, first);
	}

	private static @Nullable KnownMessage find(LockedSession session, NewMessage message) {
		return (message.id() != null) ? session.known().get(message.id()) : null;
	}

	private static long seq(LockedSession session, NewMessage stored) {
		return Objects.requireNonNull(find(session, stored)).seq();
	}

	/** The number of the first that is passed over. */
	long firstSeq() {
		return seq(this.session, this.write.messages().get(0));
	}

	/** What the write was answered when it was done. */
	Written answer() {
		NewMessage last = this.write.messages().get(this.skipped - 1);
		EncodedMessage stored = Objects.requireNonNull(Objects.requireNonNull(find(this.session, last)).message());
		return new Written(this.session.row(), this.session.context(), firstSeq(), stored.seq(), null,
				stored.timestamp(), true, null, this.skipped);
	}

	/** What is known after a write that adds these messages. */
	static Map<String, KnownMessage> after(LockedSession session, Write write, List<NewMessage> added, long base,
			Instant at) {
		Map<String, KnownMessage> before = write.replacesLog() ? Map.of() : session.known();
		if (!write.hasIds()) {
			return before;
		}
		Map<String, KnownMessage> known = new HashMap<>(before);
		long seq = base;
		for (NewMessage message : added) {
			seq++;
			if (message.id() != null) {
				known.put(message.id(), new KnownMessage(seq, EncodedMessage.of(seq, at, message)));
			}
		}
		return known;
	}

}
