package dev.agentsessions.transfer.command;

import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;

import dev.agentsessions.transfer.TransferFailure;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for.
 *
 * @param command <code>import</code> or <code>export</code>
 * @param place from where, or to where
 * @param rejects null if none was named
 * @param zone of times that come without one
 * @param tenant whose the sessions of an older database will be
 */
record Arguments(String command, String place, boolean dryRun, @Nullable Path rejects, ZoneId zone, String tenant) {

	Arguments {
		if (place.isEmpty()) {
			throw new TransferFailure.Usage((command.equals("import") ? "--from" : "--to") + " needs a value");
		}
		if (tenant.codePointCount(0, tenant.length()) > 255 || tenant.chars().anyMatch(Character::isISOControl)) {
			throw new TransferFailure.Usage("--tenant must have at most 255 characters, and no control characters");
		}
	}

	static ZoneId zone(String name) {
		try {
			return name.equals("UTC") ? ZoneOffset.UTC : ZoneId.of(name);
		}
		catch (DateTimeException ex) {
			throw new TransferFailure.Usage("--zone must be a time zone, for example Europe/Moscow or +03:00");
		}
	}

}
