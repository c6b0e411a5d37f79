package dev.agentsessions.turn;

import java.util.List;

import dev.agentsessions.access.Tenants;
import dev.agentsessions.agent.NewSwitch;
import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.message.MessageReader;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.session.DetailsChange;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.web.answer.Answers;
import dev.agentsessions.web.request.Bodies;
import dev.agentsessions.web.request.Fields;
import dev.agentsessions.web.request.LimitSettings;
import dev.agentsessions.web.request.PathSegments;
import dev.agentsessions.web.request.Preconditions;
import dev.agentsessions.web.request.Query;
import dev.agentsessions.web.routing.Resource;
import dev.agentsessions.write.Fingerprint;
import dev.agentsessions.write.IdempotencyKey;
import dev.agentsessions.write.Write;
import dev.agentsessions.write.Writes;
import dev.agentsessions.write.Written;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * <code>POST /v1/sessions/{session_id}/turns</code>.
 */
@Configuration(proxyBeanMethods = false)
class TurnRoutes {

	private static final int MAX_MESSAGES = 1000;

	private final Writes writes;

	private final MessageReader reader;

	private final Bodies bodies;

	private final LimitSettings limits;

	TurnRoutes(Writes writes, MessageReader reader, Bodies bodies, LimitSettings limits) {
		this.writes = writes;
		this.reader = reader;
		this.bodies = bodies;
		this.limits = limits;
	}

	@Bean
	RouterFunction<ServerResponse> turnResources() {
		return Resource.at("/v1/sessions/{session_id}/turns")
			.post(this::take)
			.parameters(HttpMethod.POST, "create")
			.routes();
	}

	private Mono<ServerResponse> take(ServerRequest request) {
		SessionKey session = SessionKey.of(Tenants.of(request), PathSegments.decode(request, 2));
		boolean create = Query.of(request).flag("create", true);
		String key = Preconditions.idempotencyKey(request);
		Long expectedLast = Preconditions.expectedLast(request);
		return this.bodies.json(request, (body) -> this.writes.write(read(body, session, create, key, expectedLast)))
			.flatMap(TurnRoutes::answer);
	}

	private Write read(JsonNode body, SessionKey session, boolean create, @Nullable String key,
			@Nullable Long expectedLast) {
		Fields fields = Fields.of(body);
		List<Fields> each = fields.list("messages");
		if (each != null && each.size() > MAX_MESSAGES) {
			fields.wrong("messages", "must have at most " + MAX_MESSAGES + " messages");
			fields.requireNoErrors();
		}
		List<NewMessage> messages = this.reader.readAll((each != null) ? each : List.of());
		Fields switchFields = fields.fields("agent_switch");
		NewSwitch agentSwitch = (switchFields != null) ? NewSwitch.read(switchFields, this.limits) : null;
		Fields contextFields = fields.fields("agent_context");
		JsonText metadata = (contextFields != null) ? contextMetadata(contextFields) : null;
		Fields sessionFields = fields.fields("session");
		DetailsChange details = (sessionFields != null) ? details(sessionFields) : null;
		fields.end();
		if (messages.isEmpty() && agentSwitch == null && metadata == null && details == null) {
			fields.wrong(null, "must have messages, agent_switch, agent_context or session");
			fields.requireNoErrors();
		}
		IdempotencyKey named = (key != null)
				? IdempotencyKey.of(key, fingerprint(messages, agentSwitch, metadata, details)) : null;
		return Write.turn(session, create, expectedLast, named, messages, agentSwitch, metadata, details);
	}

	private @Nullable JsonText contextMetadata(Fields context) {
		JsonText metadata = context.object("metadata", this.limits.message());
		if (metadata == null) {
			context.missing("metadata");
		}
		context.noMore();
		return metadata;
	}

	private @Nullable DetailsChange details(Fields session) {
		DetailsChange details = DetailsChange.read(session, this.limits.message(), true);
		session.noMore();
		return details.isNone() ? null : details;
	}

	private static Fingerprint fingerprint(List<NewMessage> messages, @Nullable NewSwitch agentSwitch,
			@Nullable JsonText metadata, @Nullable DetailsChange details) {
		Fingerprint fingerprint = new Fingerprint("turns").add((long) messages.size());
		messages.forEach(fingerprint::add);
		if (agentSwitch != null) {
			fingerprint.add("switch").add(agentSwitch);
		}
		fingerprint.addJson(metadata);
		return (details != null) ? fingerprint.add("session").add(details) : fingerprint;
	}

	private static Mono<ServerResponse> answer(Written done) {
		return Answers.created(new TurnAnswer(done.firstSeq(), done.lastSeq(), done.agentSwitch()), done.replayed());
	}

	/** What a turn answers. */
	record TurnAnswer(@Nullable Long firstSeq, long lastSeq, @Nullable JsonText agentSwitch) {
	}

}
