package dev.agentsessions.tail;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import dev.agentsessions.retention.Tables;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.tail.Follower.Event;
import dev.agentsessions.tail.draft.hub.DraftHub;
import dev.agentsessions.tail.draft.hub.DraftWriter;
import dev.agentsessions.tail.draft.store.DraftFlush;
import dev.agentsessions.tail.draft.store.DraftPiece;
import dev.agentsessions.tail.draft.store.DraftRepository;
import dev.agentsessions.tail.draft.store.DraftRow;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import tools.jackson.databind.JsonNode;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.http.HttpMethod;

import static dev.agentsessions.Json.json;
import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Messages that are followed while they are written.
 */
@ParameterizedClass
@ExtendWith(OutputCaptureExtension.class)
@EnumSource(Engine.class)
class DraftContractTest extends TailFixture {

	private static final String DRAFTS = "/v1/sessions/{id}/drafts";

	private static final String DRAFT = DRAFTS + "/{message}";

	private static final String COMMIT = json("{'message':{'role':'assistant','content':'%s'}}");

	private final List<DraftRequest> requests = new ArrayList<>();

	private final DraftRepository repository;

	private final DraftHub hub;

	private final Tables tables;

	DraftContractTest(Engine engine) {
		super(engine);
		this.repository = TestStore.on(engine).bean(DraftRepository.class);
		this.hub = TestStore.on(engine).bean(DraftHub.class);
		this.tables = Tables.of(TestStore.on(engine));
	}

	@AfterEach
	void hangUp() {
		this.requests.forEach(DraftRequest::close);
	}

	@Test
	void followersSeeTheTextGrowAndThenTheMessage() {
		String session = this.api.sessionOf(1);
		Follower follower = follow(session, "?drafts=true");
		Follower other = follow(session, "");
		DraftRequest draft = write(session, "m-1", "");
		StringBuilder said = new StringBuilder();
		for (String piece : List.of("Grüß", " dich, ", "🙂🙂", " \"so\" ", "\n", "x".repeat(40_000))) {
			draft.say(piece);
			said.append(piece);
			awaitText(follower, "m-1", said.toString());
		}
		draft.line(COMMIT.formatted("whole"));
		JsonNode answer = draft.expect(201);
		assertThat(answer.path("first_seq").longValue()).isEqualTo(2);
		assertThat(answer.path("last_seq").longValue()).isEqualTo(2);
		Event end = follower.await((event) -> event.name().equals("message"));
		assertThat(end.data().path("id").stringValue()).isEqualTo("m-1");
		assertThat(end.content()).isEqualTo("whole");
		assertThat(other.await(1)).extracting(Event::name).containsExactly("message");
		assertThat(follower.events()).filteredOn((event) -> event.name().equals("draft"))
			.allMatch((event) -> event.id() == null);
		assertThat(this.api.get(DRAFTS, session).expect(200).data()).isEmpty();
		this.api.append(session, message("after")).expect(201);
		follower.await((event) -> event.seq() == 3);
		assertThat(names(follower)).endsWith("message", "message").doesNotContain("draft_discarded");
	}

	@Test
	void whoComesLateOrComesBackIsToldAllThatThereIs() {
		String session = this.api.sessionOf(1);
		write(session, "a", "").say("one ").say("two");
		write(session, "b", "").say("other");
		Follower early = follow(session, "?drafts=true&after=0");
		awaitText(early, "a", "one two");
		awaitText(early, "b", "other");
		assertThat(early.events().get(0).name()).isEqualTo("message");
		Follower back = follow(session, "?drafts=true", early.lastId());
		awaitText(back, "a", "one two");
		awaitText(back, "b", "other");
		assertThat(names(back)).containsOnly("draft");
		Follower together = followPath("/v1/tail?drafts=true&session_id=" + session + "&session_id=" + Api.newId());
		Event told = together.await((event) -> event.data().path("message_id").stringValue("").equals("b"));
		assertThat(told.session()).isEqualTo(session);
		assertThat(told.data().path("text").stringValue()).isEqualTo("other");
	}

	@Test
	void aDraftThatHasSaidNothingIsToldOf() {
		String session = this.api.sessionOf(1);
		Follower follower = follow(session, "?drafts=true");
		write(session, "a", "");
		Event begun = follower.await(1).get(0);
		assertThat(begun.name()).isEqualTo("draft");
		assertThat(begun.data()).isEqualTo(Json.parse(json("{'message_id':'a','offset':0,'text':''}")));
	}

