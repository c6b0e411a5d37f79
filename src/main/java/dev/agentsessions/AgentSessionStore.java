package dev.agentsessions;

import dev.agentsessions.access.NewKey;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/**
 * Starts the store: <code>java -jar agent-session-store.jar</code>; or, with
 * <code>new-key</code>, makes a key to it.
 */
@SpringBootApplication
@ConfigurationPropertiesScan
public class AgentSessionStore {

	public static void main(String[] args) {
		if (args.length > 0 && args[0].equals(NewKey.COMMAND)) {
			System.exit(NewKey.run(args, System.out, System.err));
		}
		SpringApplication.run(AgentSessionStore.class, args);
	}

}
