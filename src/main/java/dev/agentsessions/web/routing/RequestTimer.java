package dev.agentsessions.web.routing;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import reactor.core.publisher.Mono;

import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatusCode;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.util.pattern.PathPattern;

/**
 * Times requests until their answer begins, as <code>http.server.requests</code> with the
 * tags that Spring's own timer has. That one is an observation: with its context and its
 * operators it costs a tenth of a whole request here, where a request costs microseconds;
 * so it is used for traces only, if there are any: see <code>tracing</code>.
 */
@Component
class RequestTimer {

	private static final Duration[] BOUNDS = { Duration.ofMillis(5), Duration.ofMillis(10), Duration.ofMillis(25),
			Duration.ofMillis(50), Duration.ofMillis(100), Duration.ofMillis(250), Duration.ofMillis(500),
			Duration.ofSeconds(1), Duration.ofMillis(2500), Duration.ofSeconds(5) };

	private final Map<TimerKey, Timer> timers = new ConcurrentHashMap<>();

	private final MeterRegistry registry;

	RequestTimer(MeterRegistry registry) {
		this.registry = registry;
	}

	/** A request has its answer, which is written now. */
	void answer(HttpMethod method, PathPattern route, int status, long start) {
		TimerKey key = new TimerKey(known(method), route, status);
		Timer timer = this.timers.get(key);
		Timer known = (timer != null) ? timer : this.timers.computeIfAbsent(key, this::register);
		known.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
	}

	/** A request is answered with a problem, whose status is not known yet. */
	void problem(ServerWebExchange exchange, PathPattern route, long start) {
		exchange.getResponse().beforeCommit(() -> {
			HttpStatusCode status = exchange.getResponse().getStatusCode();
			answer(exchange.getRequest().getMethod(), route, (status != null) ? status.value() : 200, start);
			return Mono.empty();
		});
	}

	private Timer register(TimerKey key) {
		return Timer.builder("http.server.requests")
			.description("requests until their answer begins")
			.tag("method", key.method())
			.tag("uri", key.route().getPatternString())
			.tag("status", Integer.toString(key.status()))
			.tag("outcome", outcome(key.status()))
			.serviceLevelObjectives(BOUNDS)
			.register(this.registry);
	}

	/** Anybody can make up a method; they must not become tags without end. */
	private static String known(HttpMethod method) {
		for (HttpMethod each : HttpMethod.values()) {
			if (each.equals(method)) {
				return method.name();
			}
		}
		return "OTHER";
	}

	private static String outcome(int status) {
		return switch (status / 100) {
			case 2 -> "SUCCESS";
			case 3 -> "REDIRECTION";
			case 4 -> "CLIENT_ERROR";
			case 5 -> "SERVER_ERROR";
			default -> "UNKNOWN";
		};
	}

	/** What a timer is for. */
	private record TimerKey(String method, PathPattern route, int status) {
	}

}