	@Test
	void openDraftsAreListedOldestFirst() {
		String session = this.api.sessionOf(1);
		assertThat(this.api.get(DRAFTS, session).expect(200).json().path("has_more").booleanValue()).isFalse();
		write(session, "b", "").say("first");
		awaitDrafts(session, "first");
		write(session, "a", "").say("second");
		awaitDrafts(session, "first", "second");
		JsonNode draft = this.api.get(DRAFTS, session).expect(200).data().get(0);
		assertThat(draft.path("message_id").stringValue()).isEqualTo("b");
		assertThat(draft.path("started_at").stringValue()).endsWith("Z");
		assertThat(draft.size()).isEqualTo(3);
		this.api.get(DRAFTS, Api.newId()).problem(404, "session-not-found");
		this.api.softDelete(session);
		this.api.get(DRAFTS, session).problem(410, "session-deleted");
	}

	/** The texts of a session may come to more than a replica should hold at once. */
	@Test
	void largeDraftsAreListedOneAfterAnother() {
		String session = this.api.sessionOf(1);
		for (String id : List.of("a", "b", "c")) {
			send(session, id, "", "{'text':'%s'}".formatted(id.repeat(500_000))).expect(202);
		}
		Answer all = this.api.get(DRAFTS, session).expect(200);
		assertThat(all.json().path("has_more").booleanValue()).isFalse();
		assertThat(all.data()).extracting((draft) -> draft.path("text").stringValue())
			.containsExactly("a".repeat(500_000), "b".repeat(500_000), "c".repeat(500_000));
	}

	@Test
	void whatIsDiscardedLeavesNothing() {
		String session = this.api.sessionOf(1);
		Follower follower = follow(session, "?drafts=true");
		DraftRequest draft = write(session, "a", "").say("never mind");
		awaitText(follower, "a", "never mind");
		draft.line(json("{'discard':true}"));
		assertThat(draft.expect(200).path("discarded").booleanValue()).isTrue();
		Event end = follower.await((event) -> event.name().equals("draft_discarded"));
		assertThat(end.data().path("message_id").stringValue()).isEqualTo("a");
		assertThat(this.api.get(DRAFTS, session).expect(200).data()).isEmpty();
		assertThat(this.api.log(session)).hasSize(1);
		// the id can be used again
		write(session, "a", "").say("again").line(COMMIT.formatted("again")).expect(201);
		assertThat(follower.await((event) -> event.seq() == 2).content()).isEqualTo("again");
	}

	/** As one is after a silence, just before its message comes. */
	@Test
	void theMessageOfADraftThatIsBeingDiscardedIsNotAppended() {
		String session = this.api.sessionOf(1);
		DraftRequest draft = write(session, "a", "").say("text");
		awaitDrafts(session, "text");
		DraftWriter writer = writer(session, row(session));
		Mono<Boolean> discarding = writer.discard().cache();
		discarding.subscribe();
		draft.line(COMMIT.formatted("late")).problem(409, "draft-taken");
		assertThat(discarding.block()).isTrue();
		assertThat(this.api.log(session)).hasSize(1);
		assertThat(this.api.get(DRAFTS, session).expect(200).data()).isEmpty();
	}

	/** Of the only draft of a session. */
	private DraftRow row(String session) {
		return Objects.requireNonNull(this.repository.rows(new SessionKey("default", session)).block()).get(0);
	}

	private DraftWriter writer(String session, DraftRow row) {
		return this.hub.writtenHere(new SessionKey("default", session), row).writer();
	}

	/** On PostgreSQL it may be another replica, which is given time to answer. */
	@Test
	void aDraftGoesOnAfterItsReplicaWasKilled() {
		String session = this.api.sessionOf(1);
		send(session, "a", "", "{'text':'text'}").expect(202);
		assertThat(this.repository.takeOver(row(session), "killed").block()).isTrue();
		Follower follower = follow(session, "?drafts=true");
		awaitText(follower, "a", "text");
		assertThat(this.api.get(DRAFTS, session).expect(200).data()).hasSize(1);
		send(session, "a", "?offset=4", "{'text':' goes on'}").expect(202);
		awaitText(follower, "a", "text goes on");
	}

