package dev.agentsessions.access;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;

import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Callers with a token: which tokens are believed, and what they allow.
 */
class TokensIT {

	private static final TokenProvider provider = new TokenProvider();

	private static TestStore store;

	@BeforeAll
	static void start() {
		store = start("store.access.jwt.issuer=" + provider.issuer(), "store.access.jwt.audience=the-store");
	}

	@AfterAll
	static void stop() {
		store.close();
		provider.close();
	}

	@Test
	void theClaimsNameTenantAndRoles() {
		Api acme = Api.on(store, provider.sign(provider.claims("acme", List.of("other", "user"))));
		Api rival = Api.on(store, provider.sign(provider.claims("rival", "admin other")));
		String session = acme.sessionOf(1);
		assertThat(acme.contents(session)).containsExactly("1");
		rival.get(Api.SESSION, session).problem(404, "session-not-found");
	}

	@Test
	void retentionIsForAdmins() {
		assertThat(retention(provider.sign(provider.claims("acme", "user")))).isEqualTo(403);
		assertThat(retention(provider.sign(provider.claims("acme", "user admin")))).isNotIn(401, 403);
	}

	@Test
	void accessTokensOfRfc9068AreTokens() {
		Api acme = Api.on(store, TokenProvider.sign(provider.claims("acme", "user"), provider.key(), JWSAlgorithm.RS256,
				Map.of("typ", "at+jwt")));
		acme.newSession();
	}

	@Test
	void withoutATokenNothingIsDone() {
		Answer answer = Api.on(store).get("/v1/sessions");
		answer.problem(401, "unauthorized");
		assertThat(answer.header(HttpHeaders.WWW_AUTHENTICATE)).isEqualTo("Bearer realm=\"agent-session-store\"");
		Api.on(store)
			.request(HttpMethod.GET, "/v1/sessions")
			.header("X-API-Key", provider.sign(provider.claims("acme", "user")))
			.send()
			.problem(401, "unauthorized");
	}

	@Test
	void aTokenThatIsNotInForceOrForOthersIsRefused() {
		Date past = Date.from(Instant.now().minus(Duration.ofMinutes(2)));
		Date future = Date.from(Instant.now().plus(Duration.ofMinutes(2)));
		assertInvalid(provider.sign(claims().expirationTime(past)));
		assertInvalid(provider.sign(claims().expirationTime(null)));
		assertInvalid(provider.sign(claims().notBeforeTime(future)));
		assertInvalid(provider.sign(claims().issuer("https://evil.example.com")));
		assertInvalid(provider.sign(claims().audience("another-service")));
		assertInvalid(provider.sign(claims().audience((String) null)));
	}

