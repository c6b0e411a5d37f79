package dev.agentsessions.message.append;

import java.util.List;

import dev.agentsessions.access.Tenants;
import dev.agentsessions.message.MessageReader;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.message.page.PageRoutes;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.web.answer.Answers;
import dev.agentsessions.web.request.Bodies;
import dev.agentsessions.web.request.Fields;
import dev.agentsessions.web.request.PathSegments;
import dev.agentsessions.web.request.Preconditions;
import dev.agentsessions.web.request.Query;
import dev.agentsessions.web.routing.Resource;
import dev.agentsessions.write.Fingerprint;
import dev.agentsessions.write.IdempotencyKey;
import dev.agentsessions.write.Write;
import dev.agentsessions.write.Writes;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * Appending to a log: <code>POST /v1/sessions/{session_id}/messages</code>. Its reads are
 * in {@link PageRoutes}.
 */
@Configuration(proxyBeanMethods = false)
class MessageRoutes {

	private static final int MAX_MESSAGES = 1000;

	private final Writes writes;

	private final NdjsonAppends ndjson;

	private final MessageReader reader;

	private final PageRoutes pages;

	private final Bodies bodies;

	MessageRoutes(Writes writes, NdjsonAppends ndjson, MessageReader reader, PageRoutes pages, Bodies bodies) {
		this.writes = writes;
		this.ndjson = ndjson;
		this.reader = reader;
		this.pages = pages;
		this.bodies = bodies;
	}

	/** First, for most requests are these: routes are tried one after the other. */
	@Bean
	@Order(Ordered.HIGHEST_PRECEDENCE)
	RouterFunction<ServerResponse> messageResources() {
		return Resource.at("/v1/sessions/{session_id}/messages")
			.get(this.pages::list, MediaType.APPLICATION_JSON, MediaType.APPLICATION_NDJSON)
			.post(this::append)
			.parameters(HttpMethod.GET, "page", "page_size", "after", "before", "limit", "role", "from", "to", "id",
					"include_deleted")
			.parameters(HttpMethod.POST, "create")
			.routes()
			.and(Resource.at("/v1/sessions/{session_id}/messages/{seq}")
				.get(this.pages::one)
				.parameters(HttpMethod.GET, "include_deleted")
				.routes());
	}

	private Mono<ServerResponse> append(ServerRequest request) {
		SessionKey session = SessionKey.of(Tenants.of(request), PathSegments.decode(request, 2));
		boolean create = Query.of(request).flag("create", true);
		String key = Preconditions.idempotencyKey(request);
		Long expectedLast = Preconditions.expectedLast(request);
		if (this.bodies.isNdjson(request)) {
			return appendLines(request, session, create, key, expectedLast);
		}
		return this.bodies.json(request, (body) -> {
			List<NewMessage> messages = read(body);
			IdempotencyKey named = (key != null) ? IdempotencyKey.of(key, fingerprint(messages)) : null;
			return this.writes.write(Write.append(session, messages, create, expectedLast, named));
		}).flatMap((done) -> Answers.created(done.asAppend(session), done.replayed()));
	}

	private Mono<ServerResponse> appendLines(ServerRequest request, SessionKey session, boolean create,
			@Nullable String key, @Nullable Long expectedLast) {
		if (key != null || expectedLast != null) {
			throw Query.wrong((key != null) ? "Idempotency-Key" : "If-Match",
					"can't be used with NDJSON, which is committed in chunks");
		}
		return this.ndjson.append(session, create, (share) -> this.bodies.lines(request, share))
			.flatMap((done) -> Answers.created(done, false));
	}

	private List<NewMessage> read(JsonNode body) {
		if (!body.isArray()) {
			Fields fields = Fields.of(body);
			NewMessage message = this.reader.read(fields);
			fields.end();
			return List.of(message);
		}
		return this.reader.readAll(body, MAX_MESSAGES);
	}

	private static Fingerprint fingerprint(List<NewMessage> messages) {
		Fingerprint fingerprint = new Fingerprint("messages");
		messages.forEach(fingerprint::add);
		return fingerprint;
	}

}
