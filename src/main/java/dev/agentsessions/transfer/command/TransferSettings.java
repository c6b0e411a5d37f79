package dev.agentsessions.transfer.command;

import java.time.Clock;
import java.util.List;

import dev.agentsessions.database.Buckets;
import dev.agentsessions.database.connect.DatabaseSettings;
import dev.agentsessions.database.connect.DatabaseUrl;
import dev.agentsessions.retention.RetentionSettings;
import dev.agentsessions.transfer.RetentionOutlook;

import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The service's settings, read in the way in which the service reads them, but without
 * any of its parts: no port, no lanes, no schedule.
 */
record TransferSettings(DatabaseUrl database, Buckets buckets, RetentionOutlook retention) {

	/** What fails here is told by the command. */
	private static final String NO_REPORT = "logging.level.org.springframework.boot.diagnostics.LoggingFailureAnalysisReporter=off";

	/**
	 * Reads them.
	 * @param arguments further ones, as <code>--name=value</code>
	 * @throws dev.agentsessions.settings.SetupException if some are wrong
	 */
	static TransferSettings load(List<String> arguments, Clock clock) {
		SpringApplicationBuilder builder = new SpringApplicationBuilder(Sources.class).web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.logStartupInfo(false)
			.registerShutdownHook(false)
			.properties(NO_REPORT);
		try (ConfigurableApplicationContext context = builder.run(arguments.toArray(String[]::new))) {
			RetentionSettings retention = context.getBean(RetentionSettings.class);
			DatabaseSettings database = context.getBean(DatabaseSettings.class);
			return new TransferSettings(database.url(), new Buckets(database.buckets()), new RetentionOutlook(
					retention.enabled(), retention.maxIdle(), retention.purgeAfter(), clock.instant()));
		}
	}

	@EnableConfigurationProperties({ DatabaseSettings.class, RetentionSettings.class })
	private static final class Sources {

	}

}
