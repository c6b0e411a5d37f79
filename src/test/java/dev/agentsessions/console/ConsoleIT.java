package dev.agentsessions.console;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.agentsessions.Api;
import dev.agentsessions.Browser;
import dev.agentsessions.Json;
import dev.agentsessions.TestStore;
import dev.agentsessions.access.KeysOfTests;
import dev.agentsessions.access.TokenProvider;
import dev.agentsessions.database.Engine;
import dev.agentsessions.tail.DraftRequest;
import dev.agentsessions.tail.time.TailTimes;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.http.HttpMethod;

import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The console in Chromium, where there is one.
 */
class ConsoleIT {

	/** What can be clicked to change the session, and in the question that comes then. */
	private static final String ACTION = ".title .buttons button";

	private static final String YES = "dialog form > .buttons button:last-child";

	private static final String AXE = "classpath*:META-INF/resources/webjars/axe-core/*/axe.min.js";

	/** So that the test can break the stream that the page follows. */
	private static final String BREAKABLE = """
			{
				const original = window.fetch;
				window.fetch = (url, options = {}) => {
					if (!String(url).includes("/tail")) {
						return original(url, options);
					}
					const cut = new AbortController();
					window.cut = () => cut.abort();
					window.cameBackWith = options.headers["Last-Event-ID"];
					return original(url, { ...options, signal: AbortSignal.any([options.signal, cut.signal]) });
				};
			}
			""";

	/**
	 * Breaks the first stream that says "two" right before that, once the page has read
	 * what stands before.
	 */
	private static final String BREAKING_INSIDE = """
			{
				const original = window.fetch;
				let broken = false;
				const breaking = {
					transform(bytes, stream) {
						const place = new TextDecoder().decode(bytes).indexOf('"two"');
						if (!broken) {
							stream.enqueue(place < 0 ? bytes : bytes.slice(0, place));
						}
						if (place >= 0) {
							broken = true;
							setTimeout(() => stream.error(new TypeError("broken")), 100);
						}
					}
				};
				window.fetch = async (url, options = {}) => {
					const response = await original(url, options);
					if (!String(url).includes("/tail") || broken) {
						return response;
					}
					return new Response(response.body.pipeThrough(new TransformStream(breaking)));
				};
			}
			""";

	@TempDir
	static Path directory;

	private static TestStore store;

	private static Browser browser;

	private final Api api = Api.on(store);

	private final String session = Api.newId();

	@BeforeAll
	static void start() {
		Path program = Browser.find();
		store = TestStore.on(Engine.H2);
		browser = Browser.start(program, directory);
	}

	@AfterAll
	static void stop() {
		if (browser != null) {
			browser.close();
		}
	}

	/** Neither does a script fail, nor is anything asked of another host. */
	@AfterEach
	void nothingIsAmiss() {
		assertThat(browser.complaints()).isEmpty();
		assertThat(browser.run("performance.getEntriesByType('resource').map((each) => new URL(each.name))"
				+ ".filter((url) => url.protocol !== 'data:' && url.host !== location.host).map(String)"))
			.isEmpty();
	}

	@Test
	void sessionsAreListedAndFoundAndMoveAndAreOpened() {
		String owner = Api.newId();
		this.api.create(json("{'session_id':'" + owner + "-1','owner':'" + owner + "','title':'A parcel'}"))
			.expect(201);
		this.api
			.create(json("{'session_id':'" + owner + "-2','owner':'" + owner + "','title':'A <i>bill</i>',"
					+ "'labels':{'env':'prod'}}"))
			.expect(201);
		open("/sessions?owner=" + owner);
		awaitTexts(".rows .name", "A <i>bill</i>", "A parcel");
		// what is written to moves to the top by itself
		this.api.append(owner + "-1", message("Where is it?")).expect(201);
		awaitTexts(".rows .name", "A parcel", "A <i>bill</i>");
		browser.write("[name=title]", "BILL");
		awaitTexts(".rows .name", "A <i>bill</i>");
		browser.write("[name=title]", "");
		browser.write("[name=label]", "env:prod");
		awaitTexts(".rows .name", "A <i>bill</i>");
		browser.write("[name=label]", "");
		awaitTexts(".rows .name", "A parcel", "A <i>bill</i>");
		this.api.delete(Api.SESSION, owner + "-2").expect(204);
		awaitTexts(".rows .name", "A parcel");
		browser.click("[name=include_deleted]");
		browser.run("document.querySelector('[name=include_deleted]').form.requestSubmit()");
		awaitTexts(".rows .name", "A parcel", "A <i>bill</i>");
		browser.click(".rows li:first-child a");
		awaitTexts(".body", "Where is it?");
		awaitTexts("h1", "A parcel");
	}

