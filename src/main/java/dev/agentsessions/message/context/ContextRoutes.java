package dev.agentsessions.message.context;

import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

import dev.agentsessions.access.Tenants;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.log.LogBytes;
import dev.agentsessions.paging.RowIds;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.web.answer.Answers;
import dev.agentsessions.web.answer.JsonAnswer;
import dev.agentsessions.web.json.JsonWriter;
import dev.agentsessions.web.request.PathSegments;
import dev.agentsessions.web.request.Query;
import dev.agentsessions.web.routing.Resource;
import reactor.core.publisher.Mono;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * <code>/v1/sessions/{session_id}/context</code>.
 */
@Configuration(proxyBeanMethods = false)
class ContextRoutes {

	/** Far above what any model takes, and as much as one answer should have. */
	private static final long MAX_TOKENS = 10_000_000;

	private static final long MAX_MESSAGES = 10_000;

	private final Contexts contexts;

	private final RowIds rows;

	ContextRoutes(Contexts contexts, RowIds rows) {
		this.contexts = contexts;
		this.rows = rows;
	}

	@Bean
	RouterFunction<ServerResponse> modelContextResources() {
		return Resource.at("/v1/sessions/{session_id}/context")
			.get(this::fit)
			.parameters(HttpMethod.GET, "max_tokens", "max_messages", "system", "include_deleted")
			.routes();
	}

	private Mono<ServerResponse> fit(ServerRequest request) {
		SessionKey key = SessionKey.of(Tenants.of(request), PathSegments.decode(request, 2));
		Query query = Query.of(request);
		ContextLimits limits = new ContextLimits(query.number("max_tokens", 1, MAX_TOKENS),
				query.number("max_messages", 1, MAX_MESSAGES));
		boolean keeps = query.oneOf("system", "keep", "drop").equals("keep");
		boolean includeDeleted = query.flag("include_deleted", false);
		if (limits.maxTokens() == null && limits.maxMessages() == null) {
			throw Query.wrong("max_tokens", "is missing, and max_messages too; one of them is required");
		}
		return this.rows.whenReady(this.contexts.session(key, includeDeleted)
			.flatMap((session) -> Answers.notModified(request, etag(session))
				.switchIfEmpty(Mono.defer(() -> this.contexts.fit(session, limits, keeps).map(this::answer)))));
	}

	private ServerResponse answer(FittedContext fitted) {
		InstructedSession session = fitted.session();
		ModelContext context = fitted.context();
		List<ModelMessage> messages = context.messages();
		List<ModelMessage> window = context.taken().isEmpty() ? messages : context.taken();
		long viewed = session.view().messageCount(session.head().firstSeq(), session.head().lastSeq());
		byte[] answer = new JsonWriter().raw("{")
			.text("session_id", session.head().key().sessionId())
			.number("first_seq", window.isEmpty() ? null : window.get(0).seq())
			.number("last_seq", window.isEmpty() ? null : window.get(window.size() - 1).seq())
			.number("tokens", context.tokens())
			.number("estimated_tokens",
					messages.stream().filter(ModelMessage::isGuessed).mapToLong(ModelMessage::tokens).sum())
			.number("omitted", viewed - messages.size() - context.leftOut().size())
			.json("left_out", array(context.leftOut(), ContextRoutes::leftOut))
			.json("pending_tool_calls", array(context.pending(), JsonWriter::quoted))
			.toByteArray();
		List<EncodedMessage> encoded = messages.stream().map(ModelMessage::message).toList();
		return JsonAnswer.ok(LogBytes.withMessages(answer, encoded)).header(HttpHeaders.ETAG, etag(session));
	}

	private static <T> String array(Collection<T> values, Function<T, String> json) {
		return values.stream().map(json).collect(Collectors.joining(",", "[", "]"));
	}

	private static String leftOut(ModelContext.LeftOut each) {
		return new JsonWriter().raw("{").number("seq", each.seq()).text("reason", each.reason()).raw("}").toString();
	}

	private String etag(InstructedSession session) {
		return LogBytes.etag(session.head(), this.rows, "-" + Long.toString(session.view().no(), 36) + "-c");
	}

}
