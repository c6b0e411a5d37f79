package dev.agentsessions.database.health;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

import dev.agentsessions.Api;
import dev.agentsessions.TestPostgres;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Buckets;
import dev.agentsessions.database.Engine;
import dev.agentsessions.database.connect.DatabaseUrl;
import dev.agentsessions.database.connect.Schema;
import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.spi.Connection;
import liquibase.exception.LiquibaseException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.http.HttpMethod;
import org.springframework.r2dbc.core.DatabaseClient;

import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * A replica that others bring the tables for is ready when they are there, and one that
 * is busy stays ready.
 */
class ReadinessIT {

	private static final List<ReadinessTimes> OFTEN = List
		.of(new ReadinessTimes(Duration.ofMillis(100), Duration.ofMillis(500)));

	@ParameterizedTest
	@EnumSource(Engine.class)
	void withoutTablesItIsNotReadyAndRequestsAreToldSo(Engine engine) throws LiquibaseException {
		try (TestStore store = withoutLiquibase(TestStore.newDatabase(engine))) {
			Api api = Api.on(store);
			api.get("/readyz").expect(503);
			api.get("/livez").expect(200);
			api.append("s", message("hi")).problem(503, "busy");
			api.get("/v1/sessions").problem(503, "busy");
			api.get(Api.MESSAGES, "s").problem(503, "busy");
			api.put("{\"messages\":[]}", "s").problem(503, "busy");
			api.create("{}").problem(503, "busy");
			api.takeTurn("s", json("{'agent_switch':{'to_agent':'a'}}")).problem(503, "busy");
			api.get("/v1/tail?session_id=s").problem(503, "busy");
			assertThat(api.request(HttpMethod.GET, Api.SESSION, "s").send().header("Retry-After")).isEqualTo("1");

			Schema.update(DatabaseUrl.parse(store.databaseUrl()), new Buckets(1));
			awaitReady(api);
			api.append("s", message("hi")).expect(201);
		}
	}

	@Test
	void withoutTheNewestChangeItIsNotReady() throws LiquibaseException, SQLException {
		String url = TestStore.newDatabase(Engine.POSTGRESQL);
		Schema.update(DatabaseUrl.parse(url), new Buckets(1));
		String newest = Schema.newestChange(Engine.POSTGRESQL);
		execute(url, "update databasechangelog set id = 'not-yet' where id = '" + newest + "'");
		try (TestStore store = withoutLiquibase(url)) {
			Api.on(store).get("/readyz").expect(503);
			execute(url, "update databasechangelog set id = '" + newest + "' where id = 'not-yet'");
			awaitReady(Api.on(store));
			// an older one finds it like this when a newer one was here
			execute(url, "insert into databasechangelog select 'later', author, filename, dateexecuted,"
					+ " orderexecuted + 1, exectype, md5sum from databasechangelog where id = '" + newest + "'");
			try (TestStore older = withoutLiquibase(url)) {
				Api.on(older).get("/readyz").expect(200);
			}
		}
	}

	@ParameterizedTest
	@EnumSource(Engine.class)
	void theNewestChangeIsTheLastThatIsCarriedOut(Engine engine) {
		DatabaseClient client = TestStore.on(engine).bean(DatabaseClient.class);
		String last = client.sql("select id from databasechangelog order by orderexecuted desc limit 1")
			.mapValue(String.class)
			.one()
			.block();
		assertThat(Schema.newestChange(engine)).isEqualTo(last);
	}

	@ParameterizedTest
	@EnumSource(Engine.class)
	void itIsReadyFromTheFirst(Engine engine) {
		try (TestStore store = TestStore.start(
				List.of(new ReadinessTimes(Duration.ofMinutes(1), Duration.ofSeconds(2))),
				TestStore.newDatabase(engine))) {
			Api.on(store).get("/readyz").expect(200);
		}
	}

	@Test
	void aPoolThatIsTakenAsAWholeLeavesItReady() {
		try (TestStore store = TestStore.start(OFTEN, TestStore.newDatabase(Engine.POSTGRESQL),
				"management.server.port=0", "store.database.pool-size=2", "store.database.request-timeout=1s")) {
			ConnectionPool pool = store.bean(ConnectionPool.class);
			List<Connection> all = Flux.range(0, 2).flatMap((i) -> pool.create()).collectList().block();
			Api.on(store).get("/v1/sessions").problem(503, "busy"); // a second later
			Api.on(store).get("/readyz").expect(200);
			Flux.fromIterable(all).flatMap((connection) -> Mono.from(connection.close())).blockLast();
			Api.on(store).get("/v1/sessions").expect(200);
		}
	}

	@Test
	void aConnectionThatIsLostIsMadeAgain() throws SQLException {
		try (TestStore store = TestStore.start(OFTEN, TestStore.newDatabase(Engine.POSTGRESQL),
				"management.server.port=0")) {
			awaitReady(Api.on(store));
			execute(store.databaseUrl(), "select pg_terminate_backend(pid) from pg_stat_activity"
					+ " where datname = current_database() and pid <> pg_backend_pid()");
			Awaitility.await("it stays ready")
				.during(Duration.ofSeconds(1))
				.until(() -> Api.on(store).get("/readyz").status() == 200);
		}
	}

	private static TestStore withoutLiquibase(String url) {
		return TestStore.start(OFTEN, url, "management.server.port=0", "spring.liquibase.enabled=false");
	}

	private static void awaitReady(Api api) {
		Awaitility.await("ready").until(() -> api.get("/readyz").status() == 200);
	}

	private static void execute(String url, String sql) throws SQLException {
		try (java.sql.Connection connection = TestPostgres.connect(url)) {
			connection.createStatement().execute(sql);
		}
	}

}
