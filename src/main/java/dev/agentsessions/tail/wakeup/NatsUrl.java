package dev.agentsessions.tail.wakeup;

import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where NATS is: one or more URLs such as
 * <code>tls://user:password@nats.example.com:4222</code>, separated by commas. Its text
 * has neither users nor passwords.
 */
record NatsUrl(List<URI> uris) {

	private static final Set<String> SCHEMES = Set.of("nats", "tls");

	/**
	 * Reads URLs, by the name under which settings are converted.
	 * @throws IllegalArgumentException if they are none; the message says what to write,
	 * and has no password
	 */
	public static NatsUrl valueOf(String urls) {
		return new NatsUrl(Arrays.stream(urls.split(",", -1)).map(String::strip).map(NatsUrl::uri).toList());
	}

	private static URI uri(String url) {
		URI uri;
		try {
			uri = URI.create(url);
		}
		catch (IllegalArgumentException ex) {
			throw wrong("it is not a URL (percent-encode special characters in user and password)");
		}
		if (uri.getScheme() == null || !SCHEMES.contains(uri.getScheme().toLowerCase(Locale.ROOT))) {
			throw wrong("it begins with neither nats:// nor tls://");
		}
		if (uri.getHost() == null) {
			throw wrong("the host is missing (percent-encode special characters in user and password)");
		}
		if (uri.getPort() == 0 || uri.getPort() > 65_535) {
			throw wrong("the port must be a number from 1 to 65535");
		}
		if (!List.of("", "/").contains(uri.getRawPath()) || uri.getRawQuery() != null || uri.getRawFragment() != null) {
			throw wrong("something follows host and port (percent-encode special characters in user and password)");
		}
		return uri;
	}

	private static IllegalArgumentException wrong(String why) {
		return new IllegalArgumentException("STORE_TAILS_NATS_URL (store.tails.nats-url) can't be used: " + why
				+ ". Write nats://host:4222 or tls://user:password@host:4222, several with commas between them");
	}

	/** For the client of NATS, users and passwords included. */
	String[] servers() {
		return this.uris.stream().map(URI::toString).toArray(String[]::new);
	}

	@Override
	public String toString() {
		return this.uris.stream()
			.map((uri) -> uri.getScheme() + "://" + uri.getHost() + ((uri.getPort() < 0) ? "" : ":" + uri.getPort()))
			.collect(Collectors.joining(","));
	}

}
