package dev.agentsessions.tail.draft.hub;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static dev.agentsessions.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Who goes on with a draft on a replica that has no room for its text.
 */
class DraftMemoryContractTest {

	private static final String DRAFTS = "/v1/sessions/{id}/drafts";

	@ParameterizedTest
	@EnumSource(Engine.class)
	void aDraftThatThereIsNoRoomForStaysAsItIs(Engine engine) {
		Api api = Api.on(engine);
		String session = api.sessionOf(1);
		send(api, session, "{'text':'%s'}".formatted("x".repeat(300)), 0).expect(202);
		DraftMemory memory = TestStore.on(engine).bean(DraftMemory.class);
		long rest = Runtime.getRuntime().maxMemory() / 8 - memory.taken();
		// no tenant gets more than half of all
		assertThat(memory.take("one", rest / 2)).isTrue();
		assertThat(memory.take("another", rest - rest / 2)).isTrue();
		try {
			send(api, session, "{'text':'y'}", 300).problem(503, "busy");
		}
		finally {
			memory.giveBack("one", rest / 2);
			memory.giveBack("another", rest - rest / 2);
		}
		assertThat(api.get(DRAFTS, session).expect(200).data().get(0).path("text").stringValue())
			.isEqualTo("x".repeat(300));
		send(api, session, "{'message':{'role':'assistant','content':'x'}}", 300).expect(201);
	}

	private static Answer send(Api api, String session, String line, int offset) {
		return api.post(DRAFTS + "/a?offset=" + offset, session).ndjson(json(line)).send();
	}

}