	@Test
	void messagesComeLiveAndADraftGrowsAlsoAcrossAReload() {
		this.api.append(this.session, message("Why is the sky blue?")).expect(201);
		openSession();
		awaitTexts(".body", "Why is the sky blue?");
		this.api.append(this.session, message("Anybody?")).expect(201);
		awaitTexts(".body", "Why is the sky blue?", "Anybody?");
		try (DraftRequest draft = DraftRequest.to(store.uri(), this.session, "answer", "")) {
			draft.say("It is 🙂 ");
			awaitTexts(".draft .body", "It is 🙂 ");
			draft.say("the <b>air</b>");
			awaitTexts(".draft .body", "It is 🙂 the <b>air</b>");
			browser.reload();
			awaitTexts(".draft .body", "It is 🙂 the <b>air</b>");
			draft.say(", which");
			awaitTexts(".draft .body", "It is 🙂 the <b>air</b>, which");
			draft.line("{\"message\":" + message("assistant", "The **air**.") + "}").expect(201);
		}
		awaitTexts(".body", "Why is the sky blue?", "Anybody?", "The air.");
		awaitTexts(".draft");
		assertThat(browser.texts(".body strong")).containsExactly("air");
	}

	@Test
	void theEndOfTheLogStaysInSightWhileDraftsGrow() {
		String long60 = this.api.sessionOf(60);
		open("/session/" + long60);
		awaitTexts("[data-state]", "live");
		try (DraftRequest one = DraftRequest.to(store.uri(), long60, "one", "").say("a line\n".repeat(30))) {
			awaitTexts(".draft .body", "a line\n".repeat(30));
			assertThat(isAtEnd()).isTrue();
			try (DraftRequest two = DraftRequest.to(store.uri(), long60, "two", "").say("another\n".repeat(30))) {
				awaitTexts(".draft .body", "a line\n".repeat(30), "another\n".repeat(30));
				assertThat(isAtEnd()).isTrue();
				this.api.append(long60, message("in between")).expect(201);
				Awaitility.await().until(() -> browser.texts(".message:not(.draft) .body").contains("in between"));
				assertThat(isAtEnd()).isTrue();
				two.line("{\"discard\":true}").expect(200);
			}
			awaitTexts(".draft .body", "a line\n".repeat(30));
			assertThat(isAtEnd()).isTrue();
			one.line("{\"discard\":true}").expect(200);
		}
	}

	private static boolean isAtEnd() {
		return browser
			.run("{ const { scrollHeight, scrollTop, clientHeight } = document.querySelector('.log');"
					+ " scrollHeight - scrollTop - clientHeight < 2 }")
			.booleanValue(false);
	}

	@Test
	void aStreamThatBreaksGoesOnWhereItWas() {
		this.api.append(this.session, message("one")).expect(201);
		open("/search");
		browser.run(BREAKABLE);
		browser.run("location.hash = '#/session/" + this.session + "'");
		awaitTexts("[data-state]", "live");
		this.api.append(this.session, message("two")).expect(201);
		awaitTexts(".body", "one", "two");
		browser.run("window.cut()");
		awaitTexts("[data-state]", "reconnecting…");
		this.api.append(this.session, message("three")).expect(201);
		awaitTexts(".body", "one", "two", "three");
		awaitTexts("[data-state]", "live");
		assertThat(browser.run("window.cameBackWith").stringValue("")).startsWith("2-0-");
	}

	@Test
	void aStreamThatBreaksInsideAnEventTellsOfItAgain() {
		this.api.append(this.session, message("one")).expect(201);
		open("/search");
		browser.run(BREAKING_INSIDE);
		browser.run("location.hash = '#/session/" + this.session + "'");
		awaitTexts("[data-state]", "live");
		this.api.append(this.session, message("two")).expect(201);
		awaitTexts("[data-state]", "reconnecting…");
		awaitTexts(".body", "one", "two");
		awaitTexts("[data-state]", "live");
	}

	/** A browser has six connections to a host, for all its tabs together. */
	@Test
	void aPageThatNobodySeesFollowsNothingAndCatchesUpWhenItIsSeen() {
		this.api.append(this.session, message("one")).expect(201);
		openSession();
		hide(true);
		awaitTexts("[data-state]", "reconnecting…");
		this.api.append(this.session, message("two")).expect(201);
		hide(false);
		awaitTexts(".body", "one", "two");
		awaitTexts("[data-state]", "live");
	}

	private static void hide(boolean hidden) {
		browser.run("Object.defineProperty(document, 'hidden', { value: " + hidden + ", configurable: true });"
				+ " document.dispatchEvent(new Event('visibilitychange'))");
	}

	/**
	 * The page of messages that is asked for may be older than what is told meanwhile.
	 */
	@ParameterizedTest
	@CsvSource({ "0,false", "3,false", "3,true" })
	void whatIsWrittenWhileTheEndIsAskedForIsShown(int before, boolean isSwitched) {
		this.api.create(json("{'session_id':'" + this.session + "'}")).expect(201);
		Stream.of("a", "b", "c").limit(before).forEach((text) -> {
			this.api.append(this.session, message(text));
			if (isSwitched) {
				this.api.post(Api.SWITCHES, this.session).json(json("{'to_agent':'" + text + "'}")).send().expect(201);
			}
		});
		openSession();
		askForTheEndAndHoldTheAnswer();
		String tall = "d\n".repeat(100).strip();
		this.api.append(this.session, message(tall)).expect(201);
		Awaitility.await().until(() -> browser.texts(".body").contains(tall));
		browser.run("window.held()");
		Awaitility.await()
			.until(() -> browser.run("document.querySelector('.log').getAttribute('aria-busy')").stringValue(""),
					"false"::equals);
		this.api.append(this.session, message("e")).expect(201);
		awaitTexts(".body",
				Stream.of("abc".substring(3 - before).split(""), new String[] { tall, "e" })
					.flatMap(Stream::of)
					.filter((text) -> !text.isEmpty())
					.toArray(String[]::new));
		assertThat(browser
			.run("((log) => log.scrollHeight - log.scrollTop - log.clientHeight < 2)"
					+ "(document.querySelector('.log'))")
			.booleanValue()).as("it is at its end").isTrue();
	}

