package dev.agentsessions.access;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;

import dev.agentsessions.Api;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import dev.agentsessions.tail.Follower;
import dev.agentsessions.tail.time.TailTimes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * A live tail shows its own tenant's events only, and no longer than its caller would be
 * let in.
 */
class TailAccessIT {

	private static final List<TailTimes> OFTEN = List
		.of(new TailTimes(Duration.ofMillis(200), Duration.ofHours(1), Duration.ofSeconds(1), Duration.ofMillis(800)));

	@TempDir
	private Path directory;

	@ParameterizedTest
	@ValueSource(strings = { "/v1/sessions/same/tail", "/v1/tail?session_id=same&session_id=other" })
	void aTailShowsItsOwnTenantsEventsOnly(String path) {
		try (TestStore store = KeysOfTests.store(Engine.POSTGRESQL, this.directory)) {
			Api acme = Api.on(store, "acme-user");
			Api rival = Api.on(store, "rival-user");
			acme.append("same", message("acme's 0")).expect(201);
			rival.append("same", message("rival's 0")).expect(201);
			try (Follower ofAcme = Follower.as("acme-user", store.uri(), path);
					Follower ofRival = Follower.as("rival-user", store.uri(), path)) {
				ofAcme.ready();
				ofRival.ready();
				for (int i = 1; i <= 20; i++) {
					acme.append("same", message("acme's " + i)).expect(201);
					rival.append("same", message("rival's " + i)).expect(201);
				}
				assertThat(ofAcme.await(20)).hasSize(20).allMatch((event) -> event.content().startsWith("acme's"));
				assertThat(ofRival.await(20)).hasSize(20).allMatch((event) -> event.content().startsWith("rival's"));
			}
		}
	}

	@Test
	void aTailEndsWhenTheKeyOfItsCallerIsTakenBack() {
		try (TestStore store = KeysOfTests.store(OFTEN, Engine.H2, this.directory)) {
			Api.on(store, "acme-user").append("s", message("hi")).expect(201);
			try (Follower revoked = Follower.as("acme-user", store.uri(), "/v1/sessions/s/tail");
					Follower kept = Follower.as("acme-admin", store.uri(), "/v1/tail?session_id=s")) {
				revoked.ready();
				KeysOfTests.write(this.directory.resolve("keys-H2"), List.of("acme-admin", "rival-user"));
				revoked.awaitEnd();
				assertThat(revoked.events()).extracting(Follower.Event::name).containsExactly("bye");
				Api.on(store, "acme-admin").append("s", message("more")).expect(201);
				assertThat(kept.await(1)).extracting(Follower.Event::name).containsExactly("message");
				assertThat(kept.hasEnded()).isFalse();
			}
		}
	}

	@Test
	void aTailEndsWhenTheTokenOfItsCallerHasExpired() {
		try (TokenProvider provider = new TokenProvider();
				TestStore store = TestStore.start(OFTEN, TestStore.newDatabase(Engine.H2), "management.server.port=0",
						"store.access.mode=jwt", "store.access.jwt.issuer=" + provider.issuer(),
						"store.access.jwt.audience=the-store")) {
			String lasting = provider.sign(provider.claims("acme", "user"));
			Api.on(store, lasting).append("s", message("hi")).expect(201);
			// clocks may differ by a minute, so it is believed for some seconds more
			String expiring = provider.sign(provider.claims("acme", "user")
				.expirationTime(Date.from(Instant.now().minus(Duration.ofSeconds(55)))));
			try (Follower ending = Follower.as(expiring, store.uri(), "/v1/sessions/s/tail");
					Follower going = Follower.as(lasting, store.uri(), "/v1/sessions/s/tail")) {
				ending.ready();
				ending.awaitEnd();
				assertThat(ending.events()).extracting(Follower.Event::name).containsExactly("bye");
				Api.on(store, expiring).get("/v1/sessions").problem(401, "unauthorized");
				assertThat(going.hasEnded()).isFalse();
			}
		}
	}

}