	/** Nothing else happens to the session. */
	@Test
	void whoComesWhileADraftCanNotBeReadIsToldOfItLater() {
		String session = this.api.sessionOf(1);
		send(session, "a", "", "{'text':'text'}").expect(202);
		this.tables.update("alter table draft_pieces rename to draft_pieces_away");
		Follower follower;
		try {
			follower = follow(session, "?drafts=true");
			StepVerifier.create(this.repository.pieces(row(session), 0)).verifyError();
			assertThat(texts(follower, "a")).isEmpty();
		}
		finally {
			this.tables.update("alter table draft_pieces_away rename to draft_pieces");
		}
		awaitText(follower, "a", "text");
	}

	/** It hears so from the database only, before it says anything. */
	@Test
	void whoWouldDiscardWhatAnotherHasTakenOverIsStopped() {
		String session = this.api.sessionOf(1);
		DraftRequest draft = write(session, "a", "").say("text");
		awaitDrafts(session, "text");
		DraftRow row = row(session);
		DraftWriter writer = writer(session, row);
		assertThat(this.repository.takeOver(row, "another").block()).isTrue();
		assertThat(writer.discard().block()).isFalse();
		draft.problem(409, "draft-taken");
	}

	@Test
	void aDraftWhoseWriterHangsUpBehindItsMessageLeavesNothing() {
		String session = this.api.sessionOf(1);
		SessionKey key = new SessionKey("default", session);
		List<DraftRequest> drafts = IntStream.range(0, 15)
			.mapToObj((i) -> write(session, "m" + i, "").say("x"))
			.toList();
		awaitDrafts(session, Collections.nCopies(15, "x").toArray(String[]::new));
		drafts.forEach((draft) -> draft.line(COMMIT.formatted("done")).close());
		Awaitility.await().untilAsserted(() -> {
			assertThat(this.api.log(session)).hasSize(16);
			for (int i = 0; i < 15; i++) {
				assertThat(this.repository.place(key, "m" + i).block().orElseThrow().draft()).isNull();
			}
		});
	}

	@Test
	void aDraftOfADeletedSessionIsNotSaidToBeOpen() {
		String session = this.api.sessionOf(1);
		SessionKey key = new SessionKey("default", session);
		send(session, "a", "", "{'text':'text'}").expect(202);
		DraftRequest draft = write(session, "a", "?offset=4");
		Awaitility.await().until(() -> this.repository.rows(key).block().get(0).no() == 2);
		this.api.softDelete(session);
		draft.end();
		assertThat(draft.reply().status()).isIn(410, 503);
	}

	@Test
	void aDraftThatIsCutOffGoesOnAtItsOffset() {
		String session = this.api.sessionOf(1);
		Follower follower = follow(session, "?drafts=true");
		DraftRequest first = write(session, "a", "").say("ab🙂");
		awaitText(follower, "a", "ab🙂");
		first.close();
		write(session, "a", "?offset=2").problem(409, "draft-offset");
		assertThat(write(session, "a", "").problem(409, "draft-offset").path("offset").longValue()).isEqualTo(3);
		DraftRequest second = write(session, "a", "?offset=3").say("cd");
		awaitText(follower, "a", "ab🙂cd");
		second.line(COMMIT.formatted("ab🙂cd")).expect(201);
		follower.await((event) -> event.name().equals("message"));
		assertThat(texts(follower, "a")).isEqualTo("ab🙂cd");
		assertThat(names(follower)).doesNotContain("draft_discarded");
		assertThat(write(session, "new", "?offset=3").problem(409, "draft-offset").path("offset").longValue()).isZero();
	}

	/** For callers that can't stream a body. */
	@Test
	void aDraftMayBeWrittenByOneRequestAPiece() {
		String session = this.api.sessionOf(1);
		Follower follower = follow(session, "?drafts=true");
		JsonNode first = send(session, "a", "", "{'text':'one '}\n{'text':'two '}").expect(202).json();
		assertThat(first.path("message_id").stringValue()).isEqualTo("a");
		assertThat(first.path("offset").longValue()).isEqualTo(8);
		send(session, "a", "?offset=8", "{'text':'three'}").expect(202);
		awaitText(follower, "a", "one two three");
		assertThat(this.api.get(DRAFTS, session).expect(200).data().get(0).path("text").stringValue())
			.isEqualTo("one two three");
		send(session, "a", "?offset=13", COMMIT.formatted("one two three")).expect(201);
		follower.await((event) -> event.name().equals("message"));
	}

