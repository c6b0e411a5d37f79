package dev.agentsessions.access.filter;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

import dev.agentsessions.access.AccessProblems;
import dev.agentsessions.access.Authenticator;
import dev.agentsessions.access.OpenAccess;
import dev.agentsessions.access.key.ApiKeys;
import dev.agentsessions.access.key.KeyFileTimes;
import dev.agentsessions.access.token.IdentityProvider;
import dev.agentsessions.access.token.JwtSettings;
import dev.agentsessions.access.token.KeySet;
import dev.agentsessions.access.token.Tokens;
import dev.agentsessions.settings.SetupException;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.ChannelOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.netty.http.client.HttpClient;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.http.HttpHeaders;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.reactive.CorsWebFilter;
import org.springframework.web.cors.reactive.DefaultCorsProcessor;
import org.springframework.web.cors.reactive.UrlBasedCorsConfigurationSource;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;

/**
 * Puts together what {@link AccessMode} asks for. Whatever is missing for it stops the
 * start.
 */
@Configuration(proxyBeanMethods = false)
class AccessConfiguration {

	private static final Logger log = LoggerFactory.getLogger(AccessConfiguration.class);

	private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

	/** Before anything is made, so that a start that is refused touches nothing. */
	@Bean
	static BeanFactoryPostProcessor accessModeIsChosen(Environment environment) {
		return (beans) -> beans.registerSingleton("accessMode", chosen(environment));
	}

	private static AccessMode chosen(Environment environment) {
		Binder settings = Binder.get(environment);
		InetAddress address = address(settings);
		AccessMode mode = AccessMode.choose(settings.bind("store.access.mode", AccessMode.class).orElse(null), address);
		if (mode == AccessMode.OPEN && !isLocal(address)) {
			log.warn("Access is open: whoever reaches this service reads and writes every session");
		}
		return mode;
	}

	@Bean
	Authenticator authenticator(AccessMode mode, AccessSettings settings, KeyFileTimes times, MeterRegistry meters,
			Clock clock) {
		return switch (mode) {
			case OPEN -> new OpenAccess(settings.mode() == null, origins(settings));
			case API_KEY -> new ApiKeys(keysFile(settings), times.reload(), meters);
			case JWT -> new Tokens(new KeySet(identityProvider(settings.jwt()).keySet()), settings.jwt(), clock);
		};
	}

	/**
	 * Lets pages of the listed origins read answers; while none is listed it does
	 * nothing. It stands before {@link AccessFilter}, for a browser asks first, and
	 * without credentials.
	 */
	@Bean
	@Order(-1)
	WebFilter crossOrigin(AccessSettings settings) {
		if (settings.origins().isEmpty()) {
			return (exchange, chain) -> chain.filter(exchange);
		}
		CorsConfiguration origins = origins(settings);
		origins.setAllowedMethods(List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"));
		origins.setAllowedHeaders(List.of(HttpHeaders.AUTHORIZATION, "X-API-Key", HttpHeaders.CONTENT_TYPE,
				HttpHeaders.ACCEPT, HttpHeaders.IF_MATCH, HttpHeaders.IF_NONE_MATCH, HttpHeaders.CONTENT_ENCODING,
				"Idempotency-Key", "Last-Event-ID", "X-Request-Id"));
		origins.setExposedHeaders(List.of(HttpHeaders.ETAG, HttpHeaders.LINK, HttpHeaders.LOCATION,
				HttpHeaders.RETRY_AFTER, HttpHeaders.WWW_AUTHENTICATE, "Idempotency-Replayed", "X-Request-Id"));
		origins.setMaxAge(Duration.ofHours(1));
		UrlBasedCorsConfigurationSource everywhere = new UrlBasedCorsConfigurationSource();
		everywhere.registerCorsConfiguration("/**", origins);
		return new CorsWebFilter(everywhere, new DefaultCorsProcessor() {

			/** With a problem as every refusal, where Spring's has no body. */
			@Override
			protected void rejectRequest(ServerHttpResponse response) {
				throw AccessProblems.forbidden("Pages of this origin, or requests of this kind, are not let through;"
						+ " STORE_ACCESS_ORIGINS lists the origins that are.");
			}

			/** The service's own pages need no list, also behind a proxy with TLS. */
			@Override
			protected boolean handleInternal(ServerWebExchange exchange, CorsConfiguration config, boolean asksFirst) {
				HttpHeaders request = exchange.getRequest().getHeaders();
				String origin = request.getOrigin();
				return (origin != null && config.checkOrigin(origin) == null
						&& OpenAccess.isOrigin(origin, request.getFirst(HttpHeaders.HOST)))
						|| super.handleInternal(exchange, config, asksFirst);
			}

		});
	}

	private static CorsConfiguration origins(AccessSettings settings) {
		CorsConfiguration origins = new CorsConfiguration();
		origins.setAllowedOrigins(settings.origins());
		return origins;
	}

	@Bean
	AccessFilter accessFilter(Authenticator authenticator, MeterRegistry meters) {
		return new AccessFilter(authenticator, meters);
	}

	private static Path keysFile(AccessSettings settings) {
		if (settings.keysFile().isBlank()) {
			throw new SetupException("STORE_ACCESS_MODE is api-key, but STORE_ACCESS_KEYS_FILE is not set.",
					"Set it to a file with the hashes of the keys; java -jar agent-session-store.jar new-key --tenant T"
							+ " --role R prints a key and its line.");
		}
		return Path.of(settings.keysFile());
	}

	private static IdentityProvider identityProvider(JwtSettings settings) {
		if (settings.issuer().isBlank() && settings.jwkSetUri().isBlank()) {
			throw new SetupException("STORE_ACCESS_MODE is jwt, but it is not said whose tokens are valid.",
					"Set STORE_ACCESS_JWT_ISSUER to the URL of the identity provider, or STORE_ACCESS_JWT_JWK_SET_URI to"
							+ " where its keys are.");
		}
		if (settings.audience().isBlank()) {
			throw new SetupException(
					"STORE_ACCESS_MODE is jwt, but tokens that were issued for any other service would be valid.",
					"Set STORE_ACCESS_JWT_AUDIENCE to what the aud of tokens for this service contains; or, if they have"
							+ " none, to *.");
		}
		HttpClient client = HttpClient.create()
			.option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) CONNECT_TIMEOUT.toMillis())
			.responseTimeout(CONNECT_TIMEOUT);
		return new IdentityProvider(WebClient.builder().clientConnector(new ReactorClientHttpConnector(client)).build(),
				settings);
	}

	private static @Nullable InetAddress address(Binder settings) {
		return settings.bind("server.address", InetAddress.class).orElse(null);
	}

	private static boolean isLocal(@Nullable InetAddress address) {
		return address != null && address.isLoopbackAddress();
	}

}
