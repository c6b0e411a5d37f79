package dev.agentsessions.springai;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the store is.
 *
 * @param url its address, such as http://127.0.0.1:8080
 * @param apiKey the key that it wants, if it wants one
 * @param timeout what a request may take in all, its repeated tries included
 */
@ConfigurationProperties("agent-session-store")
record SessionStoreProperties(@Nullable String url, @Nullable String apiKey, @DefaultValue("30s") Duration timeout) {

}
