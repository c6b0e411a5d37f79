package dev.agentsessions.problem;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;

import dev.agentsessions.tracing.Traces;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerResponse;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.core.annotation.Order;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageNotWritableException;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.stereotype.Component;
import org.springframework.web.ErrorResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import org.springframework.web.util.DisconnectedClientHelper;

/**
 * Turns whatever a request ended with into problem+json. An answer that has begun can't
 * become another one: it is cut, so that the client sees it is not whole.
 */
@Component
@Order(-2) // before Boot's own handler, which is at -1
class ProblemHandler implements WebExceptionHandler {

	private static final Logger log = LoggerFactory.getLogger(ProblemHandler.class);

	private static final String REQUEST_ID = "X-Request-Id";

	private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._:+/=-]{1,128}");

	private final JsonMapper json;

	ProblemHandler(JsonMapper json) {
		this.json = json;
	}

	@Override
	public Mono<Void> handle(ServerWebExchange exchange, Throwable error) {
		ServerHttpResponse response = exchange.getResponse();
		HttpServerResponse server = ServerHttpResponseDecorator.getNativeResponse(response);
		Channel channel = channelOf(server);
		if (server.hasSentHeaders() && (!response.isCommitted() || channel == null)) {
			return hungUp(channel);
		}
		Problem problem = problemOf(error);
		String requestId = null;
		if (problem.status() == 500 && !DisconnectedClientHelper.isClientDisconnectedException(error)) {
			requestId = requestId(exchange.getRequest());
			log(exchange, requestId, error);
		}
		if (response.isCommitted()) {
			return cutOff(channel, problem);
		}
		response.setStatusCode(HttpStatusCode.valueOf(problem.status()));
		keepCrossOriginHeaders(response.getHeaders());
		problem.headers().forEach(response.getHeaders()::set);
		if (requestId != null) {
			response.getHeaders().set(REQUEST_ID, requestId);
		}
		response.getHeaders().setContentType(MediaType.APPLICATION_PROBLEM_JSON);
		byte[] body = problem.json(this.json);
		response.getHeaders().setContentLength(body.length);
		return response.writeWith(Mono.fromSupplier(() -> response.bufferFactory().wrap(body)));
	}

	/** What was meant for another answer goes; that a page may read this one stays. */
	private static void keepCrossOriginHeaders(HttpHeaders headers) {
		List.copyOf(headers.headerNames())
			.stream()
			.filter((name) -> !name.equalsIgnoreCase(HttpHeaders.VARY)
					&& !name.regionMatches(true, 0, "Access-Control-", 0, 15))
			.forEach(headers::remove);
	}

	/**
	 * The name of a request in the log: what the caller, or a proxy before the service,
	 * calls it in <code>X-Request-Id</code>, if that is short and plain, else the
	 * server's own.
	 */
	private static String requestId(ServerHttpRequest request) {
		String given = request.getHeaders().getFirst(REQUEST_ID);
		return (given != null && PLAIN.matcher(given).matches()) ? given : request.getId();
	}

	/** With the ids as fields of their own, for logs that are written as JSON. */
	private static void log(ServerWebExchange exchange, String requestId, Throwable error) {
		LoggingEventBuilder line = log.atError()
			.setCause(new LoggedError(error))
			.addKeyValue("http.request.id", requestId);
		String traceId = Traces.traceId(exchange);
		((traceId != null) ? line.addKeyValue("trace.id", traceId) : line).log("{} {} failed",
				exchange.getRequest().getMethod(), requestId);
	}

	/**
	 * Where a body turns out to be no HTTP, such as a chunk without a length, the server
	 * has refused it itself and is about to hang up.
	 */
	private static Mono<Void> hungUp(@Nullable Channel channel) {
		return (channel == null) ? Mono.empty()
				: Mono.create((sink) -> channel.closeFuture().addListener((closed) -> sink.success()));
	}

	/**
	 * The connection that the request has still; null where the client has hung up: what
	 * stands for it then has no loop.
	 */
	private static @Nullable Channel channelOf(HttpServerResponse server) {
		AtomicReference<@Nullable Channel> channel = new AtomicReference<>();
		server.withConnection((connection) -> channel.set(connection.channel()));
		Channel found = channel.get();
		return (found != null && found.isRegistered()) ? found : null;
	}

	/**
	 * At once, with what the client has not taken yet: it may never take it, and must not
	 * take what it has for a whole answer.
	 */
	private static Mono<Void> cutOff(@Nullable Channel channel, Problem problem) {
		log.debug("an answer is cut off: {}", problem.name());
		if (channel != null) {
			channel.eventLoop().execute(() -> {
				if (channel.isOpen()) {
					channel.config().setOption(ChannelOption.SO_LINGER, 0);
					channel.close();
				}
			});
		}
		return hungUp(channel);
	}

	private static Problem problemOf(Throwable error) {
		if (error instanceof ProblemException problem) {
			return problem.problem();
		}
		if (error instanceof DataBufferLimitException) {
			return Problems.tooLarge("The body is larger than the limit.");
		}
		if (error instanceof HttpMessageNotWritableException) {
			// Spring's own resources, in a character set that JSON does not have
			return Problems.notAcceptable(List.of("application/json")).problem();
		}
		if (error instanceof ErrorResponse response) {
			return byStatus(response.getStatusCode().value(), response.getHeaders());
		}
		return Problems.internal();
	}

	/**
	 * What Spring itself refuses: its own texts name classes, so only the status is taken
	 * from it.
	 */
	private static Problem byStatus(int status, HttpHeaders headers) {
		return switch (status) {
			case 404 -> Problems.notFound().problem();
			case 405 -> Problems.methodNotAllowed("This method", names(headers)).problem();
			case 406 -> Problems.notAcceptable(List.of("application/json")).problem();
			case 413 -> Problems.tooLarge("The request is larger than the limit.");
			case 415 -> Problems.unsupportedMediaType("This media type is not supported here.").problem();
			case 503 -> Problems.busy("The service is not ready.").problem();
			default -> (status >= 400 && status < 500) ? Problems.invalidRequest("The request could not be read.")
					: Problems.internal();
		};
	}

	private static List<String> names(HttpHeaders headers) {
		List<String> names = new ArrayList<>(headers.getAllow().stream().map(HttpMethod::name).toList());
		if (names.contains("GET") && !names.contains("HEAD")) {
			// Spring answers it wherever it answers GET, but does not list it
			names.add("HEAD");
		}
		return names;
	}

}
