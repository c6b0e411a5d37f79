package dev.agentsessions.message;

import java.time.Instant;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is read of a message without all of it being parsed.
 */
class EncodedMessageTest {

	@ParameterizedTest
	@ValueSource(strings = { "m-1", "a b", "ключ/🙂", "\"quoted\"", "\\", "\\\"", "line\n\u0001\u2028" })
	void itsIdIsWhatItWasGiven(String id) {
		assertThat(encoded(TestMessages.text("user", "\"id\":\"no\"").withId(id)).id()).isEqualTo(id);
	}

	@Test
	void itNeedsNoId() {
		assertThat(encoded(TestMessages.text("user", "\"id\":\"no\"")).id()).isNull();
	}

	private static EncodedMessage encoded(NewMessage message) {
		return EncodedMessage.of(7, Instant.EPOCH, message);
	}

}
