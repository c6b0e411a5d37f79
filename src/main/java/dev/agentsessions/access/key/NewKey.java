package dev.agentsessions.access.key;

import java.io.PrintWriter;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;

import dev.agentsessions.access.Tenants;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command <code>new-key --tenant T --role R</code>: prints a new key for its owner,
 * and the line that lets it in.
 */
@Command(name = "new-key", sortOptions = false, usageHelpAutoWidth = true,
		description = "Makes a key for STORE_ACCESS_MODE=api-key: prints it, and the line that lets it in.")
public final class NewKey implements Callable<Integer> {

	/** Lets tools that look for leaked secrets recognize one. */
	private static final String PREFIX = "ags_";

	private static final int RANDOM_BYTES = 32;

	@Option(names = "--tenant", required = true, paramLabel = "TENANT", description = "whose sessions the key is for")
	private String tenant = "";

	@Option(names = "--role", required = true, paramLabel = "user|admin",
			description = "what its owner may do; retention needs admin")
	private String role = "";

	@Option(names = { "-h", "--help" }, usageHelp = true, description = "shows this text")
	private boolean help;

	@Spec
	private CommandSpec spec;

	@Override
	public Integer call() {
		if (!List.of("user", "admin").contains(this.role)) {
			throw new ParameterException(this.spec.commandLine(), "--role must be user or admin");
		}
		String fault = Tenants.fault(this.tenant);
		if (fault != null) {
			throw new ParameterException(this.spec.commandLine(), "the tenant " + fault);
		}
		String key = newKey();
		PrintWriter out = this.spec.commandLine().getOut();
		out.println("key, for its owner, kept nowhere else:");
		out.println(key);
		out.println("line for the file of STORE_ACCESS_KEYS_FILE:");
		out.println(Hash.of(key).hex() + " " + this.tenant + " " + this.role);
		return 0;
	}

	private static String newKey() {
		byte[] random = new byte[RANDOM_BYTES];
		new SecureRandom().nextBytes(random);
		return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
	}

}
