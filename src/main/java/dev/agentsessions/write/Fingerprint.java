package dev.agentsessions.write;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

import dev.agentsessions.agent.NewSwitch;
import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.message.NewMessage;
import org.jspecify.annotations.Nullable;

/**
 * What was asked, as a SHA-256: two requests with one idempotency key are the same if
 * their fingerprints are. It is taken from the values, not from the bytes, so white space
 * does not matter.
 */
public final class Fingerprint {

	private final MessageDigest digest;

	/**
	 * Begins a fingerprint.
	 * @param kind what kind of request it is: the same body sent elsewhere is another
	 * request
	 */
	public Fingerprint(String kind) {
		try {
			this.digest = MessageDigest.getInstance("SHA-256");
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex); // every JVM has it
		}
		add(kind);
	}

	/** Adds a value; an absent one is not the same as an empty one. */
	public Fingerprint add(@Nullable String value) {
		byte[] bytes = (value != null) ? value.getBytes(StandardCharsets.UTF_8) : new byte[0];
		this.digest.update(((value != null) ? bytes.length + ":" : "-").getBytes(StandardCharsets.US_ASCII));
		this.digest.update(bytes);
		return this;
	}

	/** Adds a number, or that there is none. */
	public Fingerprint add(@Nullable Long value) {
		return add((value != null) ? value.toString() : null);
	}

	public Fingerprint add(NewMessage message) {
		return add(message.role()).add(message.content())
			.add(message.name())
			.add(message.toolCallId())
			.addJson(message.toolCalls())
			.add(message.tokenCount())
			.addJson(message.metadata());
	}

	public Fingerprint add(NewSwitch wanted) {
		return add(wanted.fromAgent()).add(wanted.toAgent()).add(wanted.reason()).addJson(wanted.metadata());
	}

	public Fingerprint addJson(@Nullable JsonText json) {
		return add((json != null) ? json.json() : null);
	}

	/** 64 hexadecimal digits. */
	public String end() {
		return HexFormat.of().formatHex(this.digest.digest());
	}

}
