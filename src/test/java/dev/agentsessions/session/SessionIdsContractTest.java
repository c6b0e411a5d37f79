package dev.agentsessions.session;

import java.util.List;
import java.util.stream.Stream;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

import org.springframework.http.HttpMethod;
import org.springframework.web.util.UriUtils;

import static dev.agentsessions.Api.HISTORY;
import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What may be the id of a session.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class SessionIdsContractTest extends SessionFixture {

	SessionIdsContractTest(Engine engine) {
		super(engine);
	}

	@ParameterizedTest
	@MethodSource("legalIds")
	void everyLegalIdWorksEverywhere(String session) {
		// mutated requests create sessions of such names too
		this.api.delete(SESSION + "?soft=false", session);
		Answer created = this.api.create("{\"session_id\":" + Json.text(session) + "}").expect(201);
		assertThat(created.json().path("session_id").stringValue()).isEqualTo(session);
		String location = String.valueOf(created.header("Location"));
		assertThat(UriUtils.decode(location, UTF_8)).isEqualTo("/v1/sessions/" + session);
		assertThat(this.api.get(location).expect(200).json().path("session_id").stringValue()).isEqualTo(session);
		this.api.append(session, "[" + message("one") + "," + message("two") + "]").expect(201);
		assertThat(this.api.session(session).path("last_seq").longValue()).isEqualTo(2);
		assertThat(this.api.walk(MESSAGES + "?limit=1", session)).hasSize(2);
		assertThat(this.api.walk(MESSAGES + "?page=1&page_size=1", session)).hasSize(2);
		JsonNode history = this.api.get(HISTORY, session).expect(200).json();
		assertThat(history.path("session_id").stringValue()).isEqualTo(session);
		assertThat(this.api.save(session, message("one"), message("two")).json().path("session_id").stringValue())
			.isEqualTo(session);
		assertThat(this.api.stats(session).path("session_id").stringValue()).isEqualTo(session);
		this.api.get(MESSAGES + "/2", session).expect(200);
		this.api.softDelete(session);
		this.api.post(RESTORE, session).send().expect(200);
		this.api.delete(SESSION + "?soft=false", session).expect(204);
	}

	static Stream<String> legalIds() {
		return Stream.of("😀".repeat(255), "ÿ".repeat(255), "a".repeat(255), "x", "...", ".hidden", "a.", "%", "%2F",
				"%25", "a%b", "+", "a+b", "a b", " ", " a ", ";", "a;b=c;d", "?", "a?b=c", "#", "a#b", "&=",
				":@!$'()*,", "\"", "{id}", "{", "<script>", "'; drop table sessions; --", "[1]", "|^`~", "null", "0",
				"true", "messages", "v1", "日本語", "e\u0301", "\u00e9", "שלום", "\u2028", "\ufeff", "\ufffd", "\u00a0",
				"\u200d", "👩\u200d👩\u200d👧", "\ud83d\ude00", "\udbff\udffd");
	}

	@Test
	void idsThatDifferOnlyALittleAreDifferentSessions() {
		String prefix = Api.newId();
		List<String> sessions = Stream.of("a", "A", "a ", "a+", "a%20", "a;", "a;b", "e\u0301", "\u00e9")
			.map((suffix) -> prefix + suffix)
			.toList();
		sessions.forEach((session) -> this.api.append(session, message(session)).expect(201));
		assertThat(sessions).allSatisfy((session) -> assertThat(this.api.contents(session)).containsExactly(session));
	}

	@ParameterizedTest
	@MethodSource("illegalIds")
	void everyOtherIdIsRefused(String session) {
		this.api.create("{\"session_id\":" + Json.text(session) + "}").wrongAt("/session_id");
		if (session.isEmpty()) {
			return;
		}
		for (String uri : List.of(SESSION, STATS, MESSAGES, HISTORY, MESSAGES + "/1")) {
			this.api.get(uri, session).wrongParameter("session_id");
		}
		this.api.append(session, message("hello")).wrongParameter("session_id");
		this.api.save(session, message("hello")).wrongParameter("session_id");
		this.api.delete(SESSION, session).wrongParameter("session_id");
		this.api.post(RESTORE, session).send().wrongParameter("session_id");
		this.api.request(HttpMethod.PATCH, SESSION, session)
			.json(json("{'metadata':{}}"))
			.send()
			.wrongParameter("session_id");
	}

	static Stream<String> illegalIds() {
		return Stream.of("", ".", "..", "/", "a/b", "\\", "a\\b", "\u0000", "a\u0000", "\n", "\t", "a\u001fb", "\u007f",
				"\u0085", "\u009f", "a".repeat(256), "😀".repeat(256));
	}

}
