package dev.agentsessions.session;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

import org.springframework.http.HttpMethod;

import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Fields.time;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * A session as one resource: created, loaded, changed.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class SessionContractTest extends SessionFixture {

	SessionContractTest(Engine engine) {
		super(engine);
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
	void whatChangesASessionAnswersItsETagToo() {
		Answer created = this.api.create("{}").expect(201);
		assertThat(created.etag()).isEqualTo("\"0\"");
		String session = created.json().path("session_id").stringValue();
		this.api.append(session, message("one")).expect(201);
		Answer patched = this.api.request(HttpMethod.PATCH, SESSION, session)
			.header("If-None-Match", "\"1\"")
			.json(json("{'title':'x'}"))
			.send()
			.expect(200);
		assertThat(patched.etag()).isEqualTo("\"1\"");
		this.api.softDelete(session);
		assertThat(this.api.post(RESTORE, session).send().expect(200).etag()).isEqualTo("\"1\"");
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
	void refusesAPatchOfNothing() {
		String session = this.api.newSession();
		this.api.request(HttpMethod.PATCH, SESSION, session).json("{}").send().wrongAt("");
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

}
