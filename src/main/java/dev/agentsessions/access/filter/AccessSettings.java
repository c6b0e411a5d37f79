package dev.agentsessions.access.filter;

import java.time.Duration;
import java.util.List;

import dev.agentsessions.access.token.JwtSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who may call.
 *
 * @param mode how callers are told apart: <code>open</code>, <code>api-key</code> or
 * <code>jwt</code>; without it <code>open</code> on a loopback address, and no start on
 * any other
 * @param keysFile the file with the hashes of the keys, for <code>api-key</code>
 * @param keysReload how often that file is read again, which needs no restart; 100ms to
 * 1h
 * @param origins origins such as <code>https://app.example.com</code> whose pages may
 * call from a browser, separated by commas; none when it is empty
 * @param jwt what tokens must be like, for <code>jwt</code>
 */
@ConfigurationProperties("store.access")
record AccessSettings(@Nullable AccessMode mode, @DefaultValue("") String keysFile,
		@DefaultValue("5s") Duration keysReload, @DefaultValue List<String> origins,
		@DefaultValue @NestedConfigurationProperty JwtSettings jwt) {

	AccessSettings {
		if (keysReload.toMillis() < 100 || keysReload.compareTo(Duration.ofHours(1)) > 0) {
			throw new IllegalArgumentException(
					"store.access.keys-reload must be from 100ms to 1h, but is " + keysReload);
		}
		origins.forEach(AccessSettings::requireOrigin);
	}

	private static void requireOrigin(String origin) {
		if (!origin.matches("https?://[^/?#*\\s]+")) {
			throw new IllegalArgumentException(
					"store.access.origins must be origins such as https://app.example.com, but one is " + origin);
		}
	}

}
