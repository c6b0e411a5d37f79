import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.http.server.reactive.ReactorHttpHandlerAdapter;
import org.springframework.web.reactive.function.BodyInserters;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.http.server.HttpServer;

/**
 * What tails are measured beside: a <code>Flux</code> of server-sent events from a sink
 * for each session, as they are usually made with WebFlux. It keeps nothing, resumes
 * nothing, and knows one process only. It is given every advantage: the body that is
 * posted goes out as it came, so nothing is parsed or encoded but the events themselves.
 */
public final class StockTails {

	/** Events that a slow follower may have waiting; beyond it publishing fails. */
	private static final int BUFFER = 4096;

	private final Map<String, Session> sessions = new ConcurrentHashMap<>();

	public static void main(String[] arguments) {
		// with nothing else to tell it, Logback writes down every byte
		((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
		StockTails tails = new StockTails();
		var routes = RouterFunctions.route()
			.POST("/v1/sessions/{id}/messages", tails::publish)
			.GET("/v1/sessions/{id}/tail", tails::tail)
			.build();
		HttpServer.create()
			.host("127.0.0.1")
			.port(Integer.parseInt(arguments[0]))
			.handle(new ReactorHttpHandlerAdapter(RouterFunctions.toHttpHandler(routes)))
			.bindNow()
			.onDispose()
			.block();
	}

	private Mono<ServerResponse> publish(ServerRequest request) {
		return request.bodyToMono(String.class).flatMap((message) -> {
			session(request).publish(message);
			return ServerResponse.status(201).build();
		});
	}

	private Mono<ServerResponse> tail(ServerRequest request) {
		return ServerResponse.ok()
			.contentType(MediaType.TEXT_EVENT_STREAM)
			.body(BodyInserters.fromServerSentEvents(session(request).events()));
	}

	private Session session(ServerRequest request) {
		return this.sessions.computeIfAbsent(request.pathVariable("id"), (id) -> new Session());
	}

	private static final class Session {

		private final AtomicLong last = new AtomicLong();

		private final Sinks.Many<ServerSentEvent<String>> sink = Sinks.many()
			.multicast()
			.onBackpressureBuffer(BUFFER, false);

		/** One at a time, which sinks require; a busy loop would burn what is measured. */
		synchronized void publish(String message) {
			if (this.sink.currentSubscriberCount() > 0) {
				this.sink.emitNext(event("message", this.last.incrementAndGet(), message),
						Sinks.EmitFailureHandler.FAIL_FAST);
			}
		}

		Flux<ServerSentEvent<String>> events() {
			return this.sink.asFlux().startWith(Mono.fromSupplier(() -> event("ready", this.last.get(), "{}")));
		}

		private static ServerSentEvent<String> event(String name, long id, String data) {
			return ServerSentEvent.builder(data).id(Long.toString(id)).event(name).build();
		}

	}

}
