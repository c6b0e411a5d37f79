package dev.agentsessions.search.index;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Search in messages.
 *
 * @param enabled whether messages can be searched, and their words are indexed; what was
 * written meanwhile is indexed when it is switched on again
 */
@ConfigurationProperties("store.search")
public record SearchSettings(@DefaultValue("true") boolean enabled) {
}
