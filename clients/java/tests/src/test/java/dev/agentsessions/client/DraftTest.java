package dev.agentsessions.client;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

import dev.agentsessions.client.message.Appended;
import dev.agentsessions.client.message.DraftOptions;
import dev.agentsessions.client.message.Message;
import dev.agentsessions.client.tail.DraftTexts;
import dev.agentsessions.client.tail.OpenDraft;
import dev.agentsessions.client.tail.TailEvent;
import dev.agentsessions.client.tail.TailStart;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.StepVerifier.Step;

import static org.assertj.core.api.Assertions.assertThat;

class DraftTest extends StoreTest {

	private final Proxy proxy = new Proxy(Service.url());

	private final SessionClient far = through(this.proxy).session(this.id);

	private final Sinks.Many<String> model = Sinks.many().unicast().onBackpressureBuffer();

	private final DraftTexts texts = new DraftTexts();

	@AfterEach
	void closeProxy() {
		this.proxy.close();
	}

	private void say(String... pieces) {
		for (String piece : pieces) {
			this.model.tryEmitNext(piece).orThrow();
		}
	}

	/** What a follower sees of the draft {@code m}, which begins once it listens. */
	private Step<String> follow(Mono<?> draft) {
		return this.session.tail(TailStart.NOW.awaitCreation().withDrafts()).doOnNext((event) -> {
			if (event instanceof TailEvent.Ready) {
				draft.subscribe();
			}
		})
			.filter(this.texts::apply)
			.map((event) -> String.valueOf(this.texts.text(this.id, "m")))
			.filter((text) -> !text.isEmpty())
			.distinctUntilChanged()
			.as(StepVerifier::create);
	}

	@Test
	void ifItIsToldSoNoSessionIsMadeForADraft() {
		DraftOptions existing = DraftOptions.NONE.existing();
		this.session.draft("m", Flux.just("Hi"), Message::assistant, existing)
			.as(StepVerifier::create)
			.verifyError(StoreException.NotFound.class);
		this.session.get().as(StepVerifier::create).verifyError(StoreException.NotFound.class);
		this.session.append(Message.user("Hello")).block();
		assertThat(this.session.draft("m", Flux.just("Hi"), Message::assistant, existing).block().lastSeq())
			.isEqualTo(2);
	}

	@Test
	void followersSeeAMessageGrow() {
		Mono<Appended> draft = this.session.draft("m", this.model.asFlux()).cache();
		follow(draft).then(() -> say("The "))
			.expectNext("The ")
			.then(() -> say("te", "sts "))
			.thenConsumeWhile((text) -> !text.equals("The tests "))
			.expectNext("The tests ")
			.then(() -> say("pass 😀"))
			.expectNext("The tests pass 😀")
			.then(() -> this.model.tryEmitComplete())
			.expectNext("null")
			.thenCancel()
			.verify(Duration.ofSeconds(60));
		assertThat(draft.block()).extracting(Appended::lastSeq, Appended::replayed).containsExactly(1L, false);
		Message message = this.session.message(1).block();
		assertThat(message.id()).isEqualTo("m");
		assertThat(message.role()).isEqualTo("assistant");
		assertThat(message.text()).isEqualTo("The tests pass 😀");
	}

	@Test
	void aBrokenConnectionIsGoneOnFrom() {
		Mono<Appended> draft = this.far
			.draft("m", this.model.asFlux(), (text) -> Message.assistant(text).withTokenCount(5))
			.cache();
		follow(draft).then(() -> say("😀 one "))
			.expectNext("😀 one ")
			.then(this.proxy::cut)
			.then(() -> say("two "))
			.expectNext("😀 one two ")
			.then(this.proxy::cut)
			.then(() -> say("three"))
			.expectNext("😀 one two three")
			.then(() -> this.model.tryEmitComplete())
			.expectNext("null")
			.thenCancel()
			.verify(Duration.ofSeconds(60));
		draft.block();
		assertThat(this.session.messages().map(Message::text).collectList().block())
			.containsExactly("😀 one two three");
		assertThat(this.proxy.requests()).hasSizeGreaterThan(2);
	}

	@Test
	void aMessageWhoseAnswerWasLostIsAppendedOnce() {
		this.proxy.plan(Proxy.LOSE_ANSWER, Proxy.busy(), Proxy.LOSE_REQUEST);
		Appended appended = this.far.draft("m", Flux.just("The ", "end")).block();
		assertThat(appended.replayed()).isTrue();
		assertThat(this.session.messages().map(Message::text).collectList().block()).containsExactly("The end");
	}

