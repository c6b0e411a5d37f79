package dev.agentsessions.transfer.command;

import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.agentsessions.transfer.TransferFailure;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for.
 *
 * @param command <code>import</code> or <code>export</code>
 * @param place from where, or to where
 * @param rejects null if none was named
 * @param metrics null if none was named
 * @param zone of times that come without one
 * @param tenant whose the sessions of an older database will be
 * @param settings further arguments, for Spring Boot
 */
record Arguments(String command, String place, boolean dryRun, @Nullable Path rejects, @Nullable Path metrics,
		ZoneId zone, String tenant, List<String> settings) {

	static final String USAGE = """
			usage: java -jar agent-session-store.jar import --from URL|FILE|- [options]
			       java -jar agent-session-store.jar export --to FILE|-

			  --from URL      an older database: sqlite:///relative.db, sqlite:////absolute.db, postgresql://user:password@host/db
			  --from FILE|-   a file that export wrote, or the standard input
			  --dry-run       reads and checks everything, and writes nothing to the store
			  --rejects FILE  what cannot be stored, one JSON object a line; ./import-rejects.ndjson
			  --metrics FILE  how far it is and how it ended, for Prometheus's collector of text files
			  --zone ZONE     of an older database's times that have none, for example Europe/Moscow; UTC
			  --tenant NAME   whose the sessions of an older database will be; default
			  --to FILE|-     where to write the whole store, as NDJSON

			DATABASE_URL names the store, as it does for the service. Exit status: 0 all done, 3 done but something was
			rejected, 2 wrong arguments, 1 failed.
			""";

	private static final Map<String, Set<String>> OPTIONS = Map.of("import",
			Set.of("--from", "--rejects", "--metrics", "--zone", "--tenant", "--dry-run"), "export", Set.of("--to"));

	private static final Set<String> FLAGS = Set.of("--dry-run");

	static Arguments parse(String[] args) {
		String command = args[0];
		if (!OPTIONS.containsKey(command)) {
			throw new TransferFailure.Usage("there is no command " + command);
		}
		Map<String, String> given = new LinkedHashMap<>();
		List<String> settings = new ArrayList<>();
		for (int i = 1; i < args.length; i++) {
			int equals = args[i].indexOf('=');
			String name = (equals > 0) ? args[i].substring(0, equals) : args[i];
			if (equals > 0 && name.matches("--(store|spring|logging)\\..+")) {
				settings.add(args[i]);
				continue;
			}
			if (!OPTIONS.getOrDefault(command, Set.of()).contains(name)) {
				throw new TransferFailure.Usage(command + " does not know " + name);
			}
			boolean flag = FLAGS.contains(name);
			if (flag ? equals > 0 : equals < 0 && i + 1 == args.length) {
				throw new TransferFailure.Usage(name + (flag ? " takes no value" : " needs a value"));
			}
			String value = flag ? "" : (equals > 0) ? args[i].substring(equals + 1) : args[++i];
			if (!flag && (value.isEmpty() || value.startsWith("--"))) {
				throw new TransferFailure.Usage(name + " needs a value");
			}
			if (given.put(name, value) != null) {
				throw new TransferFailure.Usage(name + " is given twice");
			}
		}
		return of(command, given, settings);
	}

	private static Arguments of(String command, Map<String, String> given, List<String> settings) {
		String required = command.equals("import") ? "--from" : "--to";
		String place = given.get(required);
		if (place == null) {
			throw new TransferFailure.Usage(required + " is missing");
		}
		String tenant = given.getOrDefault("--tenant", "default");
		if (tenant.codePointCount(0, tenant.length()) > 255 || tenant.chars().anyMatch(Character::isISOControl)) {
			throw new TransferFailure.Usage("--tenant must have at most 255 characters, and no control characters");
		}
		return new Arguments(command, place, given.containsKey("--dry-run"), file(given.get("--rejects")),
				file(given.get("--metrics")), zone(given.get("--zone")), tenant, settings);
	}

	private static @Nullable Path file(@Nullable String name) {
		return (name != null) ? Path.of(name) : null;
	}

	private static ZoneId zone(@Nullable String name) {
		try {
			return (name != null) ? ZoneId.of(name) : ZoneOffset.UTC;
		}
		catch (DateTimeException ex) {
			throw new TransferFailure.Usage("--zone must be a time zone, for example Europe/Moscow or +03:00");
		}
	}

}
