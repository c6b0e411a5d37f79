package dev.agentsessions.turn;

import java.util.List;

import dev.agentsessions.agent.NewSwitch;
import dev.agentsessions.database.JsonText;
import dev.agentsessions.database.LaneTransaction;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.session.SessionKey;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a turn takes of the room in the queue of its lane.
 */
class TurnTest {

	@Test
	void aTurnTakesAsMuchRoomAsAllThatItBrings() {
		NewMessage message = new NewMessage("user", "x".repeat(1000), null, null, null, null, null);
		NewSwitch agentSwitch = new NewSwitch(null, "planner", "y".repeat(300), null, null);
		JsonText metadata = new JsonText("{\"z\":\"" + "z".repeat(500) + "\"}");
		Turn turn = new Turn(new SessionKey("default", "s"), List.of(message, message), agentSwitch, metadata, true,
				null, null);
		long size = new LaneTransaction<Turn, Boolean>((connection, request) -> Mono.just(true), Turn::size).size(turn);
		assertThat(size).isBetween(2800L, 3300L);
	}

}
