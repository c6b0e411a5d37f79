package dev.agentsessions.access.filter;

import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.agentsessions.access.AccessProblems;
import dev.agentsessions.access.Authenticator;
import dev.agentsessions.access.Caller;
import dev.agentsessions.access.Role;
import dev.agentsessions.database.lane.Lanes;
import dev.agentsessions.problem.ProblemException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import reactor.core.publisher.Mono;

import org.springframework.core.annotation.Order;
import org.springframework.http.server.PathContainer;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

import static java.util.function.Function.identity;

/**
 * Stands before everything under <code>/v1</code>: finds out who calls and whether the
 * caller may. Outside of it are only what is public: health and documentation.
 * <p>
 * It is one filter rather than Spring Security's chain of them, because a request costs
 * microseconds here. It reads paths by the same patterns as the routes do, so that no
 * spelling of a path is one thing to the rule and another to the route; and
 * {@link Tenants#of} refuses a request that has not been here. Hence it needs no firewall
 * that refuses unusual paths, which every legal session id with a <code>%</code> or
 * <code>;</code> is.
 */
@Order(0)
class AccessFilter implements WebFilter {

	private static final PathPattern PROTECTED = PathPatternParser.defaultInstance.parse("/v1/{*rest}");

	private static final PathPattern ADMINS_ONLY = PathPatternParser.defaultInstance.parse("/v1/retention/{*rest}");

	private final Authenticator authenticator;

	/**
	 * Who was not let in, by why: many that are invalid are somebody who guesses, or a
	 * caller whose key was taken back.
	 */
	private final Map<String, Counter> refused;

	AccessFilter(Authenticator authenticator, MeterRegistry meters) {
		this.authenticator = authenticator;
		this.refused = Stream
			.of(AccessProblems.MISSING, AccessProblems.INVALID, AccessProblems.FORBIDDEN, AccessProblems.UNAVAILABLE)
			.collect(Collectors.toMap(identity(),
					(reason) -> Counter.builder("store.access.refused")
						.tag("reason", reason)
						.description("requests whose caller was not let in")
						.register(meters)));
	}

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
		PathContainer path = exchange.getRequest().getPath().pathWithinApplication();
		if (!PROTECTED.matches(path)) {
			return chain.filter(exchange);
		}
		return Mono.defer(() -> this.authenticator.caller(exchange.getRequest().getHeaders()))
			.onErrorMap(ProblemException.class, this::count)
			.flatMap((known) -> {
				if (known.role() != Role.ADMIN && ADMINS_ONLY.matches(path)) {
					return Mono.error(count(AccessProblems.forbidden("This needs the role admin.")));
				}
				exchange.getAttributes().put(Caller.ATTRIBUTE, known);
				return Lanes.inTurnsOf(known.tenant(), chain.filter(exchange));
			});
	}

	/** Counts a refusal by its reason, and gives it back. */
	private ProblemException count(ProblemException refusal) {
		Objects.requireNonNull(this.refused.get(AccessProblems.reason(refusal.problem()))).increment();
		return refusal;
	}

}
