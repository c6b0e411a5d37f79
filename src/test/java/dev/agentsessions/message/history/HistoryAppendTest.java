package dev.agentsessions.message.history;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.agentsessions.Api;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import dev.agentsessions.message.LogRange;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.message.TestMessages;
import dev.agentsessions.session.LogHead;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionReads;
import dev.agentsessions.write.Write;
import dev.agentsessions.write.Writes;
import dev.agentsessions.write.Written;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A saved history is written to the log that it was compared with, and to no other.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class HistoryAppendTest {

	private static final NewMessage MESSAGE = TestMessages.text("user", "one more");

	private final TestStore store;

	private final Api api;

	HistoryAppendTest(Engine engine) {
		this.store = TestStore.on(engine);
		this.api = Api.on(this.store);
	}

	@Test
	void appendsToTheLogThatWasCompared() {
		String session = this.api.sessionOf(3);
		LogHead head = head(session);
		StepVerifier.create(append(session, new LogRange(head.id(), 1, 3)))
			.assertNext((done) -> assertThat(done.lastSeq()).isEqualTo(4))
			.verifyComplete();
		assertThat(this.api.log(session)).hasSize(4);
	}

	@Test
	void writesNothingToALogThatHasGrown() {
		String session = this.api.sessionOf(3);
		StepVerifier.create(append(session, new LogRange(head(session).id(), 1, 2)))
			.verifyErrorMatches((error) -> error == Writes.CHANGED);
		assertThat(this.api.log(session)).hasSize(3);
	}

	@Test
	void writesNothingToASessionThatTookTheNameOfAnother() {
		String session = this.api.sessionOf(3);
		StepVerifier.create(append(session, new LogRange(head(session).id() - 1, 1, 3)))
			.verifyErrorMatches((error) -> error == Writes.CHANGED);
		assertThat(this.api.log(session)).hasSize(3);
	}

	@Test
	void manyWhoSaveTheSameHistoryAddItOnce() {
		String session = this.api.sessionOf(3);
		LogHead head = head(session);
		Histories histories = this.store.bean(Histories.class);
		List<NewMessage> longer = Stream
			.concat(this.api.log(session).stream().map(HistoryAppendTest::sent), Stream.of(MESSAGE))
			.toList();
		List<HistorySaved> saved = Mono
			.zip(IntStream.range(0, 8).mapToObj((i) -> histories.save(key(session), longer, null)).toList(),
					(all) -> List.of(all).stream().map(HistorySaved.class::cast).toList())
			.block();
		assertThat(saved).extracting(HistorySaved::lastSeq).containsOnly(4L);
		assertThat(saved).extracting(HistorySaved::appended).containsOnlyOnce(1).contains(0);
		assertThat(head(session).id()).isEqualTo(head.id());
		assertThat(this.api.log(session)).hasSize(4);
	}

	private static NewMessage sent(JsonNode message) {
		return TestMessages.text(message.path("role").stringValue(), message.path("content").stringValue());
	}

	private static SessionKey key(String session) {
		return SessionKey.of("default", session);
	}

	private Mono<Written> append(String session, LogRange compared) {
		return this.store.bean(Writes.class)
			.write(Write.history(key(session), compared, 0, false, List.of(MESSAGE), null, null));
	}

	private LogHead head(String session) {
		return Optional.ofNullable(this.store.bean(SessionReads.class).findHead(key(session), false).block())
			.orElseThrow()
			.orElseThrow();
	}

}
