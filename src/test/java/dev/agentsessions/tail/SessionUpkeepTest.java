package dev.agentsessions.tail;

import java.time.Instant;
import java.util.List;

import dev.agentsessions.message.Appended;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionState;
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
		this.session.appended(new Appended(1, this.appended, this.appended, 0, Instant.EPOCH, false));
	}

	private FollowedSession followed() {
		SessionState state = new SessionState(new SessionKey("default", "a"), 1, 1, 0, 0, 0, false);
		TailReader reader = new TailReader(null, null) {

			@Override
			TailStep atHand(Position position, SessionState appended, int limit) {
				Position end = Position.endOf(appended);
				return new TailStep(List.of(TailEvent.agentHistoryReplaced(end)), end);
			}

		};
		return new FollowedSession(state, (key) -> Mono.empty(), reader, this.upkeep);
	}

}
