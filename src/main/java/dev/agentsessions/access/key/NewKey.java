package dev.agentsessions.access.key;

import java.io.PrintStream;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

import dev.agentsessions.access.Tenants;
import org.jspecify.annotations.Nullable;

/**
 * The command <code>new-key --tenant T --role R</code>: prints a new key for its owner,
 * and the line that lets it in.
 */
public final class NewKey {

	public static final String COMMAND = "new-key";

	private static final String USAGE = "usage: java -jar agent-session-store.jar new-key --tenant TENANT --role user|admin";

	/** Lets tools that look for leaked secrets recognize one. */
	private static final String PREFIX = "ags_";

	private static final int RANDOM_BYTES = 32;

	private NewKey() {
	}

	/**
	 * Carries out the command.
	 * @param arguments the command line, <code>new-key</code> included
	 * @return the exit code: 0, or 2 if the arguments are wrong
	 */
	public static int run(String[] arguments, PrintStream out, PrintStream err) {
		List<String> options = Arrays.asList(arguments).subList(1, arguments.length);
		String tenant = option(options, "--tenant");
		String role = option(options, "--role");
		if (options.size() != 4 || tenant == null || role == null || !List.of("user", "admin").contains(role)) {
			err.println(USAGE);
			return 2;
		}
		String fault = Tenants.fault(tenant);
		if (fault != null) {
			err.println("the tenant " + fault);
			return 2;
		}
		String key = newKey();
		out.println("key, for its owner, kept nowhere else:");
		out.println(key);
		out.println("line for the file of STORE_ACCESS_KEYS_FILE:");
		out.println(Hash.of(key).hex() + " " + tenant + " " + role);
		return 0;
	}

	private static @Nullable String option(List<String> options, String name) {
		int index = options.indexOf(name);
		return (index >= 0 && index + 1 < options.size()) ? options.get(index + 1) : null;
	}

	private static String newKey() {
		byte[] random = new byte[RANDOM_BYTES];
		new SecureRandom().nextBytes(random);
		return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
	}

}
