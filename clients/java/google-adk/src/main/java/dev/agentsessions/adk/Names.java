package dev.agentsessions.adk;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/**
 * What sessions of an application are called in the store. There a session has one id,
 * and in ADK that of an application and a user besides.
 */
final class Names {

	private Names() {
	}

	/** The log of an application's own state. */
	static String ofState(String app) {
		return "adk:" + part(app);
	}

	/** The log of a user's state in an application. */
	static String ofState(String app, String user) {
		return ofState(app) + ":" + part(user);
	}

	static String of(String app, String user, String session) {
		return ofState(app, user) + ":" + part(session);
	}

	/** The session's own part of a name. */
	static String session(String name) {
		return URLDecoder.decode(name.substring(name.lastIndexOf(':') + 1).replace("+", "%2B"), StandardCharsets.UTF_8);
	}

	/** Without what separates parts, and without what no id of the store has. */
	private static String part(String name) {
		StringBuilder part = new StringBuilder();
		name.chars().forEach((each) -> {
			if (each < ' ' || each == 127 || "%:/\\".indexOf(each) >= 0) {
				part.append(String.format("%%%02X", each));
			}
			else {
				part.append((char) each);
			}
		});
		return part.toString();
	}

}
