package dev.agentsessions.session;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import org.springframework.http.HttpMethod;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.web.util.UriUtils;

import static dev.agentsessions.Api.HISTORY;
import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Sessions: create, load, list, change, delete, restore, count; and the ids they may
 * have.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class SessionContractTest {

	private static final String RESTORE = SESSION + "/restore";

	private static final String STATS = SESSION + "/stats";

	private final TestStore store;

	private final Api api;

	SessionContractTest(Engine engine) {
		this.store = TestStore.on(engine);
		this.api = Api.on(this.store);
	}

	@Test
	void createsASessionWithAnId() {
		String session = Api.newId();
		Instant before = Instant.now().minusSeconds(60);
		Answer answer = this.api.create(json("{'session_id':'" + session + "'}")).expect(201);
		assertThat(answer.header("Location")).isEqualTo("/v1/sessions/" + session);
		JsonNode created = answer.json();
		assertThat(created.path("session_id").stringValue()).isEqualTo(session);
		assertThat(created.path("is_active").booleanValue()).isTrue();
		assertThat(created.path("last_seq").longValue()).isZero();
		assertThat(created.path("last_activity")).isEqualTo(created.path("created_at"));
		assertThat(time(created, "created_at")).isBetween(before, Instant.now().plusSeconds(60));
		assertThat(created.propertyNames()).doesNotContain("metadata", "deleted_at");
		assertThat(this.api.session(session)).isEqualTo(created);
	}

	@Test
	void makesAUuidOfVersion7WhenThereIsNoId() {
		Answer first = this.api.create("{}").expect(201);
		Answer second = this.api.post("/v1/sessions").send().expect(201);
		UUID one = UUID.fromString(first.json().path("session_id").stringValue());
		UUID two = UUID.fromString(second.json().path("session_id").stringValue());
		assertThat(List.of(one, two)).allSatisfy((id) -> {
			assertThat(id.version()).isEqualTo(7);
			assertThat(id.variant()).isEqualTo(2);
			assertThat(Instant.ofEpochMilli(id.getMostSignificantBits() >>> 16))
				.isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(60));
		});
		assertThat(two.getMostSignificantBits() >>> 16).isGreaterThanOrEqualTo(one.getMostSignificantBits() >>> 16);
		assertThat(second.header("Location")).isEqualTo("/v1/sessions/" + two);
		assertThat(this.api.session(two.toString()).path("session_id").stringValue()).isEqualTo(two.toString());
	}

	@Test
	void takesNullForAbsent() {
		JsonNode created = this.api.create(json("{'session_id':null,'metadata':null}")).expect(201).json();
		assertThat(UUID.fromString(created.path("session_id").stringValue()).version()).isEqualTo(7);
		assertThat(created.has("metadata")).isFalse();
	}

	@Test
	void keepsMetadataAsItIs() {
		String session = Api.newId();
		String metadata = json("{'a':{'b':[1,2.50,null,true,'ü😀']},'':0,'é/~':{}}");
		JsonNode created = this.api.create(json("{'session_id':'" + session + "','metadata':") + metadata + "}")
			.expect(201)
			.json();
		assertThat(Json.value(created.path("metadata"))).isEqualTo(Json.value(metadata));
		assertThat(Json.value(this.api.session(session).path("metadata"))).isEqualTo(Json.value(metadata));
	}

	@Test
	void refusesToCreateASessionTwice() {
		String session = this.api.newSession();
		this.api.create(json("{'session_id':'" + session + "','metadata':{'second':true}}"))
			.problem(409, "session-exists");
		assertThat(this.api.session(session).has("metadata")).isFalse();
	}

	@Test
	void oneOfManyThatCreateTheSameSessionWins() {
		String session = Api.newId();
		List<Integer> statuses = Api.together(12,
				(i) -> this.api.create(json("{'session_id':'" + session + "','metadata':{'by':" + i + "}}")).status());
		assertThat(statuses).containsOnly(201, 409).containsOnlyOnce(201);
		assertThat(this.api.session(session).path("metadata").path("by").intValue()).isEqualTo(statuses.indexOf(201));
	}

	@Test
	void refusesToCreateASessionThatIsSoftDeleted() {
		String session = this.api.newSession();
		this.api.softDelete(session);
		this.api.create(json("{'session_id':'" + session + "'}")).problem(410, "session-deleted");
	}

	@Test
	void aSessionThatWasRemovedForGoodCanBeCreatedAnew() {
		String session = this.api.sessionOf(3);
		this.api.delete(SESSION + "?soft=false", session).expect(204);
		JsonNode created = this.api.create(json("{'session_id':'" + session + "'}")).expect(201).json();
		assertThat(created.path("last_seq").longValue()).isZero();
		assertThat(this.api.log(session)).isEmpty();
	}

	@Test
	void theETagOfASessionIsItsLastSeq() {
		String session = this.api.newSession();
		assertThat(this.api.get(SESSION, session).expect(200).etag()).isEqualTo("\"0\"");
		this.api.append(session, message("one")).expect(201);
		this.api.append(session, "[" + message("two") + "," + message("three") + "]").expect(201);
		Answer loaded = this.api.get(SESSION, session).expect(200);
		assertThat(loaded.etag()).isEqualTo("\"3\"");
		assertThat(loaded.json().path("last_seq").longValue()).isEqualTo(3);
		assertThat(this.api.head(SESSION, session).expect(200).etag()).isEqualTo("\"3\"");
	}

	@Test
	void replacesTheMetadataAsAWhole() {
		String session = this.api.newSession();
		Instant before = time(this.api.session(session), "last_activity");
		this.api.request(HttpMethod.PATCH, SESSION, session)
			.json(json("{'metadata':{'a':1,'b':2}}"))
			.send()
			.expect(200);
		JsonNode patched = this.api.request(HttpMethod.PATCH, SESSION, session)
			.json(json("{'metadata':{'b':3}}"))
			.send()
			.expect(200)
			.json();
		assertThat(Json.value(patched.path("metadata"))).isEqualTo(Json.value(json("{'b':3}")));
		assertThat(time(patched, "last_activity")).isAfter(before);
		assertThat(patched.path("last_seq").longValue()).isZero();
		assertThat(this.api.session(session)).isEqualTo(patched);
	}

	/** Its ETag is for If-Match: much of a session changes while its log does not. */
	@Test
	void isLoadedWhateverTheCallerHas() {
		String session = this.api.sessionOf(2);
		this.api.request(HttpMethod.PATCH, SESSION, session).json(json("{'metadata':{'a':1}}")).send().expect(200);
		assertThat(loadIfNot("\"2\"", session).json().path("metadata")).isEqualTo(Json.parse(json("{'a':1}")));
		this.api.softDelete(session);
		assertThat(loadIfNot("\"2\"", session).json().has("deleted_at")).isTrue();
		this.api.delete(SESSION + "?soft=false", session).expect(204);
		this.api.append(session, "[" + message("x") + "," + message("y") + "]").expect(201);
		assertThat(loadIfNot("\"2\"", session).json().has("metadata")).isFalse();
		assertThat(loadIfNot("*", session).json().path("last_seq").longValue()).isEqualTo(2);
	}

	private Answer loadIfNot(String etag, String session) {
		Answer answer = this.api.request(HttpMethod.GET, SESSION + "?include_deleted=true", session)
			.header("If-None-Match", etag)
			.send()
			.expect(200);
		assertThat(answer.etag()).isEqualTo("\"2\"");
		return answer;
	}

	@Test
	void refusesAPatchWithoutMetadata() {
		String session = this.api.newSession();
		for (String body : List.of("{}", json("{'metadata':null}"))) {
			this.api.request(HttpMethod.PATCH, SESSION, session).json(body).send().wrongAt("/metadata");
		}
	}

	@Test
	void everyWriteIsActivity() {
		String session = this.api.newSession();
		List<Instant> activity = new ArrayList<>(List.of(time(this.api.session(session), "last_activity")));
		this.api.append(session, message("hello")).expect(201);
		activity.add(time(this.api.session(session), "last_activity"));
		this.api.request(HttpMethod.PATCH, SESSION, session).json(json("{'metadata':{}}")).send().expect(200);
		activity.add(time(this.api.session(session), "last_activity"));
		this.api.save(session, message("hello")).expect(200);
		activity.add(time(this.api.session(session), "last_activity"));
		this.api.softDelete(session);
		this.api.post(RESTORE, session).send().expect(200);
		activity.add(time(this.api.session(session), "last_activity"));
		assertThat(activity).isSorted().doesNotHaveDuplicates();
	}

	@Test
	void aSoftDeletedSessionIsHiddenAndRestoreBringsItBack() {
		String session = this.api.sessionOf(2);
		this.api.softDelete(session);
		this.api.get(SESSION, session).problem(410, "session-deleted");
		JsonNode deleted = this.api.get(SESSION + "?include_deleted=true", session).expect(200).json();
		assertThat(deleted.path("is_active").booleanValue()).isFalse();
		assertThat(time(deleted, "deleted_at")).isAfterOrEqualTo(time(deleted, "created_at"));
		JsonNode restored = this.api.post(RESTORE, session).send().expect(200).json();
		assertThat(restored.path("is_active").booleanValue()).isTrue();
		assertThat(restored.has("deleted_at")).isFalse();
		assertThat(time(restored, "last_activity")).isAfter(time(deleted, "last_activity"));
		assertThat(this.api.session(session)).isEqualTo(restored);
		assertThat(this.api.contents(session)).containsExactly("1", "2");
	}

	@Test
	void aSecondSoftDeleteIsGone() {
		String session = this.api.newSession();
		this.api.delete(SESSION + "?soft=true", session).expect(204);
		this.api.delete(SESSION, session).problem(410, "session-deleted");
	}

	@Test
	void aHardDeleteRemovesWhatIsSoftDeletedToo() {
		String session = this.api.sessionOf(2);
		this.api.softDelete(session);
		this.api.delete(SESSION + "?soft=false", session).expect(204);
		this.api.get(SESSION + "?include_deleted=true", session).problem(404, "session-not-found");
		this.api.post(RESTORE, session).send().problem(404, "session-not-found");
		this.api.delete(SESSION + "?soft=false", session).problem(404, "session-not-found");
	}

	@Test
	void restoresOnlyWhatIsDeleted() {
		this.api.post(RESTORE, this.api.newSession()).send().problem(409, "session-not-deleted");
		this.api.post(RESTORE, Api.newId()).send().problem(404, "session-not-found");
	}

	@Test
	void aSessionThatNeverExistedIsNotFound() {
		String session = Api.newId();
		for (String uri : List.of(SESSION, STATS, MESSAGES, HISTORY, MESSAGES + "/1")) {
			this.api.get(uri, session).problem(404, "session-not-found");
			this.api.get(uri + "?include_deleted=true", session).problem(404, "session-not-found");
			this.api.head(uri, session).expect(404);
		}
		this.api.get(MESSAGES + "?page=1", session).problem(404, "session-not-found");
		this.api.request(HttpMethod.PATCH, SESSION, session)
			.json(json("{'metadata':{}}"))
			.send()
			.problem(404, "session-not-found");
		this.api.delete(SESSION, session).problem(404, "session-not-found");
		this.api.delete(SESSION + "?soft=false", session).problem(404, "session-not-found");
		this.api.post(MESSAGES + "?create=false", session)
			.json(message("hello"))
			.send()
			.problem(404, "session-not-found");
		this.api.get(SESSION + "?include_deleted=true", session).problem(404, "session-not-found");
	}

	@Test
	void aSoftDeletedSessionIsGoneForEverythingElse() {
		String session = this.api.sessionOf(2);
		this.api.softDelete(session);
		for (String uri : List.of(SESSION, STATS, MESSAGES, HISTORY, MESSAGES + "/1")) {
			this.api.get(uri, session).problem(410, "session-deleted");
			this.api.get(uri + "?include_deleted=false", session).problem(410, "session-deleted");
			this.api.head(uri, session).expect(410);
			this.api.get(uri + "?include_deleted=true", session).expect(200);
			this.api.head(uri + "?include_deleted=true", session).expect(200);
		}
		this.api.get(MESSAGES + "?page=1", session).problem(410, "session-deleted");
		this.api.request(HttpMethod.PATCH, SESSION, session)
			.json(json("{'metadata':{}}"))
			.send()
			.problem(410, "session-deleted");
		this.api.append(session, message("hello")).problem(410, "session-deleted");
		this.api.post(MESSAGES + "?create=false", session).json(message("a")).send().problem(410, "session-deleted");
		this.api.post(MESSAGES, session).ndjson(message("hello")).send().problem(410, "session-deleted");
		this.api.save(session, message("hello")).problem(410, "session-deleted");
		this.api.post(RESTORE, session).send().expect(200);
		assertThat(this.api.contents(session)).containsExactly("1", "2");
		assertThat(this.api.session(session).has("metadata")).isFalse();
	}

	@Test
	void statsAreWhatCountingTheMessagesGives() {
		String session = this.api.newSession();
		assertStatsAreCounted(session);
		assertThat(this.api.stats(session).has("last_message_at")).isFalse();
		this.api.append(session, json("{'role':'user','content':'a','token_count':7}")).expect(201);
		this.api
			.append(session,
					json("[{'role':'user','content':'b'},{'role':'tool','content':'c','token_count':0},"
							+ "{'role':'assistant','content':'d','token_count':1000000000000}]"))
			.expect(201);
		assertStatsAreCounted(session);
		this.api.post(MESSAGES, session)
			.ndjson(json("{'role':'user','content':'e','token_count':5}\n{'role':'user','content':'f'}\n"))
			.send()
			.expect(201);
		assertStatsAreCounted(session);
		assertThat(this.api.stats(session).path("total_tokens").longValue()).isEqualTo(1_000_000_000_012L);
		this.api.save(session, json("{'role':'user','content':'another','token_count':7}"), message("other"))
			.expect(200);
		assertStatsAreCounted(session);
		assertThat(this.api.stats(session).path("total_tokens").longValue()).isEqualTo(7);
		this.api.save(session).expect(200);
		assertStatsAreCounted(session);
		assertThat(this.api.stats(session).has("last_message_at")).isFalse();
	}

	@Test
	void statsOfADeletedSessionCanBeAskedFor() {
		String session = this.api.sessionOf(3);
		JsonNode before = this.api.stats(session);
		this.api.softDelete(session);
		JsonNode after = this.api.get(STATS + "?include_deleted=true", session).expect(200).json();
		assertThat(after.path("message_count")).isEqualTo(before.path("message_count"));
		assertThat(after.path("last_message_at")).isEqualTo(before.path("last_message_at"));
	}

	/** Other programs know is_active as well; what is deleted is said by deleted_at. */
	@Test
	void listsWhatIsNotDeletedWhateverElseIsSaidOfIt() {
		String session = Api.newId();
		this.store.bean(DatabaseClient.class)
			.sql("insert into sessions (session_id, is_active) values ('" + session + "', false)")
			.then()
			.block();
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
		assertThat(walk("/v1/sessions?limit=5", prefix)).isEqualTo(expected);
		assertThat(walk("/v1/sessions?order=activity&limit=1000", prefix)).isEqualTo(expected);
		List<Instant> activity = this.api.walk("/v1/sessions?limit=1000")
			.stream()
			.flatMap((page) -> page.data().stream())
			.map((session) -> time(session, "last_activity"))
			.toList();
		assertThat(activity).isSortedAccordingTo(Collections.reverseOrder());
	}

	@Test
	void listsTheOldestFirstInOrderOfCreation() {
		String prefix = Api.newId();
		List<String> sessions = create(prefix, 12);
		this.api.append(sessions.get(3), message("hello")).expect(201);
		assertThat(walk("/v1/sessions?order=created&limit=5", prefix)).isEqualTo(sessions);
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
		for (int limit : List.of(2, 1000)) {
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
	@ValueSource(strings = { "sessions:activity|-9223372036854775808|1", "sessions:activity|9223372036854775807|1",
			"sessions:activity|0|-9223372036854775808", "sessions:activity|0|9223372036854775807",
			"sessions:created|-9223372036854775808", "sessions:created|9223372036854775807" })
	void aForgedCursorDoesNoHarm(String cursor) {
		String order = cursor.replaceAll(".*:|\\|.*", "");
		String forged = Base64.getUrlEncoder().withoutPadding().encodeToString(cursor.getBytes(UTF_8));
		assertThat(this.api.get("/v1/sessions?order=" + order + "&cursor={cursor}", forged).status()).isIn(200, 400);
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

	private void assertStatsAreCounted(String session) {
		JsonNode stats = this.api.stats(session);
		List<JsonNode> log = this.api.log(session);
		assertThat(stats.path("message_count").longValue()).isEqualTo(log.size());
		assertThat(stats.path("total_tokens").longValue())
			.isEqualTo(log.stream().mapToLong((message) -> message.path("token_count").longValue(0)).sum());
		if (!log.isEmpty()) {
			assertThat(stats.path("last_message_at")).isEqualTo(log.get(log.size() - 1).path("timestamp"));
		}
		JsonNode loaded = this.api.session(session);
		assertThat(stats.path("created_at")).isEqualTo(loaded.path("created_at"));
		assertThat(stats.path("last_activity")).isEqualTo(loaded.path("last_activity"));
	}

	private List<String> create(String prefix, int count) {
		List<String> sessions = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			sessions.add(prefix + "-" + i);
			this.api.create(json("{'session_id':'" + prefix + "-" + i + "'}")).expect(201);
		}
		return sessions;
	}

	/** The ids with this prefix in the order in which the whole list shows them. */
	private List<String> walk(String uri, String prefix) {
		List<Answer> pages = this.api.walk(uri);
		return pages.stream().flatMap((page) -> ids(page, prefix).stream()).toList();
	}

	private static List<String> ids(Answer page, String prefix) {
		return page.data()
			.stream()
			.map((session) -> session.path("session_id").stringValue())
			.filter((id) -> id.startsWith(prefix))
			.toList();
	}

	private static List<String> reversed(List<String> list) {
		List<String> reversed = new ArrayList<>(list);
		Collections.reverse(reversed);
		return reversed;
	}

	private static String cursor(Answer page) {
		return page.json().path("next").stringValue().replaceFirst(".*[?&]cursor=", "");
	}

	private static Instant time(JsonNode node, String field) {
		return Instant.parse(node.path(field).stringValue());
	}

}
