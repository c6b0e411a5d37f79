package dev.agentsessions.message;

import java.time.Instant;
import java.util.List;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static dev.agentsessions.Api.HISTORY;
import static dev.agentsessions.Fields.contents;
import static dev.agentsessions.Fields.time;
import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which messages are the same, and what cannot be saved.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class HistoryMatchContractTest extends HistoryFixture {

	HistoryMatchContractTest(Engine engine) {
		super(engine);
	}

	@Test
	void jsonIsMatchedByValue() {
		String session = Api.newId();
		this.api
			.append(session,
					json("{'role':'assistant','tool_calls':[{'a':1000,'b':{'c':1.0,'d':null}},0,-0.0],"
							+ "'metadata':{'x':1e2,'y':[1]}}"))
			.expect(201);
		assertSaved(this.api.save(session, json("{ 'tool_calls' : [ {'b':{'d':null,'c':1},'a':1e3}, 0.0, 0e5 ],"
				+ "'role':'assistant','metadata':{'y':[1.00],'x':100}}")), 1, 0, false);
	}

	@Test
	void numbersOfEverySizeAreMatchedByValue() {
		String session = Api.newId();
		String large = json("{'role':'assistant','tool_calls':[1e308,-1e308,1e-308,1e50,"
				+ "1234567890123456789012345678901234567890],'metadata':{'n':1.5e-300}}");
		assertSaved(this.api.save(session, large), 1, 1, false);
		assertSaved(this.api.save(session, large), 1, 0, false);
		assertSaved(this.api.save(session, large.replace("1e50", "10e49")), 1, 0, false);
		assertSaved(this.api.save(session, large.replace("1e50", "1e51")), 3, 1, true);
	}

	@ParameterizedTest
	@ValueSource(strings = { "{'role':'user','content':'x','name':'n','tool_call_id':'t','tool_calls':[1]}",
			"{'role':'tool','content':'X','name':'n','tool_call_id':'t','tool_calls':[1]}",
			"{'role':'tool','content':'x ','name':'n','tool_call_id':'t','tool_calls':[1]}",
			"{'role':'tool','name':'n','tool_call_id':'t','tool_calls':[1]}",
			"{'role':'tool','content':'x','name':'m','tool_call_id':'t','tool_calls':[1]}",
			"{'role':'tool','content':'x','tool_call_id':'t','tool_calls':[1]}",
			"{'role':'tool','content':'x','name':'n','tool_call_id':'u','tool_calls':[1]}",
			"{'role':'tool','content':'x','name':'n','tool_calls':[1]}",
			"{'role':'tool','content':'x','name':'n','tool_call_id':'t','tool_calls':[2]}",
			"{'role':'tool','content':'x','name':'n','tool_call_id':'t','tool_calls':[1,1]}",
			"{'role':'tool','content':'x','name':'n','tool_call_id':'t','tool_calls':['1']}",
			"{'role':'tool','content':'x','name':'n','tool_call_id':'t','tool_calls':[]}",
			"{'role':'tool','content':'x','name':'n','tool_call_id':'t'}" })
	void whatDiffersInAnyFieldIsReplaced(String other) {
		String session = Api.newId();
		String stored = json("{'role':'tool','content':'x','name':'n','tool_call_id':'t','tool_calls':[1]}");
		this.api.append(session, stored).expect(201);
		assertSaved(this.api.save(session, stored), 1, 0, false);
		assertSaved(this.api.save(session, json(other)), 3, 1, true);
		assertSaved(this.api.save(session, json(other)), 3, 0, false);
	}

	@ParameterizedTest
	@ValueSource(strings = { "'content':'null'", "'content':''", "'name':'null'", "'name':''", "'tool_call_id':'null'",
			"'tool_call_id':''" })
	void theTextNullIsNotTakenForNone(String field) {
		String session = Api.newId();
		String without = json("{'role':'assistant','tool_calls':[1]}");
		String with = json("{'role':'assistant','tool_calls':[1]," + field + "}");
		assertSaved(this.api.save(session, without), 1, 1, false);
		assertSaved(this.api.save(session, with), 3, 1, true);
		assertSaved(this.api.save(session, without), 5, 1, true);
		assertSaved(this.api.save(session, without, with), 6, 1, false);
	}

	@Test
	void tokensAndMetadataAreComparedWhereTheyAreSent() {
		String session = Api.newId();
		this.api.append(session, json("{'role':'user','content':'x','token_count':3,'metadata':{'a':1}}")).expect(201);
		for (String same : List.of("{'role':'user','content':'x'}", "{'role':'user','content':'x','token_count':3}",
				"{'role':'user','content':'x','metadata':{'a':1.0}}",
				"{'role':'user','content':'x','token_count':null,'metadata':null}")) {
			assertSaved(this.api.save(session, json(same)), 1, 0, false);
		}
		assertThat(this.api.log(session).get(0).path("token_count").longValue()).isEqualTo(3);
		assertSaved(this.api.save(session, json("{'role':'user','content':'x','token_count':4}")), 3, 1, true);
		assertThat(this.api.log(session).get(0).has("metadata")).isFalse();
		assertSaved(this.api.save(session, json("{'role':'user','content':'x','metadata':{}}")), 5, 1, true);
		assertThat(this.api.stats(session).path("total_tokens").longValue()).isZero();
		assertSaved(this.api.save(session, json("{'role':'user','content':'x','token_count':0}")), 7, 1, true);
	}

	@Test
	void recordsTheLastActivityThatIsGiven() {
		String session = Api.newId();
		for (String given : List.of("2026-01-31T09:26:53.589793Z", "2026-01-31T10:26:53.589793+01:00",
				"2026-01-31T09:26:53.589793")) {
			this.api.put(json("{'messages':[{'role':'user','content':'x'}],'last_activity':'" + given + "'}"), session)
				.expect(200);
			assertThat(time(this.api.session(session), "last_activity"))
				.isEqualTo(Instant.parse("2026-01-31T09:26:53.589793Z"));
			this.api.put(json("{'messages':[],'last_activity':null}"), session).expect(200);
			assertThat(time(this.api.session(session), "last_activity")).isAfter(Instant.parse("2026-02-01T00:00:00Z"));
		}
	}

	@Test
	void aLastActivityThatIsNoTimeIsRefused() {
		String session = this.api.sessionOf(1);
		for (String wrong : List.of("'yesterday'", "''", "1769850000", "'2026-02-30T00:00:00Z'", "'2026-01-31'",
				"'10000-01-01T00:00:00Z'")) {
			this.api.put(json("{'messages':[],'last_activity':" + wrong + "}"), session).wrongAt("/last_activity");
		}
		assertThat(history(session)).containsExactly("1");
	}

	@Test
	void savesAllOrNothing() {
		String session = this.api.sessionOf(2);
		this.api.save(session, message("new"), message("robot", "x"), message("y")).wrongAt("/messages/1/role");
		this.api.put("{}", session).wrongAt("/messages");
		this.api.put(json("{'messages':null}"), session).wrongAt("/messages");
		this.api.put(json("{'messages':{}}"), session).wrongAt("/messages");
		this.api.put(json("{'messages':[],'session_id':'x'}"), session).wrongAt("/session_id");
		this.api.put("[]", session).wrongAt("");
		assertThat(history(session)).containsExactly("1", "2");
		assertThat(this.api.session(session).path("last_seq").longValue()).isEqualTo(2);
	}

	@Test
	void aDeletedSessionKeepsWhatItHas() {
		String session = this.api.sessionOf(2);
		this.api.softDelete(session);
		this.api.save(session, message("new")).problem(410, "session-deleted");
		this.api.save(session, message("1"), message("2")).problem(410, "session-deleted");
		this.api.get(HISTORY, session).problem(410, "session-deleted");
		Answer deleted = this.api.get(HISTORY + "?include_deleted=true", session).expect(200);
		assertThat(contents(deleted.json().path("messages").valueStream().toList())).containsExactly("1", "2");
	}

	@Test
	void aHistoryThatDoesNotExistIsNotFound() {
		this.api.get(HISTORY, Api.newId()).problem(404, "session-not-found");
	}

}