	@Test
	void whoGoesElsewhereWhileTheEndIsAskedForStaysThere() {
		String tall = "a\n".repeat(100).strip();
		this.api.append(this.session, Json.array(List.of(message(tall), message("b")))).expect(201);
		openSession();
		askForTheEndAndHoldTheAnswer();
		browser.click(".places button");
		awaitTexts(".sought .body", tall);
		browser.run("window.held()");
		this.api.append(this.session, message("c")).expect(201);
		awaitTexts(".body", tall, "b", "c");
		assertThat(browser.run("document.querySelector('.log').scrollTop").doubleValue()).isLessThan(100);
	}

	private static void askForTheEndAndHoldTheAnswer() {
		browser.run("{ const ask = fetch; window.fetch = async (...request) => { const answer = await ask(...request);"
				+ " if (!window.held && String(request[0]).includes('before=')) {"
				+ " await new Promise((go) => window.held = go); } return answer; } }");
		browser.click(".places button:nth-of-type(2)");
		Awaitility.await().until(() -> browser.run("!!window.held").booleanValue(false));
	}

	/** What fails then is told until something else is done. */
	@Test
	void aSessionIsLiveBeforeMessagesBeyondThoseThatAreSeenAreThere() {
		String hundred = this.api.sessionOf(100);
		open("/search");
		browser.run("document.styleSheets[0].insertRule('.message { height: 10px; overflow: hidden }')");
		browser.run("{ const ask = fetch; window.fetch = (...request) => String(request[0]).includes('before=51')"
				+ " ? new Promise((go) => window.held = go) : ask(...request); }");
		browser.run("location.hash = '#/session/" + hundred + "'");
		Awaitility.await().until(() -> browser.run("!!window.held").booleanValue(false));
		awaitTexts("[data-state]", "live");
		browser.run("window.held(new Response('{}', { status: 500 }))");
		awaitTexts(".failed > span", "That did not work: HTTP 500");
	}

	@Test
	void aLogThatWasReplacedByNothingShowsWhatComes() {
		this.api.append(this.session, message("old")).expect(201);
		this.api.save(this.session).expect(200);
		open("/session/" + this.session + "?seq=1");
		awaitTexts("[data-state]", "live");
		this.api.append(this.session, message("new")).expect(201);
		awaitTexts(".body", "new");
	}

	@Test
	void callsHaveTheirResultsAndAgentsTheirMarks() {
		this.api.post(Api.TURNS, this.session)
			.json(json("{'messages':[{'role':'user','content':'Read it.'}],"
					+ "'agent_switch':{'to_agent':'reader','reason':'a file'}}"))
			.send()
			.expect(201);
		this.api.append(this.session, json("[{'role':'assistant','tool_calls':[{'id':'c1','type':'function',"
				+ "'function':{'name':'read','arguments':'{}'}}]},{'role':'tool','tool_call_id':'c1','content':'<u>'}]"))
			.expect(201);
		openSession();
		awaitTexts(".call.answered > summary b", "read");
		awaitTexts(".call .answer", "<u>");
		awaitTexts(".agent-name", "", "reader", "reader");
		awaitTexts(".switch", "reader takes over · a file");
		awaitTexts(".timeline a", "reader");
	}

	@Test
	void aLongSessionIsShownAroundAnyPlaceWithFewElements() {
		String large = this.api.sessionOf(3000);
		open("/session/" + large + "?seq=1500");
		awaitTexts(".sought .body", "1500");
		browser.run("document.querySelector('.log').scrollTop = 0");
		Awaitility.await().until(() -> firstSeq() < 1475);
		assertThat(rows()).isLessThanOrEqualTo(300);
		browser.run("document.querySelector('.places button').click()");
		Awaitility.await().until(() -> firstSeq() == 1);
		while (!browser.run("document.querySelector('.message:nth-last-child(2)').dataset.seq > 400")
			.booleanValue(false)) {
			browser.run("document.querySelector('.log').scrollTop = 1e9");
			assertThat(rows()).isLessThanOrEqualTo(300);
		}
		assertThat(browser
			.run("[...document.querySelectorAll('.message')].every((each, index, all) => index === 0"
					+ " || each.dataset.seq - all[index - 1].dataset.seq === 1)")
			.booleanValue(false)).isTrue();
		browser.write(".places input[type=number]", "3000");
		awaitTexts(".sought .body", "3000");
	}

