package dev.agentsessions.turn;

import java.util.List;
import java.util.Map;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.Api.Request;
import dev.agentsessions.Json;
import dev.agentsessions.database.Engine;
import tools.jackson.databind.JsonNode;

import static dev.agentsessions.Api.CONTEXT;
import static dev.agentsessions.Api.HISTORY;
import static dev.agentsessions.Api.SWITCHES;
import static dev.agentsessions.Api.TURNS;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;

/**
 * Turns of an agent, in a store on either engine.
 */
abstract class TurnFixture {

	static final String REPLAYED = "Idempotency-Replayed";

	static final String WHOLE = "{'agent_context':{'metadata':{'after':[1.50]}},'agent_switch':{'to_agent':'b',"
			+ "'reason':'done','metadata':{'n':1}},'messages':[{'role':'user','content':'a','token_count':2},"
			+ "{'role':'assistant','tool_calls':[{'id':'c'}],'token_count':3}]}";

	final Api api;

	TurnFixture(Engine engine) {
		this.api = Api.on(engine);
	}

	Answer takeTurn(String session, String turn) {
		return this.api.takeTurn(session, json(turn));
	}

	Request withKey(String session, String key) {
		return this.api.post(TURNS, session).header("Idempotency-Key", key);
	}

	Request ifMatch(String session, String tag) {
		return this.api.post(TURNS, session).header("If-Match", tag);
	}

	/** All that a session holds. */
	Map<String, JsonNode> everything(String session) {
		return Map.of("session", this.api.session(session), "stats", this.api.stats(session), "messages",
				this.api.page(session, "after=0").expect(200).json(), "history",
				this.api.get(HISTORY, session).expect(200).json(), "context", this.api.get(CONTEXT, session).json(),
				"switches", this.api.get(SWITCHES, session).expect(200).json());
	}

	/** A turn of nothing but messages of the user. */
	static String turn(String... contents) {
		return "{\"messages\":" + Json.array(List.of(contents).stream().map(Json::message).toList()) + "}";
	}

	static List<Long> range(JsonNode taken) {
		return List.of(taken.path("first_seq").longValue(), taken.path("last_seq").longValue());
	}

}