	@Test
	void ofTwoWritersTheLaterGoesOn() {
		String session = this.api.sessionOf(1);
		Follower follower = follow(session, "?drafts=true");
		DraftRequest first = write(session, "a", "").say("one");
		awaitText(follower, "a", "one");
		DraftRequest second = write(session, "a", "?offset=3");
		first.problem(409, "draft-taken");
		second.say(" two");
		awaitText(follower, "a", "one two");
		second.line(COMMIT.formatted("one two")).expect(201);
	}

	@Test
	void aRetryFindsTheMessageThatItsFirstRequestHasMade() {
		String session = this.api.sessionOf(1);
		String body = "{'text':'done'}\n" + COMMIT.formatted("done");
		Answer first = send(session, "a", "", body).expect(201);
		assertThat(first.header("Idempotency-Replayed")).isNull();
		for (String query : List.of("", "?offset=4")) {
			Answer again = send(session, "a", query, body).expect(201);
			assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
			assertThat(again.json()).isEqualTo(first.json());
		}
		JsonNode problem = send(session, "a", "", COMMIT.formatted("other")).problem(409, "message-exists");
		assertThat(problem.at("/known/0/seq").longValue()).isEqualTo(2);
		send(session, "a", "", "{'text':'more'}").problem(409, "message-exists");
		send(session, "a", "", "{'discard':true}").problem(409, "message-exists");
		assertThat(this.api.log(session)).hasSize(2);
		assertThat(this.api.get(DRAFTS, session).expect(200).data()).isEmpty();
	}

	@Test
	void anAppendOfTheSameIdEndsTheDraft() {
		String session = this.api.sessionOf(1);
		Follower follower = follow(session, "?drafts=true");
		DraftRequest draft = write(session, "a", "").say("by stream");
		awaitText(follower, "a", "by stream");
		this.api.append(session, json("{'id':'a','role':'assistant','content':'by append'}")).expect(201);
		follower.await((event) -> event.name().equals("message"));
		draft.say(" more").line(COMMIT.formatted("by append"));
		draft.expect(201);
		assertThat(draft.reply().head()).containsIgnoringCase("Idempotency-Replayed: true");
		assertThat(names(follower)).endsWith("message").doesNotContain("draft_discarded");
	}

	@Test
	void whoseMessageSomebodyElseHasAppendedIsToldSo() {
		for (boolean followed : List.of(false, true)) {
			String session = this.api.sessionOf(1);
			for (String id : List.of("discarded", "left")) {
				Follower follower = followed ? follow(session, "?drafts=true") : null;
				DraftRequest draft = write(session, id, "").say("text");
				awaitDrafts(session, "text");
				long seq = this.api
					.append(session, json("{'id':'" + id + "','role':'assistant','content':'by append'}"))
					.expect(201)
					.json()
					.path("first_seq")
					.longValue();
				if (follower != null) {
					follower.await((event) -> event.name().equals("message"));
				}
				if (id.equals("discarded")) {
					draft.line(json("{'discard':true}"));
				}
				else {
					draft.end();
				}
				assertThat(draft.problem(409, "message-exists").at("/known/0/seq").longValue()).isEqualTo(seq);
				if (follower != null) {
					assertThat(names(follower)).endsWith("message").doesNotContain("draft_discarded");
				}
			}
			assertThat(this.api.get(DRAFTS, session).expect(200).data()).isEmpty();
		}
	}

	@Test
	void aNewSessionCanBeFollowedFromItsFirstDraftOn() {
		String session = Api.newId();
		send(session, "a", "?create=false", "{'text':'x'}").problem(404, "session-not-found");
		assertThat(
				send(session, "a", "?offset=5", "{'text':'x'}").problem(409, "draft-offset").path("offset").longValue())
			.isZero();
		this.api.get(Api.SESSION, session).problem(404, "session-not-found");
		DraftRequest draft = write(session, "a", "").say("hello");
		Awaitility.await().untilAsserted(() -> this.api.get(Api.SESSION, session).expect(200));
		Follower follower = follow(session, "?drafts=true");
		awaitText(follower, "a", "hello");
		draft.line(COMMIT.formatted("hello")).expect(201);
		assertThat(follower.await((event) -> event.name().equals("message")).seq()).isEqualTo(1);
	}

