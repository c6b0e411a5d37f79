package dev.agentsessions.client;

import org.jspecify.annotations.Nullable;

/**
 * The path and query of a request, percent-encoded.
 */
record Path(String text) {

	private static final String UNRESERVED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";

	static Path of(String... segments) {
		StringBuilder path = new StringBuilder("/v1");
		for (String segment : segments) {
			if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) { // no
																					// URL
																					// can
																					// have
																					// them
																					// there
				throw new IllegalArgumentException("An id is 1 to 255 characters, and not . or ..: '" + segment + "'");
			}
			encode(segment, path.append('/'));
		}
		return new Path(path.toString());
	}

	/** With one more parameter, unless it has no value. */
	Path with(String name, @Nullable Object value) {
		if (value == null) {
			return this;
		}
		StringBuilder path = new StringBuilder(this.text).append((this.text.indexOf('?') < 0) ? '?' : '&');
		path.append(name).append('=');
		encode(value.toString(), path);
		return new Path(path.toString());
	}

	private static void encode(String text, StringBuilder target) {
		for (byte each : Utf8.encode(text)) {
			if (UNRESERVED.indexOf(each) >= 0) {
				target.append((char) each);
			}
			else {
				target.append('%')
					.append(Character.forDigit((each >> 4) & 15, 16))
					.append(Character.forDigit(each & 15, 16));
			}
		}
	}

	@Override
	public String toString() {
		return this.text;
	}

}
