package dev.agentsessions.tail.hub;

import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionState;
import dev.agentsessions.tail.event.TailReader;
import dev.agentsessions.view.View;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * That recent events are kept for who keeps up, and not for longer.
 */
class SessionUpkeepTest {

	private final SessionUpkeep upkeep = new SessionUpkeep((session) -> this.followed);

	private final FollowedSession session = followed();

	private long appended;

	private boolean followed = true;

	@Test
	void aSessionWithoutEventsIsNotTouched() {
		assertThat(this.upkeep.remembering()).isZero();
	}

	@Test
	void eventsAreForgottenTheSecondTime() {
		append();
		append();
		assertThat(this.upkeep.remembering()).isEqualTo(1);
		this.upkeep.forget();
		assertThat(this.upkeep.remembering()).isEqualTo(1);
		this.upkeep.forget();
		assertThat(this.upkeep.remembering()).isZero();
	}

	@Test
	void newEventsAreKeptAsLongAgain() {
		append();
		this.upkeep.forget();
		append();
		this.upkeep.forget();
		assertThat(this.upkeep.remembering()).isEqualTo(1);
		this.upkeep.forget();
		append();
		assertThat(this.upkeep.remembering()).isEqualTo(1);
	}

	@Test
	void aSessionThatNobodyFollowsIsLeftAloneAtOnce() {
		append();
		this.upkeep.unfollowed(this.session);
		assertThat(this.upkeep.remembering()).isEqualTo(1);
		this.followed = false;
		this.upkeep.unfollowed(this.session);
		assertThat(this.upkeep.remembering()).isZero();
	}

	private void append() {
		this.appended++;
		this.session.committed(TestTail.append(this.appended, this.appended, true));
	}

	private FollowedSession followed() {
		SessionState state = new SessionState(new SessionKey("default", "a"), 1, 1, 0, 0, 0, false, View.numbered(0));
		return new FollowedSession(state, (key) -> Mono.empty(), new TailReader(null, null), this.upkeep);
	}

}
