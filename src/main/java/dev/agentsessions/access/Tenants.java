package dev.agentsessions.access;

import java.util.function.BooleanSupplier;

import org.jspecify.annotations.Nullable;

import org.springframework.web.reactive.function.server.ServerRequest;

/**
 * Whose sessions a request is about.
 */
public final class Tenants {

	/** The tenant of every caller while access is open. */
	public static final String DEFAULT = "default";

	private static final int MAX_CODE_POINTS = 255;

	private Tenants() {
	}

	/**
	 * The caller's tenant: every look-up is by tenant and session id.
	 * @throws IllegalStateException if the request did not pass {@link AccessFilter}: a
	 * route outside of its paths must not reach anybody's sessions
	 */
	public static String of(ServerRequest request) {
		return caller(request).tenant();
	}

	/**
	 * Whether the caller would still be let in, at any time later: its key may be taken
	 * back, its token expires. Null if nothing of the kind can happen. It may be asked on
	 * any thread, and costs next to nothing.
	 */
	public static @Nullable BooleanSupplier stillKnown(ServerRequest request) {
		return caller(request).stillKnown();
	}

	private static Caller caller(ServerRequest request) {
		Caller caller = (Caller) request.exchange().getAttributes().get(Caller.ATTRIBUTE);
		if (caller == null) {
			throw new IllegalStateException("a request without a caller");
		}
		return caller;
	}

	/**
	 * Why no tenant can have this name; null if one can. The rules are those of session
	 * ids, but for white space, which separates the fields of a keys file, and a leading
	 * <code>~</code>, which marks names the store itself uses.
	 */
	public static @Nullable String fault(String name) {
		int length = name.codePointCount(0, name.length());
		if (length < 1 || length > MAX_CODE_POINTS) {
			return "must have 1 to " + MAX_CODE_POINTS + " characters";
		}
		if (name.startsWith("~") || name.equals(".") || name.equals("..")) {
			return "must not begin with ~, nor be . or ..";
		}
		if (name.codePoints().anyMatch(Tenants::isRefused)) {
			return "must not have white space, control characters, / or \\";
		}
		return null;
	}

	private static boolean isRefused(int c) {
		return c == '/' || c == '\\' || Character.isISOControl(c) || Character.isWhitespace(c)
				|| Character.isSpaceChar(c) || Character.getType(c) == Character.SURROGATE;
	}

}