	@Test
	void aTokenWithAnotherSignatureIsRefused() throws JOSEException {
		String token = provider.sign(claims());
		assertInvalid(token.substring(0, token.length() - 8) + "AAAAAAAA");
		assertInvalid(token.substring(0, token.lastIndexOf('.') + 1));
		assertInvalid(TokenProvider.sign(claims(), TokenProvider.newKey("the-key"), JWSAlgorithm.RS256, Map.of()));
		assertInvalid(TokenProvider.sign(claims(), TokenProvider.newKey("another"), JWSAlgorithm.RS256, Map.of()));
		assertInvalid(TokenProvider.sign(claims(), provider.key(), JWSAlgorithm.RS512, Map.of()));
		assertInvalid(TokenProvider.sign(claims(), provider.key(), JWSAlgorithm.PS256, Map.of()));
		assertInvalid(TokenProvider.sign(claims(), provider.key(), JWSAlgorithm.RS256, Map.of("typ", "logout+jwt")));
		assertInvalid(unsigned());
		SignedJWT publicKeyAsSecret = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("the-key").build(),
				claims().build());
		publicKeyAsSecret.sign(new MACSigner(provider.key().toRSAPublicKey().getEncoded()));
		assertInvalid(publicKeyAsSecret.serialize());
	}

	@Test
	void whatIsNoTokenIsRefused() {
		for (String token : List.of("x", "..", "a.b.c", "null", "é", "x".repeat(4000))) {
			Answer answer = Api.on(store)
				.request(HttpMethod.GET, "/v1/sessions")
				.header("Authorization", "Bearer " + token)
				.send();
			assertThat(answer.problem(401, "unauthorized").toString()).doesNotContain(token + "\"");
		}
	}

	@Test
	void aTokenWithoutTenantOrRoleAllowsNothing() {
		for (JWTClaimsSet.Builder claims : List.of(provider.claims(null, "user"), provider.claims("~purged", "admin"),
				provider.claims("", "admin"), provider.claims("a b", "admin"), claims().claim("tenant", 7),
				provider.claims("acme", null), provider.claims("acme", List.of("User", "superuser")),
				provider.claims("acme", Map.of("user", true)))) {
			Api.on(store, provider.sign(claims)).get("/v1/sessions").problem(403, "forbidden");
		}
	}

	@Test
	void anUnknownKeyIsNoReasonToAskTheProviderAgain() {
		Api.on(store, provider.sign(claims())).newSession();
		int fetches = provider.fetches.get();
		for (int i = 0; i < 50; i++) {
			String kid = "unknown-" + i;
			assertInvalid(TokenProvider.sign(claims(), new RSAKey.Builder(provider.key()).keyID(kid).build(),
					JWSAlgorithm.RS256, Map.of()));
		}
		assertThat(provider.fetches.get()).isLessThanOrEqualTo(fetches + 1);
	}

	@Test
	void namesOfClaimsAndRolesAreSettings() {
		try (TestStore keycloak = start("store.access.jwt.jwk-set-uri=" + provider.issuer() + "/keys",
				"store.access.jwt.audience=the-store", "store.access.jwt.tenant-claim=https://example.com/tenant",
				"store.access.jwt.roles-claim=realm_access.roles", "store.access.jwt.user-role=sessions",
				"store.access.jwt.admin-role=sessions-admin", "store.access.jwt.algorithms=RS512,RS256")) {
			JWTClaimsSet.Builder claims = provider.claims("ignored", "ignored")
				.issuer("https://any.example.com")
				.claim("https://example.com/tenant", "acme")
				.claim("realm_access", Map.of("roles", List.of("sessions-admin")));
			Api.on(keycloak, provider.sign(claims)).append(Api.newId(), message("hi")).expect(201);
			Api.on(keycloak, TokenProvider.sign(claims, provider.key(), JWSAlgorithm.RS512, Map.of())).newSession();
			Api.on(keycloak, provider.sign(claims())).get("/v1/sessions").problem(403, "forbidden");
			Api.on(keycloak, provider.sign(claims.audience("another-service")))
				.get("/v1/sessions")
				.problem(401, "unauthorized");
		}
	}

	@Test
	void tokensForOtherServicesAreBelievedOnPurposeOnly() {
		try (TestStore any = start("store.access.jwt.issuer=" + provider.issuer(), "store.access.jwt.audience=*")) {
			Api.on(any, provider.sign(claims().audience("another-service"))).newSession();
			Api.on(any, provider.sign(claims().audience((String) null))).newSession();
		}
	}

	/** It fails, leads elsewhere, or says nothing. */
	@ParameterizedTest
	@ValueSource(ints = { 500, 301, 204 })
	void whileTheProviderIsAwayNoTokenIsBelieved(int status) {
		try (TokenProvider away = new TokenProvider();
				TestStore waiting = start("store.access.jwt.issuer=" + away.issuer(), "store.access.jwt.audience=*")) {
			away.answerWith(status);
			Answer answer = Api.on(waiting, away.sign(away.claims("acme", "user"))).get("/v1/sessions");
			answer.problem(503, "busy");
			assertThat(answer.header(HttpHeaders.RETRY_AFTER)).isNotNull();
			Api.on(waiting).get("/livez").expect(200);
		}
	}

	private static int retention(String token) {
		try {
			return HttpClient.newHttpClient()
				.send(HttpRequest.newBuilder(store.uri().resolve("/v1/retention"))
					.header("Authorization", "Bearer " + token)
					.build(), BodyHandlers.discarding())
				.statusCode();
		}
		catch (IOException | InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static JWTClaimsSet.Builder claims() {
		return provider.claims("acme", List.of("user"));
	}

	private static String unsigned() {
		Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
		return base64.encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8)) + "."
				+ base64.encodeToString(claims().build().toString().getBytes(StandardCharsets.UTF_8)) + ".";
	}

	private static void assertInvalid(String token) {
		Answer answer = Api.on(store, token).get("/v1/sessions");
		answer.problem(401, "unauthorized");
		assertThat(answer.header(HttpHeaders.WWW_AUTHENTICATE)).endsWith(", error=\"invalid_token\"");
	}

	private static TestStore start(String... properties) {
		String[] all = Stream
			.concat(Stream.of("store.access.mode=jwt", "management.server.port=0"), Arrays.stream(properties))
			.toArray(String[]::new);
		return TestStore.start(TestStore.newDatabase(Engine.H2), all);
	}

}
