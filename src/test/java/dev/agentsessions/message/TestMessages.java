package dev.agentsessions.message;

/**
 * Messages for tests that need no more than a text.
 */
public final class TestMessages {

	private TestMessages() {
	}

	/** What somebody says. */
	public static NewMessage text(String role, String content) {
		return new NewMessage(null, role, content, null, null, null, null, null, null, null);
	}

}
