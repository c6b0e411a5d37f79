package dev.agentsessions;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

import org.springframework.r2dbc.core.DatabaseClient;

import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * What is stored is nobody's business but its owner's: whatever goes wrong, no part of it
 * is logged, nor told in an error.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class LoggingIT {

	private static final String SECRET = "s3cr3t-of-the-caller";

	/** A database that refuses the secret and says so with the secret in its message. */
	private static final List<String> REFUSING_POSTGRESQL = List.of("""
			create function refuse() returns trigger language plpgsql as $$
			begin
			    if new::text like '%lose the connection%' then
			        perform pg_terminate_backend(pg_backend_pid());
			    elsif new::text like '%s3cr3t%' then
			        raise exception 'refused: %', new;
			    end if;
			    return new;
			end $$
			""", trigger("sessions"), trigger("messages"), trigger("agent_contexts"), trigger("agent_switches"),
			trigger("append_keys"));

	private static final List<String> REFUSING_H2 = List.of(shorten("sessions", "metadata_json"),
			shorten("messages", "content"), shorten("messages", "name"), shorten("messages", "tool_calls"),
			shorten("agent_contexts", "metadata_json"), shorten("agent_switches", "reason"),
			shorten("append_keys", "idempotency_key"));

	private static TestStore store;

	private final HttpClient client = HttpClient.newHttpClient();

	private final Log log = new Log();

	private final Engine engine;

	private final String session = "/v1/sessions/" + Api.newId();

	LoggingIT(Engine engine) {
		this.engine = engine;
	}

	@BeforeParameterizedClassInvocation
	static void start(Engine engine) {
		TestStore.closeShared(); // theirs would be in the log as well
		store = TestStore.start(TestStore.newDatabase(engine), "logging.level.dev.agentsessions=trace");
		(engine == Engine.H2 ? REFUSING_H2 : REFUSING_POSTGRESQL).forEach(LoggingIT::execute);
	}

	@AfterParameterizedClassInvocation
	static void stop() {
		store.close();
	}

	@BeforeEach
	void listen() {
		this.log.start();
		root().addAppender(this.log);
	}

	@AfterEach
	void nothingSecretWasLogged() {
		LoggerFactory.getLogger(LoggingIT.class).info("the end");
		root().detachAppender(this.log);
		assertThat(this.log.lines).isNotEmpty().noneMatch((line) -> line.contains("s3cr3t"));
		assertThat(this.log.lines.get(this.log.lines.size() - 1)).contains("the end");
	}

	@Test
	void whatTheDatabaseRefusesIsLoggedWithoutWhatWasRefused() {
		send("POST", "/turns", "{'messages':[{'role':'user','content':'hello'}],'agent_switch':{'to_agent':'a'}}", 201);
		List<Runnable> failing = List.of(() -> fail("POST", "/messages", message(SECRET)),
				() -> fail("POST", "/messages",
						"[{'role':'user','content':'hello'},{'role':'user','content':'SECRET'}]"),
				() -> fail("POST", "/messages", "{'role':'user','content':'hello','name':'SECRET'}"),
				() -> fail("POST", "/messages", "{'role':'user','tool_calls':['SECRET']}"),
				() -> fail("POST", "/messages", message("hello"), "Idempotency-Key", SECRET),
				() -> fail("POST", "/messages", message(SECRET), "Content-Type", "application/x-ndjson"),
				() -> fail("PUT", "/history", "{'messages':[{'role':'user','content':'SECRET'}]}"),
				() -> fail("PATCH", "", "{'metadata':{'x':'SECRET'}}"),
				() -> fail("PUT", "/agent-context", "{'current_agent':'a','metadata':{'x':'SECRET'}}"),
				() -> fail("PUT", "/agent-context",
						"{'current_agent':'a','agent_history':[{'to':'b','reason':'SECRET'}]}"),
				() -> fail("POST", "/agent-switches", "{'to_agent':'a','reason':'SECRET'}"),
				() -> fail("POST", "/agent-switches", "{'to_agent':'a'}", "Idempotency-Key", SECRET),
				() -> fail("POST", "/turns", "{'messages':[{'role':'user','content':'SECRET'}]}"),
				() -> fail("POST", "/turns", "{'agent_switch':{'to_agent':'b','reason':'SECRET'}}"),
				() -> fail("POST", "/turns", "{'agent_context':{'metadata':{'x':'SECRET'}}}"),
				() -> fail("POST", "/turns", "{'agent_switch':{'to_agent':'b'}}", "Idempotency-Key", SECRET));
		for (int i = 0; i < failing.size(); i++) {
			failing.get(i).run();
			assertThat(this.log.lines).as("one failure, one line").hasSize(i + 1);
		}
		assertThat(this.log.lines).allMatch((line) -> line.contains("R2dbc") || line.contains("r2dbc"));
		send("GET", "/messages", null, 200);
	}

	@Test
	void theDatabaseNamesWhatItRefuses() {
		assertThatException()
			.isThrownBy(() -> store.bean(DatabaseClient.class)
				.sql("insert into append_keys (session_db_id, idempotency_key) values (0, :key)")
				.bind("key", SECRET)
				.then()
				.block(Duration.ofSeconds(10)))
			.satisfies((error) -> assertThat(error).hasStackTraceContaining(SECRET));
	}

	@Test
	void ofManyAppendsTogetherOnlyTheRefusedFail() {
		Api.together(12, (i) -> {
			send("POST", "/messages", message((i % 3 == 0) ? SECRET : "hello"), (i % 3 == 0) ? 500 : 201);
			return true;
		});
		assertThat(this.log.lines).isNotEmpty();
	}

	@Test
	void aLostConnectionIsLoggedWithoutWhatWasUnderWay() {
		assumeTrue(this.engine == Engine.POSTGRESQL, "H2 in memory has no connection to lose");
		send("POST", "/messages", message("hello"), 201);
		String drop = message("lose the connection: " + SECRET);
		assertThat(send("POST", "/messages", drop, 503)).as("one statement is its own commit")
			.contains("/problems/outcome-unknown");
		String turn = "{\"messages\":[" + drop + "],\"agent_switch\":{\"to_agent\":\"a\"}}";
		assertThat(send("POST", "/turns", turn, 503)).as("its commit is sent with what it writes")
			.contains("/problems/outcome-unknown");
		assertThat(this.log.lines).anyMatch((line) -> line.contains("a lane discards its connection"));
		send("POST", "/messages", message("hello"), 201);
	}

	@Test
	void whatIsRefusedIsNotLogged() {
		send("POST", "/turns", "{'messages':[{'role':'user','content':'hello'}],'agent_switch':{'to_agent':'a'}}", 201);
		send("POST", "/messages", message("hello"), 201, "Idempotency-Key", "key");
		String secret = message(SECRET);
		send("POST", "/messages", secret, 422, "Idempotency-Key", "key");
		send("POST", "/messages", secret, 412, "If-Match", "\"9\"");
		send("POST", "/messages", secret, 400, "If-Match", SECRET);
		send("POST", "/messages", secret, 400, "Idempotency-Key", SECRET + "k".repeat(255));
		send("POST", "/messages", secret, 415, "Content-Type", "text/" + SECRET);
		send("POST", "/messages", secret, 415, "Content-Encoding", SECRET);
		send("POST", "/messages", secret, 406, "Accept", "text/" + SECRET);
		send("POST", "/messages", secret.substring(1), 400);
		send("POST", "/messages", secret + secret, 400);
		send("POST", "/messages", message("hello") + "\n{" + SECRET, 400, "Content-Type", "application/x-ndjson");
		send("POST", "/messages", "{'role':'SECRET','content':'SECRET'}", 400);
		send("POST", "/messages", "{'role':'user','content':'x','_SECRET':1}", 400);
		send("POST", "/messages", "{'role':'user','content':'SECRET','content':'SECRET'}", 400);
		send("POST", "/messages", message(SECRET.repeat(100_000)), 413);
		send("POST", "/messages", message(SECRET + "\u0000"), 400);
		send("POST", "/agent-switches", "{'from_agent':'SECRET','to_agent':'b','reason':'SECRET'}", 409);
		send("POST", "/turns", "{'messages':[{'role':'user','content':'hello'}],'agent_switch':{'from_agent':'x',"
				+ "'to_agent':'SECRET'}}", 409);
		send("PUT", "/agent-context", "{'current_agent':'a','created_at':'SECRET'}", 400);
		send("PUT", "/history", "{'messages':[],'last_activity':'SECRET'}", 400);
		send("PATCH", "", "{'metadata':'SECRET'}", 400);
		send("GET", "/agent-switches?cursor=" + SECRET, null, 400);
		send("GET", "/messages?from=" + SECRET, null, 400);
		send("GET", "/messages?from=%ff" + SECRET, null, 400);
		send("GET", "/" + SECRET, null, 404);
		send(SECRET.toUpperCase(Locale.ROOT).replaceAll("[^A-Z]", ""), "/messages", secret, 405);
		assertThat(this.log.lines).as("a caller's mistake is no line in the log").isEmpty();
	}

	/** Sends what the database refuses. */
	private void fail(String method, String path, String body, String... header) {
		assertThat(send(method, path, body, 500, header)).contains("/problems/internal-error").doesNotContain("s3cr3t");
	}

	private String send(String method, String path, String body, int status, String... header) {
		HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
			.method(method,
					(body != null) ? BodyPublishers.ofString(json(body).replace("SECRET", SECRET))
							: BodyPublishers.noBody())
			.header("Content-Type", "application/json");
		if (header.length > 0) {
			request.setHeader(header[0], header[1]);
		}
		try {
			HttpResponse<String> response = this.client.send(request.build(), BodyHandlers.ofString());
			assertThat(response.statusCode()).as("%s %s answered %.500s", method, path, response.body())
				.isEqualTo(status);
			return response.body();
		}
		catch (IOException | InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private URI uri(String path) {
		return URI.create(store.uri() + this.session + path);
	}

	private static void execute(String sql) {
		store.bean(DatabaseClient.class).sql(sql).then().block(Duration.ofSeconds(10));
	}

	private static String trigger(String table) {
		return "create trigger refuse before insert or update on " + table + " for each row execute function refuse()";
	}

	private static String shorten(String table, String column) {
		return "alter table " + table + " alter column " + column + " set data type varchar(8)";
	}

	private static Logger root() {
		return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
	}

	/** Every line with its whole stack trace, as a file would have it. */
	private static final class Log extends AppenderBase<ILoggingEvent> {

		private final List<String> lines = new CopyOnWriteArrayList<>();

		@Override
		protected void append(ILoggingEvent event) {
			if (event.getLoggerName().startsWith("io.zonky")) {
				return; // what the database of the test logs itself
			}
			String trace = (event.getThrowableProxy() != null) ? ThrowableProxyUtil.asString(event.getThrowableProxy())
					: "";
			this.lines.add(event.getLoggerName() + " " + event.getFormattedMessage() + " " + event.getMDCPropertyMap()
					+ "\n" + trace);
		}

	}

}
