package dev.agentsessions.transfer.command;

import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Set;

import dev.agentsessions.database.connect.DatabaseUrl;
import dev.agentsessions.transfer.Rejects;
import dev.agentsessions.transfer.SessionSource;
import dev.agentsessions.transfer.TransferFailure;
import dev.agentsessions.transfer.archive.ArchiveSource;
import dev.agentsessions.transfer.legacy.JsonLayout;
import dev.agentsessions.transfer.legacy.OldDatabase;
import dev.agentsessions.transfer.legacy.TableLayout;
import dev.agentsessions.transfer.legacy.value.OldTimes;

/**
 * What <code>--from</code> names: an older database, in the form SQLAlchemy has for it,
 * or an archive.
 */
final class SourceUrl {

	private SourceUrl() {
	}

	/**
	 * Opens it.
	 * @throws TransferFailure if there is nothing that can be imported
	 */
	static SessionSource open(Arguments arguments, DatabaseUrl target, Console console, Rejects rejects)
			throws SQLException, IOException {
		String from = arguments.from();
		int colon = from.indexOf("://");
		if (colon < 0) {
			return from.equals("-") ? new ArchiveSource(spool(console.in()), true) : file(Path.of(from));
		}
		String scheme = from.substring(0, colon).toLowerCase(Locale.ROOT).replaceFirst("\\+.*", "");
		OldDatabase database = switch (scheme) {
			case "sqlite" -> OldDatabase.sqlite(sqliteFile(from.substring(colon + 3)));
			case "postgresql", "postgres" -> OldDatabase.postgresql(postgresql(from, target));
			default -> throw new TransferFailure.Usage("--from must be sqlite:///…, postgresql://…, a file or -");
		};
		try {
			return layout(database, arguments, rejects);
		}
		catch (SQLException | RuntimeException ex) {
			database.close();
			throw ex;
		}
	}

	private static SessionSource layout(OldDatabase database, Arguments arguments, Rejects rejects)
			throws SQLException {
		OldTimes times = new OldTimes(arguments.zone());
		Set<String> sessions = database.columns("sessions");
		if (sessions.contains("first_seq")) {
			throw new TransferFailure("The database is one of this store. Use export there, and import the file here.");
		}
		if (sessions.contains("messages")) {
			return new JsonLayout(database, arguments.tenant(), times, rejects);
		}
		if (sessions.contains("id") && database.columns("messages").contains("session_db_id")) {
			return new TableLayout(database, arguments.tenant(), times, rejects);
		}
		throw new TransferFailure("The database has neither of the layouts of the older service: no table sessions with"
				+ " messages in it, nor sessions and messages.");
	}

	/**
	 * As SQLAlchemy has it: three slashes and a relative path, or four and an absolute
	 * one.
	 */
	private static Path sqliteFile(String rest) {
		String path = rest.replaceFirst("\\?.*", "");
		if (!path.startsWith("/") || path.length() < 2 || path.equals("/:memory:")) {
			throw new TransferFailure.Usage(
					"--from must name a file: sqlite:///relative.db or sqlite:////absolute/path.db");
		}
		Path asWritten = Path.of(path.substring(1));
		return Files.exists(asWritten) ? asWritten
				: Path.of(URLDecoder.decode(path.substring(1).replace("+", "%2B"), StandardCharsets.UTF_8));
	}

	private static DatabaseUrl postgresql(String from, DatabaseUrl target) {
		try {
			DatabaseUrl url = DatabaseUrl.parse(from);
			if (url.engine() == target.engine() && url.host().equalsIgnoreCase(target.host())
					&& url.port() == target.port() && url.database().equals(target.database())) {
				throw new TransferFailure.Usage("--from and DATABASE_URL name the same database");
			}
			return url;
		}
		catch (DatabaseUrl.WrongUrlException ex) {
			throw new TransferFailure.Usage("--from can't be used: " + ex.why());
		}
	}

	private static SessionSource file(Path file) throws IOException {
		if (!Files.isRegularFile(file)) {
			throw new TransferFailure("There is no file " + file.toAbsolutePath() + ".");
		}
		try (InputStream in = Files.newInputStream(file)) {
			if (new String(in.readNBytes(15), StandardCharsets.ISO_8859_1).equals("SQLite format 3")) {
				throw new TransferFailure.Usage("--from names a file of SQLite: write sqlite:///" + file);
			}
		}
		return new ArchiveSource(file, false);
	}

	/**
	 * Nothing may be written before the last line was seen, and this can be read once
	 * only.
	 */
	private static Path spool(InputStream in) throws IOException {
		Path file = Files.createTempFile("agent-session-store", ".ndjson");
		try {
			Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
			return file;
		}
		catch (IOException ex) {
			Files.deleteIfExists(file);
			throw ex;
		}
	}

}
