package dev.agentsessions.tracing;

import java.util.List;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler.FirstMatchingCompositeObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.SenderContext;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.handler.TracingObservationHandler;
import io.micrometer.tracing.handler.TracingObservationHandler.TracingContext;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.http.server.reactive.observation.ServerRequestObservationContext;
import org.springframework.web.server.ServerWebExchange;

/**
 * Spans of requests and of what they ask of the database. Without an exporter there are
 * none, and a request costs what it costs without this: an observation would be a tenth
 * of it.
 * <p>
 * A span says which route, statement and outcome, never a session, a body, a key or an
 * error's message, which may quote what is stored.
 */
public final class Traces {

	/** Makes no spans. */
	public static final Traces NONE = new Traces(ObservationRegistry.NOOP);

	/**
	 * Spans only: Boot's own registry would make metrics of them too, beside those that
	 * there are.
	 */
	private final ObservationRegistry registry;

	private Traces(ObservationRegistry registry) {
		this.registry = registry;
	}

	static Traces by(List<? extends TracingObservationHandler<?>> handlers) {
		ObservationRegistry registry = ObservationRegistry.create();
		Redaction redaction = new Redaction();
		registry.observationConfig()
			.observationPredicate((name, context) -> !(context instanceof ServerRequestObservationContext request)
					|| isOfTheApi(request))
			.observationHandler(redaction) // the first one hears first of an error
			.observationHandler(new FirstMatchingCompositeObservationHandler(handlers))
			.observationFilter(redaction);
		return new Traces(registry);
	}

	/** Probes come all the time, and tell nothing. */
	private static boolean isOfTheApi(ServerRequestObservationContext request) {
		return request.getCarrier().getPath().pathWithinApplication().value().startsWith("/v1/");
	}

	/** For who makes the spans of requests; does nothing if there shall be none. */
	public ObservationRegistry registry() {
		return this.registry;
	}

	/** Names what the span of this request, if it has one, is about. */
	public void route(ServerWebExchange exchange, String pattern) {
		if (!this.registry.isNoop()) {
			ServerRequestObservationContext.findCurrent(exchange.getAttributes())
				.ifPresent((request) -> request.setPathPattern(pattern));
		}
	}

	/** The trace that this request belongs to; null if it is not traced. */
	public static @Nullable String traceId(ServerWebExchange exchange) {
		TracingContext tracing = ServerRequestObservationContext.findCurrent(exchange.getAttributes())
			.<TracingContext>map((request) -> request.get(TracingContext.class))
			.orElse(null);
		Span span = (tracing != null) ? tracing.getSpan() : null;
		return (span != null) ? span.context().traceId() : null;
	}

	/**
	 * The same work, with a span within that of the request, if that has one: what the
	 * service does by itself is not traced.
	 * @param name few of them
	 * @param operation what kind of statement it is
	 */
	public <T> Mono<T> span(String name, String operation, Mono<T> work) {
		return this.registry.isNoop() ? work : Mono.deferContextual((context) -> {
			Observation request = context.getOrDefault(ObservationThreadLocalAccessor.KEY, null);
			return (request != null) ? within(request, name, operation, work) : work;
		});
	}

	private <T> Mono<T> within(Observation request, String name, String operation, Mono<T> work) {
		SenderContext<Object> call = new SenderContext<>((carrier, key, value) -> {
			// the database takes no headers
		}, Kind.CLIENT);
		call.setCarrier(work);
		Observation span = Observation.createNotStarted(name, () -> call, this.registry)
			.parentObservation(request)
			.lowCardinalityKeyValue("db.operation.name", operation)
			.start();
		return work.doOnError((error) -> span.lowCardinalityKeyValue("error.type", error.getClass().getName()))
			.doFinally((signal) -> span.stop());
	}

}
