package dev.agentsessions.tail;

import java.time.Duration;

import dev.agentsessions.Api;
import dev.agentsessions.TestStore;
import io.micrometer.core.instrument.MeterRegistry;
import org.awaitility.Awaitility;

import static dev.agentsessions.Json.message;

/**
 * Two replicas on one database.
 *
 * @param writer where sessions are written to
 * @param reader where they are followed
 */
record TwoReplicas(TestStore writer, TestStore reader) {

	Follower follow(String session) {
		return follow(session, "");
	}

	Follower follow(String session, String query) {
		Follower follower = Follower.of(this.reader.uri(), "/v1/sessions/" + session + "/tail" + query);
		follower.ready();
		return follower;
	}

	/** Until the writer knows that somebody wants to hear of what it does. */
	void awaitHints(String session, Follower follower) {
		double before = hints("received");
		Awaitility.await("hints").pollInterval(Duration.ofMillis(20)).until(() -> {
			int known = follower.events().size();
			Api.on(this.writer).append(session, message("hint?")).expect(201);
			follower.await(known + 1);
			return hints("received") > before;
		});
	}

	/**
	 * What the reader has counted.
	 * @param outcome <code>received</code>, or <code>missed</code>
	 */
	double hints(String outcome) {
		return this.reader.bean(MeterRegistry.class)
			.get("store.tails.wake.ups")
			.tag("outcome", outcome)
			.counter()
			.count();
	}

}
