package dev.agentsessions.write;

import java.util.List;

import dev.agentsessions.agent.NewSwitch;
import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.message.TestMessages;
import dev.agentsessions.session.SessionKey;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a write takes of the room in the queue of its lane.
 */
class WriteTest {

	@Test
	void aTurnTakesAsMuchRoomAsAllThatItBrings() {
		NewMessage message = TestMessages.text("user", "x".repeat(1000));
		NewSwitch agentSwitch = new NewSwitch(null, "planner", "y".repeat(300), null, null);
		JsonText metadata = new JsonText("{\"z\":\"" + "z".repeat(500) + "\"}");
		Write turn = Write.turn(new SessionKey("default", "s"), true, null, null, List.of(message, message),
				agentSwitch, metadata, null);
		assertThat(turn.size()).isBetween(2800L, 3300L);
	}

}
