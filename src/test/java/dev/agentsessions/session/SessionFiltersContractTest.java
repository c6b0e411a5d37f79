package dev.agentsessions.session;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;

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
import org.springframework.web.util.UriUtils;

import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Lists of sessions that pass filters.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class SessionFiltersContractTest extends SessionFixture {

	SessionFiltersContractTest(Engine engine) {
		super(engine);
	}

	@Test
	void findsTheSessionsOfAnOwner() {
		String owner = "o " + Api.newId() + "&=+%/é";
		List<String> sessions = new ArrayList<>();
		for (int i = 0; i < 7; i++) {
			sessions.add(create("'owner':" + Json.text(owner)));
		}
		create("'owner':" + Json.text(owner.toUpperCase(Locale.ROOT)));
		this.api.append(sessions.get(2), message("hello")).expect(201);
		this.api.softDelete(sessions.get(5));
		List<String> byActivity = List.of(sessions.get(2), sessions.get(6), sessions.get(4), sessions.get(3),
				sessions.get(1), sessions.get(0));
		assertThat(ids("owner=" + encode(owner) + "&limit=2")).isEqualTo(byActivity);
		assertThat(ids("owner=" + encode(owner) + "&limit=2&order=created")).containsExactly(sessions.get(0),
				sessions.get(1), sessions.get(2), sessions.get(3), sessions.get(4), sessions.get(6));
		assertThat(ids("owner=" + encode(owner) + "&include_deleted=true&limit=3")).hasSize(7);
		assertThat(ids("owner=" + encode(owner) + "&include_deleted=true&order=created&limit=3")).isEqualTo(sessions);
		this.api.request(HttpMethod.PATCH, SESSION, sessions.get(0)).json(json("{'owner':null}")).send().expect(200);
		assertThat(ids("owner=" + encode(owner))).hasSize(5);
		assertThat(ids("owner=nobody")).isEmpty();
	}

	/** What a list has shown before is not shown again once it has changed. */
	@Test
	void aListShowsSessionsAsTheyAre() {
		String owner = Api.newId();
		String first = create("'owner':'" + owner + "','title':'one'");
		String second = create("'owner':'" + owner + "','title':'two'");
		String query = "/v1/sessions?owner=" + owner;
		for (int i = 0; i < 3; i++) {
			List<JsonNode> listed = this.api.get(query).expect(200).data();
			assertThat(listed).containsExactly(this.api.session(second), this.api.session(first));
			this.api.request(HttpMethod.PATCH, SESSION, first)
				.json(json("{'title':'one " + i + "'}"))
				.send()
				.expect(200);
			this.api.append(second, message("hello")).expect(201);
		}
		this.api.softDelete(second);
		assertThat(this.api.get(query).data()).containsExactly(this.api.session(first));
		List<JsonNode> all = this.api.get(query + "&include_deleted=true").data();
		assertThat(all).hasSize(2).anyMatch((session) -> session.has("deleted_at"));
		this.api.post("", SESSION + "/restore", second).expect(200);
		assertThat(this.api.get(query).data()).containsExactly(this.api.session(second), this.api.session(first));
		this.api.request(HttpMethod.PATCH, SESSION, first).json(json("{'owner':'" + owner + "2'}")).send().expect(200);
		assertThat(this.api.get(query).data()).containsExactly(this.api.session(second));
	}

	@Test
	void findsPartsOfTitlesInAnyCaseAndWidth() {
		String word = "w" + Api.newId();
		String one = create("'title':'Groß " + word + " ＡＢＣ 家族旅行 x%_y'");
		String two = create("'title':'" + word + "'");
		for (String part : List.of("GROSS", word.toUpperCase(Locale.ROOT) + " abc", "族旅", "％_Y", "家族旅行 x")) {
			assertThat(ids("title=" + encode(part) + "&limit=1000")).as(part).contains(one).doesNotContain(two);
		}
		assertThat(ids("title=" + encode("家") + "&order=created")).contains(one).doesNotContain(two);
		assertThat(ids("title=" + word)).containsExactly(two, one);
		assertThat(ids("title=" + word + "&order=created&limit=1")).containsExactly(one, two);
		assertThat(ids("title=" + encode(word + "%"))).isEmpty();
		this.api.request(HttpMethod.PATCH, SESSION, two).json(json("{'title':'another'}")).send().expect(200);
		assertThat(ids("title=" + word)).containsExactly(one);
	}

	/**
	 * A capital sigma at the end of a word becomes another small letter than elsewhere.
	 */
	@Test
	void findsPartsOfGreekTitles() {
		String title = create("'title':'Μουσείο ΦΩΣ σίγμα-" + Api.newId() + "'");
		for (String part : List.of("μουσ", "ΜΟΥΣ", "Μουσεί", "φως", "ΦΩΣ", "φωσ", "ς", "ΜΟΥΣΕΊΟ ΦΩΣ ΣΊΓ")) {
			assertThat(ids("title=" + encode(part) + "&limit=1000")).as(part).contains(title);
		}
	}

	@Test
	void findsLabels() {
		String tag = Api.newId();
		String both = create("'labels':{'t':'" + tag + "','env':'prod'}");
		String quoted = create("'labels':{'t':'" + tag + "','x\\\"env':'prod','y':'\\\",\\\"env\\\":\\\"prod'}");
		String other = create("'labels':{'t':'" + tag + "','env':'production','empty':'','colon':'a:b:c'}");
		assertThat(ids("label=t:" + tag)).containsExactly(other, quoted, both);
		assertThat(ids("label=t:" + tag + "&label=env:prod")).containsExactly(both);
		assertThat(ids("label=t:" + tag + "&label=env:prod&order=created")).containsExactly(both);
		assertThat(ids("label=t:" + tag + "&label=env:production&label=empty:")).containsExactly(other);
		assertThat(ids("label=t:" + tag + "&label=colon:a:b:c")).containsExactly(other);
		assertThat(ids("label=t:" + tag + "&label=" + encode("x\"env:prod"))).containsExactly(quoted);
		assertThat(ids("label=t:" + tag + "&label=env:prod&label=env:production")).isEmpty();
		assertThat(ids("label=t:" + tag + "&label=t:" + tag + "&limit=1")).hasSize(3);
		assertThat(ids("label=T:" + tag)).isEmpty();
	}

	@Test
	void findsByTheTimeOfTheOrder() {
		String owner = Api.newId();
		List<String> sessions = new ArrayList<>();
		for (int i = 0; i < 4; i++) {
			sessions.add(create("'owner':'" + owner + "','labels':{'o':'" + owner + "'}"));
		}
		this.api.append(sessions.get(0), message("hello")).expect(201);
		JsonNode first = this.api.session(sessions.get(0));
		JsonNode third = this.api.session(sessions.get(2));
		String from = third.path("created_at").stringValue();
		String active = first.path("last_activity").stringValue();
		for (String filter : List.of("owner=" + owner, "label=o:" + owner)) {
			assertThat(ids(filter + "&from=" + from)).containsExactly(sessions.get(0), sessions.get(3),
					sessions.get(2));
			assertThat(ids(filter + "&from=" + from + "&limit=1")).hasSize(3);
			assertThat(ids(filter + "&to=" + from + "&limit=1")).containsExactly(sessions.get(2), sessions.get(1));
			assertThat(ids(filter + "&order=created&to=" + from)).containsExactly(sessions.get(0), sessions.get(1),
					sessions.get(2));
			assertThat(ids(filter + "&order=created&from=" + from + "&limit=1")).containsExactly(sessions.get(2),
					sessions.get(3));
			assertThat(ids(filter + "&from=" + active + "&to=" + active)).containsExactly(sessions.get(0));
			assertThat(ids(filter + "&from=" + active + "&to=" + from)).isEmpty();
		}
		assertThat(ids("from=" + from + "&limit=1000")).contains(sessions.get(0), sessions.get(2), sessions.get(3))
			.doesNotContain(sessions.get(1));
		assertThat(ids("order=created&limit=1000&from=" + from)).contains(sessions.get(2))
			.doesNotContain(sessions.get(0));
		assertThat(ids("order=created&limit=1000&to=" + from)).contains(sessions.get(0))
			.doesNotContain(sessions.get(3));
		assertThat(ids("to=0001-01-01T00:00:00Z")).isEmpty();
		assertThat(ids("from=9999-12-31T23:59:59Z")).isEmpty();
	}

	/** Any filters at once, compared with a plain look at all sessions. */
	@Test
	void whatIsFoundIsWhatPasses() {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		String tag = Api.newId();
		List<JsonNode> sessions = new ArrayList<>();
		for (int i = 0; i < 40; i++) {
			String session = create("'labels':{'tag':'" + tag + "','k':'" + random.nextInt(3) + "'},'title':'T"
					+ random.nextInt(4) + " " + random.nextInt(4) + "'"
					+ (random.nextBoolean() ? ",'owner':'" + tag + random.nextInt(2) + "'" : ""));
			if (random.nextInt(6) == 0) {
				this.api.softDelete(session);
			}
			sessions.add(this.api.get(SESSION + "?include_deleted=true", session).expect(200).json());
		}
		for (int i = 0; i < 40; i++) {
			StringBuilder query = new StringBuilder("label=tag:" + tag);
			Predicate<JsonNode> passes = (session) -> true;
			if (random.nextBoolean()) {
				String owner = tag + random.nextInt(2);
				query.append("&owner=").append(owner);
				passes = passes.and((session) -> session.path("owner").asString("").equals(owner));
			}
			if (random.nextBoolean()) {
				String text = "" + random.nextInt(3);
				query.append("&label=k:").append(text);
				passes = passes.and((session) -> session.at("/labels/k").stringValue().equals(text));
			}
			if (random.nextBoolean()) {
				String part = random.nextBoolean() ? "t" + random.nextInt(4) : random.nextInt(4) + " ";
				query.append("&title=").append(encode(part));
				passes = passes
					.and((session) -> session.path("title").stringValue().toLowerCase(Locale.ROOT).contains(part));
			}
			if (random.nextBoolean()) {
				query.append("&include_deleted=true");
			}
			else {
				passes = passes.and((session) -> session.path("is_active").booleanValue());
			}
			query.append(random.nextBoolean() ? "&order=created" : "").append("&limit=" + (1 + random.nextInt(9)));
			Set<String> expected = new HashSet<>();
			sessions.stream().filter(passes).forEach((each) -> expected.add(each.path("session_id").stringValue()));
			assertThat(ids(query.toString())).as("%s with seed %d", query, seed)
				.doesNotHaveDuplicates()
				.hasSameElementsAs(expected);
		}
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			label=x | label
			label=:x | label
			label= | label
			from=soon | from
			to=5 | to
			owner=a&owner=b | owner
			title=a&title=b | title
			colour=red | colour
			owner= | owner
			owner | owner
			title= | title
			cursor=x&owner=a | cursor
			""")
	void aWrongFilterIsNamed(String query, String parameter) {
		this.api.get("/v1/sessions?" + query).wrongParameter(parameter);
	}

	@Test
	void filtersHaveLimits() {
		this.api.get("/v1/sessions?owner=" + "x".repeat(256)).wrongParameter("owner");
		this.api.get("/v1/sessions?title=" + "x".repeat(501)).wrongParameter("title");
		this.api.get("/v1/sessions?label=" + "x".repeat(64) + ":a").wrongParameter("label");
		StringBuilder many = new StringBuilder("label=l:0");
		for (int i = 0; i < 32; i++) {
			many.append("&label=l").append(i).append(":x");
		}
		this.api.get("/v1/sessions?" + many).wrongParameter("label");
		assertThat(ids(many.substring("label=l:0&".length()))).isEmpty();
	}

	/** Text that no session can have is found nowhere, and is no error of the store. */
	@ParameterizedTest
	@ValueSource(strings = { "owner=%00", "title=%00", "title=a%00b", "label=a:%00", "label=%00:a", "title=%EF%BF%BF" })
	void textThatCannotBeStoredIsRefusedOrNotFound(String query) {
		assertThat(this.api.get("/v1/sessions?" + query).status()).isIn(200, 400);
	}

	private String create(String details) {
		return this.api.create(json("{" + details + "}")).expect(201).json().path("session_id").stringValue();
	}

	private List<String> ids(String query) {
		return this.api.walk("/v1/sessions?" + query)
			.stream()
			.flatMap((page) -> page.data().stream())
			.map((session) -> session.path("session_id").stringValue())
			.toList();
	}

	private static String encode(String text) {
		return UriUtils.encode(text, StandardCharsets.UTF_8);
	}

}
