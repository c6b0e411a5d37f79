package dev.agentsessions.message;

import java.util.ArrayList;
import java.util.List;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import org.springframework.http.HttpMethod;

import static dev.agentsessions.Api.MESSAGES;
import static dev.agentsessions.Api.SESSION;
import static dev.agentsessions.Fields.seqs;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whether a page has changed, what is left of one after a replacement, and single
 * messages.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class PageTagsContractTest extends PageFixture {

	PageTagsContractTest(Engine engine) {
		super(engine);
	}

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
		this.api.get(MESSAGES + "/x", session).problem(410, "session-deleted");
		this.api.get(MESSAGES + "/x", Api.newId()).problem(404, "session-not-found");
		this.api.get(MESSAGES + "/1?include_deleted=true", session).expect(200);
	}

	private Answer ifNoneMatch(String session, String query, String etag) {
		return this.api.request(HttpMethod.GET, MESSAGES + query, session).header("If-None-Match", etag).send();
	}

}
