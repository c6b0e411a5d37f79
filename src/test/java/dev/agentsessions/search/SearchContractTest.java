package dev.agentsessions.search;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.search.index.IndexPace;
import dev.agentsessions.search.text.SearchQuery;
import dev.agentsessions.search.text.Snippet;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import org.springframework.web.util.UriUtils;

import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What was said is found. Each test has a word, or an owner, of its own.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class SearchContractTest {

	private static final String SEARCH = "/v1/search?q=";

	private static TestStore store;

	@Parameter
	private Engine engine;

	private final Api api = Api.on(store);

	private final String owner = "owner-" + Api.newId();

	@BeforeParameterizedClassInvocation
	static void start(Engine engine) {
		store = TestStore.start(List.of(new IndexPace(Duration.ofMillis(20), 0)), TestStore.newDatabase(engine));
	}

	@AfterParameterizedClassInvocation
	static void stop() {
		store.close();
	}

	@Test
	void findsWordsInAnyFormAndSaysWhere() {
		List<Case> cases = cases("""
				cafe | Where is the nearest [Café] in Łódź?
				CAFÉ lodz | Where is the nearest [Café] in [Łódź]?
				strasse | Groß ist die [Straße]
				straße | Groß ist die [STRAẞE]
				ＡＢＣ１２ | [abc12] def
				abc12 | ([ＡＢＣ１２])
				ёлка | [Елка] горит
				"to be or" | [To be, or] not to be
				don't | I [don’t] know
				read_file | it calls [read_file] now
				file | it calls read_[file] now
				begin* | at the [beginning], not to [begin]
				wor* -worst | [word] by [work]
				nowhere OR here | it is [here]
				a b OR c | [a] [c]
				京都 | 東[京都]の天気
				天 | 東京都の[天]気
				"東京" 天気 | [東京]都の[天気]
				ﾊﾝｶｸ | ここに[ハンカク]です
				カ゛ク OR ガク | [ガク]です
				한국 | 나는 [한국]어를
				สวัส | [สวัส]ดีครับ
				abc漢字 | x [abc漢字] y
				𠀀𠀁 | 中[𠀀𠀁]文
				acme | [Acme]™ und 5
				x2 | y = [x²]
				مدرسه | في [مَدْرَسه] هنا
				σας | ΑΠΟ [ΣΑΣ]""");
		for (Case each : cases) {
			Answer answer = searchOf(each.owner, each.query);
			assertThat(answer.data()).as(each.query).hasSize(1);
			JsonNode found = answer.data().get(0);
			assertThat(found.path("session_id").stringValue()).isEqualTo(each.session);
			assertThat(found.path("snippet").stringValue()).isEqualTo(each.text);
			assertThat(marked(found)).isEqualTo(each.marked);
		}
	}

	@Test
	void findsNothingElse() {
		List<Case> cases = cases("""
				cafes | a café
				"b a" | a b
				b -a | a b
				b -"a b" | a b
				都京 | 東京都
				東都 | 東京都
				begin | beginning
				ginning* | beginning
				a b | a
				京都 | 東京 都
				x OR y | z""");
		for (Case each : cases) {
			assertThat(searchOf(each.owner, each.query).data()).as(each.query).isEmpty();
		}
	}

	@Test
	void looksIntoEverythingThatIsText() {
		String session = owned(
				"""
							[{"role":"user","content":[{"type":"text","text":"parts have apples"},
							  {"type":"image_url","image_url":{"url":"http://pears"}}]},
							 {"role":"user","name":"Quincey","content":"hello"},
							 {"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":
							   {"name":"get_weather","arguments":"{\\"city\\":\\"Reykjavík\\\\nnorth\\",\\"days\\":[3,14]}"}}]},
							 {"role":"assistant","content":[{"type":"tool_use","id":"1","name":"look_up","input":{"term":"plums"}}]},
							 {"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":[{"type":"text","text":"cherries"}]}]},
							 {"role":"model","parts":[{"text":"grapes"},{"functionCall":{"name":"call_me","args":{"at":"noon"}}}]},
							 {"type":"function_call","call_id":"c","name":"orbit","arguments":"not json"},
							 {"type":"function_call_output","call_id":"c","output":"sunny"},
						{"role":"user","content":"[{\\"type\\":\\"text\\",\\"text\\":\\"one\\\\ntwo\\"}]","metadata":{"content_type":"application/json"}},
						{"role":"user","content":"metadata is not searched","metadata":{"x":"bananas"}}]""");
		List<String> words = List.of("apples", "quincey", "reykjavik", "plums", "cherries", "grapes", "orbit", "sunny",
				"\"two\"", "metadata");
		awaitFound("metadata", 1);
		for (int i = 0; i < words.size(); i++) {
			JsonNode found = single(words.get(i));
			assertThat(found.path("session_id").stringValue()).isEqualTo(session);
			assertThat(found.path("seq").intValue()).as(words.get(i)).isEqualTo(i + 1);
		}
		for (String word : List.of("north", "14", "get_weather", "\"city reykjavik\"", "look_up", "noon", "call_me",
				"\"not json\"")) {
			assertThat(search(word).data()).as(word).hasSize(1);
		}
		for (String word : List.of("pears", "bananas", "nnorth", "type", "ntwo", "\"hello quincey\"")) {
			assertThat(search(word).data()).as(word).isEmpty();
		}
		assertThat(single("orbit").has("role")).isFalse();
		assertThat(single("grapes").path("role").stringValue()).isEqualTo("model");
	}

	@Test
	void theNewestComeFirstAPageAtATime() {
		List<String> sessions = IntStream.range(0, 3).mapToObj((i) -> owned("[" + message("needle 0") + "]")).toList();
		for (int i = 1; i < 8; i++) {
			this.api.append(sessions.get(i % 3), message("needle " + i)).expect(201);
			this.api.append(sessions.get(i % 3), message("hay")).expect(201);
		}
		awaitFound("needle", 10);
		List<String> snippets = new ArrayList<>();
		for (Answer page : this.api.walk(SEARCH + "needle&limit=3&owner=" + this.owner)) {
			page.data().forEach((found) -> snippets.add(found.path("snippet").stringValue()));
		}
		assertThat(snippets).containsExactly("needle 7", "needle 6", "needle 5", "needle 4", "needle 3", "needle 2",
				"needle 1", "needle 0", "needle 0", "needle 0");
		Answer page = search("needle", "&limit=10");
		assertThat(page.json().path("has_more").booleanValue()).isFalse();
		assertThat(page.header("Link")).isNull();
		List<JsonNode> data = page.data();
		String third = data.get(2).path("timestamp").stringValue();
		assertThat(search("needle", "&from=" + third).data()).isEqualTo(data.subList(0, 3));
		assertThat(search("needle", "&to=" + third).data()).isEqualTo(data.subList(2, 10));
		assertThat(search("needle", "&session_id=" + sessions.get(0)).data()).hasSize(3)
			.allSatisfy((found) -> assertThat(found.path("session_id").stringValue()).isEqualTo(sessions.get(0)));
	}

	@Test
	void filtersBySessionAndRole() {
		String tag = Api.newId();
		String titled = Api.newId();
		this.api
			.create(json("{'session_id':'" + titled + "','title':'A title','owner':'" + this.owner + "','labels':{'t':'"
					+ tag + "','env':'prod'}}"))
			.expect(201);
		this.api.append(titled, "[" + message("shared word") + "," + message("assistant", "shared word") + "]")
			.expect(201);
		String other = owned(message("shared word"));
		awaitFound("shared", 3);
		assertThat(search("shared", "&label=t:" + tag).data()).hasSize(2)
			.allSatisfy((found) -> assertThat(found.path("title").stringValue()).isEqualTo("A title"));
		assertThat(search("shared", "&label=t:" + tag + "&label=env:dev").data()).isEmpty();
		assertThat(search("shared", "&role=assistant").data()).hasSize(1);
		assertThat(search("shared", "&session_id=" + other).data()).hasSize(1);
		assertThat(this.api.get(SEARCH + "shared&owner=nobody").data()).isEmpty();
		assertThat(search("shared", "&label=t:1&label=t:2").data()).isEmpty();
	}

	@Test
	void whatIsDeletedIsNotFoundUntilItIsRestored() {
		String kept = owned(message("evergreen"));
		String gone = owned(message("evergreen"));
		awaitFound("evergreen", 2);
		this.api.softDelete(gone);
		assertThat(single("evergreen").path("session_id").stringValue()).isEqualTo(kept);
		this.api.get(SEARCH + "evergreen&session_id=" + gone).problem(410, "session-deleted");
		this.api.post("", SESSION + "/restore", gone).expect(200);
		assertThat(search("evergreen").data()).hasSize(2);
		this.api.delete(SESSION + "?soft=false", gone).expect(204);
		assertThat(search("evergreen").data()).hasSize(1);
		this.api.get(SEARCH + "evergreen&session_id=" + gone).problem(404, "session-not-found");
		this.api.append(gone, message("evergreen again")).expect(201);
		awaitFound("again", 0, gone);
	}

	@Test
	void whatIsReplacedIsNotFound() {
		String session = owned("[" + message("old one") + "," + message("old two") + "]");
		awaitFound("old", 2);
		this.api.save(session, message("new one")).expect(200);
		assertThat(search("old").data()).isEmpty();
		awaitFound("new", 1);
		this.api.append(session, message("new two")).expect(201);
		awaitFound("new", 2);
		assertThat(search("old").data()).isEmpty();
	}

	@Test
	void aForkIsFoundToo() {
		String session = owned(message("forked word"));
		this.api.post(json("{'owner':'" + this.owner + "'}"), SESSION + "/forks", session).expect(201);
		awaitFound("forked", 2);
	}

	@Test
	void aSnippetEndsWithAWholeWord() {
		owned(message("foolish ".repeat(60)));
		awaitFound("foolish", 1);
		JsonNode hit = search("foolish").expect(200).data().get(0);
		String snippet = hit.path("snippet").stringValue();
		assertThat(hit.path("matches")).hasSizeGreaterThan(10)
			.allMatch((match) -> snippet.substring(match.get(0).intValue(), match.get(1).intValue()).equals("foolish"));
		assertThat(snippet).endsWith("foolish …");
	}

	@Test
	void longMessagesAreShownInPart() {
		String before = "lorem ipsum ".repeat(500);
		owned(message(before + "The Needle is here. " + "dolor sit ".repeat(500) + "needle"));
		JsonNode found = single("needle");
		String snippet = found.path("snippet").stringValue();
		assertThat(snippet).startsWith("…").endsWith("…").contains("The Needle is here.");
		assertThat(snippet.codePointCount(0, snippet.length())).isBetween(150, 202);
		assertThat(marked(found)).contains("The [Needle] is");
		assertThat(found.path("matches")).hasSize(1);
	}

	@Test
	void largeMessagesAreSearchedLikeOthers() {
		StringBuilder words = new StringBuilder();
		for (int i = 0; i < 60_000; i++) {
			words.append("w").append(Integer.toString(i * 31, 36)).append(' ');
		}
		owned(message(words + "omega"));
		assertThat(single("omega w" + Integer.toString(31, 36)).path("seq").intValue()).isEqualTo(1);
		assertThat(search("omega missing").data()).isEmpty();
		owned(message("x".repeat(5000) + " omega " + "y".repeat(70) + "z"));
		awaitFound("omega", 2);
		assertThat(search("x".repeat(900)).data()).isEmpty();
		assertThat(search("x".repeat(900) + "*").data()).hasSize(1);
		assertThat(search("y".repeat(70)).data()).isEmpty();
		assertThat(search("y".repeat(70) + "z").data()).hasSize(1);
	}

	/** What takes the square of its length, or memory for each of its matches. */
	@Test
	void textThatIsMadeToBeSlowIsNot() {
		owned(message("a" + "\u0301\u0316".repeat(120_000) + " omega"));
		owned(message("a ".repeat(240_000) + "omega"));
		awaitFound("omega", 2);
		String many = "a ".repeat(60)
				+ IntStream.range(0, 3).mapToObj((i) -> "a OR b" + i).collect(Collectors.joining(" "));
		JsonNode found = search(many).data().get(0);
		assertThat(found.path("matches")).hasSizeBetween(50, 200);
		assertThat(search("á").data()).hasSize(2);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "  ", "-word", "!!! ***", "\"\"", "a OR -b", "-a OR b", "🎉" })
	void refusesWhatIsNoQuery(String query) {
		this.api.get(SEARCH + encode(query)).wrongParameter("q");
	}

	@Test
	void refusesWrongParameters() {
		this.api.get("/v1/search").wrongParameter("q");
		this.api.get(SEARCH + "a".repeat(1001)).wrongParameter("q");
		this.api.get(SEARCH + IntStream.range(0, 65).mapToObj((i) -> "a" + i).collect(Collectors.joining("+")))
			.wrongParameter("q");
		this.api.get(SEARCH + encode("語".repeat(65))).wrongParameter("q");
		this.api.get(SEARCH + encode("語".repeat(64))).expect(200);
		this.api.get(SEARCH + "a&q=b").wrongParameter("q");
		this.api.get(SEARCH + "a&limit=101").wrongParameter("limit");
		this.api.get(SEARCH + "a&limit=0").wrongParameter("limit");
		this.api.get(SEARCH + "a&role=nobody").wrongParameter("role");
		this.api.get(SEARCH + "a&from=yesterday").wrongParameter("from");
		this.api.get(SEARCH + "a&owner=").wrongParameter("owner");
		this.api.get(SEARCH + "a&session_id=").wrongParameter("session_id");
		this.api.get(SEARCH + "a&label=x").wrongParameter("label");
		this.api.get(SEARCH + "a&session_id=a%2Fb").wrongParameter("session_id");
		this.api.get(SEARCH + "a&session_id=" + Api.newId()).problem(404, "session-not-found");
		this.api.get(SEARCH + "a&cursor=nonsense").wrongParameter("cursor");
		this.api.get(SEARCH + "a&title=x").wrongParameter("title");
		String cursor = this.api.get("/v1/sessions?limit=1").json().path("next").asString("");
		if (cursor.contains("cursor=")) {
			this.api.get(SEARCH + "a&" + cursor.substring(cursor.indexOf("cursor="))).wrongParameter("cursor");
		}
	}

	/** What was committed before a search was, if it says so, is found by it. */
	@Test
	void saysThroughWhenEverythingIsFound() {
		for (int i = 0; i < 5; i++) {
			String session = owned(message("punctual"));
			Instant said = Instant.parse(this.api.session(session).path("last_activity").stringValue());
			Answer[] answer = new Answer[1];
			Awaitility.await().until(() -> {
				answer[0] = search("punctual");
				return Instant.parse(answer[0].json().path("indexed_through").stringValue()).isAfter(said);
			});
			assertThat(answer[0].data()).hasSize(i + 1);
		}
	}

	/** Of random texts exactly those are found that contain a random query. */
	@Test
	void findsExactlyWhatContainsTheQuery() {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		List<String> texts = Stream.generate(() -> text(random)).limit(120).toList();
		String session = owned(Json.array(texts.stream().map(Json::message).toList()));
		this.api.append(session, message("thelastone")).expect(201);
		awaitFound("thelastone", 1);
		for (int i = 0; i < 150; i++) {
			String query = query(random);
			SearchQuery parsed;
			try {
				parsed = SearchQuery.parse(query);
			}
			catch (ProblemException ex) {
				this.api.get(SEARCH + encode(query)).wrongParameter("q");
				continue;
			}
			List<Integer> expected = IntStream.range(0, texts.size())
				.filter((n) -> Snippet.find(parsed, List.of(texts.get(n))) != null)
				.mapToObj((n) -> texts.size() - n)
				.toList();
			List<Integer> found = new ArrayList<>();
			for (Answer page : this.api.walk(SEARCH + encode(query) + "&limit=50&owner=" + this.owner)) {
				page.data().forEach((each) -> found.add(texts.size() + 1 - each.path("seq").intValue()));
			}
			assertThat(found).as("seed %d: %s", seed, query).containsExactlyInAnyOrderElementsOf(expected);
		}
	}

	/** Whatever is asked for, the answer is 200 or says what is wrong. */
	@Test
	void anyTextIsAQueryOrAClearError() {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		for (int i = 0; i < 100; i++) {
			StringBuilder query = new StringBuilder();
			for (int k = random.nextInt(12); k >= 0; k--) {
				int kind = random.nextInt(5);
				query.appendCodePoint((kind == 0) ? " \"-*()&|!:'\\<>".charAt(random.nextInt(14))
						: (kind == 1) ? 'a' + random.nextInt(3) : (kind == 2) ? 0x80 + random.nextInt(0x3000)
								: (kind == 3) ? 0x10000 + random.nextInt(0x20000) : 0xE000 + random.nextInt(0x1FFE));
			}
			Answer answer = this.api.get(SEARCH + encode(query.toString()));
			assertThat(answer.status()).as("seed %d: %s", seed, query).isIn(200, 400);
		}
	}

	private static String text(Random random) {
		String[] words = { "red", "Réd", "redder", "ｒｅｄ", "blue", "blau", "Grün", "東京", "京都", "東", "京東", "สวัสดี", "ดี",
				"x1", "x-1", "ред", "ёж", "ガギ", "ｶﾞｷﾞ", "한국어", "국어", "a".repeat(70), "a".repeat(64) };
		StringBuilder text = new StringBuilder();
		for (int i = random.nextInt(6); i >= 0; i--) {
			text.append(words[random.nextInt(words.length)]).append(random.nextInt(3) == 0 ? "" : " ");
		}
		return text.toString().strip();
	}

	private static String query(Random random) {
		StringBuilder query = new StringBuilder();
		for (int i = random.nextInt(3); i >= 0; i--) {
			String text = text(random);
			String word = text.substring(0,
					text.offsetByCodePoints(0, 1 + random.nextInt(text.codePointCount(0, text.length()))));
			query.append((random.nextInt(5) == 0) ? "-" : "")
				.append((random.nextInt(4) == 0) ? "\"" + word + "\"" : word.split(" ")[0])
				.append((random.nextInt(4) == 0) ? "*" : "")
				.append((random.nextInt(4) == 0) ? " OR " : " ");
		}
		return query.toString().strip();
	}

	/** Messages of an owner each, when all can be found. */
	private List<Case> cases(String lines) {
		List<Case> cases = lines.lines().map((line) -> {
			int bar = line.indexOf(" | ");
			String marked = line.substring(bar + 3);
			String text = marked.replaceAll("\\[([^\\[\\]]*)]", "$1");
			String owner = "owner-" + Api.newId();
			return new Case(line.substring(0, bar), marked, text, owner, owned(owner, message(text)));
		}).toList();
		owned(message("the last one"));
		awaitFound("last", 1);
		return cases;
	}

	private record Case(String query, String marked, String text, String owner, String session) {
	}

	private Answer searchOf(String owner, String query) {
		return this.api.get(SEARCH + encode(query) + "&owner=" + owner).expect(200);
	}

	private String owned(String messages) {
		return owned(this.owner, messages);
	}

	private String owned(String owner, String messages) {
		String session = Api.newId();
		this.api.create(json("{'session_id':'" + session + "','owner':'" + owner + "'}")).expect(201);
		this.api.append(session, messages).expect(201);
		return session;
	}

	private Answer search(String query) {
		return search(query, "");
	}

	private Answer search(String query, String parameters) {
		return this.api.get(SEARCH + encode(query) + "&owner=" + this.owner + parameters).expect(200);
	}

	private JsonNode single(String query) {
		awaitFound(query, 1);
		return search(query).data().get(0);
	}

	private void awaitFound(String query, int count) {
		Awaitility.await().untilAsserted(() -> assertThat(search(query, "&limit=100").data()).as(query).hasSize(count));
	}

	private void awaitFound(String query, int ofOwner, String session) {
		Awaitility.await()
			.untilAsserted(() -> assertThat(this.api.get(SEARCH + query + "&session_id=" + session).data()).hasSize(1));
		assertThat(search(query).data()).hasSize(ofOwner);
	}

	/** The snippet with its matches in brackets. */
	private static String marked(JsonNode found) {
		int[] codePoints = found.path("snippet").stringValue().codePoints().toArray();
		StringBuilder marked = new StringBuilder();
		int at = 0;
		for (JsonNode match : found.path("matches")) {
			marked.append(new String(codePoints, at, match.get(0).intValue() - at)).append('[');
			at = match.get(1).intValue();
			marked.append(new String(codePoints, match.get(0).intValue(), at - match.get(0).intValue())).append(']');
		}
		return marked.append(new String(codePoints, at, codePoints.length - at)).toString();
	}

	private static String encode(String text) {
		return UriUtils.encode(text, StandardCharsets.UTF_8);
	}

}
