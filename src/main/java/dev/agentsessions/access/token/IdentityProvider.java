package dev.agentsessions.access.token;

import java.util.Map;

import reactor.core.publisher.Mono;

import org.springframework.core.ParameterizedTypeReference;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClient.ResponseSpec;

/**
 * Where the public keys are: at a given address, or at the one that OpenID Connect
 * discovery names.
 */
public final class IdentityProvider {

	private static final String DISCOVERY = "/.well-known/openid-configuration";

	private final WebClient client;

	private final JwtSettings settings;

	public IdentityProvider(WebClient client, JwtSettings settings) {
		this.client = client;
		this.settings = settings;
	}

	/** The key set as JSON, asked for anew with each subscription. */
	public Mono<String> keySet() {
		return jwkSetUri().flatMap((uri) -> get(uri).bodyToMono(String.class))
			.switchIfEmpty(Mono.error(() -> new IllegalStateException("an answer has nothing in it")));
	}

	private Mono<String> jwkSetUri() {
		return this.settings.jwkSetUri().isBlank() ? discover() : Mono.just(this.settings.jwkSetUri());
	}

	private Mono<String> discover() {
		String issuer = this.settings.issuer();
		return get((issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer) + DISCOVERY)
			.bodyToMono(new ParameterizedTypeReference<Map<String, Object>>() {
			})
			.map(this::jwkSetUri);
	}

	/** Whatever is no success is an error, a redirect as well. */
	private ResponseSpec get(String uri) {
		return this.client.get()
			.uri(uri)
			.retrieve()
			.onStatus((status) -> !status.is2xxSuccessful(), ClientResponse::createException);
	}

	private String jwkSetUri(Map<String, Object> document) {
		if (!this.settings.issuer().equals(document.get("issuer"))
				|| !(document.get("jwks_uri") instanceof String uri)) {
			throw new IllegalStateException("the discovery document is of another issuer, or names no keys");
		}
		return uri;
	}

}
