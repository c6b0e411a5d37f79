package dev.agentsessions.retention;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;

import dev.agentsessions.access.Tenants;
import dev.agentsessions.web.answer.Answers;
import dev.agentsessions.web.request.Bodies;
import dev.agentsessions.web.request.Fields;
import dev.agentsessions.web.routing.Resource;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * <code>/v1/retention</code>: what the job does, by hand, for the caller's tenant.
 */
@Configuration(proxyBeanMethods = false)
class RetentionRoutes {

	/** No batch begins later than this: a proxy in between would give up soon. */
	private static final Duration LONGEST = Duration.ofSeconds(20);

	/** Nothing is older, for times begin with the year 1; and no database overflows. */
	private static final Duration OLDEST = Duration.ofDays(1_000_000);

	private static final long DEFAULT_HOURS = 24;

	private static final long DEFAULT_DAYS = 30;

	private final Retention retention;

	private final RetentionJob job;

	private final ShownSettings settings;

	private final Bodies bodies;

	private final Clock clock;

	RetentionRoutes(Retention retention, RetentionJob job, RetentionSettings settings, RetentionPace pace,
			Bodies bodies, Clock clock) {
		this.retention = retention;
		this.job = job;
		this.settings = ShownSettings.of(settings, pace);
		this.bodies = bodies;
		this.clock = clock;
	}

	@Bean
	RouterFunction<ServerResponse> retentionResources() {
		return Resource.at("/v1/retention")
			.get(this::show)
			.routes()
			.and(Resource.at("/v1/retention/cleanup").post(this::cleanUp).routes())
			.and(Resource.at("/v1/retention/purge").post(this::purge).routes());
	}

	private Mono<ServerResponse> show(ServerRequest request) {
		return Answers.ok(new RetentionState(this.settings, this.job.lastRun(Tenants.of(request)), this.job.nextRun()));
	}

	private Mono<ServerResponse> cleanUp(ServerRequest request) {
		String tenant = Tenants.of(request);
		return this.bodies.jsonOrNothing(request, (body) -> {
			Fields fields = Fields.of(body);
			Long hours = fields.number("max_age_hours", 1, Long.MAX_VALUE);
			boolean dryRun = fields.flag("dry_run", false);
			fields.end();
			Duration age = Duration.ofHours((hours != null) ? Math.min(hours, OLDEST.toHours()) : DEFAULT_HOURS);
			return dryRun ? this.retention.countIdle(tenant, age)
					: this.retention.softDelete(tenant, age, enough())
						.map(Tally::of)
						.reduce(Tally.NONE, Tally::plus)
						.map(Tally::sessions);
		}).map(Cleaned::new).flatMap(Answers::ok);
	}

	private Mono<ServerResponse> purge(ServerRequest request) {
		String tenant = Tenants.of(request);
		return this.bodies.jsonOrNothing(request, (body) -> {
			Fields fields = Fields.of(body);
			Long days = fields.number("days_old", 0, Long.MAX_VALUE);
			boolean dryRun = fields.flag("dry_run", false);
			fields.end();
			Duration age = Duration.ofDays((days != null) ? Math.min(days, OLDEST.toDays()) : DEFAULT_DAYS);
			return dryRun ? this.retention.countOld(tenant, age)
					: this.retention.purge(tenant, age, enough()).map(Tally::of).reduce(Tally.NONE, Tally::plus);
		}).map((tally) -> new Purged(tally.sessions(), tally.messages())).flatMap(Answers::ok);
	}

	private BooleanSupplier enough() {
		Instant end = this.clock.instant().plus(LONGEST);
		return () -> !this.clock.instant().isBefore(end);
	}

	/** What <code>GET /v1/retention</code> answers. */
	record RetentionState(ShownSettings settings, @Nullable RetentionRun lastRun, @Nullable Instant nextRun) {
	}

	/** What is set, and what is not for setting. */
	record ShownSettings(boolean enabled, Duration interval, Duration maxIdle, Duration purgeAfter, int batchSize,
			Duration pause, Duration sweepInterval) {

		static ShownSettings of(RetentionSettings set, RetentionPace pace) {
			return new ShownSettings(set.enabled(), set.interval(), set.maxIdle(), set.purgeAfter(), pace.batchSize(),
					pace.pause(), pace.sweepInterval());
		}

	}

	/** How many sessions were soft-deleted. */
	record Cleaned(long cleaned) {
	}

	/** How many sessions were removed for good, and messages with them. */
	record Purged(long deleted, long messages) {
	}

}
