package dev.agentsessions.transfer;

import dev.agentsessions.web.request.LimitSettings;

import org.springframework.util.unit.DataSize;

/**
 * What comes from an older database was stored already: it is not held to the limits of
 * requests, only to those that every setting is held to.
 */
public final class OldLimits {

	private static final DataSize MOST = DataSize.ofMegabytes(256);

	public static final LimitSettings NONE = new LimitSettings(MOST, MOST, 1_000_000);

	private OldLimits() {
	}

}
