package dev.agentsessions;

import dev.agentsessions.access.NewKey;
import dev.agentsessions.transfer.TransferCommand;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Starts the store: <code>java -jar agent-session-store.jar</code>. With
 * <code>import</code> or <code>export</code> as its first argument it moves data in or
 * out, with <code>new-key</code> it makes a key, and ends.
 */
@SpringBootApplication
@ConfigurationPropertiesScan
public class AgentSessionStore {

	public static void main(String[] args) {
		if (args.length > 0 && args[0].equals(NewKey.COMMAND)) {
			System.exit(NewKey.run(args, System.out, System.err));
		}
		if (TransferCommand.isMeant(args)) {
			System.exit(TransferCommand.run(args));
		}
		SpringApplication.run(AgentSessionStore.class, args);
	}

	@Bean
	static SettingsCheck settingsCheck(ConfigurableEnvironment environment) {
		return new SettingsCheck(environment);
	}

}
