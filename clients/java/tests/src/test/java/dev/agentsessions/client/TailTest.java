package dev.agentsessions.client;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;

import dev.agentsessions.client.agent.NewAgentSwitch;
import dev.agentsessions.client.message.Message;
import dev.agentsessions.client.message.Range;
import dev.agentsessions.client.tail.TailEvent;
import dev.agentsessions.client.tail.TailStart;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

import static org.assertj.core.api.Assertions.assertThat;

class TailTest extends StoreTest {

	private static final String STREAM = "Content-Type: text/event-stream\r\n";

	private static final String READY = event("ready", "0-0-1",
			"{\"session_id\":\"s\",\"last_seq\":0,\"switch_count\":0,\"ranges\":[],\"view_no\":0}");

	private static final String DELETED = event("session_deleted", "9-0-1", "{}");

	private final Proxy proxy = new Proxy(Service.url());

	private final SessionClient far = through(this.proxy).session(this.id);

	@AfterEach
	void closeProxy() {
		this.proxy.close();
	}

	private static String event(String name, String id, String data) {
		return "event: " + name + "\nid: " + id + "\ndata: " + data + "\n\n";
	}

	private static String message(int seq) {
		return event("message", seq + "-0-1", "{\"seq\":" + seq + ",\"role\":\"user\",\"content\":\"😀\"}");
	}

	private static Proxy.Step stream(String... frames) {
		return Proxy.answer("200 OK", STREAM, "retry: 100\n\n" + String.join("", frames));
	}

	private static Object brief(TailEvent event) {
		return (event instanceof TailEvent.Appended appended) ? appended.message().seq()
				: event.getClass().getSimpleName();
	}

	@Test
	void everythingThatHappensIsTold() {
		this.session.append(Message.user("one")).block();
		this.session.tail(TailStart.after(0))
			.as(StepVerifier::create)
			.assertNext((event) -> assertThat(((TailEvent.Ready) event).sessions().get(0).lastSeq()).isEqualTo(1))
			.assertNext((event) -> assertThat(((TailEvent.Appended) event).message().text()).isEqualTo("one"))
			.then(() -> this.session.switchAgent(NewAgentSwitch.to("coder")).subscribe())
			.assertNext((event) -> assertThat(((TailEvent.Switched) event).agentSwitch().toAgent()).isEqualTo("coder"))
			.then(() -> this.session.saveHistory(List.of(Message.user("one"), Message.user("two"))).subscribe())
			.assertNext((event) -> assertThat(brief(event)).isEqualTo(2L))
			.then(() -> this.session.setView(List.of(Range.from(2))).subscribe())
			.assertNext((event) -> assertThat(((TailEvent.ViewChanged) event).ranges()).containsExactly(Range.from(2)))
			.then(() -> this.session.deleteAgentContext().subscribe())
			.expectNextMatches((event) -> event instanceof TailEvent.AgentHistoryReplaced)
			.then(() -> this.session.saveHistory(List.of(Message.user("anew"))).subscribe())
			.assertNext((event) -> assertThat(((TailEvent.HistoryReplaced) event).firstSeq()).isEqualTo(4))
			.expectNextMatches((event) -> brief(event).equals(4L))
			.then(() -> this.session.delete().subscribe())
			.assertNext((event) -> assertThat(((TailEvent.SessionDeleted) event).sessionId()).isEqualTo(this.id))
			.expectComplete()
			.verify(Duration.ofSeconds(60));
	}

	@Test
	void eachMessageComesOnceAndInOrderAcrossLostConnections() {
		int many = 300;
		AtomicInteger seen = new AtomicInteger();
		this.proxy.plan(Proxy.cutAfter(5000), Proxy.cutAfter(15000));
		this.session.append(Message.user("1")).block();
		Flux<Long> seqs = this.far.tail(TailStart.after(0))
			.ofType(TailEvent.Appended.class)
			.map((event) -> event.message().seq())
			.doOnNext((seq) -> {
				if (seen.incrementAndGet() == many / 2) {
					this.proxy.cut();
				}
			})
			.take(many);
		Flux<Message> messages = Flux.range(2, many - 1).map((i) -> Message.user("message " + i));
		StepVerifier.create(seqs)
			.then(() -> this.session.appendAll(messages).subscribe())
			.expectNextSequence(LongStream.rangeClosed(1, many).boxed().toList())
			.expectComplete()
			.verify(Duration.ofSeconds(60));
		assertThat(this.proxy.requests()).hasSizeGreaterThan(2);
	}

