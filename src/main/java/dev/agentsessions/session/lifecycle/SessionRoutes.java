package dev.agentsessions.session.lifecycle;

import java.net.URI;

import dev.agentsessions.access.Tenants;
import dev.agentsessions.paging.Page;
import dev.agentsessions.session.DetailsChange;
import dev.agentsessions.session.Session;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionRow;
import dev.agentsessions.web.answer.Answers;
import dev.agentsessions.web.answer.Lists;
import dev.agentsessions.web.request.Bodies;
import dev.agentsessions.web.request.Fields;
import dev.agentsessions.web.request.LimitSettings;
import dev.agentsessions.web.request.PathSegments;
import dev.agentsessions.web.request.Query;
import dev.agentsessions.web.routing.Resource;
import reactor.core.publisher.Mono;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * <code>/v1/sessions</code> and what is about a session as a whole.
 */
@Configuration(proxyBeanMethods = false)
class SessionRoutes {

	private final Sessions sessions;

	private final Bodies bodies;

	private final LimitSettings limits;

	SessionRoutes(Sessions sessions, Bodies bodies, LimitSettings limits) {
		this.sessions = sessions;
		this.bodies = bodies;
		this.limits = limits;
	}

	@Bean
	RouterFunction<ServerResponse> sessionResources() {
		return Resource.at("/v1/sessions")
			.get(this::list)
			.post(this::create)
			.parameters(HttpMethod.GET, "include_deleted", "owner", "label", "title", "from", "to", "order", "limit",
					"cursor")
			.routes()
			.and(Resource.at("/v1/sessions/{session_id}")
				.get(this::load)
				.patch(this::patch)
				.delete(this::delete)
				.parameters(HttpMethod.GET, "include_deleted")
				.parameters(HttpMethod.DELETE, "soft")
				.routes())
			.and(Resource.at("/v1/sessions/{session_id}/restore").post(this::restore).routes())
			.and(Resource.at("/v1/sessions/{session_id}/stats")
				.get(this::stats)
				.parameters(HttpMethod.GET, "include_deleted")
				.routes());
	}

	private Mono<ServerResponse> create(ServerRequest request) {
		return this.bodies.jsonOrNothing(request, (body) -> {
			Fields fields = Fields.of(body);
			String sessionId = fields.text("session_id", Integer.MAX_VALUE);
			String fault = (sessionId != null) ? SessionKey.fault(sessionId) : null;
			if (fault != null) {
				fields.wrong("session_id", fault);
			}
			DetailsChange details = DetailsChange.read(fields, this.limits.message(), false);
			fields.end();
			return this.sessions.create(Tenants.of(request), sessionId, details);
		})
			.flatMap((row) -> ServerResponse.created(URI.create("/v1/sessions/" + PathSegments.encode(row.sessionId())))
				.eTag(Session.etag(row))
				.contentType(MediaType.APPLICATION_JSON)
				.bodyValue(Session.of(row)));
	}

	private Mono<ServerResponse> list(ServerRequest request) {
		Query query = Query.of(request);
		SessionFilter filter = SessionFilter.of(query);
		int limit = Lists.limit(query);
		String cursor = query.text("cursor");
		String tenant = Tenants.of(request);
		Mono<Page<ListedSession>> page = query.oneOf("order", "activity", "created").equals("activity")
				? this.sessions.listByActivity(tenant, filter, limit, cursor)
				: this.sessions.listByCreation(tenant, filter, limit, cursor);
		return page.map((sessions) -> Lists.encoded(sessions.map(ListedSession::json)));
	}

	private Mono<ServerResponse> load(ServerRequest request) {
		return this.sessions.load(key(request), includeDeleted(request)).flatMap((row) -> {
			// not by the answer's builder, which would say 304 to If-None-Match: metadata
			// or a deletion change without this tag, which is for If-Match
			request.exchange().getResponse().getHeaders().setETag(Session.etag(row));
			return Answers.ok(Session.of(row));
		});
	}

	private Mono<ServerResponse> patch(ServerRequest request) {
		SessionKey key = key(request);
		return this.bodies.json(request, (body) -> {
			Fields fields = Fields.of(body);
			DetailsChange details = DetailsChange.read(fields, this.limits.message(), false);
			fields.noMore();
			if (details.isNone()) {
				fields.wrong(null, "must have metadata, owner, title, labels or expires_at");
			}
			fields.end();
			return this.sessions.update(key, details);
		}).flatMap(SessionRoutes::changed);
	}

	private static Mono<ServerResponse> changed(SessionRow row) {
		return Answers.ok(Session.of(row), false, Session.etag(row));
	}

	private Mono<ServerResponse> delete(ServerRequest request) {
		SessionKey key = key(request);
		boolean soft = Query.of(request).flag("soft", true);
		return (soft ? this.sessions.softDelete(key) : this.sessions.hardDelete(key))
			.then(ServerResponse.noContent().build());
	}

	private Mono<ServerResponse> restore(ServerRequest request) {
		return this.sessions.restore(key(request)).flatMap(SessionRoutes::changed);
	}

	private Mono<ServerResponse> stats(ServerRequest request) {
		return this.sessions.load(key(request), includeDeleted(request)).map(SessionStats::of).flatMap(Answers::ok);
	}

	private static SessionKey key(ServerRequest request) {
		return SessionKey.of(Tenants.of(request), PathSegments.decode(request, 2));
	}

	private static boolean includeDeleted(ServerRequest request) {
		return Query.of(request).flag("include_deleted", false);
	}

}