	@ParameterizedTest
	@ValueSource(strings = { "429 Too Many Requests", "503 Service Unavailable", "500 No", "413 Content Too Large" })
	void aDraftThatTheStoreDoesNotHoldIsAppendedAtItsEnd(String status) {
		this.proxy.plan(Proxy.answer(status, "Content-Type: application/problem+json\r\nRetry-After: 60\r\n",
				"{\"type\":\"/problems/made-up\"}"));
		Flux<String> pieces = Flux.just("all ", "of it").delayElements(Duration.ofMillis(150));
		assertThat(this.far.draft("m", pieces).block(Duration.ofSeconds(20)).lastSeq()).isEqualTo(1);
		Message message = this.session.message(1).block();
		assertThat(message.id()).isEqualTo("m");
		assertThat(message.text()).isEqualTo("all of it");
	}

	@ParameterizedTest
	@CsvSource({ "429, too-many-drafts, 1", "500, internal-error, 1", "413, too-large, 1", "429, busy, 2",
			"502, made-up, 2", "503, busy, 2", "504, made-up, 2" })
	void aBusyStoreIsAskedForTheDraftOnceMore(String status, String problem, int drafts) {
		Proxy.Step refusal = Proxy.answer(status + " No",
				"Content-Type: application/problem+json\r\nRetry-After: 60\r\n",
				"{\"type\":\"/problems/" + problem + "\"}");
		for (int i = 0; i < drafts; i++) {
			this.proxy.plan(refusal);
		}
		assertThat(this.far.draft("m", Flux.just("text")).block(Duration.ofSeconds(20)).lastSeq()).isEqualTo(1);
		assertThat(this.proxy.requests()).hasSize(drafts + 1);
		assertThat(this.proxy.requests().get(drafts)).contains("/messages");
	}

	@Test
	void aMessageThatMayBeThereIsSaidToBe() {
		this.proxy.plan(Proxy.LOSE_ANSWER,
				Proxy.answer("429 No", "Content-Type: application/problem+json\r\n",
						"{\"type\":\"/problems/too-many-drafts\"}"),
				Proxy.answer("403 No", "Content-Type: application/problem+json\r\n",
						"{\"type\":\"/problems/forbidden\"}"));
		this.far.draft("m", Flux.just("text")).as(StepVerifier::create).verifyErrorSatisfies((error) -> {
			assertThat(error).isInstanceOf(StoreException.AccessDenied.class);
			assertThat(((StoreException) error).outcomeUnknown()).isTrue();
		});
		assertThat(this.session.message(1).block().text()).isEqualTo("text");
	}

	@Test
	void aDraftThatTheStoreDoesNotHoldIsNotAppendedIfTheModelFails() {
		this.proxy.plan(Proxy.answer("500 No", "", "{}"));
		this.far.draft("m", Flux.error(new IllegalArgumentException("no model")))
			.as(StepVerifier::create)
			.verifyErrorMessage("no model");
		assertThat(this.session.messages().count().onErrorReturn(0L).block()).isZero();
	}

	@Test
	void aDraftThatTheStoreHasLostIsToldAnew() {
		Mono<Appended> draft = this.far.draft("m", this.model.asFlux()).cache();
		follow(draft).then(() -> say("one ")).expectNext("one ").then(() -> {
			this.proxy.plan(Proxy.LOSE_REQUEST);
			this.proxy.cut();
			this.session.discardDraft("m").subscribe();
		})
			.expectNext("null")
			.then(this.proxy::heal)
			.then(() -> say("two"))
			.expectNext("one two")
			.then(() -> this.model.tryEmitComplete())
			.expectNext("null")
			.thenCancel()
			.verify(Duration.ofSeconds(60));
		assertThat(this.session.message(draft.block().lastSeq()).block().text()).isEqualTo("one two");
	}

	@Test
	void anotherWriterWins() {
		AtomicReference<Throwable> error = new AtomicReference<>();
		Sinks.Empty<Void> failed = Sinks.empty();
		Mono<Appended> draft = this.session.draft("m", this.model.asFlux()).doOnError((thrown) -> {
			error.set(thrown);
			failed.tryEmitEmpty();
		}).onErrorComplete();
		follow(draft).then(() -> say("mine"))
			.expectNext("mine")
			.then(() -> this.session.discardDraft("m").subscribe())
			.expectNext("null")
			.thenCancel()
			.verify(Duration.ofSeconds(60));
		failed.asMono().block(Duration.ofSeconds(60));
		assertThat(error.get()).isInstanceOf(StoreException.Conflict.class);
		assertThat(((StoreException) error.get()).is("draft-taken")).isTrue();
		assertThat(this.model.currentSubscriberCount()).isZero();
	}

	@Test
	void aDraftOfAnEarlierProgramIsAConflict() {
		follow(this.far.draft("m", this.model.asFlux())).then(() -> say("left behind"))
			.expectNext("left behind")
			.thenCancel()
			.verify(Duration.ofSeconds(60));
		this.session.draft("m", Flux.just("new"))
			.as(StepVerifier::create)
			.verifyErrorSatisfies((error) -> assertThat(((StoreException) error).is("draft-offset")).isTrue());
		this.proxy.plan(Proxy.busy());
		this.far.draft("m", Flux.just("new"))
			.as(StepVerifier::create)
			.verifyErrorSatisfies((error) -> assertThat(((StoreException) error).is("draft-offset")).isTrue());
		List<OpenDraft> open = this.session.drafts().collectList().block();
		assertThat(open).extracting(OpenDraft::text).containsExactly("left behind");
		this.proxy.plan(
				Proxy.answer("200 OK", "Content-Type: application/json\r\n",
						"{\"data\":[{\"message_id\":\"m\",\"text\":\"left behind\"}]}"),
				Proxy.LOSE_ANSWER, Proxy.busy());
		this.far.discardDraft("m").block();
		assertThat(this.session.draft("m", Flux.just("new")).block().lastSeq()).isEqualTo(1);
	}

