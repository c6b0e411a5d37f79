package dev.agentsessions.message;

import java.time.Instant;
import java.util.List;

import dev.agentsessions.access.Tenants;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.web.Answers;
import dev.agentsessions.web.Bodies;
import dev.agentsessions.web.Fields;
import dev.agentsessions.web.PathSegments;
import dev.agentsessions.web.Query;
import dev.agentsessions.web.Resource;
import reactor.core.publisher.Mono;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * <code>/v1/sessions/{session_id}/history</code>: the whole session, out and in.
 */
@Configuration(proxyBeanMethods = false)
class HistoryRoutes {

	private final Histories histories;

	private final MessagePages pages;

	private final MessageReader reader;

	private final Bodies bodies;

	HistoryRoutes(Histories histories, MessagePages pages, MessageReader reader, Bodies bodies) {
		this.histories = histories;
		this.pages = pages;
		this.reader = reader;
		this.bodies = bodies;
	}

	@Bean
	RouterFunction<ServerResponse> historyResources() {
		return Resource.at("/v1/sessions/{session_id}/history").get(this::load).put(this::save).routes();
	}

	private Mono<ServerResponse> load(ServerRequest request) {
		return this.pages.session(key(request), Query.of(request).flag("include_deleted", false))
			.flatMap((session) -> request.checkNotModified(LogBytes.historyEtag(session))
				.switchIfEmpty(Mono.defer(() -> this.pages.open(session).flatMap(HistoryRoutes::answer))));
	}

	/** Streamed; an error in the middle cuts it. */
	private static Mono<ServerResponse> answer(OpenLog log) {
		return ServerResponse.ok()
			.eTag(LogBytes.historyEtag(log.session()))
			.contentType(MediaType.APPLICATION_JSON)
			.body(LogBytes.history(log.session(), log.messages()), DataBuffer.class);
	}

	private Mono<ServerResponse> save(ServerRequest request) {
		SessionKey key = key(request);
		return this.bodies.json(request).flatMap((body) -> {
			Fields fields = Fields.of(body);
			List<Fields> each = fields.list("messages");
			if (each == null) {
				fields.missing("messages");
			}
			List<NewMessage> messages = this.reader.readAll((each != null) ? each : List.of());
			Instant lastActivity = fields.time("last_activity");
			fields.end();
			return this.histories.save(key, messages, lastActivity);
		}).flatMap(Answers::ok);
	}

	private static SessionKey key(ServerRequest request) {
		return SessionKey.of(Tenants.of(request), PathSegments.decode(request, 2));
	}

}
