package dev.agentsessions.search;

import dev.agentsessions.message.MessageReader;
import dev.agentsessions.session.lifecycle.SessionFilter;
import dev.agentsessions.web.request.Query;
import org.jspecify.annotations.Nullable;

/**
 * Which messages are searched: those that pass all of it.
 *
 * @param sessions in which of the tenant's sessions; its times are those of messages
 * @param sessionId in which one alone, null for any
 * @param role null for any
 */
record SearchFilter(SessionFilter sessions, @Nullable String sessionId, @Nullable String role) {

	/** The parameters of a request. */
	static SearchFilter of(Query query) {
		String role = query.text("role");
		if (role != null && !MessageReader.ROLES.contains(role)) {
			throw Query.wrong("role", MessageReader.NO_ROLE);
		}
		String sessionId = query.text("session_id");
		if (sessionId == null && query.has("session_id")) {
			// not in all: a gateway that lost it would show what was said elsewhere
			throw Query.wrong("session_id", "must not be empty");
		}
		return new SearchFilter(SessionFilter.of(query), sessionId, role);
	}

	/** As it stands in a query, each parameter behind an ampersand. */
	String query() {
		return this.sessions.query() + SessionFilter.parameter("session_id", this.sessionId)
				+ SessionFilter.parameter("role", this.role);
	}

}
