package dev.agentsessions.client.message;

import org.jspecify.annotations.Nullable;

/**
 * When an append or a turn is written, and what it is known by.
 *
 * @param ifLastSeq only if this is the session's last number; otherwise 412
 * {@code sequence-conflict}. Null: whatever it is
 * @param key the {@code Idempotency-Key}, by which a write that is sent again, in another
 * process for instance, is known for 24 hours. Null: the client makes one for each call
 * @param create whether a session that is not there is created
 */
public record WriteOptions(@Nullable Long ifLastSeq, @Nullable String key, boolean create) {

	public static final WriteOptions NONE = new WriteOptions(null, null, true);

	public WriteOptions ifLastSeq(long lastSeq) {
		return new WriteOptions(lastSeq, this.key, this.create);
	}

	public WriteOptions key(String key) {
		return new WriteOptions(this.ifLastSeq, key, this.create);
	}

	/** Only if the session is there; otherwise 404. */
	public WriteOptions existing() {
		return new WriteOptions(this.ifLastSeq, this.key, false);
	}

}
