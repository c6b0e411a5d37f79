package dev.agentsessions.retention;

import java.util.List;
import java.time.Duration;
import dev.agentsessions.Api;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;

import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Api.SWITCHES;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;

/**
 * A store on either engine whose job does not run.
 */
abstract class RetentionFixture {

	static final String CLEANUP = "/v1/retention/cleanup";

	static final String PURGE = "/v1/retention/purge";

	static TestStore store;

	final Api api;

	final Tables tables;

	RetentionFixture(Engine engine) {
		this.api = Api.on(store);
		this.tables = Tables.of(store);
	}

	@BeforeParameterizedClassInvocation
	static void start(Engine engine) {
		store = TestStore.start(List.of(new RetentionPace(3, Duration.ZERO, Duration.ofMillis(20))),
				TestStore.newDatabase(engine));
	}

	@AfterParameterizedClassInvocation
	static void stop() {
		store.close();
	}

	@BeforeEach
	void beginEmpty() {
		this.tables.update("delete from sessions");
	}

	long cleanUp(String body) {
		return this.api.post(CLEANUP).json(json(body)).send().expect(200).json().path("cleaned").longValue();
	}

	String purge(String body) {
		return this.api.post(PURGE).json(json(body)).send().expect(200).text();
	}

	/** A session with a message that nobody has written to for so many hours. */
	String idle(int hours) {
		String session = this.api.sessionOf(1);
		this.tables.idle(session, hours);
		return session;
	}

	/** A session with messages that was soft-deleted so many days ago. */
	String purgeable(int days, int messages) {
		String session = (messages > 0) ? this.api.sessionOf(messages) : this.api.newSession();
		this.api.softDelete(session);
		this.tables.deleted(session, days);
		return session;
	}

	/**
	 * A session that has everything a session can have, and more than fits in a batch.
	 */
	String full() {
		String session = this.api.sessionOf(20);
		for (int n = 0; n < 10; n++) {
			this.api.post(SWITCHES, session)
				.header("Idempotency-Key", "switch " + n)
				.json(json("{'to_agent':'" + n + "'}"))
				.send()
				.expect(201);
		}
		this.api.post(MESSAGES, session)
			.header("Idempotency-Key", "key")
			.json(message("with a key"))
			.send()
			.expect(201);
		return session;
	}

}
