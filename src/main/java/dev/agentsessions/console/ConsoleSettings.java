package dev.agentsessions.console;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The console.
 *
 * @param enabled whether there is a page at <code>/console</code> to look at sessions; it
 * shows what its user's key or token may see
 */
@ConfigurationProperties("store.console")
public record ConsoleSettings(@DefaultValue("true") boolean enabled) {
}
