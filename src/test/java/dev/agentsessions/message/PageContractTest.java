package dev.agentsessions.message;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;

import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Reading a log: numbered pages, keyset pages in both directions, filters, lines, one
 * message.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class PageContractTest {

	private static final List<String> ROLES = List.of("user", "assistant", "system", "tool");

	private final Api api;

	PageContractTest(Engine engine) {
		this.api = Api.on(engine);
	}

	@Test
	void givesNumberedPagesOldestFirst() {
		String session = this.api.sessionOf(7);
		JsonNode first = this.api.page(session, "page=1&page_size=3").expect(200).json();
		assertThat(contents(first)).containsExactly("1", "2", "3");
		assertThat(first.path("has_more").booleanValue()).isTrue();
		assertThat(first.path("page").intValue()).isEqualTo(1);
		assertThat(first.path("page_size").intValue()).isEqualTo(3);
		assertThat(first.path("total").intValue()).isEqualTo(7);
		JsonNode last = this.api.page(session, "page=3&page_size=3").expect(200).json();
		assertThat(contents(last)).containsExactly("7");
		assertThat(last.path("has_more").booleanValue()).isFalse();
		assertThat(last.path("page").intValue()).isEqualTo(3);
		JsonNode beyond = this.api.page(session, "page=4&page_size=3").expect(200).json();
		assertThat(contents(beyond)).isEmpty();
		assertThat(beyond.path("has_more").booleanValue()).isFalse();
		assertThat(beyond.path("total").intValue()).isEqualTo(7);
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 2, 3, 6, 7, 8, 1000 })
	void numberedPagesLeadThroughTheWholeLog(int size) {
		String session = this.api.sessionOf(7);
		List<Answer> pages = this.api.walk(MESSAGES + "?page=1&page_size=" + size, session);
		assertThat(pages).hasSize((7 + size - 1) / size);
		assertThat(all(pages)).isEqualTo(numbers(1, 7));
		assertThat(pages).allMatch((page) -> page.json().path("total").intValue() == 7);
	}

	@Test
	void aPageHas50MessagesIfNothingIsSaid() {
		String session = this.api.sessionOf(120);
		JsonNode second = this.api.page(session, "page=2").expect(200).json();
		assertThat(second.path("page_size").intValue()).isEqualTo(50);
		assertThat(contents(second)).isEqualTo(numbers(51, 100));
	}

	@Test
	void aPageFarBeyondTheEndIsEmpty() {
		String session = this.api.sessionOf(3);
		for (String page : List.of("2", "1000000000", "9223372036854775807")) {
			for (int size : List.of(3, 1000)) {
				JsonNode beyond = this.api.page(session, "page=" + page + "&page_size=" + size).expect(200).json();
				assertThat(contents(beyond)).isEmpty();
				assertThat(beyond.path("page").asString()).isEqualTo(page);
				assertThat(beyond.path("has_more").booleanValue()).isFalse();
			}
		}
	}

	@Test
	void anEmptyLogHasEmptyPages() {
		String session = this.api.newSession();
		for (String query : List.of("page=1", "after=0", "before=", "role=user", "page=2&page_size=1", "after=5")) {
			JsonNode page = this.api.page(session, query).expect(200).json();
			assertThat(page.path("data")).isEmpty();
			assertThat(page.path("has_more").booleanValue()).isFalse();
			assertThat(page.path("total").intValue(0)).isZero();
		}
		assertThat(this.api.log(session)).isEmpty();
	}

	@Test
	void readsFromTheBeginningIfNothingIsSaid() {
		String session = this.api.sessionOf(120);
		JsonNode page = this.api.get(MESSAGES, session).expect(200).json();
		assertThat(contents(page)).isEqualTo(numbers(1, 100));
		assertThat(page.has("total")).isFalse();
		assertThat(this.api.get(MESSAGES + "?after=0", session).expect(200).json()).isEqualTo(page);
		assertThat(contents(this.api.page(session, "limit=2").expect(200).json())).containsExactly("1", "2");
	}

	@Test
	void readsWhatFollowsAMessage() {
		String session = this.api.sessionOf(5);
		assertThat(contents(this.api.page(session, "after=3").json())).containsExactly("4", "5");
		assertThat(contents(this.api.page(session, "after=3&limit=1").json())).containsExactly("4");
		assertThat(contents(this.api.page(session, "after=5").json())).isEmpty();
		assertThat(contents(this.api.page(session, "after=9223372036854775807").json())).isEmpty();
	}

	@Test
	void readsWhatIsBeforeAMessage() {
		String session = this.api.sessionOf(5);
		assertThat(contents(this.api.page(session, "before=3").json())).containsExactly("1", "2");
		assertThat(contents(this.api.page(session, "before=4&limit=2").json())).containsExactly("2", "3");
		assertThat(contents(this.api.page(session, "before=1").json())).isEmpty();
		assertThat(contents(this.api.page(session, "before=9223372036854775807&limit=2").json())).containsExactly("4",
				"5");
	}

	@Test
	void beforeWithoutAValueIsTheNewest() {
		String session = this.api.sessionOf(5);
		JsonNode newest = this.api.page(session, "before=&limit=2").expect(200).json();
		assertThat(contents(newest)).containsExactly("4", "5");
		assertThat(this.api.page(session, "before&limit=2").expect(200).json()).isEqualTo(newest);
		assertThat(contents(this.api.get(newest.path("next").stringValue()).expect(200).json())).containsExactly("2",
				"3");
	}

	@Test
	void followingNewMessagesMissesNone() {
		String session = Api.newId();
		List<String> seen = new ArrayList<>();
		long position = 0;
		for (int i = 0; i < 12; i++) {
			this.api.append(session, "[" + message(i + "a") + "," + message(i + "b") + "]").expect(201);
			List<JsonNode> page = this.api.page(session, "after=" + position + "&limit=3").expect(200).data();
			position = page.get(page.size() - 1).path("seq").longValue();
			page.forEach((message) -> seen.add(message.path("content").stringValue()));
		}
		assertThat(seen).isEqualTo(this.api.contents(session));
	}

	@Test
	void everyWalkIsWhatTheModelSays() {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		for (int round = 0; round < 3; round++) {
			String session = randomSession(random);
			List<JsonNode> log = this.api.log(session);
			assertThat(log).as("seed %d", seed).hasSize(this.api.stats(session).path("message_count").intValue());
			for (int walk = 0; walk < 12; walk++) {
				Walk wanted = randomWalk(random, log);
				List<JsonNode> expected = log.stream().filter(wanted.matches()).toList();
				assertForward(session, wanted, expected, seed);
				assertBackward(session, wanted, expected, seed);
				assertLines(session, wanted, expected, seed);
			}
		}
	}

	private void assertForward(String session, Walk wanted, List<JsonNode> expected, long seed) {
		List<Answer> pages = this.api.walk(MESSAGES + "?after=" + wanted.after() + wanted.query(),
				wanted.variables(session));
		List<JsonNode> seen = pages.stream().flatMap((page) -> page.data().stream()).toList();
		assertThat(seen).as("seed %d, after, %s", seed, wanted)
			.isEqualTo(expected.stream().filter((message) -> seq(message) > wanted.after()).toList());
		assertFull(pages, wanted.limit());
	}

	private void assertBackward(String session, Walk wanted, List<JsonNode> expected, long seed) {
		List<Answer> pages = this.api.walk(MESSAGES + "?before=" + wanted.before() + wanted.query(),
				wanted.variables(session));
		List<JsonNode> seen = new ArrayList<>();
		pages.forEach((page) -> seen.addAll(0, page.data()));
		assertThat(seen).as("seed %d, before, %s", seed, wanted)
			.isEqualTo(expected.stream().filter((message) -> seq(message) < wanted.before()).toList());
		assertFull(pages, wanted.limit());
	}

	private void assertLines(String session, Walk wanted, List<JsonNode> expected, long seed) {
		String everything = wanted.query().replaceFirst("&limit=\\d+", "");
		assertThat(lines(MESSAGES + "?after=" + wanted.after() + everything, wanted.variables(session)))
			.as("seed %d, lines, %s", seed, wanted)
			.isEqualTo(expected.stream().filter((message) -> seq(message) > wanted.after()).toList());
		assertThat(lines(MESSAGES + "?before=" + wanted.before() + everything, wanted.variables(session)))
			.as("seed %d, lines, %s", seed, wanted)
			.isEqualTo(expected.stream().filter((message) -> seq(message) < wanted.before()).toList());
	}

	/** All but the last hold as many as were asked for. */
	private static void assertFull(List<Answer> pages, int limit) {
		assertThat(pages.subList(0, pages.size() - 1)).allMatch((page) -> page.data().size() == limit);
		assertThat(pages.get(pages.size() - 1).data()).hasSizeLessThanOrEqualTo(limit);
	}

	@Test
	void filtersByRole() {
		String session = Api.newId();
		this.api
			.append(session, Json
				.array(IntStream.range(0, 40).mapToObj((i) -> message(ROLES.get(i % 4), Integer.toString(i))).toList()))
			.expect(201);
		for (int i = 0; i < 4; i++) {
			int role = i;
			List<Answer> pages = this.api.walk(MESSAGES + "?limit=3&role=" + ROLES.get(i), session);
			assertThat(pages).hasSize(4);
			assertThat(all(pages))
				.isEqualTo(IntStream.range(0, 40).filter((n) -> n % 4 == role).mapToObj(Integer::toString).toList());
		}
		this.api.page(session, "role=robot").wrongParameter("role");
		this.api.page(session, "role=USER").wrongParameter("role");
	}

	@Test
	void timesAreInclusive() {
		String session = Api.newId();
		List<String> times = new ArrayList<>();
		for (int i = 0; i < 5; i++) {
			times.add(this.api.append(session, message(Integer.toString(i)))
				.expect(201)
				.json()
				.path("timestamp")
				.stringValue());
		}
		assertThat(times).doesNotHaveDuplicates();
		assertThat(contents(this.api.get(MESSAGES + "?from={t}", session, times.get(2)))).containsExactly("2", "3",
				"4");
		assertThat(contents(this.api.get(MESSAGES + "?to={t}", session, times.get(2)))).containsExactly("0", "1", "2");
		assertThat(contents(this.api.get(MESSAGES + "?from={a}&to={b}", session, times.get(1), times.get(3))))
			.containsExactly("1", "2", "3");
		assertThat(contents(this.api.get(MESSAGES + "?from={t}&to={t2}", session, times.get(2), times.get(2))))
			.containsExactly("2");
		assertThat(contents(this.api.get(MESSAGES + "?from={a}&to={b}", session, times.get(3), times.get(1))))
			.isEmpty();
	}

	@Test
	void aTimeMayHaveAnyZoneOrNone() {
		String session = Api.newId();
		this.api.append(session, message("early")).expect(201);
		Instant time = Instant
			.parse(this.api.append(session, message("late")).expect(201).json().path("timestamp").stringValue());
		String zoned = time.atOffset(ZoneOffset.ofHours(5)).toString();
		String local = time.atOffset(ZoneOffset.UTC).toLocalDateTime().toString();
		assertThat(contents(this.api.get(MESSAGES + "?from={t}", session, zoned))).containsExactly("late");
		assertThat(contents(this.api.get(MESSAGES + "?from={t}", session, local))).containsExactly("late");
		// a plus that is not encoded is a space by the rules of forms
		assertThat(contents(this.api.get(MESSAGES + "?from=" + zoned, session))).containsExactly("late");
		assertThat(
				contents(this.api.get(MESSAGES + "?from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59.999999Z", session)))
			.containsExactly("early", "late");
	}

	@Test
	void theNextPageKeepsItsFilters() {
		String session = Api.newId();
		String from = "";
		for (int i = 0; i < 12; i++) {
			String time = this.api.append(session, message(ROLES.get(i % 2), Integer.toString(i)))
				.expect(201)
				.json()
				.path("timestamp")
				.stringValue();
			from = (i == 4) ? Instant.parse(time).atOffset(ZoneOffset.ofHours(-3)).toString() : from;
		}
		this.api.softDelete(session);
		List<Answer> pages = this.api.walk(MESSAGES + "?role=user&from={from}&limit=1&include_deleted=true", session,
				from);
		assertThat(all(pages)).containsExactly("4", "6", "8", "10");
	}

	@ParameterizedTest
	@ValueSource(strings = { "page=1&page_size=2", "page_size=2", "after=0&limit=2", "before=&limit=2" })
	void pagesOfADeletedSessionLeadOn(String query) {
		String session = this.api.sessionOf(5);
		this.api.softDelete(session);
		List<Answer> pages = this.api.walk(MESSAGES + "?include_deleted=true&" + query, session);
		assertThat(pages.stream().mapToInt((page) -> page.data().size()).sum()).isEqualTo(5);
	}

	@Test
	void pagesAndPositionsDontMix() {
		String session = this.api.sessionOf(3);
		for (String query : List.of("page=1&after=0", "page=1&before=3", "page=1&before=", "page=1&role=user",
				"page=1&from=2026-01-01T00:00:00Z", "page=1&to=2026-01-01T00:00:00Z", "after=0&before=3",
				"after=1&page_size=2", "before=3&page_size=2", "page_size=2&role=user",
				"page_size=2&from=2026-01-01T00:00:00Z", "page=1&page_size=2&to=2026-01-01T00:00:00Z")) {
			this.api.page(session, query).problem(400, "invalid-request");
			this.api.request(HttpMethod.GET, MESSAGES + "?" + query, session)
				.header("Accept", "application/x-ndjson")
				.send()
				.problem(400, "invalid-request");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "limit=0", "limit=1001", "limit=-1", "limit=x", "limit=1.0", "limit=99999999999999999999",
			"limit=+5", "limit=%205", "limit=1&limit=2", "page_size=0", "page_size=1001", "page_size=x", "page=0",
			"page=-1", "page=x", "page=1.5", "page=9223372036854775808", "page=1&page=2", "limit=0&page=1",
			"limit=1001&page_size=5", "limit=x&page=1", "after=-1", "after=x", "after=9223372036854775808", "before=-1",
			"before=x", "before=9223372036854775808", "from=yesterday", "from=2026-02-30T00:00:00Z", "from=1769850000",
			"to=x", "to=2026-01-31", "role=robot", "include_deleted=yes", "include_deleted=1", "include_deleted=TRUE" })
	void refusesWhatIsOutOfBounds(String query) {
		String session = this.api.sessionOf(1);
		String name = query.substring(0, query.indexOf('='));
		this.api.page(session, query).wrongParameter(name);
	}

	@Test
	void takesWhatIsAtTheBounds() {
		String session = this.api.sessionOf(1001);
		assertThat(this.api.page(session, "limit=1").data()).hasSize(1);
		assertThat(this.api.page(session, "limit=1000").data()).hasSize(1000);
		assertThat(this.api.page(session, "before=&limit=1000").data()).hasSize(1000);
		assertThat(this.api.page(session, "role=user&limit=1000").data()).hasSize(1000);
		assertThat(this.api.page(session, "page=1&page_size=1").data()).hasSize(1);
		assertThat(this.api.page(session, "page=1&page_size=1000").data()).hasSize(1000);
		assertThat(this.api.page(session, "page=2&page_size=1000").data()).hasSize(1);
	}

	// lines

	@Test
	void linesAreWhatThePagesAre() {
		String session = this.api.sessionOf(2500);
		List<JsonNode> pages = this.api.walk(MESSAGES + "?limit=1000", session)
			.stream()
			.flatMap((page) -> page.data().stream())
			.toList();
		Answer answer = this.api.request(HttpMethod.GET, MESSAGES, session)
			.header("Accept", "application/x-ndjson")
			.send()
			.expect(200);
		assertThat(answer.headers().getContentType()).matches(MediaType.APPLICATION_NDJSON::equalsTypeAndSubtype);
		assertThat(answer.text()).endsWith("\n");
		assertThat(answer.lines()).isEqualTo(pages);
		// another representation, so another strong ETag
		assertThat(answer.etag()).isNotEqualTo(this.api.get(MESSAGES, session).etag());
		assertThat(answer.headers().getVary()).contains("Accept");
	}

	@Test
	void linesTakeALimitAndAPage() {
		String session = this.api.sessionOf(10);
		assertThat(seqs(lines(MESSAGES + "?limit=3", session))).containsExactly(1L, 2L, 3L);
		assertThat(seqs(lines(MESSAGES + "?before=&limit=3", session))).containsExactly(8L, 9L, 10L);
		assertThat(seqs(lines(MESSAGES + "?after=4", session))).containsExactly(5L, 6L, 7L, 8L, 9L, 10L);
		assertThat(seqs(lines(MESSAGES + "?page=2&page_size=3", session))).containsExactly(4L, 5L, 6L);
	}

	@Test
	void theFormIsWhatTheCallerPrefers() {
		String session = this.api.sessionOf(1);
		assertThat(form(session, "application/json, application/x-ndjson;q=0.5")).isEqualTo("json");
		assertThat(form(session, "application/json;q=0.5, application/x-ndjson")).isEqualTo("x-ndjson");
		assertThat(form(session, "application/x-ndjson, */*;q=0.1")).isEqualTo("x-ndjson");
		assertThat(form(session, "*/*")).isEqualTo("json");
		assertThat(form(session, "application/*")).isEqualTo("json");
	}

	private String form(String session, String accept) {
		Answer answer = this.api.request(HttpMethod.GET, MESSAGES, session).header("Accept", accept).send().expect(200);
		return String.valueOf(answer.headers().getContentType()).replaceAll("application/|;.*", "");
	}

	// ETag

	@Test
	void theETagTellsWhetherTheLogChanged() {
		String session = Api.newId();
		List<String> etags = new ArrayList<>();
		List<Runnable> changes = List.of(() -> this.api.append(session, message("a")).expect(201),
				() -> this.api.append(session, "[" + message("b") + "," + message("c") + "]").expect(201),
				() -> this.api.save(session, message("x"), message("y")).expect(200),
				() -> this.api.save(session, message("x"), message("y"), message("z")).expect(200),
				() -> this.api.save(session).expect(200));
		for (Runnable change : changes) {
			change.run();
			String etag = this.api.get(MESSAGES, session).expect(200).etag();
			for (String query : List.of("", "?page=1", "?before=", "?role=user")) {
				Answer same = ifNoneMatch(session, query, etag);
				assertThat(same.status()).isEqualTo(304);
				assertThat(same.etag()).isEqualTo(etag);
				assertThat(same.body()).isEmpty();
				etags.forEach((old) -> ifNoneMatch(session, query, old).expect(200));
			}
			assertThat(ifNoneMatch(session, "", "\"other\", " + etag).status()).isEqualTo(304);
			assertThat(ifNoneMatch(session, "", "W/" + etag).status()).isEqualTo(304);
			etags.add(etag);
		}
		assertThat(etags).doesNotHaveDuplicates();
	}

	@Test
	void aStarStandsForWhateverTheLogIs() {
		String session = this.api.newSession();
		String etag = this.api.get(MESSAGES, session).etag();
		for (String query : List.of("", "?page=1", "?before=", "?role=user")) {
			Answer same = ifNoneMatch(session, query, "*");
			assertThat(same.status()).isEqualTo(304);
			assertThat(same.etag()).isEqualTo(etag);
			assertThat(same.body()).isEmpty();
		}
		ifNoneMatch(Api.newId(), "", "*").problem(404, "session-not-found");
	}

	@Test
	void bothFormsSayThatTheyDependOnAccept() {
		String session = this.api.sessionOf(1);
		for (String form : List.of("application/json", "application/x-ndjson")) {
			Answer whole = accepting(form, session, "\"other\"").expect(200);
			Answer same = accepting(form, session, whole.etag());
			assertThat(same.status()).isEqualTo(304);
			assertThat(same.etag()).isEqualTo(whole.etag());
			assertThat(List.of(whole, same)).extracting((answer) -> answer.header("Vary")).containsOnly("Accept");
		}
	}

	private Answer accepting(String form, String session, String etag) {
		return this.api.request(HttpMethod.GET, MESSAGES, session)
			.header("Accept", form)
			.header("If-None-Match", etag)
			.send();
	}

	@Test
	void theETagStaysWhileTheLogStays() {
		String session = this.api.sessionOf(2);
		String etag = this.api.get(MESSAGES, session).etag();
		this.api.request(HttpMethod.PATCH, SESSION, session).json("{\"metadata\":{}}").send().expect(200);
		this.api.save(session, message("1"), message("2")).expect(200);
		assertThat(ifNoneMatch(session, "", etag).status()).isEqualTo(304);
	}

	@Test
	void aSessionThatWasMadeAnewHasAnotherETag() {
		String session = this.api.sessionOf(2);
		String etag = this.api.get(MESSAGES, session).etag();
		this.api.delete(SESSION + "?soft=false", session).expect(204);
		this.api.append(session, "[" + message("1") + "," + message("2") + "]").expect(201);
		assertThat(contents(ifNoneMatch(session, "", etag).expect(200))).containsExactly("1", "2");
	}

	@Test
	void goneAndNotFoundWinOverNotModified() {
		String session = this.api.sessionOf(1);
		String etag = this.api.get(MESSAGES, session).etag();
		this.api.softDelete(session);
		ifNoneMatch(session, "", etag).problem(410, "session-deleted");
		assertThat(ifNoneMatch(session, "?include_deleted=true", etag).status()).isEqualTo(304);
		this.api.delete(SESSION + "?soft=false", session).expect(204);
		ifNoneMatch(session, "", etag).problem(404, "session-not-found");
	}

	@Test
	void headIsWhatGetIs() {
		String session = this.api.sessionOf(5);
		for (String query : List.of("", "?page=1&page_size=2", "?after=1&limit=2", "?before=4&limit=1", "?role=tool")) {
			Answer get = this.api.get(MESSAGES + query, session).expect(200);
			Answer head = this.api.head(MESSAGES + query, session).expect(200);
			assertThat(head.etag()).isEqualTo(get.etag());
			assertThat(head.header("Link")).isEqualTo(get.header("Link"));
			assertThat(head.headers().getContentType()).isEqualTo(get.headers().getContentType());
		}
		this.api.head(MESSAGES + "/5", session).expect(200);
		this.api.head(MESSAGES + "/6", session).expect(404);
		this.api.head(MESSAGES + "?limit=0", session).expect(400);
	}

	// after a replacement

	@Test
	void pagesGoOnAfterAReplacement() {
		String session = this.api.sessionOf(5);
		this.api.save(session, message("a"), message("b"), message("c")).expect(200); // 7
																						// to
																						// 9
		assertThat(all(this.api.walk(MESSAGES + "?page=1&page_size=2", session))).containsExactly("a", "b", "c");
		assertThat(this.api.page(session, "page=1&page_size=2").json().path("total").intValue()).isEqualTo(3);
		assertThat(all(this.api.walk(MESSAGES + "?limit=2", session))).containsExactly("a", "b", "c");
		for (int old = 0; old <= 6; old++) {
			assertThat(seqs(this.api.page(session, "after=" + old + "&limit=2").data())).containsExactly(7L, 8L);
			assertThat(this.api.page(session, "before=" + Math.max(1, old)).data()).isEmpty();
			assertThat(this.api.page(session, "before=" + Math.max(1, old)).json().path("has_more").booleanValue())
				.isFalse();
		}
		assertThat(seqs(this.api.page(session, "after=8").data())).containsExactly(9L);
		assertThat(seqs(this.api.page(session, "before=9&limit=1").data())).containsExactly(8L);
		assertThat(this.api.page(session, "before=8").json().path("has_more").booleanValue()).isFalse();
		assertThat(seqs(this.api.page(session, "before=&limit=2").data())).containsExactly(8L, 9L);
		assertThat(seqs(this.api.log(session))).containsExactly(7L, 8L, 9L);
	}

	@Test
	void anEmptiedLogHasEmptyPages() {
		String session = this.api.sessionOf(3);
		this.api.save(session).expect(200);
		for (String query : List.of("page=1", "page=2&page_size=1", "after=0", "after=3", "after=4", "after=9",
				"before=", "before=1", "before=4", "before=99", "role=user", "before=&role=user")) {
			JsonNode page = this.api.page(session, query).expect(200).json();
			assertThat(page.path("data")).isEmpty();
			assertThat(page.path("has_more").booleanValue()).isFalse();
		}
		assertThat(this.api.log(session)).isEmpty();
	}

	// one message

	@Test
	void givesOneMessage() {
		String session = this.api.sessionOf(3);
		List<JsonNode> log = this.api.log(session);
		for (int seq = 1; seq <= 3; seq++) {
			assertThat(this.api.get(MESSAGES + "/" + seq, session).expect(200).json()).isEqualTo(log.get(seq - 1));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "0", "4", "-1", "999999999999999999", "9223372036854775807", "99999999999999999999" })
	void aMessageThatIsNotThereIsNotFound(String seq) {
		String session = this.api.sessionOf(3);
		this.api.get(MESSAGES + "/{seq}", session, seq).problem(404, "message-not-found");
	}

	@Test
	void aSeqThatIsNoNumberIsNoMessage() {
		String session = this.api.sessionOf(1);
		for (String seq : List.of("a", "1.0", " 1", "1;x", "１")) {
			assertThat(this.api.get(MESSAGES + "/{seq}", session, seq).status()).isIn(400, 404);
		}
	}

	@Test
	void aMessageOfADeletedSessionCanBeAskedFor() {
		String session = this.api.sessionOf(1);
		this.api.softDelete(session);
		this.api.get(MESSAGES + "/1", session).problem(410, "session-deleted");
		this.api.get(MESSAGES + "/1?include_deleted=true", session).expect(200);
	}

	private Answer ifNoneMatch(String session, String query, String etag) {
		return this.api.request(HttpMethod.GET, MESSAGES + query, session).header("If-None-Match", etag).send();
	}

	private List<JsonNode> lines(String uri, Object... variables) {
		return this.api.request(HttpMethod.GET, uri, variables)
			.header("Accept", "application/x-ndjson")
			.send()
			.expect(200)
			.lines();
	}

	/** A session with messages of several requests and roles, perhaps replaced once. */
	private String randomSession(Random random) {
		String session = Api.newId();
		boolean replaced = random.nextBoolean();
		for (int request = 0; request < 12; request++) {
			List<String> messages = IntStream.rangeClosed(0, random.nextInt(6))
				.mapToObj((i) -> message(ROLES.get(random.nextInt(4)), "x"))
				.toList();
			if (request == 3 && replaced) {
				this.api.save(session, messages.toArray(String[]::new)).expect(200);
			}
			else {
				this.api.append(session, Json.array(messages)).expect(201);
			}
		}
		return session;
	}

	private static Walk randomWalk(Random random, List<JsonNode> log) {
		JsonNode some = log.get(random.nextInt(log.size()));
		JsonNode other = log.get(random.nextInt(log.size()));
		long last = seq(log.get(log.size() - 1));
		return new Walk(random.nextInt(1, 12), random.nextLong(0, last + 2), random.nextLong(1, last + 3),
				(random.nextInt(3) > 0) ? ROLES.get(random.nextInt(4)) : "",
				(random.nextInt(3) == 0) ? some.path("timestamp").stringValue() : "",
				(random.nextInt(3) == 0) ? other.path("timestamp").stringValue() : "");
	}

	private static long seq(JsonNode message) {
		return message.path("seq").longValue();
	}

	private static List<Long> seqs(List<JsonNode> messages) {
		return messages.stream().map(PageContractTest::seq).toList();
	}

	private static List<String> contents(JsonNode page) {
		return page.path("data").valueStream().map((message) -> message.path("content").stringValue()).toList();
	}

	private static List<String> contents(Answer page) {
		return contents(page.expect(200).json());
	}

	private static List<String> all(List<Answer> pages) {
		return pages.stream().flatMap((page) -> contents(page).stream()).toList();
	}

	private static List<String> numbers(int from, int to) {
		return LongStream.rangeClosed(from, to).mapToObj(Long::toString).toList();
	}

	/**
	 * What a random walk asks for.
	 *
	 * @param role empty for any; so are the times
	 */
	private record Walk(int limit, long after, long before, String role, String from, String to) {

		String query() {
			return "&limit=" + this.limit + (this.role.isEmpty() ? "" : "&role={role}")
					+ (this.from.isEmpty() ? "" : "&from={from}") + (this.to.isEmpty() ? "" : "&to={to}");
		}

		Object[] variables(String session) {
			return Stream.of(session, this.role, this.from, this.to).filter((text) -> !text.isEmpty()).toArray();
		}

		Predicate<JsonNode> matches() {
			return (message) -> {
				Instant time = Instant.parse(message.path("timestamp").stringValue());
				return (this.role.isEmpty() || this.role.equals(message.path("role").stringValue()))
						&& (this.from.isEmpty() || !time.isBefore(Instant.parse(this.from)))
						&& (this.to.isEmpty() || !time.isAfter(Instant.parse(this.to)));
			};
		}

	}

}
