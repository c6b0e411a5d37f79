package dev.agentsessions.session;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.database.Engine;
import dev.agentsessions.paging.RowIds;
import dev.agentsessions.retention.Tables;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

import org.springframework.http.HttpMethod;

import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Fields.time;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The list of sessions, page by page.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class SessionListContractTest extends SessionFixture {

	SessionListContractTest(Engine engine) {
		super(engine);
	}

	/** Other programs know is_active as well; what is deleted is said by deleted_at. */
	@Test
	void listsWhatIsNotDeletedWhateverElseIsSaidOfIt() {
		String session = Api.newId();
		Tables.of(this.store)
			.insert(session, "insert into sessions (session_id, is_active) values ('" + session + "', false)");
		for (String query : List.of("", "?order=created", "?include_deleted=true", "?limit=1")) {
			assertThat(this.api.walk("/v1/sessions" + query).stream().flatMap((page) -> page.data().stream()))
				.extracting((each) -> each.path("session_id").stringValue())
				.containsOnlyOnce(session);
		}
		assertThat(this.api.session(session).path("is_active").booleanValue()).isTrue();
	}

	@Test
	void listsTheMostRecentlyActiveFirst() {
		String prefix = Api.newId();
		List<String> sessions = create(prefix, 12);
		this.api.append(sessions.get(3), message("hello")).expect(201);
		this.api.request(HttpMethod.PATCH, SESSION, sessions.get(7)).json(json("{'metadata':{}}")).send().expect(200);
		List<String> expected = new ArrayList<>(sessions);
		expected.removeAll(List.of(sessions.get(3), sessions.get(7)));
		expected.addAll(List.of(sessions.get(3), sessions.get(7)));
		Collections.reverse(expected);
		assertThat(walk("/v1/sessions?limit=9", prefix)).isEqualTo(expected);
		assertThat(walk("/v1/sessions?order=activity&limit=1000", prefix)).isEqualTo(expected);
		List<Instant> activity = this.api.walk("/v1/sessions?limit=1000")
			.stream()
			.flatMap((page) -> page.data().stream())
			.map((session) -> time(session, "last_activity"))
			.toList();
		assertThat(activity).isSortedAccordingTo(Collections.reverseOrder());
	}

	/** Metadata has up to a mebibyte: nobody may ask for a thousand of them at once. */
	@Test
	void aPageOfLargeSessionsIsShorterThanAskedFor() {
		String owner = Api.newId();
		String large = "{\"owner\":\"" + owner + "\",\"labels\":{\"size\":\"large\"},\"metadata\":{\"k\":\""
				+ "x".repeat(900_000) + "\"}}";
		List<String> sessions = Stream.generate(() -> this.api.create(large).expect(201).json())
			.map((session) -> session.path("session_id").stringValue())
			.limit(4)
			.toList();
		for (String query : List.of("", "&order=created", "&label=size:large", "&label=size:large&order=created")) {
			List<Answer> pages = this.api.walk("/v1/sessions?limit=1000&owner=" + owner + query);
			assertThat(pages).as(query).extracting((page) -> page.data().size()).startsWith(2, 2);
			assertThat(pages.stream().flatMap((page) -> page.data().stream())).as(query)
				.extracting((session) -> session.path("session_id").stringValue())
				.containsExactlyInAnyOrderElementsOf(sessions);
		}
		// other tests read all there are
		sessions.forEach((session) -> this.api.delete(SESSION + "?soft=false", session).expect(204));
	}

	@Test
	void listsTheOldestFirstInOrderOfCreation() {
		String prefix = Api.newId();
		List<String> sessions = create(prefix, 12);
		this.api.append(sessions.get(3), message("hello")).expect(201);
		assertThat(walk("/v1/sessions?order=created&limit=9", prefix)).isEqualTo(sessions);
		assertThat(walk("/v1/sessions?order=created&limit=1000", prefix)).isEqualTo(sessions);
	}

	@Test
	void listsDeletedSessionsOnlyWhenAsked() {
		String prefix = Api.newId();
		List<String> sessions = create(prefix, 6);
		this.api.softDelete(sessions.get(1));
		this.api.softDelete(sessions.get(4));
		this.api.delete(SESSION + "?soft=false", sessions.get(2)).expect(204);
		List<String> left = List.of(sessions.get(0), sessions.get(1), sessions.get(3), sessions.get(4),
				sessions.get(5));
		List<String> active = List.of(sessions.get(0), sessions.get(3), sessions.get(5));
		for (int limit : List.of(9, 1000)) {
			assertThat(walk("/v1/sessions?order=created&limit=" + limit, prefix)).isEqualTo(active);
			assertThat(walk("/v1/sessions?order=created&include_deleted=true&limit=" + limit, prefix)).isEqualTo(left);
			assertThat(walk("/v1/sessions?limit=" + limit, prefix)).isEqualTo(reversed(active));
			assertThat(walk("/v1/sessions?include_deleted=true&limit=" + limit, prefix))
				.containsExactlyInAnyOrderElementsOf(left)
				.containsSubsequence(reversed(active));
		}
	}

	@Test
	void theListByCreationIsCompleteWhileSessionsAreWrittenTo() {
		String prefix = Api.newId();
		List<String> sessions = create(prefix, 20);
		List<String> seen = new ArrayList<>();
		Answer page = this.api.get("/v1/sessions?order=created&limit=7").expect(200);
		for (int n = 0; page.json().path("has_more").booleanValue(); n++) {
			seen.addAll(ids(page, prefix));
			this.api.append(sessions.get(n % 20), message("meanwhile")).expect(201);
			this.api.append(sessions.get((n * 7) % 20), message("meanwhile")).expect(201);
			page = this.api.get(page.json().path("next").stringValue()).expect(200);
		}
		seen.addAll(ids(page, prefix));
		assertThat(seen).isEqualTo(sessions);
	}

	@Test
	void theListByActivityShowsEverySessionOnceThatIsNotWrittenTo() {
		String prefix = Api.newId();
		List<String> sessions = create(prefix, 20);
		List<String> seen = new ArrayList<>();
		Answer page = this.api.get("/v1/sessions?limit=3").expect(200);
		while (seen.size() < 10) {
			seen.addAll(ids(page, prefix));
			this.api.append(sessions.get(0), message("meanwhile")).expect(201);
			this.api.create("{}").expect(201);
			page = this.api.get(page.json().path("next").stringValue()).expect(200);
		}
		seen.addAll(walk(page.json().path("next").stringValue(), prefix));
		seen.addAll(ids(page, prefix));
		List<String> untouched = sessions.subList(1, 20);
		assertThat(seen).containsAll(untouched).doesNotHaveDuplicates();
	}

	@Test
	void aSessionLastActiveAtTheEndOfTimeIsListed() {
		String session = Api.newId();
		this.api.put(json("{'messages':[],'last_activity':'9999-12-31T23:59:59.999999Z'}"), session).expect(200);
		Answer list = this.api.get("/v1/sessions?limit=1").expect(200);
		this.api.delete(SESSION + "?soft=false", session).expect(204);
		assertThat(ids(list, session)).containsExactly(session);
	}

	@Test
	void aSessionLastActiveLongAgoIsListedLast() {
		String session = Api.newId();
		this.api.put(json("{'messages':[],'last_activity':'0001-01-01T00:00:00'}"), session).expect(200);
		List<Answer> pages = this.api.walk("/v1/sessions?limit=500");
		this.api.delete(SESSION + "?soft=false", session).expect(204);
		JsonNode last = pages.get(pages.size() - 1).data().stream().reduce((a, b) -> b).orElseThrow();
		assertThat(last.path("session_id").stringValue()).isEqualTo(session);
		assertThat(last.path("last_activity").stringValue()).isEqualTo("0001-01-01T00:00:00.000000Z");
	}

	@Test
	void aCursorOfAnotherListIsRefused() {
		create(Api.newId(), 2);
		String byActivity = cursor(this.api.get("/v1/sessions?limit=1").expect(200));
		String byCreation = cursor(this.api.get("/v1/sessions?order=created&limit=1").expect(200));
		this.api.get("/v1/sessions?order=created&cursor={cursor}", byActivity).wrongParameter("cursor");
		this.api.get("/v1/sessions?cursor={cursor}", byCreation).wrongParameter("cursor");
		this.api.get("/v1/sessions?cursor={cursor}", "no cursor").wrongParameter("cursor");
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "sessions-by-activity|-9223372036854775808|%d", "sessions-by-activity|9223372036854775807|%d",
					"sessions-by-activity|0|-9223372036854775808", "sessions-by-activity|0|9223372036854775807",
					"sessions-by-creation|-9223372036854775808", "sessions-by-creation|9223372036854775807" })
	void aForgedCursorDoesNoHarm(String cursor) {
		String order = cursor.startsWith("sessions-by-activity") ? "activity" : "created";
		RowIds rows = this.store.bean(RowIds.class);
		long sealed = rows.whenReady(Mono.fromSupplier(() -> rows.seal(1))).block();
		String forged = Base64.getUrlEncoder()
			.withoutPadding()
			.encodeToString(cursor.formatted(sealed).getBytes(UTF_8));
		assertThat(this.api.get("/v1/sessions?order=" + order + "&cursor={cursor}", forged).status()).isIn(200, 400);
	}

	private static List<String> reversed(List<String> list) {
		List<String> reversed = new ArrayList<>(list);
		Collections.reverse(reversed);
		return reversed;
	}

	private static String cursor(Answer page) {
		return page.json().path("next").stringValue().replaceFirst(".*[?&]cursor=", "");
	}

}