	@Test
	void aReaderIsAsSlowAsItLikes() {
		this.session.appendAll(Flux.range(1, 50).map((i) -> Message.user("m".repeat(100_000)))).block();
		this.session.tail(TailStart.after(0))
			.as((events) -> StepVerifier.create(events, 2))
			.expectNextCount(2)
			.thenRequest(48)
			.expectNextCount(48)
			.thenRequest(1)
			.assertNext((event) -> assertThat(brief(event)).isEqualTo(50L))
			.thenCancel()
			.verify(Duration.ofSeconds(60));
	}

	@Test
	void itGoesOnBehindTheLastEventThatWasTold() {
		this.proxy.plan(stream(READY, message(1), message(2).substring(0, 30)), stream(READY, message(2)),
				Proxy.LOSE_REQUEST, Proxy.busy(),
				stream(message(3), "event: bye\nretry: 100\ndata: {}\n\n", message(4)),
				stream("event: from-tomorrow\ndata: {}\n\n", ": a comment\n\n", message(4), DELETED));
		assertThat(this.far.tail(TailStart.after(0)).map(TailTest::brief).collectList().block())
			.containsExactly("Ready", 1L, "Ready", 2L, 3L, 4L, "SessionDeleted");
		assertThat(this.proxy.headers("Last-Event-ID")).containsExactly("", "1-0-1", "2-0-1", "2-0-1", "2-0-1",
				"3-0-1");
	}

	@Test
	void aPositionOfAnEarlierProgramIsGoneOnFrom() {
		this.session.append(Message.user("one"), Message.user("two")).block();
		String position = this.session.tail(TailStart.after(0)).take(2).blockLast().position();
		TailEvent next = this.session.tail(TailStart.position(position)).skip(1).blockFirst();
		assertThat(brief(next)).isEqualTo(2L);
	}

	@Test
	void aSessionThatWentMeanwhileIsToldOf() {
		this.proxy.plan(stream(READY), Proxy.answer("410 Gone", "", "{}"));
		assertThat(this.far.tail().map(TailTest::brief).collectList().block()).containsExactly("Ready",
				"SessionDeleted");
	}

	@ParameterizedTest
	@ValueSource(ints = { 400, 401, 403, 404, 410 })
	void whatWillNotHealIsAnError(int status) {
		this.proxy.plan(Proxy.answer(status + " No", "", "{}"));
		this.far.tail()
			.as(StepVerifier::create)
			.verifyErrorSatisfies((error) -> assertThat(((StoreException) error).status()).isEqualTo(status));
		assertThat(this.proxy.requests()).hasSize(1);
	}

	@Test
	void whatIsNoStreamIsAnError() {
		for (Proxy.Step answer : List.of(Proxy.answer("200 OK", "Content-Type: text/html\r\n", "<html>"),
				stream("data: <html>\n\n"), stream("data: null\n\n"))) {
			this.proxy.plan(answer);
			this.far.tail()
				.as(StepVerifier::create)
				.expectErrorSatisfies((error) -> assertThat(error).isExactlyInstanceOf(StoreException.class)
					.hasMessageContaining("is that its address?"))
				.verify(Duration.ofSeconds(20));
		}
	}

	@Test
	void aFaultOfTheStoreOrOfWhatIsInBetweenIsNoEnd() {
		this.proxy.plan(stream(READY), Proxy.answer("500 Fault", "", "{}"), stream(message(1)),
				Proxy.answer("404 Not Found", "Content-Type: text/html\r\n", "default backend"));
		this.far.tail()
			.map(TailTest::brief)
			.as(StepVerifier::create)
			.expectNext("Ready", 1L)
			.verifyErrorSatisfies((error) -> assertThat(((StoreException) error).status()).isEqualTo(404));
	}

