package dev.agentsessions.agent;

import java.util.List;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.database.Engine;

import static dev.agentsessions.Json.json;

/**
 * Agent contexts, in a store on either engine.
 */
abstract class AgentFixture {

	static final String STORED = "{'from':'a','to':'b','reason':'r','timestamp':'2026-01-31T09:26:53.589793Z',"
			+ "'metadata':{'x':1000,'y':[1.0,null]}}";

	final Api api;

	AgentFixture(Engine engine) {
		this.api = Api.on(engine);
	}

	Answer save(String session, String context) {
		return this.api.saveContext(session, json(context));
	}

	void saveHistory(String session, String... entries) {
		save(session, "{'current_agent':'a','agent_history':" + Json.array(List.of(entries)) + "}").expect(200);
	}

	long count(String session) {
		return this.api.context(session).path("switch_count").longValue();
	}

	/** Makes a switch. */
	long nextNumber(String session) {
		return this.api.makeSwitch(session, json("{'to_agent':'next'}"))
			.expect(201)
			.json()
			.path("switch_no")
			.longValue();
	}

}
