package dev.agentsessions.write;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;

import dev.agentsessions.agent.NewSwitch;
import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.session.DetailsChange;
import dev.agentsessions.web.json.JsonValues;
import org.jspecify.annotations.Nullable;

/**
 * What was asked, as a SHA-256: two requests with one idempotency key are the same if
 * their fingerprints are. It is taken from the values: how JSON is written does not
 * matter.
 */
public final class Fingerprint {

	/** What fingerprints of this version begin with. */
	private static final String VERSION = "2:";

	private final List<@Nullable Object> values = new ArrayList<>();

	/**
	 * Begins a fingerprint.
	 * @param kind what kind of request it is: the same body sent elsewhere is another
	 * request
	 */
	public Fingerprint(String kind) {
		add(kind);
	}

	/** Adds a value; an absent one is not the same as an empty one. */
	public Fingerprint add(@Nullable String value) {
		this.values.add(value);
		return this;
	}

	/** Adds a number, or that there is none. */
	public Fingerprint add(@Nullable Long value) {
		return add((value != null) ? value.toString() : null);
	}

	public Fingerprint add(NewMessage message) {
		add(message.role()).add(message.content())
			.add(message.name())
			.add(message.toolCallId())
			.addJson(message.toolCalls())
			.add(message.tokenCount())
			.addJson(message.metadata());
		// those that have none of these keep the fingerprints that they always had
		if (message.id() != null || message.parts() != null || message.extra() != null) {
			add("parts").add(message.id()).addJson(message.parts()).addJson(message.extra());
		}
		return this;
	}

	public Fingerprint add(NewSwitch wanted) {
		return add(wanted.fromAgent()).add(wanted.toAgent()).add(wanted.reason()).addJson(wanted.metadata());
	}

	public Fingerprint add(DetailsChange details) {
		details.named().forEach((field) -> add(field.name()));
		addJson(details.metadata()).add(details.owner()).add(details.title());
		if (details.labels() != null) {
			new TreeMap<>(details.labels()).forEach((name, text) -> add(name).add(text));
		}
		return add((details.expiresAt() != null) ? details.expiresAt().toString() : null);
	}

	public Fingerprint addJson(@Nullable JsonText json) {
		this.values.add(json);
		return this;
	}

	/** 45 characters: the version, and the rest in Base64. */
	public String end() {
		return VERSION + Base64.getUrlEncoder().withoutPadding().encodeToString(digest(JsonValues::canonical));
	}

	/**
	 * The first version, in which JSON is taken as it is written: 64 hexadecimal digits.
	 */
	public String firstVersion() {
		return HexFormat.of().formatHex(digest(JsonText::json));
	}

	private byte[] digest(Function<JsonText, String> json) {
		try {
			MessageDigest digest = MessageDigest.getInstance("SHA-256");
			for (Object value : this.values) {
				String text = (value instanceof JsonText asJson) ? json.apply(asJson) : (String) value;
				byte[] bytes = (text != null) ? text.getBytes(StandardCharsets.UTF_8) : new byte[0];
				digest.update(((text != null) ? bytes.length + ":" : "-").getBytes(StandardCharsets.US_ASCII));
				digest.update(bytes);
			}
			return digest.digest();
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex); // every JVM has it
		}
	}

}
