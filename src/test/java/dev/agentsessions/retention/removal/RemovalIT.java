package dev.agentsessions.retention.removal;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

import dev.agentsessions.Api;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import dev.agentsessions.retention.RetentionPace;
import dev.agentsessions.retention.Tables;
import dev.agentsessions.session.SessionKey;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static dev.agentsessions.Api.SESSION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What is out of reach and waits to be removed, with the job disabled: nobody sees any of
 * it, and nothing of it stays.
 */
@ParameterizedClass
@EnumSource(Engine.class)
@ExtendWith(OutputCaptureExtension.class)
class RemovalIT {

	private static TestStore store;

	private final Engine engine;

	private final Api api;

	private final Tables tables;

	RemovalIT(Engine engine) {
		this.engine = engine;
		this.api = Api.on(store);
		this.tables = Tables.of(store);
	}

	@BeforeParameterizedClassInvocation
	static void start(Engine engine) {
		store = TestStore.start(List.of(new RetentionPace(50, Duration.ofMillis(5), Duration.ofMillis(20))),
				TestStore.newDatabase(engine), "store.cache.size=0B");
	}

	@AfterParameterizedClassInvocation
	static void stop() {
		store.close();
	}

	@Test
	void whatSomebodyElseLeftHalfRemovedGoesAsWell() {
		long messages = this.tables.count("messages");
		insert("half", 2000);
		long id = this.tables.number("select id as n from sessions where session_id = 'half'");
		this.tables.update("delete from messages where session_db_id = " + id + " and seq < 700");
		this.tables.update("update sessions set tenant = '~purged', session_id = '" + id + "' where id = " + id);
		Awaitility.await("it is removed").until(() -> this.tables.count("sessions where id = " + id) == 0);
		assertThat(this.tables.count("messages")).isEqualTo(messages);
	}

	@Test
	void whatIsLeftOfForksMayStayWhereItIsAndAllElseGoes() {
		this.tables.update("alter table sessions add constraint stuck check (session_id not like '"
				+ SessionKey.LOST_FORK + "%')");
		try {
			this.tables.update("insert into sessions (tenant, session_id, is_active, created_at) values ('"
					+ SessionKey.FORKING + "', 'lost', false, now() - interval '2' hour)");
			this.tables.update("insert into sessions (tenant, session_id) values ('~purged', 'beside')");
			Awaitility.await("it is removed")
				.until(() -> this.tables.count("sessions where session_id = 'beside'") == 0);
			assertThat(this.tables.count("sessions where session_id = 'lost'")).isEqualTo(1);
		}
		finally {
			this.tables.update("alter table sessions drop constraint stuck");
			this.tables.update("delete from sessions where session_id = 'lost'");
		}
	}

	@Test
	void sessionsWithoutMessagesGoManyAtATime() {
		for (int n = 0; n < 120; n++) {
			this.tables.update("insert into sessions (tenant, session_id) values ('~purged', 'empty " + n + "')");
		}
		Awaitility.await("they are removed").until(() -> this.tables.count("sessions where tenant = '~purged'") == 0);
	}

	/**
	 * The answer has begun, so it can't become an error; it must not end like a whole one
	 * either.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "/messages", "/messages?role=user", "/history" })
	void aStreamWhoseSessionIsDeletedForGoodIsCut(String path, CapturedOutput log) throws Exception {
		String session = Api.newId();
		insert(session, 2500, 8000);
		HttpRequest request = HttpRequest.newBuilder(URI.create(store.uri() + "/v1/sessions/" + session + path))
			.header("Accept", path.startsWith("/messages") ? "application/x-ndjson" : "application/json")
			.build();
		HttpResponse<InputStream> response = HttpClient.newHttpClient().send(request, BodyHandlers.ofInputStream());
		assertThat(response.statusCode()).isEqualTo(200);
		try (BufferedReader lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8),
				16)) {
			assertThat(lines.read()).isEqualTo('{');
			this.api.delete(SESSION + "?soft=false", session).expect(204);
			assertThatIOException().isThrownBy(() -> lines.transferTo(Writer.nullWriter()));
		}
		assertThat(log.getAll()).doesNotContain("HttpWebHandlerAdapter", "HttpServerOperations");
		Awaitility.await("it is removed").until(() -> this.tables.count("sessions where tenant = '~purged'") == 0);
	}

	@Test
	void nobodyReadsAnythingWhileItIsRemovedAndItsIdIsFree() {
		String session = Api.newId();
		insert(session, 2000);
		this.tables.update("insert into agent_contexts (session_db_id, current_agent) select id, 'a' from sessions"
				+ " where session_id = '" + session + "'");
		long others = this.tables.count("messages") - 2000;
		this.api.delete(SESSION + "?soft=false", session).expect(204);
		long left;
		do {
			for (String uri : List.of(SESSION, Api.MESSAGES, Api.HISTORY, Api.CONTEXT, Api.SWITCHES)) {
				this.api.get(uri + "?include_deleted=true", session).problem(404, "session-not-found");
			}
			left = this.tables.count("messages") - others;
		}
		while (left == 2000);
		assertThat(left).isLessThan(2000);
		this.api.append(session, "{\"role\":\"user\",\"content\":\"anew\"}").expect(201);
		Awaitility.await("it is removed").until(() -> this.tables.count("sessions where tenant = '~purged'") == 0);
		assertThat(this.tables.count("messages")).isEqualTo(others + 1);
		assertThat(this.api.contents(session)).containsExactly("anew");
	}

	@Test
	void noCallerCanHaveTheTenantOfWhatIsRemoved() {
		assertThatIllegalArgumentException().isThrownBy(() -> SessionKey.of("~purged", "1"));
	}

	/** A session with messages of a kilobyte. */
	private void insert(String session, int messages) {
		insert(session, messages, 1000);
	}

	private void insert(String session, int messages, int length) {
		this.tables.update("insert into sessions (session_id, last_seq) values ('" + session + "', " + messages + ")");
		String numbers = (this.engine == Engine.H2) ? "system_range(1, " + messages + ") r (n)"
				: "generate_series(1, " + messages + ") r (n)";
		this.tables
			.update("insert into messages (session_db_id, seq, role, content) select s.id, r.n, 'user'," + " rpad('x', "
					+ length + ", 'x') from sessions s, " + numbers + " where s.session_id = '" + session + "'");
	}

}
