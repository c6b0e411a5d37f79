package dev.agentsessions.client;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

import dev.agentsessions.client.message.Appended;
import dev.agentsessions.client.message.Compaction;
import dev.agentsessions.client.message.ContextLimits;
import dev.agentsessions.client.message.Message;
import dev.agentsessions.client.message.MessageQuery;
import dev.agentsessions.client.message.Range;
import dev.agentsessions.client.message.View;
import dev.agentsessions.client.message.WriteOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class MessagesTest extends StoreTest {

	private final Message call = Message.of(Map.of("role", "assistant", "tool_calls", List
		.of(Map.of("id", "call_1", "type", "function", "function", Map.of("name", "weather", "arguments", "{}")))));

	@Test
	void aMessageComesBackAsItWas() {
		Map<String, Object> fields = new LinkedHashMap<>();
		fields.put("id", "msg_1");
		fields.put("role", "assistant");
		fields.put("content", List.of(Map.of("type", "text", "text", "It "), Map.of("type", "text", "text", "is 😀")));
		fields.put("refusal", null);
		fields.put("score", new BigDecimal("0.1234567890123456789"));
		fields.put("audio", Map.of("id", "audio_1", "data", List.of(1, 2L << 40, true)));
		Message sent = Message.of(fields).withTokenCount(7).withMetadata(Map.of("model", "m"));
		this.session.append(sent).block();
		Message stored = this.session.message(1).block();
		assertThat(stored.seq()).isEqualTo(1);
		assertThat(stored.timestamp()).isAfter(Instant.parse("2020-01-01T00:00:00Z"));
		assertThat(stored.unstored().fields()).isEqualTo(sent.fields());
		assertThat(stored.unstored().fields().keySet()).contains("refusal");
		assertThat(stored.text()).isEqualTo("It is 😀");
		assertThat(stored.tokenCount()).isEqualTo(7);
		assertThat(this.store.session(this.id + "-2").append(stored).block().lastSeq()).isEqualTo(1);
	}

	@Test
	void whatJsonDoesNotHaveIsNotSent() {
		for (Number wrong : List.of(Double.NaN, Float.POSITIVE_INFINITY)) {
			Message message = Message.user("Hi").with("score", List.of(1.5, wrong));
			assertThatIllegalArgumentException().isThrownBy(() -> this.session.append(message));
			for (Publisher<?> work : List.of(this.session.appendAll(Flux.just(message)),
					this.session.draft("a", Flux.just("Hi"), (text) -> message))) {
				StepVerifier.create(work).expectError(IllegalArgumentException.class).verify(Duration.ofSeconds(20));
			}
		}
		this.session.append(Message.user("Hi").with("score", new double[] { Double.NaN }))
			.as(StepVerifier::create)
			.verifyError(StoreException.InvalidRequest.class);
		this.session.append(Message.user("Hi").with("score", List.of(1.5, 0.1f))).block();
		assertThat(this.session.messages().blockLast().fields().get("score"))
			.isEqualTo(List.of(new BigDecimal("1.5"), new BigDecimal("0.1")));
	}

	@Test
	void anAppendIsKnownByItsKeyAndByTheIdsOfItsMessages() {
		Message message = Message.user("Hi");
		Appended first = this.session.append(List.of(message), WriteOptions.NONE.key("k")).block();
		Appended again = this.session.append(List.of(message), WriteOptions.NONE.key("k")).block();
		assertThat(first.replayed()).isFalse();
		assertThat(again).isEqualTo(new Appended(this.id, 1, 1, first.timestamp(), true));
		this.session.append(List.of(Message.user("No")), WriteOptions.NONE.key("k"))
			.as(StepVerifier::create)
			.verifyErrorSatisfies(
					(error) -> assertThat(((StoreException) error).is("idempotency-key-reused")).isTrue());
		assertThat(this.session.append(message.withId("a")).block().replayed()).isFalse();
		assertThat(this.session.append(message.withId("a")).block().replayed()).isTrue();
		this.session.append(Message.user("other").withId("a"))
			.as(StepVerifier::create)
			.verifyErrorSatisfies(
					(error) -> assertThat(((StoreException) error).problem().members()).containsKey("known"));
	}

	@Test
	void keysAreTextOfAnyScript() {
		for (String key : List.of("заказ-А", "заказ-Б", "é", "😀")) {
			assertThat(this.session.append(List.of(Message.user(key)), WriteOptions.NONE.key(key)).block().replayed())
				.isFalse();
		}
		assertThat(this.session.append(List.of(Message.user("é")), WriteOptions.NONE.key("é")).block().lastSeq())
			.isEqualTo(3);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "two\r\nlines", "\0", "\u0085", "\ud83d" })
	void whatNoHeaderCanHaveIsNoKey(String key) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.session.append(List.of(Message.user("Hi")), WriteOptions.NONE.key(key)));
	}

	@Test
	void subscribingAgainWritesNothingTwice() {
		var append = this.session.append(Message.user("Hi"));
		assertThat(append.block().replayed()).isFalse();
		assertThat(append.block().replayed()).isTrue();
		assertThat(this.session.stats().block().messageCount()).isEqualTo(1);
	}

	@Test
	void anAppendCanBeConditional() {
		this.session.append(List.of(Message.user("Hi")), WriteOptions.NONE.existing())
			.as(StepVerifier::create)
			.verifyError(StoreException.NotFound.class);
		this.session.append(List.of(Message.user("Hi")), WriteOptions.NONE.ifLastSeq(0)).block();
		this.session.append(List.of(Message.user("Hi")), WriteOptions.NONE.ifLastSeq(0))
			.as(StepVerifier::create)
			.verifyErrorSatisfies(
					(error) -> assertThat(((StoreException) error).problem().number("last_seq")).isEqualTo(1));
	}

	@Test
	void whatIsWrongIsNamed() {
		this.session.append(Message.of("bot", "Hi")).as(StepVerifier::create).verifyErrorSatisfies((error) -> {
			assertThat(error).isInstanceOf(StoreException.InvalidRequest.class).hasMessageContaining("/role");
			assertThat(((StoreException) error).is("invalid-request")).isTrue();
			assertThat(((StoreException) error).outcomeUnknown()).isFalse();
		});
	}

	@Test
	void anyNumberOfMessagesGoesInAndComesOut() {
		int many = 1200;
		Flux<Message> messages = Flux.range(1, many).map((i) -> Message.user("m" + i).withId("id-" + i));
		var lines = this.session.appendAll(messages.take(400)).block();
		assertThat(lines.appended()).isEqualTo(400);
		lines = this.session.appendAll(messages).block();
		assertThat(lines.known()).isEqualTo(400);
		assertThat(lines.lastSeq()).isEqualTo(many);
		this.session.messages()
			.map(Message::seq)
			.as(StepVerifier::create)
			.expectNextSequence(LongStream.rangeClosed(1, many).boxed().toList())
			.verifyComplete();
		assertThat(this.session.messages(MessageQuery.ALL.after(many - 3).role("user")).count().block()).isEqualTo(3);
		assertThat(this.session.newest(2).map(Message::seq).collectList().block()).containsExactly(1199L, 1200L);
		assertThat(this.session.before(3, 5).map(Message::seq).collectList().block()).containsExactly(1L, 2L);
		assertThat(this.session.page(3, 500).block().data()).hasSize(200);
		assertThat(this.session.page(1, 10).block().total()).isEqualTo(many);
		assertThat(this.session.messagesById(messages.take(150).map(Message::id).collectList().block()).count().block())
			.isEqualTo(150);
	}

	@Test
	void aLineThatIsWrongStopsTheRest() {
		this.session.appendAll(Flux.just(Message.user("good"), Message.of("bot", "bad"), Message.user("behind")))
			.as(StepVerifier::create)
			.verifyErrorSatisfies((error) -> {
				assertThat(((StoreException) error).problem().number("line")).isEqualTo(2);
				assertThat(((StoreException) error).problem().number("committed")).isEqualTo(1);
				assertThat(((StoreException) error).outcomeUnknown()).isTrue();
			});
	}

	@Test
	void aLineThatIsWrongAndTheFirstOneLeavesNothing() {
		this.session.appendAll(Flux.just(Message.of("bot", "bad"), Message.user("behind")))
			.as(StepVerifier::create)
			.verifyErrorSatisfies((error) -> assertThat(((StoreException) error).outcomeUnknown()).isFalse());
	}

	@Test
	void aWindowThatMovesOnLosesNothing() {
		Message system = Message.system("Be brief");
		Message one = Message.user("one");
		Message two = Message.assistant("two");
		Message three = Message.user("three");
		this.session.saveHistory(List.of(system, one, two)).block();
		var saved = this.session.saveHistory(List.of(system, two, three)).block();
		assertThat(saved.appended()).isEqualTo(1);
		assertThat(saved.replaced()).isFalse();
		assertThat(saved.ranges()).containsExactly(Range.of(1, 1), Range.from(3));
		assertThat(this.session.history().block().messages()).containsExactly(system, two, three);
		assertThat(this.session.fullHistory().block().messages().get(2).seq()).isEqualTo(4);
		assertThat(this.session.messages().map(Message::text).collectList().block()).containsExactly("Be brief", "one",
				"two", "three");
	}

	@Test
	void aViewRewindsAndASummaryStandsForMessages() {
		this.session.append(Message.user("one"), Message.user("two"), Message.user("three")).block();
		View before = this.session.view().block();
		assertThat(before.ranges()).isEmpty();
		View view = this.session.setView(List.of(Range.of(1, 2), Range.from(4)), before).block();
		assertThat(view.messageCount()).isEqualTo(2);
		this.session.setView(List.of(), before)
			.as(StepVerifier::create)
			.verifyErrorSatisfies((error) -> assertThat(((StoreException) error).is("sequence-conflict")).isTrue());
		var compacted = this.session.compact(Compaction.through(2, Message.user("So far: two")), view).block();
		assertThat(compacted.seq()).isEqualTo(4);
		assertThat(this.session.history().block().messages()).extracting(Message::text).containsExactly("So far: two");
		assertThat(this.session.setView(List.of()).block().ranges()).isEmpty();
	}

	@Test
	void whatFitsAModelHasCallsBesideTheirResults() {
		this.session
			.append(Message.system("Be brief"), Message.user("old"), this.call, Message.tool("call_1", "warm"),
					this.call)
			.block();
		var context = this.session.context(ContextLimits.messages(4)).block();
		assertThat(context.messages()).extracting(Message::role)
			.containsExactly("system", "assistant", "tool", "assistant");
		assertThat(context.pendingToolCalls()).containsExactly("call_1");
		assertThat(context.messages().get(1).toolCalls()).hasSize(1);
		assertThat(this.session.context(ContextLimits.tokens(10_000).withoutInstructions()).block().messages())
			.hasSize(4);
		this.session.context(ContextLimits.tokens(1))
			.as(StepVerifier::create)
			.verifyErrorSatisfies(
					(error) -> assertThat(((StoreException) error).problem().number("needed")).isPositive());
	}

}
