package dev.agentsessions.access.filter;

import java.util.List;

import dev.agentsessions.access.token.JwtSettings;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Pattern;
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
 * @param keysFile the file with the hashes of the keys, for <code>api-key</code>; it is
 * read again every 5 seconds
 * @param origins origins such as <code>https://app.example.com</code> whose pages may
 * call from a browser, separated by commas; none when it is empty
 * @param jwt what tokens must be like, for <code>jwt</code>
 */
@ConfigurationProperties("store.access")
record AccessSettings(@Nullable AccessMode mode, @DefaultValue("") String keysFile,
		@DefaultValue List<@Pattern(regexp = "https?://[^/?#*\\s]+",
				message = "must be origins such as https://app.example.com") String> origins,
		@DefaultValue @NestedConfigurationProperty @Valid JwtSettings jwt) {
}
