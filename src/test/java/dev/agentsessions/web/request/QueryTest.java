package dev.agentsessions.web.request;

import java.net.URI;
import java.time.Duration;
import java.util.Set;

import org.junit.jupiter.api.Test;

import org.springframework.mock.web.reactive.function.server.MockServerRequest;
import org.springframework.web.reactive.function.server.ServerRequest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How the query of a request is taken apart.
 */
class QueryTest {

	@Test
	void aParameterEndsWhereTheNextBegins() {
		Query query = Query.of(request("flag&a=b=c&&=nobody's&empty=&d=+%2B"));
		assertThat(query.has("flag")).isTrue();
		assertThat(query.text("flag")).isNull();
		assertThat(query.text("a")).isEqualTo("b=c");
		assertThat(query.text("empty")).isNull();
		assertThat(query.text("d")).isEqualTo(" +");
		assertThat(query.has("")).isFalse();
	}

	/** Anybody can send one, and others wait for the thread that reads it. */
	@Test
	void aQueryTakesNoLongerThanItsLength() {
		ServerRequest ampersands = request("&".repeat(1 << 18));
		ServerRequest oneName = request("a&".repeat(1 << 17) + "a=b");
		long start = System.nanoTime();
		Query.requireOnly(ampersands, Set.of());
		Query.requireOnly(oneName, Set.of("a"));
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
	}

	private static ServerRequest request(String query) {
		return MockServerRequest.builder().uri(URI.create("/v1/sessions?" + query)).build();
	}

}
