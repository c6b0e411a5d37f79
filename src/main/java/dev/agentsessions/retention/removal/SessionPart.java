package dev.agentsessions.retention.removal;

/**
 * What of a session can be more than one statement should remove. Each has an index on
 * (owner, key), along which it is removed. The log goes from its end: who is reading it
 * runs into the hole, and is cut, instead of staying ahead of it.
 */
enum SessionPart {

	MESSAGES("messages", "session_db_id = %s", "seq", true, Long.MAX_VALUE),

	SWITCHES("agent_switches", "context_db_id = (select id from agent_contexts where session_db_id = %s)", "switch_no",
			true, Long.MAX_VALUE),

	KEYS("append_keys", "session_db_id = %s", "idempotency_key", false, ""),

	/** Of messages, in the index of a search; on PostgreSQL alone. */
	WORDS("message_words", "session_db_id = %s", "seq", true, Long.MAX_VALUE);

	private final String table;

	private final String owner;

	private final String key;

	private final boolean backwards;

	private final Object start;

	SessionPart(String table, String owner, String key, boolean backwards, Object start) {
		this.table = table;
		this.owner = owner;
		this.key = key;
		this.backwards = backwards;
		this.start = start;
	}

	/** In front of the first key. */
	Object start() {
		return this.start;
	}

	/** SQL for how far the next rows reach, as many as <code>:size</code>. */
	String reach() {
		return """
				select %s as reach from (
				    select %s as each_key from %s where %s and %s order by each_key %s limit :size) piece
				""".formatted(this.backwards ? "min(each_key)" : "max(each_key)", this.key, this.table,
				this.owner.formatted(":session"), from(), this.backwards ? "desc" : "");
	}

	/**
	 * SQL that removes the rows between.
	 * @param session SQL for the session's id
	 */
	String remove(String session) {
		return """
				delete from %s where %s
				    and %s and %s %s :reach
				""".formatted(this.table, this.owner.formatted(session), from(), this.key,
				this.backwards ? ">=" : "<=");
	}

	private String from() {
		return this.key + (this.backwards ? " < " : " > ") + ":from";
	}

}
