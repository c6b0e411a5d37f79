package dev.agentsessions.client;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.TimeoutException;

import dev.agentsessions.client.agent.NewAgentContext;
import dev.agentsessions.client.agent.NewAgentSwitch;
import dev.agentsessions.client.agent.Turn;
import dev.agentsessions.client.message.Message;
import dev.agentsessions.client.message.WriteOptions;
import dev.agentsessions.client.session.Fork;
import dev.agentsessions.client.session.SessionDetails;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.Http11SslContextSpec;
import reactor.netty.http.client.HttpClient;
import reactor.test.StepVerifier;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpStatus;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class FaultsTest extends StoreTest {

	private static final String PROBLEM = "Content-Type: application/problem+json\r\n";

	private final Proxy proxy = new Proxy(Service.url());

	private final SessionClient far = through(this.proxy).session(this.id);

	@AfterEach
	void closeProxy() {
		this.proxy.close();
	}

	@Test
	void whatWasLostIsSentAgainAndWrittenOnce() {
		this.proxy.plan(Proxy.LOSE_REQUEST, Proxy.LOSE_ANSWER, Proxy.busy());
		var appended = this.far.append(Message.user("Hi")).block();
		assertThat(appended.replayed()).isTrue();
		assertThat(this.proxy.headers("Idempotency-Key")).hasSize(4)
			.containsOnly(this.proxy.headers("Idempotency-Key").get(0));
		this.proxy.plan(Proxy.LOSE_ANSWER, Proxy.cutAfter(30));
		assertThat(this.far.turn(Turn.of(Message.user("Ho")).then(NewAgentSwitch.to("coder"))).block().replayed())
			.isTrue();
		this.proxy.plan(Proxy.LOSE_ANSWER);
		assertThat(this.far.switchAgent(NewAgentSwitch.to("tester")).block().switchNo()).isEqualTo(2);
		assertThat(this.session.messages().map(Message::text).collectList().block()).containsExactly("Hi", "Ho");
	}

	@Test
	void whatAnEarlierTryDidIsNoConflict() {
		this.session.append(Message.user("Hi")).block();
		this.proxy.plan(Proxy.LOSE_ANSWER);
		this.far.delete().block();
		this.proxy.plan(Proxy.LOSE_ANSWER);
		assertThat(this.far.restore().block().isActive()).isTrue();
		this.proxy.plan(Proxy.LOSE_ANSWER);
		assertThat(this.far.fork(Fork.ALL).block().lastSeq()).isEqualTo(1);
		this.proxy.plan(Proxy.LOSE_ANSWER);
		assertThat(through(this.proxy).create(SessionDetails.NONE).block().lastSeq()).isEqualTo(0);
	}

	@Test
	void whatWouldTakeAlongWhatOthersWroteMeanwhileIsNotSentAgainOnceItMayHaveBeenDone() {
		this.session.append(Message.user("Hi")).block();
		NewAgentContext context = NewAgentContext.of("a")
			.history(List.of(new NewAgentContext.Entry(null, "a", null, null, null)));
		SessionStore store = through(this.proxy);
		int sent = 0;
		for (Mono<?> work : List.of(this.far.saveAgentContext(context), this.far.deleteAgentContext(),
				store.eraseOwner(this.id), store.eraseSessions(List.of(this.id + "-never")),
				this.far.deleteForGood())) {
			this.proxy.plan(Proxy.busy(), Proxy.LOSE_ANSWER);
			work.as(StepVerifier::create).verifyErrorSatisfies((error) -> {
				assertThat(error).isInstanceOf(StoreException.Unavailable.class);
				assertThat(((StoreException) error).outcomeUnknown()).isTrue();
			});
			sent += 2;
			assertThat(this.proxy.requests()).hasSize(sent);
		}
		this.far.deleteForGood().as(StepVerifier::create).verifyError(StoreException.NotFound.class);
	}

	@Test
	void aSessionOfAGivenIdThatIsThereIsAConflictHoweverOftenItWasTried() {
		this.proxy.plan(Proxy.LOSE_ANSWER);
		through(this.proxy).create(this.id, SessionDetails.NONE)
			.as(StepVerifier::create)
			.verifyErrorSatisfies((error) -> {
				assertThat(error).isInstanceOf(StoreException.Conflict.class);
				assertThat(((StoreException) error).outcomeUnknown()).isTrue();
			});
	}

	@Test
	void aCallThatIsSentAwayWaitsAsLongAsItIsAskedTo() {
		this.proxy.plan(Proxy.answer("429 Too Many Requests", PROBLEM + "Retry-After: 1\r\n", "{}"));
		Duration took = this.far.append(Message.user("Hi"))
			.as(StepVerifier::create)
			.expectNextCount(1)
			.verifyComplete();
		assertThat(took).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
	}

	@Test
	void aCallDoesNotWaitBeyondItsTime() {
		this.proxy.plan(Proxy.answer("503 Service Unavailable", PROBLEM + "Retry-After: 60\r\n", "{}"));
		this.far.get().as(StepVerifier::create).verifyErrorSatisfies((error) -> {
			assertThat(((StoreException.Unavailable) error).retryAfter()).isEqualTo(Duration.ofSeconds(60));
			assertThat(((StoreException) error).status()).isEqualTo(503);
		});
		assertThat(this.proxy.requests()).hasSize(1);
	}

	@Test
	void theTimeToWaitIsToldInSecondsOrAsADate() {
		assertThat(asked("60")).isEqualTo(Duration.ofSeconds(60));
		assertThat(asked("9".repeat(30))).isGreaterThan(Duration.ofDays(9999));
		String soon = DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC).plusMinutes(1));
		assertThat(asked(soon)).isBetween(Duration.ofSeconds(50), Duration.ofSeconds(60));
		assertThat(asked("Wed, 21 Oct 2015 07:28:00 GMT")).isZero();
		assertThat(asked("-5")).isZero();
		assertThat(asked("soon")).isZero();
	}

	private Duration asked(String retryAfter) {
		this.proxy.plan(Proxy.answer("503 Service Unavailable", PROBLEM + "Retry-After: " + retryAfter + "\r\n", "{}"));
		return builder(this.proxy).mostTries(1)
			.build()
			.session(this.id)
			.get()
			.map((session) -> Duration.ZERO)
			.onErrorResume(StoreException.Unavailable.class, (busy) -> Mono.just(busy.retryAfter()))
			.block();
	}

	@Test
	void triesAreCounted() {
		this.proxy.plan(Proxy.LOSE_REQUEST, Proxy.LOSE_REQUEST, Proxy.LOSE_REQUEST);
		builder(this.proxy).mostTries(3)
			.build()
			.session(this.id)
			.append(Message.user("Hi"))
			.as(StepVerifier::create)
			.verifyErrorSatisfies((error) -> {
				assertThat(error).isInstanceOf(StoreException.Unavailable.class).hasMessageContaining(this.proxy.url());
				assertThat(((StoreException) error).outcomeUnknown()).isTrue();
			});
		assertThat(this.proxy.requests()).hasSize(3);
	}

	@Test
	void aStoreThatSaysNothingIsNotWaitedForLonger() {
		try (Silent silent = new Silent()) {
			SessionStore.builder(silent.url())
				.timeout(Duration.ofMillis(300))
				.build()
				.session(this.id)
				.get()
				.as(StepVerifier::create)
				.verifyErrorSatisfies((error) -> assertThat(((StoreException) error).outcomeUnknown()).isTrue());
		}
	}

	@Test
	void noWorkWaitsWithoutEnd() {
		try (Silent silent = new Silent()) {
			SessionClient waiting = SessionStore.builder(silent.url())
				.timeout(Duration.ofMillis(300))
				.build()
				.session(this.id);
			for (Publisher<?> work : List.of(waiting.messages(), waiting.appendAll(Flux.just(Message.user("Hi"))))) {
				StepVerifier.create(work).expectError(StoreException.Unavailable.class).verify(Duration.ofSeconds(20));
			}
		}
		this.proxy.plan(Proxy.answer("503 Service Unavailable", PROBLEM + "Retry-After: 6000\r\n", "{}"));
		this.far.messages()
			.as(StepVerifier::create)
			.expectError(StoreException.Unavailable.class)
			.verify(Duration.ofSeconds(20));
	}

	@Test
	void aStoreThatTakesNothingIsNotWaitedForLonger() throws IOException {
		Flux<Message> much = Flux.range(1, 1000).map((i) -> Message.user("m".repeat(100_000)));
		try (ServerSocket deaf = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
			SessionStore.builder("http://127.0.0.1:" + deaf.getLocalPort())
				.timeout(Duration.ofMillis(300))
				.build()
				.session(this.id)
				.appendAll(much)
				.as(StepVerifier::create)
				.expectErrorSatisfies((error) -> assertThat(((StoreException) error).outcomeUnknown()).isTrue())
				.verify(Duration.ofSeconds(20));
		}
	}

	@Test
	void aLargeMessageMayBeTakenForLongerThanTheTimeout() {
		ExchangeFunction slow = (request) -> request.body()
			.insert(taking(Duration.ofMillis(50)), null)
			.then(Mono.fromSupplier(() -> ClientResponse.create(HttpStatus.CREATED).body("{\"appended\":1}").build()));
		SessionStore.builder("http://store")
			.webClient(WebClient.builder().exchangeFunction(slow).build())
			.timeout(Duration.ofSeconds(1))
			.build()
			.session(this.id)
			.appendAll(Flux.just(Message.user("m".repeat(2 << 20))))
			.as(StepVerifier::create)
			.assertNext((lines) -> assertThat(lines.appended()).isOne())
			.verifyComplete();
	}

	/** A connection that needs so long for each part of a body. */
	@SuppressWarnings("unchecked")
	private static ClientHttpRequest taking(Duration time) {
		return (ClientHttpRequest) java.lang.reflect.Proxy.newProxyInstance(FaultsTest.class.getClassLoader(),
				new Class<?>[] { ClientHttpRequest.class },
				(self, method, arguments) -> Flux.from((Publisher<Publisher<DataBuffer>>) arguments[0])
					.concatMap((part) -> Mono.from(part).delayElement(time), 1)
					.then());
	}

	@Test
	void aPublisherMayPauseForLongerThanTheTimeout() {
		builder(this.proxy).timeout(Duration.ofSeconds(3))
			.build()
			.session(this.id)
			.appendAll(Flux.just(Message.user("Hi"))
				.concatWith(Mono.delay(Duration.ofSeconds(4)).map((tick) -> Message.user("Ho"))))
			.as(StepVerifier::create)
			.assertNext((lines) -> assertThat(lines.appended()).isEqualTo(2))
			.verifyComplete();
	}

	@Test
	void whoIsNotThereWasNotReached() {
		SessionStore.builder("http://127.0.0.1:1") // a port that nobody gets by chance
			.mostTries(2)
			.build()
			.session(this.id)
			.append(Message.user("Hi"))
			.as(StepVerifier::create)
			.verifyErrorSatisfies((error) -> {
				assertThat(error).isInstanceOf(StoreException.Unavailable.class).hasMessageStartingWith("Cannot reach");
				assertThat(((StoreException) error).outcomeUnknown()).isFalse();
			});
	}

	@Test
	void aHandshakeThatIsNotAnsweredIsTriedAgain() {
		try (Silent silent = new Silent()) {
			HttpClient http = HttpClient.newConnection()
				.disableRetry(true)
				.secure((tls) -> tls.sslContext(Http11SslContextSpec.forClient())
					.handshakeTimeout(Duration.ofMillis(200)));
			SessionStore.builder(silent.url().replace("http:", "https:"))
				.mostTries(2)
				.webClient(WebClient.builder().clientConnector(new ReactorClientHttpConnector(http)).build())
				.build()
				.session(this.id)
				.append(Message.user("Hi"))
				.as(StepVerifier::create)
				.verifyErrorSatisfies((error) -> {
					assertThat(error).isInstanceOf(StoreException.Unavailable.class)
						.hasMessageStartingWith("Cannot reach");
					assertThat(((StoreException) error).outcomeUnknown()).isFalse();
				});
		}
	}

	@Test
	void aRequestThatCannotBeMadeIsNotTriedAgain() {
		SessionClient wrong = SessionStore.builder(this.proxy.url())
			.webClient(WebClient.builder().defaultHeader("X-Wrong", "two\r\nlines").build())
			.build()
			.session(this.id);
		for (Publisher<?> work : List.of(wrong.append(Message.user("Hi")), wrong.messages(), wrong.tail())) {
			StepVerifier.create(work).expectError(IllegalArgumentException.class).verify(Duration.ofSeconds(20));
		}
		assertThat(this.proxy.requests()).isEmpty();
	}

	@ParameterizedTest
	@CsvSource({ "400, InvalidRequest", "401, AccessDenied", "403, AccessDenied", "404, StoreException",
			"409, Conflict", "410, Deleted", "412, Conflict", "413, InvalidRequest", "422, InvalidRequest",
			"500, StoreException" })
	void aRefusalIsNotTriedAgain(int status, String kind) {
		this.proxy
			.plan(Proxy.answer(status + " No", PROBLEM, "{\"type\":\"/problems/made-up\",\"detail\":\"Why\",\"x\":1}"));
		this.far.get().as(StepVerifier::create).verifyErrorSatisfies((error) -> {
			assertThat(error.getClass().getSimpleName()).isEqualTo(kind);
			assertThat(error).hasMessage("Why (HTTP " + status + ")");
			assertThat(((StoreException) error).problem().number("x")).isEqualTo(1);
			assertThat(((StoreException) error).is("made-up")).isTrue();
		});
		assertThat(this.proxy.requests()).hasSize(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "<html>", "[]", "null", "" })
	void anAnswerThatIsNotTheStoresIsAnError(String body) {
		this.proxy.plan(Proxy.answer("200 OK", "Content-Type: text/html\r\n", body));
		this.far.get()
			.as(StepVerifier::create)
			.verifyErrorSatisfies((error) -> assertThat(error).isExactlyInstanceOf(StoreException.class)
				.hasMessageContaining("is that its address?"));
		this.proxy.plan(Proxy.answer("200 OK", "Content-Type: text/html\r\n", body));
		this.far.messages()
			.as(StepVerifier::create)
			.verifyErrorSatisfies((error) -> assertThat(error).isExactlyInstanceOf(StoreException.class)
				.hasMessageContaining("is that its address?"));
		this.proxy.plan(Proxy.answer("404 Not Found", "Content-Type: text/html\r\n", body));
		this.far.get()
			.as(StepVerifier::create)
			.verifyErrorSatisfies((error) -> assertThat(error).isExactlyInstanceOf(StoreException.class));
	}

	@Test
	void allMessagesAreReadAcrossLostConnections() {
		this.session.appendAll(Flux.range(1, 400).map((i) -> Message.user("message " + i))).block();
		this.proxy.plan(Proxy.cutAfter(9000), Proxy.LOSE_REQUEST, Proxy.cutAfter(9000));
		this.far.messages().map(Message::text).collectList().as(StepVerifier::create).assertNext((texts) -> {
			assertThat(texts).hasSize(400).doesNotHaveDuplicates();
			assertThat(texts.get(399)).isEqualTo("message 400");
		}).verifyComplete();
		assertThat(this.proxy.requests()).hasSize(4);
		assertThat(this.proxy.requests().get(3)).doesNotContain("after=0");
	}

	@Test
	void aStreamOfMessagesIsNotSentAgainByItself() {
		this.proxy.plan(Proxy.LOSE_ANSWER);
		this.far.appendAll(Flux.just(Message.user("Hi").withId("a")))
			.as(StepVerifier::create)
			.verifyErrorSatisfies((error) -> assertThat(((StoreException) error).outcomeUnknown()).isTrue());
		assertThat(this.far.appendAll(Flux.just(Message.user("Hi").withId("a"))).block().known()).isEqualTo(1);
	}

	@Test
	void cancellingGivesUp() {
		try (Silent silent = new Silent()) {
			SessionClient waiting = SessionStore.of(silent.url()).session(this.id);
			Mono<?> append = waiting.append(List.of(Message.user("Hi")), WriteOptions.NONE);
			append.as(StepVerifier::create).thenRequest(1).then(silent::awaitRequest).thenCancel().verify();
			silent.awaitEnd();
		}
	}

	@Test
	void anAddressThatIsNoneIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> SessionStore.of("localhost:8080"));
		assertThatIllegalArgumentException().isThrownBy(() -> SessionStore.of("jdbc:postgresql://localhost/db"));
		assertThatIllegalArgumentException().isThrownBy(() -> SessionStore.of("http://me:secret@localhost:8080"));
		assertThatIllegalArgumentException().isThrownBy(() -> SessionStore.builder("http://h").apiKey("two\nlines"));
	}

	@Test
	void aStreamThatFallsSilentIsLost() {
		Flux<Integer> stream = Flux.just(1, 2).concatWith(Flux.never());
		Silence.watch(stream, Duration.ofMillis(90))
			.as(StepVerifier::create)
			.expectNext(1, 2)
			.verifyError(TimeoutException.class);
	}

	@Test
	void theKeyIsSent() {
		builder(this.proxy).apiKey("secret").build().create(this.id, SessionDetails.NONE).block();
		assertThat(this.proxy.headers("Authorization")).containsExactly("Bearer secret");
	}

}
