package dev.agentsessions.database.connect;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

import javax.net.ssl.SSLException;

import dev.agentsessions.database.Engine;
import liquibase.exception.LiquibaseException;
import liquibase.exception.LockException;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.Environment;

/**
 * Says what is wrong with the database, and what to do, when the service can't start with
 * it. Liquibase is the first that connects. No text has a password in it: neither drivers
 * nor servers repeat one.
 */
final class DatabaseFailure extends AbstractFailureAnalyzer<LiquibaseException> {

	private final Environment environment;

	DatabaseFailure(Environment environment) {
		this.environment = environment;
	}

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable root, LiquibaseException cause) {
		String url = this.environment.getProperty("store.database.url");
		return (url != null) ? analyze(cause, DatabaseUrl.parse(url)) : null;
	}

	static FailureAnalysis analyze(LiquibaseException failure, DatabaseUrl url) {
		List<Throwable> causes = causes(failure);
		String[] texts = (url.engine() == Engine.H2) ? h2(causes, url) : postgresql(causes, url);
		return new FailureAnalysis(texts[0], texts[1], failure);
	}

	private static String[] h2(List<Throwable> causes, DatabaseUrl url) {
		String file = url.database().replaceFirst("^file:", "") + ".mv.db";
		if (state(causes).equals("90020")) {
			return new String[] { "Another process has the database " + url + " open.",
					"Stop the other process: one at a time can have the file. Several replicas need PostgreSQL, which DATABASE_URL names." };
		}
		if (state(causes).startsWith("90") || state(causes).startsWith("HY")) {
			return new String[] { "The database " + url + " can't be opened: " + said(causes),
					"Let the service create, read and write " + file
							+ ", or name another place: DATABASE_URL=h2:file:/path/name, or a PostgreSQL." };
		}
		return other(causes, url);
	}

	private static String[] postgresql(List<Throwable> causes, DatabaseUrl url) {
		String server = url.host() + ":" + url.port();
		String user = url.username();
		String state = state(causes);
		if (has(causes, UnknownHostException.class)) {
			return new String[] { "The host " + url.host() + " of DATABASE_URL is not known here.",
					"Correct the host in DATABASE_URL, or make its name known (DNS) where the service runs." };
		}
		if (has(causes, SSLException.class)) {
			return new String[] {
					"The connection to PostgreSQL at " + server + " can't be encrypted: " + innermost(causes),
					"Set sslmode and sslrootcert in DATABASE_URL to what the server's certificate needs, for example"
							+ " ?sslmode=verify-full&sslrootcert=/path/ca.pem." };
		}
		if (has(causes, ConnectException.class) || has(causes, SocketTimeoutException.class)
				|| has(causes, NoRouteToHostException.class) || state.equals("08001")) {
			return new String[] { "No PostgreSQL answers at " + server + ".",
					"Start the server, or correct host and port in DATABASE_URL; a firewall between the two may be what keeps them apart." };
		}
		String said = said(causes);
		return switch (state) {
			case "28P01" -> new String[] {
					"PostgreSQL at " + server + " does not accept the password of the user " + user + ".",
					"Correct user and password in DATABASE_URL (percent-encode special characters: @ is %40, / is %2F, : is %3A)." };
			case "28000" -> new String[] {
					"PostgreSQL at " + server + " does not let the user " + user + " in: " + said,
					said.toLowerCase(Locale.ROOT).contains("no encryption")
							? "The server wants TLS: add ?sslmode=require to DATABASE_URL, or leave sslmode out. If it has it already, allow this user in pg_hba.conf."
							: "Correct the user in DATABASE_URL, or create the role and allow it in pg_hba.conf of the server." };
			case "08004" ->
				new String[] { "PostgreSQL at " + server + " refuses the connection: " + said, refused(said) };
			case "3D000" -> new String[] { "PostgreSQL at " + server + " has no database " + url.database() + ".",
					"Create it (createdb -h " + url.host() + " -p " + url.port() + " -O " + user + " " + url.database()
							+ "), or correct the database in DATABASE_URL." };
			case "42501" -> new String[] { "The user " + user + " may not create the tables in " + url + ": " + said,
					"As the owner of the database: grant create, usage on schema public to \"" + user
							+ "\". Or have another user make the tables, and start with SPRING_LIQUIBASE_ENABLED=false." };
			case "53300" -> new String[] { "PostgreSQL at " + server + " has no connection left: " + said,
					"Raise max_connections of the server, or have fewer clients." };
			case "57P03" -> new String[] { "PostgreSQL at " + server + " does not take connections yet: " + said,
					"Start the service again when the server is up." };
			default -> other(causes, url);
		};
	}

	private static String refused(String said) {
		if (said.contains("SSL")) {
			return "Leave sslmode out of DATABASE_URL or set it to prefer, if a connection in clear text is all right; else set up TLS on the server.";
		}
		return said.contains("password")
				? "Put the password into DATABASE_URL: postgresql://user:password@host:5432/database."
				: "Correct DATABASE_URL, or allow the connection on the server.";
	}

	private static String[] other(List<Throwable> causes, DatabaseUrl url) {
		if (has(causes, LockException.class)) {
			return new String[] {
					"The tables of " + url + " are locked by another start that makes or changes them: "
							+ innermost(causes),
					"Start again when the other start is done; the lock ends with its connection." };
		}
		return new String[] { "The tables of " + url + " can't be made or brought up to date: " + innermost(causes),
				"Mend what the text says; nothing half done stays, so a start afterwards goes on." };
	}

	/** The code of the first that has one; empty if none has. */
	private static String state(List<Throwable> causes) {
		return causes.stream()
			.filter(SQLException.class::isInstance)
			.map((each) -> ((SQLException) each).getSQLState())
			.filter(Objects::nonNull)
			.findFirst()
			.orElse("");
	}

	/** What the server said, without its level. */
	private static String said(List<Throwable> causes) {
		return causes.stream().filter(SQLException.class::isInstance).findFirst().map(DatabaseFailure::line).orElse("");
	}

	private static String innermost(List<Throwable> causes) {
		return line(causes.get(causes.size() - 1));
	}

	private static String line(Throwable error) {
		String text = String.valueOf(error.getMessage()).lines().findFirst().orElse("");
		return text.replaceFirst("^(FATAL|ERROR): ", "").replaceFirst(" \\[Failed SQL: .*", "");
	}

	private static boolean has(List<Throwable> causes, Class<? extends Throwable> type) {
		return causes.stream().anyMatch(type::isInstance);
	}

	private static List<Throwable> causes(Throwable error) {
		Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
		List<Throwable> causes = new ArrayList<>();
		for (Throwable each = error; each != null && seen.add(each); each = each.getCause()) {
			causes.add(each);
		}
		return causes;
	}

}