	@Test
	void wordsAreFoundAndMarkedAndLeadToTheirMessage() {
		String word = "w" + this.session.replaceAll("\\W", "").substring(4);
		this.api.append(this.session, Json.array(List.of(message("first"), message("🙂 a " + word + " here"))))
			.expect(201);
		open("/search");
		browser.write("[name=q]", word);
		browser.run("document.querySelector('.filters').requestSubmit()");
		awaitTexts(".found mark", word);
		browser.click(".found a");
		awaitTexts(".sought .body", "🙂 a " + word + " here");
	}

	@Test
	void aSessionIsChangedDeletedAndRestoredWithAQuestionFirst() {
		this.api.append(this.session, message("hello")).expect(201);
		openSession();
		awaitTexts(ACTION, "Title and labels", "Fork", "Delete", "Erase");
		edit();
		browser.write("dialog [name=title]", "Greetings");
		browser.write("dialog [name=labels]", "env:test\nlang:en");
		browser.click(YES);
		awaitTexts("h1", "Greetings");
		awaitTexts("dd .label", "env:test", "lang:en");
		browser.click(ACTION + ":nth-of-type(3)");
		assertThat(this.api.session(this.session).path("title").stringValue("")).isEqualTo("Greetings");
		browser.click(YES);
		awaitTexts(ACTION, "Restore", "Erase");
		this.api.get(Api.SESSION, this.session).problem(410, "session-deleted");
		awaitTexts(".body", "hello");
		assertThat(
				browser.run("getComputedStyle(document.querySelector('.message button.fork')).display").stringValue())
			.isEqualTo("none");
		browser.click(ACTION + ":nth-of-type(1)");
		browser.click(YES);
		awaitTexts("[data-state]", "live");
		this.api.append(this.session, message("again")).expect(201);
		awaitTexts(".body", "hello", "again");
		browser.click(ACTION + ":nth-of-type(2)");
		browser.write("dialog [name=new_id]", this.session + "-fork");
		browser.write("dialog [name=through]", "1");
		browser.click(YES);
		awaitTexts("dd code", this.session + "-fork");
		awaitTexts(".body", "hello");
		browser.click(ACTION + ":nth-of-type(4)");
		browser.write("dialog [name=confirm]", "another");
		browser.click(YES);
		awaitTexts("dialog .failed", "That is not the id of this session.");
		browser.write("dialog [name=confirm]", this.session + "-fork");
		browser.click(YES);
		Awaitility.await().until(() -> browser.texts(".notice").toString().contains(". Sessions: 1, messages: 1."));
		this.api.get(Api.SESSION, this.session + "-fork").problem(404, "session-not-found");
	}

	@Test
	void onlyWhatIsChangedInTheDialogIsChanged() {
		String quoted = "'lines':'a\\nenv:prod','quotes':'\\\"a\\\"'";
		this.api
			.create(json("{'session_id':'" + this.session + "','title':'old','labels':{'env':'test','constructor':'x',"
					+ "'stays':'1'," + quoted + "}}"))
			.expect(201);
		openSession();
		// what somebody else changes before the dialog is opened, and while it is open
		change("{'title':'new','labels':{'env':'prod'}}");
		edit();
		change("{'labels':{'stays':'2','added':'3'}}");
		String[] lines = browser.run("document.querySelector('dialog [name=labels]').value")
			.stringValue("")
			.split("\n");
		assertThat(lines).containsExactlyInAnyOrder("env:prod", "constructor:x", "stays:1", "lines:\"a\\nenv:prod\"",
				"quotes:\"\\\"a\\\"\"");
		browser.write("dialog [name=labels]",
				Stream.of(lines)
					.filter((line) -> !line.startsWith("constructor"))
					.collect(Collectors.joining("\n", "", "\nmine:4")));
		browser.click(YES);
		awaitTexts("dialog");
		awaitTexts("h1", "new");
		assertThat(this.api.session(this.session).path("title").stringValue("")).isEqualTo("new");
		assertThat(this.api.session(this.session).path("labels"))
			.isEqualTo(Json.parse(json("{'env':'prod','stays':'2','added':'3','mine':'4'," + quoted + "}")));
	}

	private void change(String fields) {
		this.api.request(HttpMethod.PATCH, Api.SESSION, this.session).json(json(fields)).send().expect(200);
	}

	@Test
	void whatFitsAModelIsShownAndWhatItDoesNotSeeIsMarked() {
		this.api.append(this.session, Json.array(List.of(message("one"), message("two"), message("three"))))
			.expect(201);
		this.api.request(HttpMethod.PUT, "/v1/sessions/{id}/view", this.session)
			.json(json("{'ranges':[[1,1],[3]]}"))
			.send()
			.expect(200);
		openSession();
		awaitTexts(".message.out .body", "two");
		awaitTexts(".ranges:not(.without) li", "1", "3 and on");
		awaitTexts(".without li", "2");
		browser.write("[name=max_tokens]", "10");
		browser.run("document.querySelector('.fit').requestSubmit()");
		awaitTexts(".fitting li", "user three");
		// another place of the session leaves the rest of the page as it is
		browser.click(".without a");
		awaitTexts(".sought .body", "two");
		awaitTexts(".fitting li", "user three");
		browser.run("document.querySelector('.sought').classList.remove('sought')");
		browser.click(".without a");
		awaitTexts(".sought .body", "two");
		browser.write("[name=max_tokens]", "1");
		browser.run("document.querySelector('.fit').requestSubmit()");
		Awaitility.await().until(() -> browser.texts(".fit .failed").toString().contains("Nothing fits"));
	}

