package dev.agentsessions.message.history;

import java.time.Instant;
import java.util.List;

import dev.agentsessions.access.Tenants;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.MessageReader;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.message.log.LogBytes;
import dev.agentsessions.paging.RowIds;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionRow;
import dev.agentsessions.web.answer.Answers;
import dev.agentsessions.web.answer.JsonAnswer;
import dev.agentsessions.web.request.Bodies;
import dev.agentsessions.web.request.Fields;
import dev.agentsessions.web.request.PathSegments;
import dev.agentsessions.web.request.Query;
import dev.agentsessions.web.routing.Resource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
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

	private final MessageReader reader;

	private final Bodies bodies;

	private final RowIds rows;

	HistoryRoutes(Histories histories, MessageReader reader, Bodies bodies, RowIds rows) {
		this.histories = histories;
		this.reader = reader;
		this.bodies = bodies;
		this.rows = rows;
	}

	@Bean
	RouterFunction<ServerResponse> historyResources() {
		return Resource.at("/v1/sessions/{session_id}/history")
			.get(this::load)
			.put(this::save)
			.parameters(HttpMethod.GET, "include_deleted", "full")
			.routes();
	}

	private Mono<ServerResponse> load(ServerRequest request) {
		SessionKey key = key(request);
		Query query = Query.of(request);
		boolean includeDeleted = query.flag("include_deleted", false);
		boolean full = query.flag("full", false);
		return this.rows.whenReady(this.histories.open(key, includeDeleted,
				(session, log) -> Answers.notModified(request, LogBytes.historyEtag(session, this.rows, full))
					.switchIfEmpty(Mono.defer(() -> log.map((messages) -> answer(session, messages, full))))));
	}

	/** Streamed; an error in the middle cuts it. */
	private ServerResponse answer(SessionRow session, Flux<List<EncodedMessage>> messages, boolean full) {
		return JsonAnswer.ok(MediaType.APPLICATION_JSON, LogBytes.history(session, messages, full))
			.header(HttpHeaders.ETAG, LogBytes.historyEtag(session, this.rows, full));
	}

	private Mono<ServerResponse> save(ServerRequest request) {
		SessionKey key = key(request);
		return this.bodies.json(request, (body) -> {
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