	@Test
	void streamsThatEndBeforeTheyBeginAreGivenUp() {
		this.proxy.plan(stream(), stream(": hi\n\n"), stream(), stream());
		builder(this.proxy).giveUpAfter(Duration.ofMillis(1))
			.build()
			.session(this.id)
			.tail()
			.as(StepVerifier::create)
			.expectError(StoreException.Unavailable.class)
			.verify(Duration.ofSeconds(20));
	}

	@Test
	void afterTooLongWithoutAConnectionItGivesUp() {
		this.proxy.plan(stream(READY), Proxy.busy(), Proxy.busy(), Proxy.busy(), Proxy.busy(), Proxy.busy(),
				Proxy.busy());
		builder(this.proxy).giveUpAfter(Duration.ofMillis(100))
			.build()
			.session(this.id)
			.tail()
			.as(StepVerifier::create)
			.expectNextCount(1)
			.verifyError(StoreException.Unavailable.class);
	}

	@Test
	void aSessionThatIsNotThereYetCanBeAwaited() {
		this.session.tail().as(StepVerifier::create).verifyError(StoreException.NotFound.class);
		this.session.tail(TailStart.NOW.awaitCreation())
			.as(StepVerifier::create)
			.expectNextCount(1)
			.then(() -> this.session.append(Message.user("Hi")).subscribe())
			.assertNext((event) -> assertThat(brief(event)).isEqualTo(1L))
			.thenCancel()
			.verify(Duration.ofSeconds(60));
	}

	@Test
	void severalSessionsAreFollowedUntilTheLastOneIsGone() {
		SessionClient other = this.store.session(this.id + "-2");
		this.session.append(Message.user("Hi")).block();
		this.store.tail(List.of(this.id, other.sessionId()), TailStart.NOW)
			.as(StepVerifier::create)
			.assertNext((event) -> assertThat(((TailEvent.Ready) event).sessions()).hasSize(2))
			.then(() -> other.append(Message.user("Ho")).subscribe())
			.assertNext((event) -> assertThat(((TailEvent.OfSession) event).sessionId()).isEqualTo(other.sessionId()))
			.then(() -> this.session.delete().subscribe())
			.assertNext((event) -> assertThat(event).isInstanceOf(TailEvent.SessionDeleted.class))
			.then(() -> other.append(Message.user("still there")).subscribe())
			.assertNext((event) -> assertThat(brief(event)).isEqualTo(2L))
			.then(() -> other.delete().subscribe())
			.assertNext(
					(event) -> assertThat(((TailEvent.SessionDeleted) event).sessionId()).isEqualTo(other.sessionId()))
			.expectComplete()
			.verify(Duration.ofSeconds(60));
	}

	@Test
	void ofSeveralThatWentMeanwhileThoseThatWereThereAreToldOf() {
		String nothing = "\"last_seq\":0,\"switch_count\":0,\"ranges\":[],\"view_no\":0}";
		String ready = event("ready", "p",
				"{\"sessions\":[{\"session_id\":\"a\"," + nothing.replace("seq\":0", "seq\":2")
						+ ",{\"session_id\":\"b\"," + nothing.replace("count\":0", "count\":1")
						+ ",{\"session_id\":\"never\"," + nothing + "]}");
		this.proxy.plan(stream(ready), Proxy.answer("410 Gone", "", "{}"));
		assertThat(deletedOf("a", "b", "never")).containsExactly("a", "b");
		this.proxy.plan(stream(event("ready", "p", "{\"sessions\":[{\"session_id\":\"empty\"," + nothing + "]}")),
				Proxy.answer("410 Gone", "", "{}"));
		assertThat(deletedOf("empty")).containsExactly("empty");
	}

	private List<String> deletedOf(String... sessionIds) {
		return through(this.proxy).tail(List.of(sessionIds), TailStart.NOW)
			.ofType(TailEvent.SessionDeleted.class)
			.map(TailEvent.SessionDeleted::sessionId)
			.collectList()
			.block();
	}

	@Test
	void cancellingEndsTheConnection() {
		try (Silent silent = new Silent()) {
			SessionStore.of(silent.url())
				.session(this.id)
				.tail()
				.as(StepVerifier::create)
				.then(silent::awaitRequest)
				.thenCancel()
				.verify();
			silent.awaitEnd();
		}
	}

}