	@Test
	void nothingThatIsStoredIsMarkupOrRuns() {
		String hostile = "<img src=x onerror='window.ran=1'><script>window.ran=1</script><svg onload='window.ran=1'>"
				+ "[click](javascript:window.ran=1) ![i](http://127.0.0.1:9/x.png) <a href='javascript:window.ran=1'>x</a>";
		String text = Json.text(hostile);
		this.api
			.create("{\"session_id\":\"" + this.session + "\",\"title\":" + text + ",\"labels\":{\"a\":" + text
					+ "},\"metadata\":{\"a\":" + text + "}}")
			.expect(201);
		this.api.append(this.session,
				"[{\"role\":\"user\",\"name\":" + text + ",\"content\":" + text + "},{\"role\":\"user\",\"content\":"
						+ "[{\"type\":\"text\",\"text\":" + text + "},{\"type\":\"image_url\",\"image_url\":{\"url\":"
						+ text + "}}]},{\"role\":\"tool\",\"tool_call_id\":\"a\",\"content\":" + text + "}]")
			.expect(201);
		openSession();
		awaitTexts("h1", hostile);
		Awaitility.await().until(() -> rows() == 3);
		browser.run("document.querySelectorAll('details').forEach((each) => each.open = true)");
		browser
			.run("document.querySelectorAll('.message header button:first-of-type').forEach((each) => each.click())");
		assertThat(browser.texts("main img, main script, main svg:not(.plot), main [href^=javascript]")).isEmpty();
		assertThat(browser.texts(".message:nth-child(1) .body").get(0)).startsWith(hostile.substring(0, 100));
		assertThat(browser.run("'ran' in window").booleanValue(true)).isFalse();
	}

	@Test
	void noMessageTakesOthersWithItWhateverItsShape() {
		List<String> odd = Stream
			.of("'role':'assistant','tool_calls':[null]", "'role':'model','parts':[null,'a part']",
					"'type':'reasoning','summary':'a text'", "'type':'reasoning','summary':[null]",
					"'role':'user','content':[{'type':'text','text':{'toString':'x'}}]",
					"'role':'assistant','content':[{'type':'thinking','thinking':{'toString':1}}]",
					"'role':'user','content':[{'type':{'toString':1},'text':'x'}]",
					"'role':'user','type':{'toString':1},'content':''",
					"'role':'assistant','tool_calls':[{'function':{'name':{'toString':1},'arguments':'{}'}}]",
					"'role':'model','parts':[{'functionCall':{'name':{'toString':1}}}]",
					"'role':'assistant','content':null,'refusal':'No.','tool_calls':[{'id':'c'}]",
					"'role':'assistant','content':[{'type':'text','text':{'value':'Hi','annotations':[]}}]")
			.map((fields) -> json("{" + fields + "}"))
			.toList();
		String all = Json
			.array(Stream.of(List.of(message("one")), odd, List.of(message("two"))).flatMap(List::stream).toList());
		this.api.append(this.session, all).expect(201);
		openSession();
		Awaitility.await().until(() -> rows() == odd.size() + 2);
		this.api.append(this.session, all).expect(201);
		Awaitility.await().until(() -> rows() == 2 * (odd.size() + 2));
		List<String> bodies = browser.texts(".body");
		assertThat(bodies.subList(0, odd.size() + 2)).startsWith("one", "Part ", "Part a part", "Reasoning")
			.endsWith("Hi", "two")
			.isEqualTo(bodies.subList(odd.size() + 2, bodies.size()));
		browser.run("document.querySelectorAll('details').forEach((each) => each.open = true)");
		Awaitility.await().until(() -> browser.texts(".thinking .text").contains("a text"));
	}

	@Test
	void longNumbersKeepTheirDigits() {
		String number = "12345678901234567890";
		String message = json("{'role':'assistant','tool_calls':[{'id':'c','function':{'name':'f','arguments':"
				+ "'{\\\"id\\\":" + number + "}'}}],'n':[" + number + ",0.5]}");
		this.api.append(this.session, message).expect(201);
		openSession();
		this.api.append(this.session, message).expect(201);
		Awaitility.await().until(() -> rows() == 2);
		browser
			.run("document.querySelectorAll('.message header button:first-of-type').forEach((each) => each.click())");
		assertThat(browser.texts(".call > pre")).hasSize(2).allMatch((text) -> text.contains(" " + number));
		assertThat(browser.texts(".message > pre")).hasSize(2)
			.allMatch((text) -> text.contains("    " + number + ",\n    0.5\n"));
	}

	@Test
	void longNumbersKeepTheirDigitsAfterAnEdit() {
		this.api.create(json("{'session_id':'" + this.session + "','metadata':{'n':12345678901234567890}}"))
			.expect(201);
		openSession();
		edit();
		browser.write("dialog [name=title]", "A title");
		browser.click(YES);
		awaitTexts("h1", "A title");
		awaitTexts("dd pre", "{\n  \"n\": 12345678901234567890\n}");
	}

