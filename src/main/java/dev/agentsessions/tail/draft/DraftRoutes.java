package dev.agentsessions.tail.draft;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

import dev.agentsessions.access.AccessProblems;
import dev.agentsessions.access.Tenants;
import dev.agentsessions.message.MessageReader;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.web.answer.Answers;
import dev.agentsessions.web.answer.JsonAnswer;
import dev.agentsessions.web.json.JsonWriter;
import dev.agentsessions.web.json.Times;
import dev.agentsessions.web.request.Bodies;
import dev.agentsessions.web.request.PathSegments;
import dev.agentsessions.web.request.Preconditions;
import dev.agentsessions.web.request.Query;
import dev.agentsessions.web.routing.Resource;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * <code>POST /v1/sessions/{session_id}/drafts/{message_id}</code> and
 * <code>GET /v1/sessions/{session_id}/drafts</code>. Followers are told by the tails.
 */
@Configuration(proxyBeanMethods = false)
class DraftRoutes {

	private final Drafts drafts;

	private final Bodies bodies;

	DraftRoutes(Drafts drafts, Bodies bodies) {
		this.drafts = drafts;
		this.bodies = bodies;
	}

	@Bean
	RouterFunction<ServerResponse> draftResources() {
		return Resource.at("/v1/sessions/{session_id}/drafts")
			.get(this::list)
			.routes()
			.and(Resource.at("/v1/sessions/{session_id}/drafts/{message_id}")
				.post(this::write)
				.parameters(HttpMethod.POST, "offset", "create")
				.routes());
	}

	private Mono<ServerResponse> write(ServerRequest request) {
		SessionKey session = SessionKey.of(Tenants.of(request), PathSegments.decode(request, 2));
		Query query = Query.of(request);
		Long offset = query.number("offset", 0, Integer.MAX_VALUE);
		DraftTarget target = new DraftTarget(session, messageId(request), (offset != null) ? offset : 0,
				query.flag("create", true));
		requireNoHeader("Idempotency-Key", Preconditions.idempotencyKey(request));
		requireNoHeader("If-Match", Preconditions.expectedLast(request));
		return this.drafts.write(target, this.bodies.lines(request), callerFault(request))
			.flatMap((done) -> answer(session, done));
	}

	private static String messageId(ServerRequest request) {
		String id = PathSegments.decode(request, 4);
		if (id.indexOf('\0') >= 0) {
			throw Query.wrong("message_id", "must not have U+0000");
		}
		int length = id.codePointCount(0, id.length());
		if (length < 1 || length > MessageReader.MAX_NAME) {
			throw Query.wrong("message_id", "must have 1 to " + MessageReader.MAX_NAME + " characters");
		}
		return id;
	}

	private static void requireNoHeader(String name, @Nullable Object value) {
		if (value != null) {
			throw Query.wrong(name, "can't be used with a draft, whose message is known by its id");
		}
	}

	/** Asked for as long as the request goes on. */
	private static Supplier<@Nullable ProblemException> callerFault(ServerRequest request) {
		BooleanSupplier stillKnown = Tenants.stillKnown(request);
		return () -> (stillKnown == null || stillKnown.getAsBoolean()) ? null
				: AccessProblems.invalid("The key or token is no longer valid.");
	}

	private static Mono<ServerResponse> answer(SessionKey session, DraftAnswer done) {
		if (done instanceof DraftAnswer.Appended appended) {
			return Answers.created(appended.done().asAppend(session), appended.done().replayed());
		}
		if (done instanceof DraftAnswer.Open open) {
			return ServerResponse.status(HttpStatus.ACCEPTED).contentType(MediaType.APPLICATION_JSON).bodyValue(open);
		}
		return Answers.ok(Map.of("discarded", true));
	}

	private Mono<ServerResponse> list(ServerRequest request) {
		SessionKey session = SessionKey.of(Tenants.of(request), PathSegments.decode(request, 2));
		return this.drafts.list(session)
			.map((open) -> JsonAnswer.ok(MediaType.APPLICATION_JSON,
					Flux.concat(part(new JsonWriter().raw("{\"data\":[")),
							open.index((i, draft) -> encoded(draft, i == 0)),
							part(new JsonWriter().raw("],\"has_more\":false}")))));
	}

	private static ByteBuffer encoded(OpenDraft draft, boolean first) {
		return ByteBuffer.wrap(new JsonWriter().raw(first ? "{" : ",{")
			.text("message_id", draft.messageId())
			.text("text", draft.text())
			.text("started_at", Times.format(draft.startedAt()))
			.raw("}")
			.toByteArray());
	}

	private static Mono<ByteBuffer> part(JsonWriter json) {
		return Mono.just(ByteBuffer.wrap(json.toByteArray()));
	}

}
