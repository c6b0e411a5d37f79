package dev.agentsessions;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/**
 * Starts the store: <code>java -jar agent-session-store.jar</code>.
 */
@SpringBootApplication
@ConfigurationPropertiesScan
public class AgentSessionStore {

	public static void main(String[] args) {
		SpringApplication.run(AgentSessionStore.class, args);
	}

}
