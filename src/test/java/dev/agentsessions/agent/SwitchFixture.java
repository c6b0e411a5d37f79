package dev.agentsessions.agent;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.Api.Request;
import dev.agentsessions.database.Engine;

import static dev.agentsessions.Api.SWITCHES;
import static dev.agentsessions.Json.json;

/**
 * Switches between agents, in a store on either engine.
 */
abstract class SwitchFixture {

	static final String REPLAYED = "Idempotency-Replayed";

	final Api api;

	SwitchFixture(Engine engine) {
		this.api = Api.on(engine);
	}

	Answer makeSwitch(String session, String json) {
		return this.api.makeSwitch(session, json(json));
	}

	Request withKey(String session, String key) {
		return this.api.post(SWITCHES, session).header("Idempotency-Key", key);
	}

}
