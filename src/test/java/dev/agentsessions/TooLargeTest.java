package dev.agentsessions;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Collections;

import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.http.HttpMethod;

import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is too large, and what is just not.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class TooLargeTest extends BadInputFixture {

	TooLargeTest(Engine engine) {
		super(engine);
	}

	@Test
	void refusesAMessageOfMoreThanOneMebibyte() {
		String large = "x".repeat((1 << 20) + 1);
		refuse(message(large)).tooLargeAt("");
		refuse("[" + message("fine") + "," + message(large) + "]").tooLargeAt("/1");
		refuse(message("é".repeat((1 << 19) + 1))).problem(413, "too-large");
		refuse(json("{'role':'user','content':'x','metadata':{'a':'" + large + "'}}")).problem(413, "too-large");
		refuse(json("{'role':'user','tool_calls':['" + large + "']}")).problem(413, "too-large");
		checked(this.api.save(this.session, message("1"), message(large))).tooLargeAt("/messages/1");
		checked(this.api.create(json("{'metadata':{'a':'" + large + "'}}"))).tooLargeAt("/metadata");
		checked(this.api.request(HttpMethod.PATCH, SESSION, this.session)
			.json(json("{'metadata':{'a':'" + large + "'}}"))
			.send()).problem(413, "too-large");
	}

	@Test
	void takesAMessageOfOneMebibyte() {
		String other = Api.newId();
		String content = "x".repeat(1 << 20);
		this.api.append(other, message(content)).expect(201);
		assertThat(this.api.contents(other)).containsExactly(content);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void refusesABodyOfMoreThan16Mebibytes(boolean withLength) throws Exception {
		byte[] body = Json.array(Collections.nCopies(18, message("x".repeat(1_000_000)))).getBytes(UTF_8);
		URI uri = URI.create(this.store.uri() + "/v1/sessions/" + this.session + "/messages");
		HttpRequest request = HttpRequest.newBuilder(uri)
			.header("Content-Type", "application/json")
			.POST(withLength ? BodyPublishers.ofByteArray(body)
					: BodyPublishers.fromPublisher(BodyPublishers.ofByteArray(body)))
			.build();
		HttpResponse<String> answer = HttpClient.newBuilder()
			.version(HttpClient.Version.HTTP_1_1)
			.build()
			.send(request, BodyHandlers.ofString());
		assertThat(answer.statusCode()).isEqualTo(413);
		assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
		assertThat(answer.body()).contains("/problems/too-large").doesNotContainPattern(Innards.PATTERN);
	}

	@Test
	void refusesALengthThatIsTooLargeBeforeTheBodyIsSent() {
		RawAnswer answer = raw("POST /v1/sessions/" + this.session + "/messages HTTP/1.1\r\nHost: x\r\n"
				+ "Content-Type: application/json\r\nContent-Length: 17000000\r\n\r\n");
		assertThat(answer.status()).isEqualTo(413);
		assertThat(answer.text()).contains("/problems/too-large");
	}

	@Test
	void takesABodyOfAlmost16Mebibytes() {
		String other = Api.newId();
		String large = message("x".repeat(1_000_000));
		this.api.append(other, Json.array(Collections.nCopies(16, large))).expect(201);
		assertThat(this.api.stats(other).path("message_count").intValue()).isEqualTo(16);
	}

}
