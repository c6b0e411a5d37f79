package dev.agentsessions.database.connect;

import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.agentsessions.database.Engine;
import org.jspecify.annotations.Nullable;

/**
 * Which database, in the form its users have:
 * <code>postgresql://user:password@host:5432/db?sslmode=require</code>, or
 * <code>h2:file:./data/store</code> and <code>h2:mem:name</code>. R2DBC's options and
 * JDBC's URL both derive from it.
 *
 * @param engine which of the two
 * @param host host name or address; empty for H2
 * @param port 5432 unless given
 * @param database the database's name; for H2 what follows <code>h2:</code>
 * @param username decoded; postgres if not given, empty for H2
 * @param password decoded, null if not given
 * @param parameters what follows the <code>?</code>
 */
public record DatabaseUrl(Engine engine, String host, int port, String database, String username,
		@Nullable String password, Map<String, String> parameters) {

	/**
	 * Names under which PostgreSQL URLs are known, those of SQLAlchemy with a driver
	 * included.
	 */
	private static final Set<String> POSTGRESQL = Set.of("postgresql", "postgres", "postgresql+asyncpg",
			"postgresql+psycopg", "postgresql+psycopg2");

	/** Hosts may have underscores, as services of Compose do, which a URI may not. */
	private static final Pattern AUTHORITY = Pattern
		.compile("(?:(?<user>[^@]*)@)?(?<host>[\\w.-]+|\\[[\\w.:%]+])(?::(?<port>\\d{1,6})?)?");

	private static final Set<String> PARAMETERS = Set.of("sslmode", "sslrootcert", "sslcert", "sslkey",
			"application_name");

	/**
	 * What makes H2 behave like PostgreSQL where it can, and write every commit to the
	 * disk before it is answered. Names stay in upper case: with DATABASE_TO_LOWER
	 * Liquibase would not find its own tables again, and the second start would fail.
	 */
	static final String H2_SETTINGS = ";MODE=PostgreSQL;DEFAULT_NULL_ORDERING=HIGH;WRITE_DELAY=0"
			+ ";LOCK_TIMEOUT=2000;DB_CLOSE_DELAY=-1;TRACE_LEVEL_FILE=0";

	/**
	 * Reads a URL.
	 * @throws IllegalArgumentException if it is none of these; the message says what to
	 * write, and has no password
	 */
	public static DatabaseUrl parse(String url) {
		int colon = url.indexOf(':');
		String scheme = (colon > 0) ? url.substring(0, colon).toLowerCase(Locale.ROOT) : "";
		if (scheme.equals("h2") && (url.startsWith("h2:file:") || url.startsWith("h2:mem:"))) {
			return new DatabaseUrl(Engine.H2, "", 0, url.substring(3), "", null, Map.of());
		}
		if (!POSTGRESQL.contains(scheme)) {
			throw wrong("it begins with neither postgresql:// nor h2:file:");
		}
		return postgresql(url.substring(colon));
	}

	/** The same, by the name under which settings are converted. */
	public static DatabaseUrl valueOf(String url) {
		return parse(url);
	}

	private static DatabaseUrl postgresql(String rest) {
		URI uri;
		try {
			uri = URI.create("postgresql" + rest);
		}
		catch (IllegalArgumentException ex) {
			throw wrong("it is not a URL (percent-encode special characters in user and password)");
		}
		String path = uri.getRawPath();
		Matcher authority = AUTHORITY.matcher(Objects.requireNonNullElse(uri.getRawAuthority(), ""));
		if (!authority.matches() || path == null || path.length() < 2 || path.indexOf('/', 1) > 0) {
			throw wrong("host or database is missing (percent-encode special characters in user and password)");
		}
		String user = authority.group("user");
		int colon = (user != null) ? user.indexOf(':') : -1;
		String name = (user == null || colon < 0) ? user : user.substring(0, colon);
		String password = (user == null || colon < 0) ? null : user.substring(colon + 1);
		int port = Integer.parseInt(Objects.requireNonNullElse(authority.group("port"), "5432"));
		if (port == 0 || port > 65_535) {
			throw wrong("the port must be a number from 1 to 65535");
		}
		return new DatabaseUrl(Engine.POSTGRESQL, authority.group("host"), port, decode(path.substring(1)),
				(name != null && !name.isEmpty()) ? decode(name) : "postgres",
				(password != null) ? decode(password) : null, parameters(uri.getRawQuery()));
	}

	private static Map<String, String> parameters(@Nullable String query) {
		if (query != null && query.indexOf('@') >= 0) {
			// the end of a password, which must not get into the message
			throw wrong("it has an @ behind the ? (percent-encode special characters in user and password)");
		}
		Map<String, String> parameters = new LinkedHashMap<>();
		for (String pair : (query != null) ? query.split("&") : new String[0]) {
			int equals = pair.indexOf('=');
			String name = decode((equals < 0) ? pair : pair.substring(0, equals));
			if (!PARAMETERS.contains(name)) {
				throw wrong("parameter " + name + " is not one of " + PARAMETERS);
			}
			parameters.put(name, (equals < 0) ? "" : decode(pair.substring(equals + 1)));
		}
		return parameters;
	}

	/** The same database for JDBC, which Liquibase, import and export speak. */
	String jdbc() {
		if (this.engine == Engine.H2) {
			return "jdbc:h2:" + this.database + H2_SETTINGS;
		}
		StringBuilder url = new StringBuilder("jdbc:postgresql://" + this.host + ":" + this.port + "/"
				+ URLEncoder.encode(this.database, StandardCharsets.UTF_8)
				+ "?connectTimeout=5&loginTimeout=10&tcpKeepAlive=true");
		this.parameters.forEach((name, value) -> url.append('&')
			.append(name.equals("application_name") ? "ApplicationName" : name)
			.append('=')
			.append(URLEncoder.encode(value, StandardCharsets.UTF_8)));
		return url.toString();
	}

	@Override
	public String toString() {
		return (this.engine == Engine.H2) ? "h2:" + this.database
				: "postgresql://" + this.host + ":" + this.port + "/" + this.database;
	}

	private static String decode(String text) {
		return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
	}

	static WrongUrlException wrong(String why) {
		return new WrongUrlException(why);
	}

	/** The text says what to write, and has no password. */
	public static final class WrongUrlException extends IllegalArgumentException {

		private final String why;

		WrongUrlException(String why) {
			super("DATABASE_URL can't be used: " + why
					+ ". Write postgresql://user:password@host:5432/database, or h2:file:./data/agent-session-store");
			this.why = why;
		}

		/** What is wrong, for a URL that is not DATABASE_URL. */
		public String why() {
			return this.why;
		}

	}

}
