package dev.agentsessions.message.page;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.log.MessageFilter;
import dev.agentsessions.message.log.MessageLog;
import dev.agentsessions.message.log.TestLog;
import dev.agentsessions.session.LogHead;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionReads;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import org.springframework.http.HttpMethod;

import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Messages that are too large to be held all at once are read, and sent, a few at a time;
 * the answers are those of small ones. Half of the runs read from the database, half from
 * the cache.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class LargePageIT {

	private static final int MESSAGES_EACH = 30;

	/** About four to the most that is read at once. */
	private static final int LENGTH = 60_000;

	private static TestStore uncached;

	private final Api cached;

	private Api api;

	LargePageIT(Engine engine) {
		this.cached = Api.on(engine);
		this.api = Api.on(uncached);
	}

	@BeforeParameterizedClassInvocation
	static void start(Engine engine) {
		uncached = TestStore.start(TestStore.newDatabase(engine), "store.cache.size=0B");
	}

	@AfterParameterizedClassInvocation
	static void stop() {
		uncached.close();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void everyFormOfAPageIsWhole(boolean fromCache) {
		this.api = fromCache ? this.cached : this.api;
		String session = session();
		assertPage(session, "limit=30", 1, 30, false);
		assertPage(session, "limit=25", 1, 25, true);
		assertPage(session, "after=3&limit=11", 4, 14, true);
		assertPage(session, "before=&limit=9", 22, 30, true);
		assertPage(session, "before=12&limit=30", 1, 11, false);
		assertPage(session, "page=2&page_size=12", 13, 24, true);
		assertPage(session, "limit=30&role=user", 1, 30, false);
		assertPage(session, "limit=29&role=user", 1, 29, true);
		assertPage(session, "before=&limit=12&role=user", 19, 30, true);
		assertPage(session, "before=29&limit=28&role=user", 1, 28, false);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void linesAndHistoriesAreWhole(boolean fromCache) {
		this.api = fromCache ? this.cached : this.api;
		String session = session();
		for (String query : List.of("", "?role=user", "?limit=30", "?page=1&page_size=30")) {
			List<JsonNode> lines = this.api.request(HttpMethod.GET, MESSAGES + query, session)
				.header("Accept", "application/x-ndjson")
				.send()
				.expect(200)
				.lines();
			assertThat(contents(lines.stream())).as(query).isEqualTo(texts(1, MESSAGES_EACH));
		}
		JsonNode history = this.api.get(Api.HISTORY, session).expect(200).json();
		assertThat(contents(history.path("messages").valueStream())).isEqualTo(texts(1, MESSAGES_EACH));
	}

	@Test
	void pagesLeadThroughTheWholeLog() {
		String session = session();
		List<String> all = new ArrayList<>();
		for (Answer page : this.api.walk(MESSAGES + "?limit=7&role=user", session)) {
			all.addAll(contents(page.json().path("data").valueStream()));
		}
		assertThat(all).isEqualTo(texts(1, MESSAGES_EACH));
	}

	@Test
	void aLogThatIsReplacedBetweenTwoLooksIsReadAnew() {
		String session = session();
		MessageLog log = TestLog.changedWhileSearched(uncached,
				() -> this.api.save(session, Json.message("new")).expect(200));
		MessagePages pages = new MessagePages(uncached.bean(SessionReads.class), log);
		LogHead head = pages.session(SessionKey.of("default", session), false).block();
		LogPage page = pages.after(head, 0, 100, new MessageFilter("user", null, null)).block();
		assertThat(page.messages()).extracting(EncodedMessage::seq).containsExactly(MESSAGES_EACH + 2L);
	}

	@Test
	void idsAreLookedForInTheLogAsItIsNow() {
		String session = Api.newId();
		this.api.append(session, json("{'role':'user','content':'old','id':'a'}")).expect(201);
		MessageLog log = TestLog.changedWhileSearched(uncached, () -> this.api.save(session,
				json("{'role':'user','content':'new','id':'a'}"), Json.message("another")));
		MessagePages pages = new MessagePages(uncached.bean(SessionReads.class), log);
		LogHead head = pages.session(SessionKey.of("default", session), false).block();
		this.api.save(session).expect(200);
		LogPage page = pages.withIds(head, List.of("a")).block();
		assertThat(page.chunks().concatMapIterable((chunk) -> chunk).map(EncodedMessage::seq).collectList().block())
			.containsExactly(3L);
	}

	private void assertPage(String session, String query, int from, int to, boolean hasMore) {
		JsonNode page = this.api.page(session, query).expect(200).json();
		assertThat(contents(page.path("data").valueStream())).as(query).isEqualTo(texts(from, to));
		assertThat(page.path("has_more").booleanValue()).as(query).isEqualTo(hasMore);
	}

	private String session() {
		String session = Api.newId();
		this.api.append(session, Json.array(texts(1, MESSAGES_EACH).stream().map(Json::message).toList())).expect(201);
		return session;
	}

	private static List<String> texts(int from, int to) {
		return IntStream.rangeClosed(from, to).mapToObj((n) -> n + " " + "x".repeat(LENGTH)).toList();
	}

	private static List<String> contents(Stream<JsonNode> messages) {
		return messages.map((message) -> message.path("content").stringValue("")).toList();
	}

}