	@Test
	void aSessionThatIsDeletedEndsItsDrafts() {
		String session = this.api.sessionOf(1);
		String other = this.api.sessionOf(1);
		Follower follower = followPath("/v1/tail?drafts=true&session_id=" + session + "&session_id=" + other);
		DraftRequest draft = write(session, "a", "").say("hello");
		follower.await((event) -> event.data().path("text").stringValue("").equals("hello"));
		this.api.softDelete(session);
		draft.problem(410, "session-deleted");
		follower.await((event) -> event.name().equals("session_deleted"));
		send(session, "b", "", "{'text':'x'}").problem(410, "session-deleted");
		this.api.post("/v1/sessions/{id}/restore", session).send().expect(200);
		assertThat(this.api.get(DRAFTS, session).expect(200).data()).isEmpty();
	}

	/** Whichever of them the store hears of first. */
	@Test
	void whoComesAsADraftBeginsIsToldOfIt() {
		String session = this.api.sessionOf(1);
		for (int i = 0; i < 30; i++) {
			String id = "m" + i;
			CompletableFuture<Follower> coming = CompletableFuture
				.supplyAsync(() -> Follower.of(this.store, "/v1/sessions/" + session + "/tail?drafts=true"));
			DraftRequest draft = write(session, id, "").say("text");
			try (Follower follower = coming.join()) {
				awaitText(follower, id, "text");
			}
			draft.line(json("{'discard':true}")).expect(200);
		}
	}

	/** It has the name of the one before, and nothing else of it. */
	@Test
	void aSessionThatIsMadeAnewHasNoDraftsOfTheOneBefore() {
		String session = this.api.sessionOf(1);
		DraftRequest draft = write(session, "a", "").say("old secret");
		awaitDrafts(session, "old secret");
		this.api.delete(Api.SESSION + "?soft=false", session).expect(204);
		this.api.append(session, message("new")).expect(201);
		Follower follower = follow(session, "?drafts=true");
		draft.say(" goes on").problem(404, "session-not-found");
		assertThat(this.api.get(DRAFTS, session).expect(200).data()).isEmpty();
		send(session, "b", "", "{'text':'x'}").expect(202);
		follower.await((event) -> event.data().path("message_id").stringValue("").equals("b"));
		assertThat(names(follower)).containsOnly("draft");
		assertThat(texts(follower, "a")).isEmpty();
	}

	/** Its writer has not been told yet. */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void theMessageOfADraftBringsNoSessionBack(boolean isMadeAnew) {
		String session = this.api.sessionOf(1);
		DraftRequest draft = write(session, "a", "").say("old");
		awaitDrafts(session, "old");
		DraftRequest other = write(session, "m", "");
		awaitDrafts(session, "old", "");
		this.api.append(session, json("{'id':'m','role':'assistant','content':'done'}")).expect(201);
		this.api.delete(Api.SESSION + "?soft=false", session).expect(204);
		if (isMadeAnew) {
			this.api.append(session, json("{'id':'m','role':'assistant','content':'done'}")).expect(201);
		}
		for (DraftRequest each : List.of(draft, other)) {
			each.line(COMMIT.formatted("done")).problem(404, "session-not-found");
		}
		if (isMadeAnew) {
			assertThat(this.api.log(session)).hasSize(1);
			assertThat(this.api.get(DRAFTS, session).expect(200).data()).isEmpty();
		}
		else {
			this.api.get(Api.SESSION, session).problem(404, "session-not-found");
		}
	}

	@Test
	void theMessageOfADraftOfADeletedSessionIsRefused() {
		String session = this.api.sessionOf(1);
		DraftRequest draft = write(session, "a", "").say("text");
		awaitDrafts(session, "text");
		this.api.softDelete(session);
		draft.line(COMMIT.formatted("text")).problem(410, "session-deleted");
		this.api.post("/v1/sessions/{id}/restore", session).send().expect(200);
		assertThat(this.api.log(session)).hasSize(1);
		awaitDrafts(session);
	}

