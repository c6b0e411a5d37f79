package dev.agentsessions.access;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;

import com.nimbusds.jose.JWSAlgorithm;
import dev.agentsessions.Api;
import dev.agentsessions.TestStore;
import dev.agentsessions.access.key.Hash;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.http.HttpMethod;

import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Even with everything logged that can be, no key, token or body is.
 */
@ExtendWith(OutputCaptureExtension.class)
class AccessLoggingIT {

	private static final String[] EVERYTHING = { "logging.level.root=debug", "logging.level.dev.agentsessions=trace",
			"logging.level.org.springframework=trace", "spring.main.log-startup-info=true" };

	@ParameterizedTest
	@EnumSource(Engine.class)
	void neitherKeyNorContentIsLogged(Engine engine, @TempDir Path directory, CapturedOutput output)
			throws IOException {
		try (TestStore store = KeysOfTests.store(engine, directory, EVERYTHING)) {
			readAndWrite(Api.on(store, "acme-user"));
			Files.writeString(directory.resolve("keys-" + engine), Hash.of("s3cr3t-user").hex() + " s3cr3t user");
			Api.on(store, "s3cr3t-guess").get("/v1/sessions").problem(401, "unauthorized");
			Api.on(store).request(HttpMethod.GET, "/v1/sessions").header("X-API-Key", "s3cr3t-guess").send();
			Api.on(store)
				.request(HttpMethod.GET, "/v1/sessions")
				.header("X-API-Key", "s3cr3t-guess")
				.header("Authorization", "s3cr3t-guess")
				.send();
		}
		assertNothingSecret(output);
		assertThat(output.getAll()).doesNotContain("acme-user")
			.doesNotContain(Hash.of("s3cr3t-user").hex())
			.doesNotContain(Hash.of("s3cr3t-guess").hex());
	}

	@Test
	void noTokenIsLogged(CapturedOutput output) {
		String[] tokens;
		try (TokenProvider provider = new TokenProvider();
				TestStore store = TestStore.start(TestStore.newDatabase(Engine.H2),
						concat(EVERYTHING, "store.access.mode=jwt", "management.server.port=0",
								"store.access.jwt.audience=the-store",
								"store.access.jwt.issuer=" + provider.issuer()))) {
			String good = provider.sign(provider.claims("acme", "user").claim("email", "s3cr3t"));
			String bad = TokenProvider.sign(provider.claims("acme", "user"), TokenProvider.newKey("s3cr3t"),
					JWSAlgorithm.RS256, Map.of());
			tokens = new String[] { good, bad };
			Api.on(store, good).newSession();
			Api.on(store, bad).get("/v1/sessions").problem(401, "unauthorized");
			Api.on(store, "s3cr3t").get("/v1/sessions").problem(401, "unauthorized");
		}
		assertNothingSecret(output);
		for (String token : tokens) {
			assertThat(output.getAll()).doesNotContain(token).doesNotContain(token.split("\\.")[1]);
		}
	}

	/** Through lanes and the pool, as parameters and as rows. */
	private static void readAndWrite(Api api) {
		String session = Api.newId();
		String context = json("{'current_agent':'s3cr3t','metadata':{'x':'s3cr3t'}}");
		api.append(session, message("s3cr3t body")).expect(201);
		api.append(session, json("{'role':'user','content':'s3cr3t','metadata':{'x':'s3cr3t'}}")).expect(201);
		api.save(session, message("s3cr3t history")).expect(200);
		api.saveContext(session, context).expect(200);
		api.create(json("{'metadata':{'x':'s3cr3t'}}")).expect(201);
		api.page(session, "role=user").expect(200);
		api.page(session, "page=1").expect(200);
		api.get(Api.HISTORY, session).expect(200);
		api.get("/v1/sessions").expect(200);
		api.get("/v1/agent-contexts").expect(200);
	}

	private static void assertNothingSecret(CapturedOutput output) {
		assertThat(output.getAll()).contains("DEBUG").contains("TRACE").doesNotContain("s3cr3t");
	}

	private static String[] concat(String[] properties, String... more) {
		return Stream.of(properties, more).flatMap(Arrays::stream).toArray(String[]::new);
	}

}
