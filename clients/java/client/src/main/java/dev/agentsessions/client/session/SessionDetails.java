package dev.agentsessions.client.session;

import java.time.Instant;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * What is said of a session, when it is created or forked, or with a turn. What is null
 * is not said.
 *
 * @param owner whose it is, for example a user of your program; 255 characters at most
 * @param title what people call it; 500 characters at most
 * @param labels texts by name, up to 32; no name has a colon
 * @param expiresAt when the store soft-deletes it, however active it is
 * @param metadata any JSON object
 */
public record SessionDetails(@Nullable String owner, @Nullable String title, @Nullable Map<String, String> labels,
		@Nullable Instant expiresAt, @Nullable Map<String, ?> metadata) {

	public static final SessionDetails NONE = new SessionDetails(null, null, null, null, null);

	public SessionDetails owner(String owner) {
		return new SessionDetails(owner, this.title, this.labels, this.expiresAt, this.metadata);
	}

	public SessionDetails title(String title) {
		return new SessionDetails(this.owner, title, this.labels, this.expiresAt, this.metadata);
	}

	public SessionDetails labels(Map<String, String> labels) {
		return new SessionDetails(this.owner, this.title, labels, this.expiresAt, this.metadata);
	}

	public SessionDetails expiresAt(Instant expiresAt) {
		return new SessionDetails(this.owner, this.title, this.labels, expiresAt, this.metadata);
	}

	public SessionDetails metadata(Map<String, ?> metadata) {
		return new SessionDetails(this.owner, this.title, this.labels, this.expiresAt, metadata);
	}

}
