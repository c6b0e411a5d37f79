package dev.agentsessions.erasure;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

import dev.agentsessions.Api;
import dev.agentsessions.TestPostgres;
import dev.agentsessions.TestStore;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.retention.RetentionPace;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;

import static dev.agentsessions.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Erasures in a store with several buckets, as a replica leaves them that is killed
 * between two.
 */
class ErasureBucketsIT {

	private static final int SESSIONS = 20;

	private final String database = TestPostgres.get().newDatabase();

	private final TestStore store = TestStore.start(
			List.of(new RetentionPace(10, Duration.ofMillis(20), Duration.ofMillis(50))), this.database,
			"store.database.buckets=4");

	private final Api api = Api.on(this.store);

	@AfterEach
	void stop() {
		this.store.close();
	}

	@Test
	void whatIsNotNotedEverywhereIsNotBegunAndHoldsUpOthersOnlyForAWhile() throws SQLException {
		String late = "0198c5f0-7a4e-7cc1-b5d1-000000000000";
		String now = "0198c5f0-7a4e-7cc1-b5d1-5f3b2a1c9e77";
		fill();
		note(late, 3, "'marking', 'o'", "now() - interval '11' second");
		note(now, 3, "'marking', 'o'", "now()");
		Awaitility.await("what came to nothing is forgotten").until(() -> number("bucket_0.erasures") == 1);
		this.api.get("/v1/erasures/" + now).problem(404, "erasure-not-found");
		this.api.get("/v1/erasures/" + late).problem(404, "erasure-not-found");
		assertThat(this.api.get("/v1/sessions?owner=o").data()).hasSize(SESSIONS);
		String later = erase();
		assertThat(isDone(later)).isFalse();
		execute("update bucket_0.erasures set requested_at = now() - interval '11' second where erasure_id = '" + now
				+ "'");
		Awaitility.await("the later one is done").until(() -> isDone(later));
	}

	/** One of its sessions can't be removed. */
	@Test
	void aBucketThatFailsHoldsUpNoOther() throws SQLException {
		execute("create table bucket_0.held (id bigint references bucket_0.sessions (id))");
		// at once, or the first may be removed before it is held
		execute("insert into bucket_0.sessions (id, tenant, session_id) values (4000001, '~purged', 'held');"
				+ " insert into bucket_0.held values (4000001)");
		execute("insert into bucket_1.sessions (id, tenant, session_id) select 4000002 + 4 * n, '~purged', 'purged ' || n"
				+ " from generate_series(1, 100) n");
		Awaitility.await("the other's are removed")
			.until(() -> number("bucket_1.sessions where tenant = '~purged'") == 0);
	}

	@Test
	void aBucketThatFailsIsErasedLastAndNoOther() throws SQLException {
		fill();
		long first = number("bucket_0.sessions");
		execute("alter table bucket_0.sessions add constraint stuck check (tenant <> '~purged')");
		String id = erase();
		assertThat(this.api.get("/v1/sessions?owner=o").data()).hasSize(Math.toIntExact(first)).isNotEmpty();
		assertThat(isDone(id)).isFalse();
		execute("alter table bucket_0.sessions drop constraint stuck");
		Awaitility.await("it is done").until(() -> isDone(id));
	}

	@Test
	void whatIsWithdrawnCannotBeBegun() throws SQLException {
		String id = "0198c5f0-7a4e-7cc1-b5d1-5f3b2a1c9e77";
		ErasureRepository repository = this.store.bean(ErasureRepository.class);
		fill();
		note(id, 1, "'marking', 'o'", "now()");
		List<Erasure> noted = repository.unfinished(10).block(Duration.ofSeconds(10));
		assertThat(noted).hasSize(1);
		StepVerifier.create(repository.withdraw(noted.get(0))).verifyComplete();
		StepVerifier.create(repository.withdraw(noted.get(0))).verifyComplete();
		StepVerifier.create(repository.begin("default", id, new ErasureTarget("o", null)))
			.verifyError(ProblemException.class);
		this.api.get("/v1/erasures/" + id).problem(404, "erasure-not-found");
		assertThat(this.api.get("/v1/sessions?owner=o").data()).hasSize(SESSIONS);
	}

	@Test
	void whatIsNotedEverywhereCannotBeWithdrawn() {
		fill();
		String id = erase();
		ErasureRepository repository = this.store.bean(ErasureRepository.class);
		List<Erasure> rows = repository.find("default", id).block(Duration.ofSeconds(10));
		StepVerifier.create(repository.withdraw(rows.get(0))).verifyComplete();
		Awaitility.await("it is done").until(() -> isDone(id));
	}

	@Test
	void whatIsThroughInSomeBucketsComesToItsEnd() throws SQLException {
		String id = "0190163d-8694-739b-aea5-966c26f8ad93";
		fill();
		note(id, 1, "'removing', null", "now()");
		for (int bucket = 1; bucket < 4; bucket++) {
			noteIn(bucket, id, "'marking', 'nobody'", "now()");
		}
		Awaitility.await("it is done").until(() -> isDone(id));
	}

	private String erase() {
		return this.api.post("/v1/erasures")
			.json(json("{'owner':'o'}"))
			.send()
			.expect(202)
			.json()
			.path("erasure_id")
			.stringValue();
	}

	private boolean isDone(String id) {
		return this.api.get("/v1/erasures/" + id).expect(200).json().path("state").stringValue().equals("done");
	}

	private void fill() {
		for (int i = 0; i < SESSIONS; i++) {
			this.api.create(json("{'session_id':'s" + i + "','owner':'o'}")).expect(201);
		}
	}

	private void note(String id, int buckets, String state, String requested) throws SQLException {
		for (int bucket = 0; bucket < buckets; bucket++) {
			noteIn(bucket, id, state, requested);
		}
	}

	private void noteIn(int bucket, String id, String state, String requested) throws SQLException {
		execute("insert into bucket_" + bucket
				+ ".erasures (tenant, erasure_id, state, owner, horizon, requested_at) values ('default', '" + id
				+ "', " + state + ", 1000000, " + requested + ")");
	}

	private void execute(String sql) throws SQLException {
		try (Connection connection = TestPostgres.connect(this.database);
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private long number(String rows) throws SQLException {
		try (Connection connection = TestPostgres.connect(this.database);
				Statement statement = connection.createStatement();
				ResultSet found = statement.executeQuery("select count(*) from " + rows)) {
			found.next();
			return found.getLong(1);
		}
	}

}