	/** While others begin to follow: what they read first may be older. */
	@Test
	void whatIsDiscardedDoesNotComeBack() {
		String session = this.api.sessionOf(1);
		Follower follower = follow(session, "?drafts=true");
		for (int i = 0; i < 20; i++) {
			String id = "m" + i;
			DraftRequest draft = write(session, id, "").say("text");
			follow(session, "?drafts=true");
			awaitText(follower, id, "text");
			follow(session, "?drafts=true");
			draft.line(json("{'discard':true}")).expect(200);
			follower.await((event) -> event.name().equals("draft_discarded")
					&& event.data().path("message_id").stringValue().equals(id));
		}
		assertThat(this.api.get(DRAFTS, session).expect(200).data()).isEmpty();
		for (Follower each : this.followers) {
			for (int i = 0; i < 20; i++) {
				String id = "m" + i;
				List<String> told = each.events()
					.stream()
					.filter((event) -> event.data().path("message_id").stringValue("").equals(id))
					.map(Event::name)
					.toList();
				assertThat(told.subList(0, Math.max(0, told.size() - 1))).as(id).doesNotContain("draft_discarded");
			}
		}
	}

	@Test
	void whoComesAfterTheMessageIsNotToldOfItsDraft() {
		String session = this.api.sessionOf(1);
		DraftRequest draft = write(session, "a", "").say("by stream");
		awaitDrafts(session, "by stream");
		this.api.append(session, json("{'id':'a','role':'assistant','content':'by append'}")).expect(201);
		Follower follower = follow(session, "?drafts=true");
		draft.say(" more");
		send(session, "b", "", "{'text':'x'}").expect(202);
		follower.await((event) -> event.data().path("message_id").stringValue("").equals("b"));
		assertThat(texts(follower, "a")).isEmpty();
		assertThat(names(follower)).containsOnly("draft");
	}

