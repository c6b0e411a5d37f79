package dev.agentsessions.transfer.store;

import java.time.Instant;
import java.util.Objects;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.transfer.SessionRecord;
import dev.agentsessions.web.json.JsonValues;
import org.jspecify.annotations.Nullable;

/**
 * A session that is in the store.
 */
record StoredSession(long id, SessionRecord record, long lastSeq, long totalTokens, @Nullable Instant lastMessageAt,
		long lastSwitchNo) {

	/** Whether nothing about it but its log and its agents differs. */
	boolean isSameAs(SessionRecord source) {
		return isSameButFor(source) && this.record.lastActivity().equals(source.lastActivity())
				&& Objects.equals(this.record.deletedAt(), source.deletedAt())
				&& this.record.view().ranges().equals(source.view().ranges());
	}

	/**
	 * Whether it can be what the source was when it was imported before: nobody has used
	 * it since the source was used, nor deleted it, nor changed what a model sees of it.
	 */
	boolean mayBeOlder(SessionRecord source) {
		return isSameButFor(source) && !this.record.lastActivity().isAfter(source.lastActivity())
				&& this.record.view().no() <= source.view().no()
				&& (this.record.deletedAt() == null || this.record.deletedAt().equals(source.deletedAt()));
	}

	/**
	 * Whether the source was used after it: something was done there, if only to its
	 * title.
	 */
	boolean isOlderThan(SessionRecord source) {
		return this.record.lastActivity().isBefore(source.lastActivity());
	}

	private boolean isSameButFor(SessionRecord source) {
		return this.record.createdAt().equals(source.createdAt()) && this.record.firstSeq() == source.firstSeq()
				&& sameJson(this.record.details().metadata(), source.details().metadata())
				&& this.record.details().withMetadata(null).equals(source.details().withMetadata(null));
	}

	static boolean sameJson(@Nullable JsonText a, @Nullable JsonText b) {
		return (a != null && b != null && a.json().equals(b.json())) || JsonValues.equal(a, b);
	}

}
