package dev.agentsessions.message;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.IntStream;
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

import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Fields.numbers;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Pages of messages: by number, from the beginning, from a message on.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class PageContractTest extends PageFixture {

	PageContractTest(Engine engine) {
		super(engine);
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
