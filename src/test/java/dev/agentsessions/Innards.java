package dev.agentsessions;

import java.util.regex.Pattern;

/**
 * Words that no refusal may have in it: they tell what the service is made of.
 */
public final class Innards {

	public static final Pattern PATTERN = Pattern
		.compile("exception|\\bjava\\b|\\.java|dev\\.agentsessions|spring|jackson"
				+ "|r2dbc|netty|reactor|postgres|\\bh2\\b|\\bsql\\b|insert into|select .*from|session_db_id|append_keys"
				+ "|databuffer|token_stream|\\bat [a-z]+\\.[a-z]+\\.", Pattern.CASE_INSENSITIVE);

	private Innards() {
	}

}