	@Test
	void aMessageThatCannotBeShownIsShownAsJson() {
		open("/sessions");
		assertThat(browser
			.run("import('/console/message.js').then(({ rowOf }) => rowOf({ seq: 7, role: 'user', content: 'hello',"
					+ " timestamp: 'never' }, { linkTo: String }).element.textContent)")
			.stringValue("")).startsWith("{").contains("\"content\": \"hello\"");
	}

	@Test
	void whatIsWrittenFromRightToLeftBeginsAtTheRight() {
		this.api.append(this.session, message("- שלום\n\nhello\n\n> مرحبا")).expect(201);
		openSession();
		assertThat(browser
			.run("[...document.querySelectorAll('.text > *')].map((each) => getComputedStyle(each).direction).join()")
			.stringValue("")).isEqualTo("rtl,ltr,rtl");
	}

	/** With patterns that look back again and again these would take minutes. */
	@Test
	void noTextTakesLongerThanItsLength() {
		open("/sessions");
		for (String text : List.of("'# ' + ' '.repeat(1e6) + 'x'", "'a|b\\n' + ' '.repeat(1e6) + 'x'",
				"'a|b\\n' + '|-'.repeat(5e5) + 'x'")) {
			assertThat(browser
				.run("import('/console/markdown.js').then(({ markdown }) => markdown(" + text
						+ ", { left: 1000 }).length)")
				.intValue(0)).as(text).isEqualTo(1);
		}
	}

	@Test
	void noBracketLooksBeyondTheNext() {
		open("/sessions");
		assertThat(browser
			.run("import('/console/markdown.js').then(({ markdown }) => { const from = performance.now();"
					+ " markdown('['.repeat(1e6), { left: 1000 }); return performance.now() - from; })")
			.doubleValue(1e9)).isLessThan(2000);
	}

	@ParameterizedTest
	@ValueSource(strings = { "- a\n", "*a* ", "|a|b|\n|-|-|\n|c|d|\n\n", "> - **a** `b`\n", "# a\n", "a\n\n" })
	void ofMarkdownOnlySoManyElementsAreMadeAndTheRestIsAsItWasWritten(String piece) {
		String all = piece.repeat(1000) + "the *end*";
		this.api.append(this.session, Json.array(List.of(message(all), message("*a*")))).expect(201);
		openSession();
		awaitTexts(".message:nth-child(2) em", "a");
		assertThat(elements()).isBetween(250, 650);
		assertThat(browser.texts(".message:first-child .text").get(0)).endsWith("the *end*");
		browser.click(".message:first-child .body button");
		assertThat(elements()).isBetween(1000, 10050);
		assertThat(browser.texts(".message:first-child .body button")).isEmpty();
	}

	/** A row may have more cells than there may be elements. */
	@Test
	void aTableThatIsTooWideIsText() {
		String all = "|a".repeat(2000) + "\n" + "|-".repeat(2000) + "\n|b";
		this.api.append(this.session, message(all)).expect(201);
		openSession();
		awaitTexts(".text p", all);
	}

	private static int elements() {
		return browser.run("document.querySelectorAll('.message:first-child .text *').length").intValue(0);
	}

	@Test
	void theLanguageIsChosenAndStays() {
		open("/sessions");
		awaitTexts("h1", "Sessions");
		choose("ru");
		awaitTexts("h1", "Сессии");
		browser.reload();
		awaitTexts("h1", "Сессии");
		choose("en");
		awaitTexts("h1", "Sessions");
	}

	@Test
	void whereKeysAreAskedForThePageAsksAndShowsWhatARoleMayNot() throws IOException {
		try (TestStore locked = KeysOfTests.store(Engine.H2, directory)) {
			Api.on(locked, "acme-user").append(this.session, message("secret")).expect(201);
			browser.open(URI.create(locked.uri() + "/console#/session/" + this.session));
			awaitTexts("h1", "Sign in");
			assertThat(violations()).isEmpty();
			signIn("ключ");
			awaitTexts(".failed", "This key or token is not accepted, or not any more.");
			browser.run("document.querySelector('.failed').remove()");
			signIn("wrong");
			awaitTexts(".failed", "This key or token is not accepted, or not any more.");
			signIn("acme-user");
			awaitTexts(".body", "secret");
			awaitTexts("[data-state]", "live");
			browser.reload();
			awaitTexts(".body", "secret");
			browser.run("location.hash = '#/retention'");
			awaitTexts(".failed > span", "Your key or token does not allow this: This needs the role admin.");
			browser.click("#sign-out");
			awaitTexts("h1", "Sign in");
			signIn("acme-admin");
			awaitTexts("h2", "What leaves when", "What would leave");
			browser.click(".filters button");
			awaitTexts("output", "0 sessions would be soft-deleted.", "");
			browser.run("sessionStorage.clear()");
		}
	}

