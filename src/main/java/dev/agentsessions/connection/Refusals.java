package dev.agentsessions.connection;

import java.nio.charset.StandardCharsets;
import java.util.Map;

import dev.agentsessions.problem.Problem;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.problem.Problems;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;

/**
 * What a client is told before its connection is closed.
 */
@Component
public class Refusals {

	private static final Problem TOO_MANY = Problems
		.busy("There are too many connections to this replica; none more are taken now.")
		.problem();

	private static final Problem SLOW_BODY = Problem
		.of(408, "request-timeout", "The request took too long", "The body did not come in time; nothing was done.")
		.retryAfter(1);

	private static final ProblemException SLOW_LINES = Problem
		.of(408, "request-timeout", "The request took too long", "No more lines came in time.")
		.retryAfter(1)
		.exception();

	private static final Problem SLOW_READ = Problems.busy("The answer did not begin in time.").problem();

	private static final Problem UNREADABLE = Problems
		.invalidRequest("The request could not be read: it breaks the rules of HTTP.");

	private static final Problem LONG_LINE = Problem.of(414, "uri-too-long", "The request line is too long",
			"The path and query are longer than the service reads.");

	private static final Problem LARGE_HEAD = Problem.of(431, "headers-too-large", "The headers are too large",
			"The headers are larger than the service reads.");

	private static final byte[] ALIVE = "{\"status\":\"UP\"}".getBytes(StandardCharsets.UTF_8);

	private final JsonMapper json;

	public Refusals(JsonMapper json) {
		this.json = json;
	}

	FullHttpResponse tooManyConnections() {
		return response(TOO_MANY);
	}

	public FullHttpResponse slowBody() {
		return response(SLOW_BODY);
	}

	/** Of a body that is carried out as it comes: its reader adds what was done. */
	public ProblemException slowLines() {
		return SLOW_LINES;
	}

	/**
	 * What could not be read as HTTP, so that it reaches no route.
	 * @param status what it is answered with
	 */
	public FullHttpResponse unreadable(int status) {
		return response(switch (status) {
			case 413 -> Problems.tooLarge("The request is larger than the limit.");
			case 414 -> LONG_LINE;
			case 431 -> LARGE_HEAD;
			default -> UNREADABLE;
		});
	}

	/** No answer in time to a request that is here as a whole. */
	public FullHttpResponse slowAnswer(boolean changesNothing) {
		return response(changesNothing ? SLOW_READ : Problems.outcomeUnknown().problem());
	}

	/** That the process is alive, on a connection that is not kept for more. */
	FullHttpResponse alive() {
		return response(200, MediaType.APPLICATION_JSON_VALUE, ALIVE);
	}

	private FullHttpResponse response(Problem problem) {
		FullHttpResponse response = response(problem.status(), MediaType.APPLICATION_PROBLEM_JSON_VALUE,
				problem.json(this.json));
		for (Map.Entry<String, String> header : problem.headers().entrySet()) {
			response.headers().set(header.getKey(), header.getValue());
		}
		return response;
	}

	private static FullHttpResponse response(int status, String type, byte[] body) {
		FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1,
				HttpResponseStatus.valueOf(status), Unpooled.wrappedBuffer(body));
		response.headers()
			.set(HttpHeaderNames.CONTENT_TYPE, type)
			.set(HttpHeaderNames.CONTENT_LENGTH, body.length)
			.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
		return response;
	}

}
