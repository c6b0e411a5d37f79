package dev.agentsessions.access;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * An identity provider with one key.
 */
public final class TokenProvider implements AutoCloseable {

	final AtomicInteger fetches = new AtomicInteger();

	private final RSAKey key = newKey("the-key");

	private final HttpServer server;

	/** What answers are; anything but 200 is a provider in trouble. */
	private volatile int status = 200;

	public TokenProvider() {
		try {
			this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.server.createContext("/.well-known/openid-configuration", (exchange) -> answer(exchange,
				"{\"issuer\":\"" + issuer() + "\",\"jwks_uri\":\"" + issuer() + "/keys\"}"));
		this.server.createContext("/keys", (exchange) -> {
			this.fetches.incrementAndGet();
			answer(exchange, new JWKSet(this.key.toPublicJWK()).toString());
		});
		this.server.start();
	}

	static RSAKey newKey(String id) {
		try {
			return new RSAKeyGenerator(2048).keyID(id).generate();
		}
		catch (JOSEException ex) {
			throw new IllegalStateException(ex);
		}
	}

	public String issuer() {
		return "http://127.0.0.1:" + this.server.getAddress().getPort();
	}

	RSAKey key() {
		return this.key;
	}

	void answerWith(int status) {
		this.status = status;
	}

	/** Claims that are in order, for a change of one of them. */
	public JWTClaimsSet.Builder claims(String tenant, Object roles) {
		return new JWTClaimsSet.Builder().issuer(issuer())
			.audience("the-store")
			.expirationTime(Date.from(Instant.now().plus(Duration.ofMinutes(5))))
			.claim("tenant", tenant)
			.claim("roles", roles);
	}

	public String sign(JWTClaimsSet.Builder claims) {
		return sign(claims, this.key, JWSAlgorithm.RS256, Map.of());
	}

	static String sign(JWTClaimsSet.Builder claims, RSAKey key, JWSAlgorithm algorithm, Map<String, String> header) {
		try {
			JWSHeader.Builder headers = new JWSHeader.Builder(algorithm).keyID(key.getKeyID());
			if (header.containsKey("typ")) {
				headers.type(new JOSEObjectType(header.get("typ")));
			}
			SignedJWT token = new SignedJWT(headers.build(), claims.build());
			token.sign(new RSASSASigner(key));
			return token.serialize();
		}
		catch (JOSEException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private void answer(HttpExchange exchange, String json) throws IOException {
		byte[] body = json.getBytes(StandardCharsets.UTF_8);
		exchange.getResponseHeaders().set("Content-Type", "application/json");
		boolean hasBody = this.status == 200;
		exchange.sendResponseHeaders(this.status, hasBody ? body.length : -1);
		try (OutputStream out = exchange.getResponseBody()) {
			if (hasBody) {
				out.write(body);
			}
		}
	}

	@Override
	public void close() {
		this.server.stop(0);
	}

}