	@Test
	void aTokenThatExpiresWhileThePageIsOpenIsAskedForAgain() {
		List<TailTimes> often = List.of(new TailTimes(Duration.ofMillis(200), Duration.ofHours(1),
				Duration.ofSeconds(1), Duration.ofMillis(800)));
		try (TokenProvider provider = new TokenProvider();
				TestStore asking = TestStore.start(often, TestStore.newDatabase(Engine.H2), "management.server.port=0",
						"store.access.mode=jwt", "store.access.jwt.issuer=" + provider.issuer(),
						"store.access.jwt.audience=the-store")) {
			String lasting = provider.sign(provider.claims("acme", "user"));
			Api.on(asking, lasting).append(this.session, message("secret")).expect(201);
			browser.open(URI.create(asking.uri() + "/console#/session/" + this.session));
			awaitTexts("h1", "Sign in");
			// clocks may differ by a minute, so it is believed for some seconds more
			signIn(provider.sign(provider.claims("acme", "user")
				.expirationTime(Date.from(Instant.now().minus(Duration.ofSeconds(45))))));
			awaitTexts(".body", "secret");
			awaitTexts("[data-state]", "live");
			edit();
			Awaitility.await()
				.atMost(Duration.ofSeconds(40))
				.until(() -> browser.texts("h1, .failed, dialog, .body"),
						List.of("Sign in", "This key or token is not accepted, or not any more.")::equals);
			signIn(lasting);
			awaitTexts(".body", "secret");
			awaitTexts("[data-state]", "live");
			browser.run("sessionStorage.clear()");
		}
	}

	@Test
	void aSessionThatIsDeletedOrPurgedElsewhereDoesNotStay() throws IOException {
		this.api.append(this.session, message("hello")).expect(201);
		openSession();
		this.api.delete(Api.SESSION, this.session).expect(204);
		awaitTexts(ACTION, "Restore", "Erase");
		awaitTexts("[data-state]", "deleted");
		String purged = this.api.sessionOf(3);
		browser.run("location.hash = '#/session/" + purged + "'");
		awaitTexts("[data-state]", "live");
		this.api.delete("/v1/sessions/{id}?soft=false", purged).expect(204);
		awaitTexts(".failed > span", "There is no such session, or not any more.");
		awaitTexts(".body, .buttons, aside");
		assertThat(violations()).isEmpty();
	}

	@Test
	void whatDoesNotWorkIsToldAndTriedAgain() {
		this.api.append(this.session, message("hello")).expect(201);
		open("/search");
		browser.run("window.original = fetch; window.fetch = () => Promise.reject(new TypeError('none'))");
		browser.run("location.hash = '#/session/" + this.session + "'");
		awaitTexts(".failed > span", "The service cannot be reached.");
		// of four requests that are made at once
		browser.run("window.left = 2; window.fetch = (...all) => window.left-- > 0"
				+ " ? Promise.resolve(new Response('{}', { status: 503, headers: { 'Retry-After': '1' } }))"
				+ " : original(...all)");
		browser.click(".failed button");
		awaitTexts(".body", "hello");
		awaitTexts("[data-state]", "live");
		awaitTexts(".failed");
		browser.run("window.fetch = () => Promise.resolve(new Response('{}', { status: 429 }))");
		browser.run("location.hash = '#/sessions'");
		awaitTexts(".failed > span", "The service is busy. Try again in a moment.");
		browser.run("window.fetch = original");
		awaitTexts(".failed");
	}

	@Test
	void messagesThatCannotBeLoadedAreToldAndTriedAgain() {
		this.api.append(this.session, message("hello")).expect(201);
		open("/search");
		browser.run("window.original = fetch; window.fetch = (url, ...all) => String(url).includes('/messages?')"
				+ " ? Promise.resolve(new Response('{}', { status: 500 })) : original(url, ...all)");
		browser.run("location.hash = '#/session/" + this.session + "'");
		awaitTexts("[data-state]", "");
		awaitTexts(".failed > span", "That did not work: HTTP 500");
		browser.run("window.fetch = original");
		browser.click(".failed button");
		awaitTexts(".body", "hello");
		awaitTexts(".failed");
		browser.run("window.fetch = () => Promise.resolve(new Response('{}', { status: 500 }))");
		browser.click(".places button");
		awaitTexts(".failed > span", "That did not work: HTTP 500");
		browser.run("window.fetch = original");
	}

	@ParameterizedTest
	@CsvSource({ "1.5,1", "-1,1", "0.5,1", "1e20,2" })
	void anAddressMayNameAnyPlace(String place, String shown) {
		this.api.append(this.session, Json.array(List.of(message("1"), message("2")))).expect(201);
		open("/session/" + this.session + "?seq=" + place);
		awaitTexts(".sought .body", shown);
		awaitTexts(".body", "1", "2");
	}

	@Test
	void aListKeepsWhatHasBeenScrolledToAndAsksForLittle() {
		openSixtySessions();
		browser.run("document.querySelector('.end-of-list').scrollIntoView()");
		Awaitility.await().until(() -> browser.texts(".rows .name").size() == 60);
		browser.run("performance.clearResourceTimings()");
		Awaitility.await().until(() -> asked("limit=50").size() == 3);
		assertThat(asked("from=2024-01-01")).hasSize(2);
		assertThat(browser.texts(".rows .name")).hasSize(60);
		// and who comes back is where they were
		browser.click(".rows li:nth-child(58) a");
		awaitTexts(".body", "hello");
		browser.run("history.back()");
		Awaitility.await().until(() -> browser.texts(".rows .name").size() == 60);
		assertThat(browser.run("document.activeElement.closest('li').matches(':nth-child(58)')").booleanValue(false))
			.isTrue();
	}

