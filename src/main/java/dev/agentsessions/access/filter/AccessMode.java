package dev.agentsessions.access.filter;

import java.net.InetAddress;

import dev.agentsessions.settings.SetupException;
import org.jspecify.annotations.Nullable;

/**
 * How callers are told apart.
 */
enum AccessMode {

	/** Not at all: everybody is an admin of the tenant <code>default</code>. */
	OPEN,

	/** By keys of a file. */
	API_KEY,

	/** By tokens that an identity provider has signed. */
	JWT;

	/**
	 * The mode that was set, or <code>open</code> if nobody else can reach the service.
	 * @param set the mode that was set on purpose
	 * @param address where the service listens; null for all addresses
	 * @throws SetupException if none was set and others can reach the service
	 */
	static AccessMode choose(@Nullable AccessMode set, @Nullable InetAddress address) {
		if (set != null) {
			return set;
		}
		if (address != null && address.isLoopbackAddress()) {
			return OPEN;
		}
		throw new SetupException(
				"The service would listen on " + ((address != null) ? address.getHostAddress() : "every address")
						+ " without access control, so that whoever reaches it reads and writes every session.",
				"Set STORE_ACCESS_MODE to api-key (with STORE_ACCESS_KEYS_FILE) or to jwt (with STORE_ACCESS_JWT_ISSUER"
						+ " or STORE_ACCESS_JWT_JWK_SET_URI, and STORE_ACCESS_JWT_AUDIENCE); to open if the network itself keeps others out; or listen"
						+ " on this machine only, with SERVER_ADDRESS=127.0.0.1.");
	}

}
