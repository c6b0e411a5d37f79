package dev.agentsessions.message;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;

import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Fields.seqs;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is left out of a page, what may not be asked for, and the form of lines.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class PageFiltersContractTest extends PageFixture {

	PageFiltersContractTest(Engine engine) {
		super(engine);
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
		assertThat(seqs(this.api.page(session, "role=user&limit=1000").data()))
			.isEqualTo(LongStream.rangeClosed(1, 1000).boxed().toList());
		assertThat(seqs(this.api.page(session, "before=&role=user&limit=1000").data()))
			.isEqualTo(LongStream.rangeClosed(2, 1001).boxed().toList());
		assertThat(this.api.page(session, "page=1&page_size=1").data()).hasSize(1);
		assertThat(this.api.page(session, "page=1&page_size=1000").data()).hasSize(1000);
		assertThat(this.api.page(session, "page=2&page_size=1000").data()).hasSize(1);
	}

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

	@ParameterizedTest
	@CsvSource({ "limit=3, after=3&limit=3", "before=&limit=3, before=8&limit=3",
			"role=user&limit=3, after=3&limit=3&role=user", "page=2&page_size=3, page=3&page_size=3", "limit=10,",
			"after=7&limit=3,", "before=4&limit=3,", "page=4&page_size=3,", "after=4," })
	void linesThatAreCutSayWhatFollows(String query, String next) {
		String path = "/v1/sessions/" + this.api.sessionOf(10) + "/messages?";
		String link = this.api.request(HttpMethod.GET, path + query)
			.header("Accept", "application/x-ndjson")
			.send()
			.expect(200)
			.header("Link");
		assertThat(link).isEqualTo((next != null) ? "<" + path + next + ">; rel=\"next\"" : null);
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

}