	@Test
	void aDraftThatIsBeingWrittenIsDiscardedWhereItIs() {
		follow(this.session.draft("m", this.model.asFlux()).onErrorComplete()).then(() -> say("more by now"))
			.expectNext("more by now")
			.then(() -> {
				this.proxy.plan(Proxy.answer("200 OK", "Content-Type: application/json\r\n",
						"{\"data\":[{\"message_id\":\"m\",\"text\":\"more\"}]}"));
				this.far.discardDraft("m").subscribe();
			})
			.expectNext("null")
			.thenCancel()
			.verify(Duration.ofSeconds(20));
	}

	@Test
	void aModelThatFailsLeavesNothing() {
		follow(this.session.draft("m", this.model.asFlux()).onErrorComplete()).then(() -> say("It is"))
			.expectNext("It is")
			.then(() -> this.model.tryEmitError(new IllegalArgumentException("no tokens left")))
			.expectNext("null")
			.thenCancel()
			.verify(Duration.ofSeconds(60));
		this.session.draft("n", Flux.error(new IllegalArgumentException("no model")))
			.as(StepVerifier::create)
			.verifyErrorMessage("no model");
		this.session.draft("n", Flux.just("text"), (text) -> {
			throw new IllegalArgumentException("no message");
		}).as(StepVerifier::create).verifyErrorMessage("no message");
		assertThat(this.session.drafts().count().block()).isZero();
		assertThat(this.session.messages().count().block()).isZero();
	}

	@Test
	void cancellingStopsTheModel() {
		Sinks.Empty<Void> stopped = Sinks.empty();
		Flux<String> pieces = this.model.asFlux().doOnCancel(stopped::tryEmitEmpty);
		this.session.draft("m", pieces).as(StepVerifier::create).then(() -> say("It")).thenCancel().verify();
		stopped.asMono().block(Duration.ofSeconds(60));
	}

	@Test
	void aMessageThatIsThereAlreadyIsAConflict() {
		this.session.append(Message.assistant("other").withId("m")).block();
		this.session.draft("m", Flux.just("text"))
			.as(StepVerifier::create)
			.verifyErrorSatisfies((error) -> assertThat(((StoreException) error).is("message-exists")).isTrue());
	}

	@Test
	void halfACharacterWaitsForItsOtherHalf() {
		String emoji = "😀";
		follow(this.session.draft("m", this.model.asFlux())).then(() -> say("a" + emoji.charAt(0)))
			.expectNext("a")
			.then(() -> say(emoji.charAt(1) + "b"))
			.expectNext("a😀b")
			.then(() -> this.model.tryEmitComplete())
			.expectNext("null")
			.thenCancel()
			.verify(Duration.ofSeconds(60));
		assertThat(this.session.message(1).block().text()).isEqualTo("a😀b");
	}

	@Test
	void halfACharacterThatStaysAloneIsReplaced() {
		this.session.draft("m", Flux.just("a" + "😀".charAt(0), "b")).block();
		assertThat(this.session.message(1).block().text()).isEqualTo("a\uFFFDb");
	}

	@Test
	void aLongTextGoesThroughInPieces() {
		String text = "😀 Привет, 東京! ".repeat(20_000);
		this.proxy.plan(Proxy.LOSE_ANSWER);
		this.far
			.draft("m",
					Flux.fromStream(text.codePoints().mapToObj(Character::toString))
						.buffer(1000)
						.map((each) -> String.join("", each)))
			.block();
		assertThat(this.session.message(1).block().text()).isEqualTo(text);
	}

	@Test
	void textsAreCutByCodePoints() {
		this.texts.apply(new TailEvent.DraftWritten("s", "m", 0, "a😀bc", null));
		this.texts.apply(new TailEvent.DraftWritten("s", "m", 2, "d", null));
		assertThat(this.texts.text("s", "m")).isEqualTo("a😀d");
		this.texts.apply(new TailEvent.DraftWritten("t", "m", 0, "x", null));
		assertThat(this.texts.apply(new TailEvent.SessionDeleted("t", null))).isTrue();
		assertThat(this.texts.all()).isEqualTo(Map.of(new DraftTexts.Key("s", "m"), "a😀d"));
		assertThat(this.texts.apply(new TailEvent.Ready(List.of(), null))).isTrue();
		assertThat(this.texts.all()).isEmpty();
	}

}
