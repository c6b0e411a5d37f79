package dev.agentsessions.fork;

import java.net.URI;
import java.time.Clock;

import dev.agentsessions.access.Tenants;
import dev.agentsessions.session.DetailsChange;
import dev.agentsessions.session.Session;
import dev.agentsessions.session.SessionDetails;
import dev.agentsessions.session.SessionIds;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.web.request.Bodies;
import dev.agentsessions.web.request.Fields;
import dev.agentsessions.web.request.LimitSettings;
import dev.agentsessions.web.request.PathSegments;
import dev.agentsessions.web.routing.Resource;
import reactor.core.publisher.Mono;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * <code>POST /v1/sessions/{session_id}/forks</code>.
 */
@Configuration(proxyBeanMethods = false)
class ForkRoutes {

	private final Forks forks;

	private final Bodies bodies;

	private final LimitSettings limits;

	private final Clock clock;

	ForkRoutes(Forks forks, Bodies bodies, LimitSettings limits, Clock clock) {
		this.forks = forks;
		this.bodies = bodies;
		this.limits = limits;
		this.clock = clock;
	}

	@Bean
	RouterFunction<ServerResponse> forkResources() {
		return Resource.at("/v1/sessions/{session_id}/forks").post(this::fork).routes();
	}

	private Mono<ServerResponse> fork(ServerRequest request) {
		String tenant = Tenants.of(request);
		SessionKey source = SessionKey.of(tenant, PathSegments.decode(request, 2));
		return this.bodies.jsonOrNothing(request, (body) -> {
			Fields fields = Fields.of(body);
			String name = fields.text("session_id", Integer.MAX_VALUE);
			String fault = (name != null) ? SessionKey.fault(name) : null;
			if (fault != null) {
				fields.wrong("session_id", fault);
			}
			Long throughSeq = fields.number("through_seq", 0, Long.MAX_VALUE - 1);
			DetailsChange details = DetailsChange.read(fields, this.limits.message(), false);
			fields.end();
			SessionKey target = new SessionKey(tenant, (name != null) ? name : SessionIds.next(this.clock));
			return this.forks.fork(source, target, throughSeq, details.apply(SessionDetails.NONE));
		})
			.flatMap((row) -> ServerResponse.created(URI.create("/v1/sessions/" + PathSegments.encode(row.sessionId())))
				.eTag(Session.etag(row))
				.contentType(MediaType.APPLICATION_JSON)
				.bodyValue(Session.of(row)));
	}

}
