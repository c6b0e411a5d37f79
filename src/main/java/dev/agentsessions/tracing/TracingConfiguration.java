package dev.agentsessions.tracing;

import io.micrometer.tracing.handler.TracingObservationHandler;
import io.opentelemetry.sdk.trace.export.SpanExporter;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.webflux.autoconfigure.WebHttpHandlerBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * There is an exporter if
 * <code>management.opentelemetry.tracing.export.otlp.endpoint</code> is set, by itself or
 * by one of OpenTelemetry's environment variables.
 */
@Configuration(proxyBeanMethods = false)
class TracingConfiguration {

	@Bean
	Traces traces(ObjectProvider<SpanExporter> exporters, ObjectProvider<TracingObservationHandler<?>> handlers) {
		return exporters.stream().findAny().isPresent() ? Traces.by(handlers.orderedStream().toList()) : Traces.NONE;
	}

	/**
	 * Spans are all that is observed of requests: metrics of them are made by hand, at a
	 * tenth of the price.
	 */
	@Bean
	WebHttpHandlerBuilderCustomizer requestsAreTracedOnly(Traces traces) {
		return (builder) -> builder.observationRegistry(traces.registry()).observationConvention(new RequestSpans());
	}

}
