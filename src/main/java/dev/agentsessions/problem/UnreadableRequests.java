package dev.agentsessions.problem;

import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerResponse;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;

/**
 * A request whose target is no URI (<code>/v1/sessions/a%zz</code>) never reaches a
 * route: Spring answers it 400 with nothing in it. This says what is wrong, as everywhere
 * else.
 */
@Component
class UnreadableRequests implements NettyServerCustomizer {

	private final byte[] body;

	UnreadableRequests(JsonMapper json) {
		Problem problem = Problems.invalidRequest("The path or query is not percent-encoded as a URI must be.");
		this.body = problem.json(json);
	}

	@Override
	public HttpServer apply(HttpServer server) {
		return server.mapHandle((handled, connection) -> handled.then(Mono.defer(() -> explain(connection))));
	}

	private Mono<Void> explain(Connection connection) {
		if (connection instanceof HttpServerResponse response && !response.hasSentHeaders()
				&& response.status().code() == 400) {
			return response.header(HttpHeaders.CONTENT_TYPE, MediaType.APPLICATION_PROBLEM_JSON_VALUE)
				.header(HttpHeaders.CONTENT_LENGTH, Integer.toString(this.body.length))
				.sendByteArray(Mono.just(this.body))
				.then();
		}
		return Mono.empty();
	}

}
