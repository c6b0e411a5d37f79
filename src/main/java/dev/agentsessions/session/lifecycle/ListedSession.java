package dev.agentsessions.session.lifecycle;

import dev.agentsessions.session.SessionRow;

/**
 * A session in a list.
 *
 * @param json as it is answered; not to be changed
 */
record ListedSession(SessionRow row, byte[] json) {

	long bytes() {
		return this.json.length;
	}

}
