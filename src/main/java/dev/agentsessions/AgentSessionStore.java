package dev.agentsessions;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

import dev.agentsessions.access.key.NewKey;
import dev.agentsessions.transfer.command.TransferCommand;
import picocli.CommandLine;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.data.r2dbc.autoconfigure.DataR2dbcAutoConfiguration;
import org.springframework.boot.data.r2dbc.autoconfigure.DataR2dbcRepositoriesAutoConfiguration;
import org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.PersistenceExceptionTranslationAutoConfiguration;
import org.springframework.boot.r2dbc.autoconfigure.R2dbcTransactionManagerAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;

/**
 * Starts the store: <code>java -jar agent-session-store.jar</code>. With
 * <code>import</code> or <code>export</code> as its first argument it moves data in or
 * out, with <code>new-key</code> it makes a key, and ends.
 */
// the store has SQL of its own, and its transactions are the lanes': no entities, no
// proxies of repositories; its tables are brought up to date by SchemaUpdate
@SpringBootApplication(exclude = { DataR2dbcAutoConfiguration.class, DataR2dbcRepositoriesAutoConfiguration.class,
		LiquibaseAutoConfiguration.class, PersistenceExceptionTranslationAutoConfiguration.class,
		R2dbcTransactionManagerAutoConfiguration.class, TransactionAutoConfiguration.class })
@ConfigurationPropertiesScan
public class AgentSessionStore {

	public static void main(String[] args) {
		// SQL is made here, with digits as the database knows them, and messages are
		// English
		Locale.setDefault(Locale.ROOT);
		Map<Boolean, List<String>> arguments = Arrays.stream(args)
			.collect(Collectors.partitioningBy(Commands::isSetting));
		List<String> others = arguments.get(false);
		if (!others.isEmpty()) {
			CommandLine line = Commands.line(TransferCommand.importing(arguments.get(true)),
					TransferCommand.exporting(arguments.get(true)), new NewKey());
			System.exit(line.execute(others.toArray(String[]::new)));
		}
		SpringApplication.run(AgentSessionStore.class, args);
	}

}
