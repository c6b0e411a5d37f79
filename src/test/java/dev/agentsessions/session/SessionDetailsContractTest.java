package dev.agentsessions.session;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

import org.springframework.http.HttpMethod;

import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Owner, title, labels and expiry of a session.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class SessionDetailsContractTest extends SessionFixture {

	private static final List<String> DETAILS = List.of("owner", "title", "labels", "expires_at", "metadata");

	SessionDetailsContractTest(Engine engine) {
		super(engine);
	}

	@Test
	void aSessionIsCreatedWithThem() {
		String given = "'owner':'ann','title':'Häuser & \\u5bb6 \\ud83d\\ude00','labels':{'env':'prod','b':'','a b/c':'\\\\\\'x'},"
				+ "'expires_at':'2126-01-31T12:00:00Z','metadata':{'a':1}";
		JsonNode made = this.api.create(json("{" + given + "}")).expect(201).json();
		assertDetails(made, json("{" + given.replace("T12:00:00Z", "T12:00:00.000000Z") + "}"));
		JsonNode read = this.api.session(made.path("session_id").stringValue());
		assertThat(read).isEqualTo(made);
		JsonNode bare = this.api.create("{}").expect(201).json();
		DETAILS.forEach((name) -> assertThat(bare.has(name)).as(name).isFalse());
	}

	@Test
	void largeMetadataComesBackWhole() {
		String metadata = json("{'x':'" + "x".repeat(900_000) + "'}");
		JsonNode made = this.api.create("{\"metadata\":" + metadata + "}").expect(201).json();
		JsonNode read = this.api.session(made.path("session_id").stringValue());
		assertThat(read).isEqualTo(made);
		assertThat(read.path("metadata")).isEqualTo(Json.parse(metadata));
	}

	@Test
	void aChangeNamesWhatItChanges() {
		String session = Api.newId();
		this.api
			.create(json("{'session_id':'" + session + "','owner':'ann','title':'one','labels':{'a':'1','b':'2'},"
					+ "'metadata':{'x':1}}"))
			.expect(201);
		assertDetails(patch(session, "{'title':'two'}"),
				"{'owner':'ann','title':'two','labels':{'a':'1','b':'2'},'metadata':{'x':1}}");
		assertDetails(patch(session, "{'labels':{'b':null,'c':'3','d':null}}"),
				"{'owner':'ann','title':'two','labels':{'a':'1','c':'3'},'metadata':{'x':1}}");
		assertDetails(patch(session, "{'owner':null,'metadata':{'y':2}}"),
				"{'title':'two','labels':{'a':'1','c':'3'},'metadata':{'y':2}}");
		assertDetails(patch(session, "{'labels':{}}"), "{'title':'two','labels':{'a':'1','c':'3'},'metadata':{'y':2}}");
		assertDetails(patch(session, "{'labels':null,'title':null,'metadata':null}"), "{}");
		assertThat(this.api.session(session).has("labels")).isFalse();
		assertDetails(patch(session, "{'expires_at':'2100-01-01T00:00:00+01:00'}"),
				"{'expires_at':'2099-12-31T23:00:00.000000Z'}");
		assertDetails(patch(session, "{'expires_at':null}"), "{}");
	}

	@Test
	void otherWritesLeaveThem() {
		String session = Api.newId();
		String details = "'owner':'ann','title':'one','labels':{'a':'1'},'metadata':{'x':1}";
		this.api.create(json("{'session_id':'" + session + "'," + details + "}")).expect(201);
		this.api.append(session, message("hello")).expect(201);
		this.api.takeTurn(session, json("{'messages':[" + message("hi") + "],'agent_switch':{'to_agent':'a'}}"))
			.expect(201);
		this.api.save(session, message("other")).expect(200);
		this.api.saveContext(session, json("{'current_agent':'b'}")).expect(200);
		this.api.softDelete(session);
		this.api.post("", RESTORE, session).expect(200);
		assertDetails(this.api.session(session), json("{" + details + "}"));
	}

	@Test
	void aTurnSetsWhatIsNotThere() {
		String session = Api.newId();
		String turn = "{'messages':[" + message("hello") + "],'session':{'owner':'ann','title':'one',"
				+ "'labels':{'a':'1','b':'2'},'metadata':{'x':1},'expires_at':'2100-01-01T00:00:00Z'}}";
		this.api.takeTurn(session, json(turn)).expect(201);
		String first = "{'owner':'ann','title':'one','labels':{'a':'1','b':'2'},'metadata':{'x':1},"
				+ "'expires_at':'2100-01-01T00:00:00.000000Z'}";
		assertDetails(this.api.session(session), first);
		this.api
			.takeTurn(session,
					json("{'session':{'owner':'bob','title':'two','labels':{'b':'3','c':'4'},"
							+ "'metadata':{'y':2},'expires_at':'2101-01-01T00:00:00Z'}}"))
			.expect(201);
		assertDetails(this.api.session(session), first.replace("'b':'2'", "'b':'2','c':'4'"));
		patch(session, "{'title':null}");
		this.api.takeTurn(session, json("{'session':{'title':'three','labels':null}}")).expect(201);
		assertDetails(this.api.session(session),
				first.replace("'b':'2'", "'b':'2','c':'4'").replace("'one'", "'three'"));
		this.api.takeTurn(session, json("{'session':{}}")).wrongAt("");
		this.api.takeTurn(session, json("{'session':{'colour':'red'}}")).wrongAt("/session/colour");
		this.api.takeTurn(session, json("{'session':{'owner':5}}")).wrongAt("/session/owner");
	}

	@Test
	void aTurnWithOtherDetailsIsAnotherRequest() {
		String session = Api.newId();
		String key = Api.newId();
		Answer first = turn(session, key, "{'session':{'title':'one','labels':{'a':'1','b':'2'}}}").expect(201);
		turn(session, key, "{'session':{'labels':{'b':'2','a':'1'},'title':'one'}}").expect(201).replays(first);
		turn(session, key, "{'session':{'title':'two','labels':{'a':'1','b':'2'}}}").problem(422,
				"idempotency-key-reused");
		turn(session, key, "{'session':{'owner':'one','labels':{'a':'1','b':'2'}}}").problem(422,
				"idempotency-key-reused");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			{'owner':''} | /owner
			{'owner':7} | /owner
			{'title':''} | /title
			{'title':['x']} | /title
			{'labels':'x'} | /labels
			{'labels':{'a':1}} | /labels/a
			{'labels':{'':'x'}} | /labels/
			{'labels':{'a:b':'x'}} | /labels/a:b
			{'labels':{'a/b':5}} | /labels/a~1b
			{'expires_at':'soon'} | /expires_at
			{'expires_at':5} | /expires_at
			{'colour':'red'} | /colour
			""")
	void whatIsWrongIsNamed(String body, String pointer) {
		this.api.create(json(body)).wrongAt(pointer);
		String session = this.api.newSession();
		JsonNode before = this.api.session(session);
		this.api.request(HttpMethod.PATCH, SESSION, session).json(json(body)).send().wrongAt(pointer);
		assertThat(this.api.session(session)).isEqualTo(before);
	}

	@Test
	void eachHasALimit() {
		String emoji = "\\ud83d\\ude00";
		String session = Api.newId();
		this.api
			.create(json("{'session_id':'" + session + "','owner':'" + emoji.repeat(255) + "','title':'"
					+ emoji.repeat(500) + "','labels':{'" + emoji.repeat(63) + "':'" + emoji.repeat(255) + "'}}"))
			.expect(201);
		JsonNode read = this.api.session(session);
		assertThat(read.path("owner").stringValue()).hasSize(510);
		assertThat(read.path("title").stringValue()).hasSize(1000);
		this.api.create(json("{'owner':'" + emoji.repeat(256) + "'}")).wrongAt("/owner");
		this.api.create(json("{'title':'" + emoji.repeat(501) + "'}")).wrongAt("/title");
		this.api.create(json("{'labels':{'" + "x".repeat(64) + "':''}}")).wrongAt("/labels/" + "x".repeat(64));
		this.api.create(json("{'labels':{'a':'" + "x".repeat(256) + "'}}")).wrongAt("/labels/a");
		this.api.create(json("{'labels':" + labels(0, 33) + "}")).wrongAt("/labels");
		this.api.create(json("{'labels':" + labels(0, 65) + "}")).wrongAt("/labels");
		patch(session, "{'labels':" + labels(0, 31) + "}");
		this.api.request(HttpMethod.PATCH, SESSION, session)
			.json(json("{'labels':{'more':'1'}}"))
			.send()
			.wrongAt("/labels");
		this.api.takeTurn(session, json("{'session':{'labels':{'more':'1'}}}")).wrongAt("/session/labels");
		assertThat(patch(session, "{'labels':{'more':'1','l3':null}}").path("labels")).hasSize(32);
	}

	/** As many changes at once as clients: each is made on what the others have left. */
	@Test
	void changesOfDifferentLabelsDoNotUndoEachOther() {
		String session = this.api.newSession();
		Api.together(16, (i) -> patch(session, "{'labels':{'l" + i + "':'" + i + "'}}"));
		assertThat(this.api.session(session).path("labels")).hasSize(16);
	}

	@Test
	void aRestoredSessionDoesNotExpireAgainAtOnce() {
		String session = Api.newId();
		this.api.create(json("{'session_id':'" + session + "','title':'t','expires_at':'2020-01-01T00:00:00Z'}"))
			.expect(201);
		this.api.softDelete(session);
		assertDetails(this.api.post("", RESTORE, session).expect(200).json(), "{'title':'t'}");
		patch(session, "{'expires_at':'2100-01-01T00:00:00Z'}");
		this.api.softDelete(session);
		assertThat(this.api.post("", RESTORE, session).expect(200).json().has("expires_at")).isTrue();
	}

	private Answer turn(String session, String key, String body) {
		return this.api.post("/v1/sessions/{id}/turns", session).header("Idempotency-Key", key).json(json(body)).send();
	}

	private JsonNode patch(String session, String body) {
		return this.api.request(HttpMethod.PATCH, SESSION, session).json(json(body)).send().expect(200).json();
	}

	private static String labels(int from, int to) {
		return IntStream.range(from, to)
			.mapToObj((i) -> "'l" + i + "':'" + i + "'")
			.collect(Collectors.joining(",", "{", "}"));
	}

	private static void assertDetails(JsonNode session, String expected) {
		Map<String, Object> shown = new HashMap<>();
		session.forEachEntry((name, value) -> shown.put(name, Json.value(value)));
		shown.keySet().retainAll(DETAILS);
		assertThat(shown).isEqualTo(Json.value(json(expected)));
	}

}