	@Test
	void theLimitOfADraftIsInBytes() {
		String session = this.api.sessionOf(1);
		String line = "{'text':'" + "語".repeat(200_000) + "'}\n";
		send(session, "a", "", line + line).problem(413, "too-large");
		assertThat(this.api.get(DRAFTS, session).expect(200).data().get(0).path("text").stringValue()).hasSize(200_000);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			{'txt':'x'}                                              | 400 | ''
			{'text':7}                                               | 400 | /text
			{'text':'x','discard':true}                              | 400 | ''
			{'discard':false}                                        | 400 | ''
			{'discard':1}                                            | 400 | /discard
			{}                                                       | 400 | ''
			{'message':'x'}                                          | 400 | /message
			{'message':{'content':'x'}}                              | 400 | /message/role
			{'message':{'id':'other','role':'user','content':'x'}}   | 400 | /message/id
			{'message':{'role':'assistant','content':'x','seq':1}}   | 400 | /message/seq
			""")
	void aLineThatSaysNothingSensibleIsNamedAndLeavesTheDraftOpen(String line, int status, String pointer) {
		String session = this.api.sessionOf(1);
		JsonNode problem = send(session, "a", "", "{'text':'good'}\n" + line).problem(status, "invalid-request");
		assertThat(problem.path("line").longValue()).isEqualTo(2);
		assertThat(problem.at("/errors/0/pointer").stringValue("")).isEqualTo(pointer);
		assertThat(this.api.log(session)).hasSize(1);
		send(session, "a", "?offset=4", "{'message':{'id':'a','role':'assistant','content':'good'}}").expect(201);
	}

	@Test
	void refusesWhatIsNoDraft() {
		String session = this.api.sessionOf(1);
		this.api.request(HttpMethod.POST, DRAFT, session, "a").json("{}").send().problem(415, "unsupported-media-type");
		this.api.request(HttpMethod.POST, DRAFT, session, "a").ndjson("no JSON").send().problem(400, "invalid-request");
		this.api.request(HttpMethod.POST, DRAFT, session, "x".repeat(256))
			.ndjson("{}")
			.send()
			.wrongParameter("message_id");
		this.api.request(HttpMethod.POST, DRAFT, session, "\0").ndjson("{}").send().wrongParameter("message_id");
		for (String query : List.of("offset=-1", "offset=x", "create=1", "limit=1")) {
			this.api.request(HttpMethod.POST, DRAFT + "?" + query, session, "a")
				.ndjson("{}")
				.send()
				.wrongParameter(query.split("=")[0]);
		}
		this.api.request(HttpMethod.POST, DRAFT, session, "a")
			.header("Idempotency-Key", "k")
			.ndjson("{}")
			.send()
			.wrongParameter("Idempotency-Key");
		this.api.request(HttpMethod.POST, DRAFT, session, "a")
			.header("If-Match", "\"1\"")
			.ndjson("{}")
			.send()
			.wrongParameter("If-Match");
		this.api.get("/v1/sessions/{id}/tail?drafts=1", session).wrongParameter("drafts");
		this.api.get(DRAFT, session, "a").problem(405, "method-not-allowed");
		String large = "{\"text\":\"" + "x".repeat(600_000) + "\"}\n";
		this.api.request(HttpMethod.POST, DRAFT, session, "a").ndjson(large + large).send().problem(413, "too-large");
	}

	@Test
	void anIdMayBeAnyText() {
		String session = this.api.sessionOf(1);
		Follower follower = follow(session, "?drafts=true");
		for (String id : List.of("a b", "ключ/🙂", "100%", "\"quoted\"", "x".repeat(255))) {
			send(session, id, "", "{'text':'t'}").expect(202);
			follower.await((event) -> event.data().path("message_id").stringValue("").equals(id));
			send(session, id, "?offset=1", COMMIT.formatted("t")).expect(201);
			follower.await((event) -> event.data().path("id").stringValue("").equals(id));
		}
	}

	@Test
	void aBodyThatTurnsOutToBeNoHttpIsTheCallersFaultAndLeavesTheDraftOpen(CapturedOutput output) {
		String session = this.api.sessionOf(1);
		DraftRequest draft = write(session, "a", "").say("text");
		awaitDrafts(session, "text");
		int before = output.length();
		draft.breakOff().expect(400);
		send(session, "a", "?offset=4", "{'discard':true}").expect(200);
		assertThat(output.subSequence(before, output.length())).doesNotContain("ERROR").doesNotContain("Exception");
	}

	@Test
	void aSessionHasSoManyDraftsAtMost() {
		String session = this.api.sessionOf(1);
		for (int i = 0; i < 16; i++) {
			send(session, "m" + i, "", "{'text':'t'}").expect(202);
		}
		assertThat(send(session, "one more", "", "{'text':'t'}").expect(429).header("Retry-After")).isEqualTo("1");
		send(session, "one more", "", "{'text':'t'}").problem(429, "too-many-drafts");
		send(session, "m3", "?offset=1", "{'discard':true}").expect(200);
		send(session, "one more", "", "{'text':'t'}").expect(202);
	}

	/** Their rows are still there. */
	@Test
	void draftsThatHaveBecomeMessagesAreNotCounted() {
		String session = this.api.sessionOf(1);
		for (int i = 0; i < 16; i++) {
			send(session, "m" + i, "", "{'text':'t'}").expect(202);
		}
		List<String> messages = IntStream.range(0, 16)
			.mapToObj((i) -> json("{'id':'m%d','role':'assistant','content':'t'}".formatted(i)))
			.toList();
		this.api.append(session, Json.array(messages)).expect(201);
		send(session, "one more", "", "{'text':'t'}").expect(202);
	}

	@Test
	void aDraftThatHasBecomeAMessageDoesNotComeBackWithoutIt() {
		String session = this.api.sessionOf(1);
		DraftRequest writer = write(session, "a", "").say("written");
		awaitDrafts(session, "written");
		send(session, "b", "", "{'text':'left'}").expect(202);
		send(session, "c", "", "{'text':'no message'}").expect(202);
		this.api
			.append(session, json("[{'id':'a','role':'user','content':'1'},{'id':'b','role':'user','content':'2'}]"))
			.expect(201);
		this.api.save(session, message("anew")).expect(200);
		awaitDrafts(session, "no message");
		writer.line(COMMIT.formatted("written")).problem(409, "draft-taken");
		send(session, "b", "", "{'text':'again'}").expect(202);
		awaitDrafts(session, "no message", "again");
	}

	@Test
	void ofTwoWhoGoOnAtOncePlaceOneIsAcknowledgedAndKept() {
		String session = this.api.sessionOf(1);
		for (int round = 0; round < 25; round++) {
			String id = "m" + round;
			send(session, id, "", json("{'text':'hello'}")).expect(202);
			List<Answer> answers = Api.together(2,
					(i) -> send(session, id, "?offset=5", json("{'text':'" + (i == 0 ? "-AAAA" : "-BB") + "'}")));
			List<String> kept = this.api.get(DRAFTS, session)
				.expect(200)
				.data()
				.stream()
				.filter((draft) -> draft.path("message_id").stringValue().equals(id))
				.map((draft) -> draft.path("text").stringValue())
				.toList();
			List<String> acknowledged = IntStream.range(0, 2)
				.filter((i) -> answers.get(i).status() == 202)
				.mapToObj((i) -> "hello" + (i == 0 ? "-AAAA" : "-BB"))
				.toList();
			assertThat(acknowledged).as("round %d: %s", round, answers).hasSizeLessThanOrEqualTo(1);
			assertThat(kept).as("round %d: %s", round, answers).containsAll(acknowledged);
			send(session, id, "?offset=" + kept.get(0).length(), json("{'discard':true}")).expect(200);
		}
	}

	@Test
	void aSessionThatIsGoneDoesNotKeepTheDraftsOfOthersFromBeingDiscarded() {
		for (int round = 0; round < 10; round++) {
			String session = this.api.sessionOf(1);
			send(session, "m", "", json("{'text':'x'}")).expect(202);
			this.api.delete("/v1/sessions/" + session + "?soft=false").expect(204);
			StepVerifier.create(this.repository.removeOfDeleted().collectList()).expectNextCount(1).verifyComplete();
		}
	}

	/**
	 * What one writer has to store waits while the next takes its place, and then goes
	 * with what that one has.
	 */
	@Test
	void whatAWriterStoresTooLateIsNotTakenForThatOfTheNextOne() {
		String session = this.api.sessionOf(1);
		SessionKey key = new SessionKey("default", session);
		send(session, "a", "", "{'text':'text'}").expect(202);
		for (int round = 0; round < 5; round++) {
			DraftRow before = row(session);
			assertThat(this.repository.takeOver(before, "next").block()).isTrue();
			// the first is under way while the others come
			List<DraftFlush.Flushed> flushed = Flux
				.mergeSequential(this.repository.flush(key, new DraftFlush(1, 1, 0, "", 0, "nobody")),
						this.repository.flush(key, new DraftFlush(before.id(), before.no(), 4, " late", 9, "before")),
						this.repository.flush(key, new DraftFlush(before.id(), before.no() + 1, 4, "", 4, "next")))
				.collectList()
				.block();
			assertThat(flushed).extracting(DraftFlush.Flushed::done).containsExactly(false, false, true);
		}
		assertThat(this.repository.pieces(row(session), 0).block()).extracting(DraftPiece::text)
			.containsExactly("text");
	}

	private Answer send(String session, String id, String query, String lines) {
		return this.api.request(HttpMethod.POST, DRAFT + query, session, id).ndjson(json(lines)).send();
	}

	private DraftRequest write(String session, String id, String query) {
		DraftRequest request = DraftRequest.to(this.store, session, id, query);
		this.requests.add(request);
		return request;
	}

	private void awaitDrafts(String session, String... texts) {
		Awaitility.await()
			.untilAsserted(() -> assertThat(this.api.get(DRAFTS, session).expect(200).data())
				.extracting((draft) -> draft.path("text").stringValue())
				.containsExactly(texts));
	}

	private static void awaitText(Follower follower, String id, String text) {
		Awaitility.await(id).untilAsserted(() -> assertThat(texts(follower, id)).isEqualTo(text));
	}

	/** What a follower has of a draft, by what it was told. */
	static String texts(Follower follower, String id) {
		String text = "";
		for (Event event : follower.events()) {
			if (event.name().equals("draft") && event.data().path("message_id").stringValue("").equals(id)) {
				int offset = event.data().path("offset").intValue();
				assertThat(offset).isLessThanOrEqualTo(text.codePointCount(0, text.length()));
				text = text.substring(0, text.offsetByCodePoints(0, offset)) + event.data().path("text").stringValue();
			}
		}
		return text;
	}

	private static List<String> names(Follower follower) {
		return follower.events().stream().map(Event::name).toList();
	}

}
