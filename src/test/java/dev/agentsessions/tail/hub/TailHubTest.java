package dev.agentsessions.tail.hub;

import java.util.Objects;

import dev.agentsessions.Api;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.lane.Lanes;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionReads;
import dev.agentsessions.session.SessionState;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the hub keeps of sessions that nobody follows any longer: nothing.
 */
class TailHubTest {

	@Test
	void aSessionWhoseLastLookFailedIsForgottenWithItsLastFollower() {
		try (TestStore store = TestStore.start(TestStore.newDatabase(Engine.H2), "management.server.port=0")) {
			SessionKey key = new SessionKey("default", Api.on(store).sessionOf(1));
			SessionState state = Objects.requireNonNull(store.bean(SessionReads.class).state(key).block());
			TailHub hub = store.bean(TailHub.class);
			FollowedSession session = hub.follow(state);
			hub.follow(state);
			store.bean(Lanes.class).stop();
			session.look().block();
			assertThat(hub.failed()).containsExactly(session);
			hub.unfollow(session);
			assertThat(hub.failed()).containsExactly(session);
			hub.unfollow(session);
			assertThat(hub.upkeep()).isZero();
			assertThat(hub.hasFollowers()).isFalse();
		}
	}

	@Test
	void aLookThatFailsAfterTheLastFollowerHasLeftLeavesNothing() {
		try (TestStore store = TestStore.start(TestStore.newDatabase(Engine.H2), "management.server.port=0")) {
			SessionKey key = new SessionKey("default", Api.on(store).sessionOf(1));
			SessionState state = Objects.requireNonNull(store.bean(SessionReads.class).state(key).block());
			TailHub hub = store.bean(TailHub.class);
			FollowedSession session = hub.follow(state);
			hub.unfollow(session);
			store.bean(Lanes.class).stop();
			session.look().block();
			assertThat(hub.failed()).isEmpty();
			hub.forget();
			assertThat(hub.upkeep()).isZero();
		}
	}

}
