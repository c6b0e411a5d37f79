package dev.agentsessions.connection.exchange;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which requests may take any time.
 */
class ExchangeTest {

	private final Exchange exchange = new Exchange();

	@Test
	void aForkMayTakeAnyTimeOnceItsBodyIsThere() {
		begin("POST", "/v1/sessions/s/forks?a=b");
		assertThat(this.exchange.isUnbounded()).isFalse();
		this.exchange.bodyEnds();
		assertThat(this.exchange.isUnbounded()).isTrue();
	}

	@ParameterizedTest
	@CsvSource({ "GET, /v1/sessions/s/forks", "POST, /v1/sessions/s/messages?/forks",
			"POST, /v1/sessions/forks/turns" })
	void othersMayNot(String method, String uri) {
		begin(method, uri);
		this.exchange.bodyEnds();
		assertThat(this.exchange.isUnbounded()).isFalse();
	}

	private void begin(String method, String uri) {
		this.exchange.begin(new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.valueOf(method), uri), 0);
	}

}
