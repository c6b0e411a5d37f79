package dev.agentsessions.tail;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;

import dev.agentsessions.Api;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import dev.agentsessions.paging.RowIds;
import dev.agentsessions.tail.Follower.Event;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/**
 * Live tails, in a store on either engine.
 */
abstract class TailFixture {

	static final String TAIL = "/v1/sessions/{id}/tail";

	final Api api;

	final URI store;

	final RowIds rows;

	final List<Follower> followers = new ArrayList<>();

	TailFixture(Engine engine) {
		this.api = Api.on(engine);
		this.store = TestStore.on(engine).uri();
		this.rows = TestStore.on(engine).bean(RowIds.class);
	}

	@AfterEach
	void leave() {
		this.followers.forEach(Follower::close);
	}

	Follower follow(String session, String query) {
		return follow(session, query, null);
	}

	Follower follow(String session, String query, @Nullable String lastEventId) {
		return followPath("/v1/sessions/" + session + "/tail" + query, lastEventId);
	}

	Follower followPath(String path) {
		return followPath(path, null);
	}

	Follower followPath(String path, @Nullable String lastEventId) {
		Follower follower = Follower.of(this.store, path, lastEventId);
		this.followers.add(follower);
		follower.ready();
		return follower;
	}

	/** What happened, and the message at which it did. */
	static List<String> names(List<Event> events) {
		return events.stream()
			.map((event) -> event.name() + " " + Math.max(event.seq(), event.data().path("at_seq").longValue(0)))
			.toList();
	}

}
