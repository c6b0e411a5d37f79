package dev.agentsessions.session;

import java.util.ArrayList;
import java.util.List;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;

import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Json.json;

/**
 * Sessions, in a store on either engine.
 */
abstract class SessionFixture {

	static final String RESTORE = SESSION + "/restore";

	static final String STATS = SESSION + "/stats";

	final TestStore store;

	final Api api;

	SessionFixture(Engine engine) {
		this.store = TestStore.on(engine);
		this.api = Api.on(this.store);
	}

	List<String> create(String prefix, int count) {
		List<String> sessions = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			sessions.add(prefix + "-" + i);
			this.api.create(json("{'session_id':'" + prefix + "-" + i + "'}")).expect(201);
		}
		return sessions;
	}

	/** The ids with this prefix in the order in which the whole list shows them. */
	List<String> walk(String uri, String prefix) {
		List<Answer> pages = this.api.walk(uri);
		return pages.stream().flatMap((page) -> ids(page, prefix).stream()).toList();
	}

	static List<String> ids(Answer page, String prefix) {
		return page.data()
			.stream()
			.map((session) -> session.path("session_id").stringValue())
			.filter((id) -> id.startsWith(prefix))
			.toList();
	}

}
