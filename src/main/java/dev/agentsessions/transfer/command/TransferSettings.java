package dev.agentsessions.transfer.command;

import java.time.Clock;
import java.time.Duration;
import java.util.List;

import dev.agentsessions.database.DatabaseSettings;
import dev.agentsessions.database.connect.DatabaseUrl;
import dev.agentsessions.transfer.RetentionOutlook;
import dev.agentsessions.transfer.TransferFailure;

import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The service's settings, read in the way in which the service reads them, but without
 * any of its parts: no port, no lanes, no schedule.
 */
record TransferSettings(DatabaseUrl database, RetentionOutlook retention) {

	/**
	 * Reads them.
	 * @param arguments further ones, as <code>--name=value</code>
	 */
	static TransferSettings load(List<String> arguments, Clock clock) {
		SpringApplicationBuilder builder = new SpringApplicationBuilder(Sources.class).web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.logStartupInfo(false)
			.registerShutdownHook(false);
		try (ConfigurableApplicationContext context = builder.run(arguments.toArray(String[]::new))) {
			Binder binder = Binder.get(context.getEnvironment());
			RetentionOutlook retention = new RetentionOutlook(
					binder.bind("store.retention.enabled", Boolean.class).orElse(true),
					binder.bind("store.retention.max-idle", Duration.class).orElse(Duration.ofHours(24)),
					binder.bind("store.retention.purge-after", Duration.class).orElse(Duration.ofDays(30)),
					clock.instant());
			return new TransferSettings(DatabaseUrl.parse(context.getBean(DatabaseSettings.class).url()), retention);
		}
		catch (DatabaseUrl.WrongUrlException ex) {
			throw new TransferFailure(String.valueOf(ex.getMessage()));
		}
	}

	@EnableConfigurationProperties(DatabaseSettings.class)
	private static final class Sources {

	}

}
