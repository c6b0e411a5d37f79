package dev.agentsessions;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import tools.jackson.databind.JsonNode;

import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;

import static dev.agentsessions.Api.HISTORY;
import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * A store that is sent what the contract refuses: it is said clearly and in one form,
 * gives nothing away, writes nothing, and harms nobody else.
 */
abstract class BadInputFixture {

	static final String CONTEXT = SESSION + "/agent-context";

	static final String SWITCHES = SESSION + "/agent-switches";

	static final String TURNS = SESSION + "/turns";

	/** Whatever takes JSON. */
	static final List<Body> BODIES = List.of(new Body(HttpMethod.POST, "/v1/sessions", "{}"),
			new Body(HttpMethod.PATCH, SESSION, json("{'metadata':{}}")),
			new Body(HttpMethod.POST, MESSAGES, json("{'role':'user','content':'x'}")),
			new Body(HttpMethod.PUT, HISTORY, json("{'messages':[]}")),
			new Body(HttpMethod.PUT, CONTEXT, json("{'current_agent':'a'}")),
			new Body(HttpMethod.POST, SWITCHES, json("{'to_agent':'a'}")),
			new Body(HttpMethod.POST, TURNS, json("{'agent_switch':{'to_agent':'a'}}")),
			new Body(HttpMethod.POST, "/v1/retention/cleanup", json("{'max_age_hours':438000}")),
			new Body(HttpMethod.POST, "/v1/retention/purge", json("{'days_old':18250}")));

	final TestStore store;

	final Api api;

	/** Has one message, and the same state after every test. */
	String session = "";

	JsonNode before = Json.parse("null");

	BadInputFixture(Engine engine) {
		this.store = TestStore.on(engine);
		this.api = Api.on(engine);
	}

	@BeforeEach
	void createASession() {
		this.session = this.api.sessionOf(1);
		this.before = state();
	}

	@AfterEach
	void nothingWasWrittenAndTheStoreStillAnswers() {
		assertThat(state()).isEqualTo(this.before);
		this.api.append(this.session, message("after all")).expect(201);
		assertThat(this.api.contents(this.session)).containsExactly("1", "after all");
	}

	JsonNode state() {
		return Json.parse("[" + this.api.stats(this.session) + "," + this.api.session(this.session) + "]");
	}

	static byte[] replace(String text, byte[] bytes) {
		String latin1 = new String(bytes, StandardCharsets.ISO_8859_1);
		return text.replace("…", latin1).getBytes(StandardCharsets.ISO_8859_1);
	}

	Answer refuse(String body) {
		return checked(this.api.append(this.session, body));
	}

	Api.Request request(Body body) {
		Object[] variables = body.uri().contains("{") ? new Object[] { this.session } : new Object[0];
		return this.api.request(body.method(), body.uri(), variables);
	}

	Answer send(Body body, String text) {
		return checked(request(body).json(text).send());
	}

	/** A refusal that gives nothing away. */
	static Answer checked(Answer answer) {
		assertThat(answer.status()).as("%s answered %.300s", answer.request(), answer.text()).isBetween(400, 499);
		assertThat(answer.headers().getContentType()).isEqualTo(MediaType.APPLICATION_PROBLEM_JSON);
		assertThat(answer.text()).doesNotContainPattern(Innards.PATTERN);
		return answer;
	}

	RawAnswer raw(String request) {
		try (Socket socket = new Socket("127.0.0.1", this.store.port())) {
			socket.setSoTimeout(10_000);
			OutputStream out = socket.getOutputStream();
			out.write(request.getBytes(StandardCharsets.ISO_8859_1));
			out.flush();
			return RawAnswer.read(socket.getInputStream());
		}
		catch (IOException ex) {
			throw new AssertionError(ex);
		}
	}

	/**
	 * An operation that takes JSON.
	 *
	 * @param text the least it takes
	 */
	record Body(HttpMethod method, String uri, String text) {

		String with(String field) {
			String start = this.text.substring(0, this.text.length() - 1);
			return start + (start.equals("{") ? "" : ",") + json(field) + "}";
		}

		@Override
		public String toString() {
			return this.method + " " + this.uri;
		}

	}

	record RawAnswer(int status, String text) {

		/** Up to the end of the problem document. */
		static RawAnswer read(InputStream in) throws IOException {
			StringBuilder text = new StringBuilder();
			byte[] buffer = new byte[8192];
			for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
				text.append(new String(buffer, 0, n, UTF_8));
				if (text.toString().stripTrailing().endsWith("}")) {
					break;
				}
			}
			assertThat(text).startsWith("HTTP/1.1 ");
			return new RawAnswer(Integer.parseInt(text.substring(9, 12)), text.toString());
		}

	}

}