	@Test
	void aListGoesOnAfterItsFiltersHaveChangedWhileItWasAskingForMore() {
		openSixtySessions();
		browser.run("{ const ask = fetch; window.fetch = (...request) => {"
				+ " if (window.held || !String(request[0]).includes('cursor=')) { return ask(...request); }"
				+ " return new Promise((go) => window.held = () => go(ask(...request))); } }");
		browser.run("document.querySelector('.end-of-list').scrollIntoView()");
		Awaitility.await().until(() -> browser.run("!!window.held").booleanValue(false));
		browser.click("[name=include_deleted]");
		Awaitility.await().until(() -> browser.texts(".rows .name").size() == 60);
		browser.run("window.held()");
	}

	/** The list of an owner's sessions, all of them active at the same time. */
	private void openSixtySessions() {
		String owner = Api.newId();
		IntStream.range(0, 60).forEach((i) -> {
			this.api.create(json("{'session_id':'" + owner + i + "','owner':'" + owner + "'}")).expect(201);
			this.api
				.put("{\"messages\":[" + message("hello") + "],\"last_activity\":\"2024-01-01T00:00:00Z\"}", owner + i)
				.expect(200);
		});
		open("/sessions?owner=" + owner);
		Awaitility.await().until(() -> browser.texts(".rows .name").size() == 50);
	}

	/** What the page has asked for with these words in the address. */
	private static List<String> asked(String words) {
		return browser
			.run("performance.getEntriesByType('resource').map(({ name }) => name)" + ".filter((name) => name.includes("
					+ Json.text(words) + "))")
			.valueStream()
			.map((name) -> name.stringValue(""))
			.toList();
	}

	/**
	 * By axe's rules: names for screen readers, contrast, order of headings and so on.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "light", "dark" })
	void everybodyCanUseIt(String scheme) throws IOException {
		this.api.post(Api.TURNS, this.session)
			.json(json("{'messages':[{'role':'user','content':'# Hello\\n- `a`\\n'},{'role':'assistant','tool_calls':"
					+ "[{'id':'c','function':{'name':'f','arguments':'{}'}}]}],"
					+ "'agent_switch':{'to_agent':'a','reason':'b'},'session':{'owner':'o','labels':{'a':'b'}}}"))
			.send()
			.expect(201);
		this.api.append(this.session, message("> not\n\n**in** the `view`")).expect(201);
		this.api.append(this.session, message("in it")).expect(201);
		this.api.request(HttpMethod.PUT, "/v1/sessions/{id}/view", this.session)
			.json(json("{'ranges':[[1,2],[4]]}"))
			.send()
			.expect(200);
		browser.preferColours(scheme);
		openSession();
		awaitTexts(".message.out .seq", "3");
		browser.run("document.querySelectorAll('details').forEach((each) => each.open = true)");
		assertThat(violations()).isEmpty();
		edit();
		assertThat(violations()).isEmpty();
		browser.click("dialog button");
		for (String page : List.of("sessions", "search", "retention")) {
			browser.run("location.hash = '#/" + page + "'");
			Awaitility.await()
				.until(() -> browser.run("document.querySelector('main').className").stringValue("").equals(page));
			assertThat(violations()).isEmpty();
		}
	}

	private static List<String> violations() throws IOException {
		if (!browser.run("'axe' in window").booleanValue(false)) {
			Resource[] axe = new PathMatchingResourcePatternResolver().getResources(AXE);
			browser.run(axe[0].getContentAsString(StandardCharsets.UTF_8));
		}
		return browser
			.run("axe.run(document).then(({ violations }) => violations.map(({ id, nodes }) => id + ': '"
					+ " + nodes.map((node) => node.html + ' ' + node.failureSummary)))")
			.valueStream()
			.map((said) -> said.stringValue(""))
			.toList();
	}

	/** Opens the dialog that changes title and labels. */
	private static void edit() {
		browser.click(ACTION);
		awaitTexts("dialog h2", "Title and labels");
	}

	private static void signIn(String key) {
		browser.write("[name=key]", key);
		browser.run("document.querySelector('.signin form').requestSubmit()");
	}

	private static void choose(String language) {
		browser.write("header select", language);
	}

	private void openSession() {
		open("/session/" + this.session);
		awaitTexts("[data-state]", "live");
	}

	/** Opens a place of the console, as a page that is loaded anew. */
	private static void open(String place) {
		browser.open(URI.create("about:blank"));
		browser.open(URI.create(store.uri() + "/console#" + place));
	}

	private static long rows() {
		return browser.run("document.querySelectorAll('.message').length").longValue(-1);
	}

	private static long firstSeq() {
		return browser.run("Number(document.querySelector('.message').dataset.seq)").longValue(-1);
	}

	private static void awaitTexts(String selector, String... texts) {
		Awaitility.await().untilAsserted(() -> assertThat(browser.texts(selector)).as(selector).containsExactly(texts));
	}

}
