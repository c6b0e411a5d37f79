package dev.agentsessions;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

import dev.agentsessions.LegacyDatabase.LegacyContext;
import dev.agentsessions.LegacyDatabase.LegacyMessage;
import dev.agentsessions.LegacyDatabase.LegacySession;
import dev.agentsessions.LegacyDatabase.LegacySwitch;
import dev.agentsessions.database.Engine;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

import org.springframework.http.HttpMethod;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Real conversations of an older program, sent in by every way there is, come back as
 * they were by every way there is.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class LegacyDataIT {

	private static final String CONTEXT = "/v1/sessions/{id}/agent-context";

	/** The ids under which the sessions were sent, once for all tests of an engine. */
	private static final Map<Engine, Map<LegacySession, String>> sent = new EnumMap<>(Engine.class);

	private final Api api;

	private final Map<LegacySession, String> ids;

	LegacyDataIT(Engine engine) throws IOException, SQLException {
		this.api = Api.on(engine);
		if (!sent.containsKey(engine)) {
			sent.put(engine, send(LegacyDatabase.sessions()));
		}
		this.ids = Objects.requireNonNull(sent.get(engine));
	}

	private Map<LegacySession, String> send(List<LegacySession> sessions) {
		Map<LegacySession, String> ids = new LinkedHashMap<>();
		for (int i = 0; i < sessions.size(); i++) {
			LegacySession session = sessions.get(i);
			String id = Api.newId() + "-" + session.id();
			ids.put(session, id);
			switch (i % 4) {
				case 0 -> appendArrays(id, session);
				case 1 -> appendLines(id, session);
				case 2 -> saveHistory(id, session);
				default -> saveHistoryAgainAndAgain(id, session);
			}
			session.contexts().forEach((context) -> saveContext(id, context));
		}
		return ids;
	}

	@Test
	void nothingIsMissing() {
		assertThat(this.ids).hasSize(40);
		assertThat(this.ids.values().stream().mapToLong(this::messageCount).sum()).isEqualTo(3632);
		assertThat(this.ids.keySet().stream().mapToInt((session) -> session.contexts().size()).sum()).isEqualTo(35);
	}

	@Test
	void pagesHoldWhatWasSent() {
		this.ids.forEach((session, id) -> {
			List<JsonNode> messages = this.api.walk(Api.MESSAGES + "?page=1&page_size=97", id)
				.stream()
				.flatMap((page) -> page.data().stream())
				.toList();
			assertMessages(messages, session);
			assertNumbered(messages);
		});
	}

	@Test
	void keysetPagesHoldWhatWasSentInBothDirections() {
		this.ids.forEach((session, id) -> {
			List<JsonNode> forwards = this.api.walk(Api.MESSAGES + "?after=0&limit=250", id)
				.stream()
				.flatMap((page) -> page.data().stream())
				.toList();
			assertMessages(forwards, session);
			List<JsonNode> backwards = new ArrayList<>();
			this.api.walk(Api.MESSAGES + "?before=&limit=250", id).forEach((page) -> backwards.addAll(0, page.data()));
			assertThat(backwards).isEqualTo(forwards);
		});
	}

	@Test
	void linesHoldWhatWasSent() {
		this.ids.forEach((session, id) -> {
			List<JsonNode> messages = this.api.log(id);
			assertMessages(messages, session);
			assertNumbered(messages);
		});
	}

	@Test
	void historiesHoldWhatWasSent() {
		this.ids.forEach((session, id) -> {
			JsonNode history = this.api.get(Api.HISTORY, id).expect(200).json();
			assertThat(history.path("session_id").stringValue()).isEqualTo(id);
			assertMessages(history.path("messages").valueStream().toList(), session);
		});
	}

	@Test
	void filtersFindWhatTheSourceHas() {
		this.ids.forEach((session, id) -> {
			List<JsonNode> found = this.api.walk(Api.MESSAGES + "?role=tool&limit=100", id)
				.stream()
				.flatMap((page) -> page.data().stream())
				.toList();
			assertThat(values(found)).isEqualTo(session.messages()
				.stream()
				.filter((message) -> message.role().equals("tool"))
				.map(LegacyDataIT::value)
				.toList());
		});
	}

	@Test
	void statsAgreeWithTheSource() {
		this.ids.forEach((session, id) -> {
			JsonNode stats = this.api.stats(id);
			List<JsonNode> log = this.api.log(id);
			assertThat(stats.path("message_count").longValue()).isEqualTo(session.messages().size());
			assertThat(stats.path("total_tokens").longValue()).isZero();
			assertThat(stats.path("last_message_at")).isEqualTo(log.get(log.size() - 1).path("timestamp"));
			assertThat(this.api.session(id).path("last_seq").longValue()).isEqualTo(session.messages().size());
		});
	}

	@Test
	void agentsAreThoseOfTheSource() {
		this.ids.forEach((session, id) -> {
			if (session.contexts().isEmpty()) {
				this.api.get(CONTEXT, id).problem(404, "agent-context-not-found");
				return;
			}
			LegacyContext context = session.contexts().get(0);
			JsonNode found = this.api.get(CONTEXT, id).expect(200).json();
			assertThat(found.path("current_agent").stringValue()).isEqualTo(context.currentAgent());
			assertThat(found.path("switch_count").longValue()).isEqualTo(context.switchCount());
			assertThat(found.path("created_at").stringValue()).isEqualTo(context.createdAt() + "Z");
			assertThat(Json.value(found.path("metadata")))
				.isEqualTo(Json.value((context.metadata() != null) ? context.metadata() : "{}"));
			List<JsonNode> switches = this.api.walk("/v1/sessions/{id}/agent-switches?order=asc&limit=2", id)
				.stream()
				.flatMap((page) -> page.data().stream())
				.toList();
			assertThat(switches.stream().map(LegacyDataIT::change)).isEqualTo(context.history());
		});
	}

	@Test
	void savingTheSameAgainChangesNothing() {
		this.ids.forEach((session, id) -> {
			String before = this.api.log(id).toString();
			JsonNode saved = this.api.put(history(session.messages()), id).expect(200).json();
			assertThat(saved.path("appended").longValue()).isZero();
			assertThat(saved.path("replaced").booleanValue()).isFalse();
			session.contexts().forEach((context) -> {
				List<JsonNode> switches = this.api.get("/v1/sessions/{id}/agent-switches?limit=1000", id).data();
				saveContext(id, context);
				assertThat(this.api.get("/v1/sessions/{id}/agent-switches?limit=1000", id).data()).isEqualTo(switches);
			});
			assertThat(this.api.log(id)).hasToString(before);
		});
	}

	private void appendArrays(String id, LegacySession session) {
		for (int from = 0; from < session.messages().size(); from += 300) {
			int to = Math.min(from + 300, session.messages().size());
			this.api
				.append(id, Json.array(session.messages().subList(from, to).stream().map(LegacyDataIT::json).toList()))
				.expect(201);
		}
	}

	private void appendLines(String id, LegacySession session) {
		String lines = session.messages().stream().map(LegacyDataIT::json).collect(Collectors.joining("\n"));
		JsonNode appended = this.api.post(Api.MESSAGES, id).ndjson(lines).send().expect(201).json();
		assertThat(appended.path("appended").longValue()).isEqualTo(session.messages().size());
	}

	private void saveHistory(String id, LegacySession session) {
		JsonNode saved = this.api.put(history(session.messages()), id).expect(200).json();
		assertThat(saved.path("appended").longValue()).isEqualTo(session.messages().size());
	}

	/** As the older clients do it: the whole history after every turn. */
	private void saveHistoryAgainAndAgain(String id, LegacySession session) {
		int turn = Math.max(7, session.messages().size() / 8);
		for (int size = 1; size < session.messages().size(); size += turn) {
			this.api.put(history(session.messages().subList(0, size)), id).expect(200);
		}
		saveRest(id, session);
	}

	private void saveRest(String id, LegacySession session) {
		JsonNode saved = this.api.put(history(session.messages()), id).expect(200).json();
		assertThat(saved.path("replaced").booleanValue()).isFalse();
		assertThat(saved.path("last_seq").longValue()).isEqualTo(session.messages().size());
	}

	private void saveContext(String id, LegacyContext context) {
		List<String> history = context.history()
			.stream()
			.map((each) -> object("from", text(each.from()), "to", text(each.to()), "reason", text(each.reason()),
					"timestamp", text(each.at()), "metadata", each.metadata()))
			.toList();
		String body = object("current_agent", text(context.currentAgent()), "agent_history", Json.array(history),
				"metadata", context.metadata(), "created_at", text(context.createdAt()), "switch_count",
				Long.toString(context.switchCount()));
		this.api.request(HttpMethod.PUT, CONTEXT, id).json(body).send().expect(200);
	}

	private long messageCount(String id) {
		return this.api.stats(id).path("message_count").longValue();
	}

	private static void assertMessages(List<JsonNode> found, LegacySession session) {
		assertThat(values(found)).isEqualTo(session.messages().stream().map(LegacyDataIT::value).toList());
	}

	private static void assertNumbered(List<JsonNode> messages) {
		for (int i = 0; i < messages.size(); i++) {
			assertThat(messages.get(i).path("seq").longValue()).isEqualTo(i + 1);
		}
	}

	/** What a message says, without its number and time. */
	private static List<Map<String, @Nullable Object>> values(List<JsonNode> messages) {
		return messages.stream().map((message) -> {
			Map<String, @Nullable Object> value = new LinkedHashMap<>();
			for (String name : List.of("role", "content", "name", "tool_call_id", "tool_calls")) {
				value.put(name, message.has(name) ? Json.value(message.get(name)) : null);
			}
			return value;
		}).toList();
	}

	private static Map<String, @Nullable Object> value(LegacyMessage message) {
		Map<String, @Nullable Object> value = new LinkedHashMap<>();
		value.put("role", message.role());
		value.put("content", message.content());
		value.put("name", message.name());
		value.put("tool_call_id", message.toolCallId());
		value.put("tool_calls", (message.toolCalls() != null) ? Json.value(message.toolCalls()) : null);
		return value;
	}

	private static LegacySwitch change(JsonNode found) {
		assertThat(found.path("metadata").isEmpty()).isTrue();
		return new LegacySwitch(found.path("from_agent").stringValue(null), found.path("to_agent").stringValue(),
				found.path("switched_at").stringValue().replace("Z", ""), found.path("reason").stringValue(null), null);
	}

	private static String history(List<LegacyMessage> messages) {
		return object("messages", Json.array(messages.stream().map(LegacyDataIT::json).toList()));
	}

	private static String json(LegacyMessage message) {
		return object("role", text(message.role()), "content", text(message.content()), "name", text(message.name()),
				"tool_call_id", text(message.toolCallId()), "tool_calls", message.toolCalls());
	}

	/** An object of names and JSON values; null is left out. */
	private static String object(@Nullable String... namesAndValues) {
		List<String> fields = new ArrayList<>();
		for (int i = 0; i < namesAndValues.length; i += 2) {
			if (namesAndValues[i + 1] != null) {
				fields.add("\"" + namesAndValues[i] + "\":" + namesAndValues[i + 1]);
			}
		}
		return "{" + String.join(",", fields) + "}";
	}

	private static @Nullable String text(@Nullable String text) {
		return (text != null) ? Json.text(text) : null;
	}

}
