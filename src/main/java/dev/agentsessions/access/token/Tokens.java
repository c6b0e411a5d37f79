package dev.agentsessions.access.token;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSecurityContextJWKSet;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import dev.agentsessions.access.AccessProblems;
import dev.agentsessions.access.Authenticator;
import dev.agentsessions.access.Caller;
import dev.agentsessions.access.Credentials;
import dev.agentsessions.problem.Problems;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.http.HttpHeaders;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.jose.jws.JwsAlgorithm;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimNames;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.JwtTypeValidator;
import org.springframework.security.oauth2.jwt.NimbusReactiveJwtDecoder;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;

/**
 * Callers with a JSON Web Token, checked by Spring Security's decoder: signed by a key of
 * the identity provider with an accepted algorithm, in force (a minute's difference
 * between clocks is allowed), and of the right issuer and audience where these are set.
 */
public final class Tokens implements Authenticator {

	private static final Duration CLOCK_SKEW = Duration.ofMinutes(1);

	private final ReactiveJwtDecoder decoder;

	private final TokenClaims claims;

	private final Clock clock;

	public Tokens(KeySet keys, JwtSettings settings, Clock clock) {
		this.decoder = decoder(keys, settings);
		this.claims = new TokenClaims(settings);
		this.clock = clock;
	}

	@Override
	public Mono<Caller> caller(HttpHeaders request) {
		String token = Credentials.bearer(request);
		if (token == null) {
			throw AccessProblems.missing("Send a token, as Authorization: Bearer.");
		}
		return this.decoder.decode(token)
			.onErrorMap(JwtException.class, (error) -> AccessProblems.invalid("This token is not valid."))
			.onErrorMap(IllegalStateException.class,
					(error) -> Problems.busy("The identity provider does not answer, so no token can be checked."))
			.map(this::caller);
	}

	private Caller caller(Jwt token) {
		Instant end = Objects.requireNonNull(token.getExpiresAt()).plus(CLOCK_SKEW);
		return this.claims.caller(token).asLongAs(() -> this.clock.instant().isBefore(end));
	}

	private static ReactiveJwtDecoder decoder(KeySet keys, JwtSettings settings) {
		Set<JWSAlgorithm> algorithms = settings.algorithms()
			.stream()
			.map(JwsAlgorithm::getName)
			.map(JWSAlgorithm::parse)
			.collect(Collectors.toSet());
		NimbusReactiveJwtDecoder decoder = NimbusReactiveJwtDecoder
			.withJwkSource((token) -> keys.keys().flatMapMany(Flux::fromIterable))
			.jwtProcessorCustomizer((processor) -> processor
				.setJWSKeySelector(new JWSVerificationKeySelector<>(algorithms, new JWKSecurityContextJWKSet())))
			.build();
		decoder.setJwtValidator(validator(settings));
		return decoder;
	}

	private static OAuth2TokenValidator<Jwt> validator(JwtSettings settings) {
		JwtTimestampValidator inForce = new JwtTimestampValidator(CLOCK_SKEW);
		inForce.setAllowEmptyExpiryClaim(false);
		JwtTypeValidator type = new JwtTypeValidator("JWT", "at+jwt");
		type.setAllowEmpty(true);
		List<OAuth2TokenValidator<Jwt>> validators = new ArrayList<>(List.of(inForce, type));
		if (!settings.issuer().isBlank()) {
			validators.add(new JwtIssuerValidator(settings.issuer()));
		}
		if (!settings.anyAudience()) {
			validators.add(new JwtClaimValidator<List<String>>(JwtClaimNames.AUD,
					(audience) -> audience != null && audience.contains(settings.audience())));
		}
		return new DelegatingOAuth2TokenValidator<>(validators);
	}

}
