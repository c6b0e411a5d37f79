package dev.agentsessions.tail;

import java.util.List;

import dev.agentsessions.access.Tenants;
import dev.agentsessions.paging.RowIds;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.tail.event.OpenTail;
import dev.agentsessions.tail.event.Position;
import dev.agentsessions.tail.event.SessionList;
import dev.agentsessions.web.request.PathSegments;
import dev.agentsessions.web.request.Query;
import dev.agentsessions.web.routing.Resource;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * <code>GET /v1/sessions/{session_id}/tail</code> and <code>GET /v1/tail</code>.
 */
@Configuration(proxyBeanMethods = false)
class TailRoutes {

	private static final String LAST_EVENT_ID = "Last-Event-ID";

	private static final int MAX_SESSIONS = 100;

	private final Tails tails;

	private final TailStreams streams;

	private final RowIds rows;

	TailRoutes(Tails tails, TailStreams streams, RowIds rows) {
		this.tails = tails;
		this.streams = streams;
		this.rows = rows;
	}

	@Bean
	RouterFunction<ServerResponse> tailResources() {
		return Resource.at("/v1/sessions/{session_id}/tail")
			.get(this::one, MediaType.TEXT_EVENT_STREAM)
			.parameters(HttpMethod.GET, "after", "wait", "drafts")
			.routes()
			.and(Resource.at("/v1/tail")
				.get(this::several, MediaType.TEXT_EVENT_STREAM)
				.parameters(HttpMethod.GET, "session_id", "drafts")
				.routes());
	}

	private Mono<ServerResponse> one(ServerRequest request) {
		SessionKey session = SessionKey.of(Tenants.of(request), PathSegments.decode(request, 2));
		Query query = Query.of(request);
		Long after = query.number("after", 0, Long.MAX_VALUE);
		boolean waits = query.flag("wait", false);
		boolean drafts = query.flag("drafts", false);
		String last = lastEventId(request);
		return this.rows.whenReady(Mono.defer(() -> {
			Position position = (last != null) ? Position.parse(last, this.rows).orElseThrow(TailRoutes::noPosition)
					: null;
			return inPlace(request, 1, this.tails.open(session, position, after, waits, drafts));
		}));
	}

	private Mono<ServerResponse> several(ServerRequest request) {
		Query query = Query.of(request);
		List<String> ids = query.texts("session_id");
		boolean drafts = query.flag("drafts", false);
		if (ids.isEmpty() || ids.size() > MAX_SESSIONS) {
			throw Query.wrong("session_id", "must be given 1 to " + MAX_SESSIONS + " times");
		}
		String tenant = Tenants.of(request);
		ids.forEach((id) -> SessionKey.of(tenant, id));
		SessionList list = SessionList.of(ids);
		String last = lastEventId(request);
		return this.rows.whenReady(Mono.defer(() -> {
			List<Position> positions = (last != null)
					? list.positions(last, this.rows).orElseThrow(TailRoutes::noPosition) : null;
			return inPlace(request, list.sessionIds().size(), this.tails.open(tenant, list, positions, drafts));
		}));
	}

	/** Whatever becomes of the request, its place is free again in the end. */
	private Mono<ServerResponse> inPlace(ServerRequest request, int sessions, Mono<OpenTail> opening) {
		return Mono.defer(() -> {
			StreamQuota.Place place = this.streams.place(Tenants.of(request), sessions);
			return opening.flatMap((open) -> answer(request, open, place))
				.doOnError((error) -> place.leave())
				.doOnCancel(place::leave);
		});
	}

	private Mono<ServerResponse> answer(ServerRequest request, OpenTail open, StreamQuota.Place place) {
		ServerResponse.BodyBuilder answer = ServerResponse.ok()
			.contentType(MediaType.TEXT_EVENT_STREAM)
			.cacheControl(CacheControl.noStore())
			// a proxy that buffers would keep events to itself
			.header("X-Accel-Buffering", "no");
		return (request.method() == HttpMethod.HEAD) ? answer.build().doFinally((signal) -> place.leave()) : answer
			.body((response, context) -> this.streams.write(open, place, Tenants.stillKnown(request), response));
	}

	/**
	 * Wins over <code>after</code>: browsers send it when they come back by themselves.
	 */
	private static @Nullable String lastEventId(ServerRequest request) {
		String id = request.headers().firstHeader(LAST_EVENT_ID);
		return (id != null && !id.isEmpty()) ? id : null;
	}

	private static RuntimeException noPosition() {
		return Query.wrong(LAST_EVENT_ID, "is not a position in this tail");
	}

}
