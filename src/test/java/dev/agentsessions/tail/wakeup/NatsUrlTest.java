package dev.agentsessions.tail.wakeup;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What is taken as the place of NATS, and what is said of it without its secrets.
 */
class NatsUrlTest {

	@Test
	void severalServersMayHaveCredentials() {
		NatsUrl url = NatsUrl.valueOf("tls://ann:sek%40ret@one.example:4222, nats://token@two.example");
		assertThat(url.servers()).containsExactly("tls://ann:sek%40ret@one.example:4222", "nats://token@two.example");
		assertThat(url).hasToString("tls://one.example:4222,nats://two.example");
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '"', textBlock = """
			"",                             it begins with neither nats:// nor tls://
			localhost:4222,                 it begins with neither nats:// nor tls://
			http://ann:sekret@host:4222,    it begins with neither nats:// nor tls://
			opentls://ann:sekret@host:4222, it begins with neither nats:// nor tls://
			nats://ann:sekret@host:0,       the port must be a number from 1 to 65535
			nats://ann:sekret@host:65536,   the port must be a number from 1 to 65535
			nats://,                        it is not a URL
			nats://ann:sek ret@host:4222,   it is not a URL
			nats://ann:sek[ret@host:4222,   it is not a URL
			nats://ann:sek/ret@host:4222,   the host is missing
			nats://ann:4#sekret@host:4222,  something follows host and port
			nats://host:4222/sekret,        something follows host and port
			nats://host:4222?sekret,        something follows host and port
			"nats://host:4222,",            it begins with neither nats:// nor tls://
			""")
	void whatCanNotBeUsedIsSaidWithoutItsSecrets(String url, String why) {
		assertThatIllegalArgumentException().isThrownBy(() -> NatsUrl.valueOf(url))
			.withMessageStartingWith("STORE_TAILS_NATS_URL (store.tails.nats-url) can't be used: " + why)
			.withMessageEndingWith(
					"Write nats://host:4222 or tls://user:password@host:4222, several with commas between them")
			.matches((error) -> !error.getMessage().contains("ekret") && error.getCause() == null);
	}

}
