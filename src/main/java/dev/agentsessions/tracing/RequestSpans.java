package dev.agentsessions.tracing;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.observation.ServerRequestObservationContext;
import org.springframework.http.server.reactive.observation.ServerRequestObservationConvention;

/**
 * What the span of a request says, in OpenTelemetry's words. The path is left out: it
 * names a session, and its name is the caller's own affair.
 */
class RequestSpans implements ServerRequestObservationConvention {

	@Override
	public String getName() {
		return "http.server.requests";
	}

	@Override
	public String getContextualName(ServerRequestObservationContext context) {
		String route = context.getPathPattern();
		return (route != null) ? method(context) + " " + route : method(context);
	}

	@Override
	public KeyValues getLowCardinalityKeyValues(ServerRequestObservationContext context) {
		KeyValues values = KeyValues.of("http.request.method", method(context));
		String route = context.getPathPattern();
		HttpStatusCode status = status(context.getResponse());
		values = (route != null) ? values.and("http.route", route) : values;
		return (status != null) ? values.and(KeyValue.of("http.response.status_code", Integer.toString(status.value())))
				: values;
	}

	private static String method(ServerRequestObservationContext context) {
		return (context.getCarrier() != null) ? context.getCarrier().getMethod().name() : "HTTP";
	}

	private static @Nullable HttpStatusCode status(@Nullable ServerHttpResponse response) {
		return (response != null) ? response.getStatusCode() : null;
	}

}
