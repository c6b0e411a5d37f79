package dev.agentsessions.transfer.command;

import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;

import dev.agentsessions.access.Tenants;
import dev.agentsessions.transfer.TransferFailure;
import org.jspecify.annotations.Nullable;

/**
 * What an import was asked for.
 *
 * @param from where it comes from
 * @param rejects null if none was named
 * @param zone of an older database's times that come without one
 * @param tenant whose the sessions of an older database will be
 */
record Arguments(String from, boolean dryRun, @Nullable Path rejects, ZoneId zone, String tenant) {

	/**
	 * Checks them. Errors: {@link TransferFailure.Usage}.
	 * @param zone null for UTC
	 * @param tenant null for that of everybody while access is open
	 */
	static Arguments of(String from, boolean dryRun, @Nullable Path rejects, @Nullable String zone,
			@Nullable String tenant) {
		requireValue("--from", from);
		if (!from.contains("://") && (zone != null || tenant != null)) {
			throw new TransferFailure.Usage(((tenant != null) ? "--tenant" : "--zone")
					+ " is for an older database: a file that export wrote has its own tenants and times");
		}
		String fault = (tenant != null) ? Tenants.fault(tenant) : null;
		if (fault != null) {
			throw new TransferFailure.Usage("--tenant " + fault);
		}
		return new Arguments(from, dryRun, rejects, (zone != null) ? zone(zone) : ZoneOffset.UTC,
				(tenant != null) ? tenant : Tenants.DEFAULT);
	}

	/** Errors: {@link TransferFailure.Usage}. */
	static void requireValue(String option, String value) {
		if (value.isEmpty()) {
			throw new TransferFailure.Usage(option + " needs a value");
		}
	}

	private static ZoneId zone(String name) {
		try {
			return name.equals("UTC") ? ZoneOffset.UTC : ZoneId.of(name);
		}
		catch (DateTimeException ex) {
			throw new TransferFailure.Usage("--zone must be a time zone, for example Europe/Moscow or +03:00");
		}
	}

}
