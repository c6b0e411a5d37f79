package dev.agentsessions.agent.context;

import java.time.Instant;
import java.util.List;
import java.util.Objects;

import dev.agentsessions.access.Tenants;
import dev.agentsessions.agent.NewSwitch;
import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.problem.InvalidInput;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.web.answer.Answers;
import dev.agentsessions.web.answer.Lists;
import dev.agentsessions.web.request.Bodies;
import dev.agentsessions.web.request.Fields;
import dev.agentsessions.web.request.LimitSettings;
import dev.agentsessions.web.request.PathSegments;
import dev.agentsessions.web.request.Preconditions;
import dev.agentsessions.web.request.Query;
import dev.agentsessions.web.routing.Resource;
import dev.agentsessions.write.Fingerprint;
import dev.agentsessions.write.IdempotencyKey;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * <code>…/agent-context</code>, <code>…/agent-switches</code> and
 * <code>/v1/agent-contexts</code>.
 */
@Configuration(proxyBeanMethods = false)
class AgentRoutes {

	/** The entries of the <code>agent_history</code> of one saved context. */
	private static final int MOST_SWITCHES = 10_000;

	private final Agents agents;

	private final Bodies bodies;

	private final LimitSettings limits;

	AgentRoutes(Agents agents, Bodies bodies, LimitSettings limits) {
		this.agents = agents;
		this.bodies = bodies;
		this.limits = limits;
	}

	@Bean
	RouterFunction<ServerResponse> agentResources() {
		return Resource.at("/v1/agent-contexts")
			.get(this::contexts)
			.parameters(HttpMethod.GET, "limit", "cursor")
			.routes()
			.and(Resource.at("/v1/sessions/{session_id}/agent-context")
				.get(this::context)
				.put(this::save)
				.delete(this::delete)
				.parameters(HttpMethod.GET, "include_deleted")
				.routes())
			.and(Resource.at("/v1/sessions/{session_id}/agent-switches")
				.get(this::switches)
				.post(this::makeSwitch)
				.parameters(HttpMethod.GET, "limit", "order", "cursor", "include_deleted")
				.routes());
	}

	private Mono<ServerResponse> contexts(ServerRequest request) {
		Query query = Query.of(request);
		return this.agents.contexts(Tenants.of(request), Lists.limit(query), query.text("cursor"))
			.flatMap(Lists::answer);
	}

	private Mono<ServerResponse> context(ServerRequest request) {
		return this.agents.context(key(request), includeDeleted(request)).flatMap(Answers::ok);
	}

	private Mono<ServerResponse> save(ServerRequest request) {
		SessionKey key = key(request);
		return this.bodies.json(request, (body) -> {
			Fields fields = Fields.of(body);
			String agent = NewSwitch.agent(fields, "current_agent");
			List<NewSwitch> history = history(fields.list("agent_history"));
			JsonText metadata = fields.object("metadata", this.limits.message());
			Instant createdAt = fields.time("created_at");
			Long count = fields.number("switch_count", 0, Integer.MAX_VALUE);
			fields.end();
			return this.agents.save(key, new ContextSave(agent, history, metadata, createdAt, count));
		}).flatMap(Answers::ok);
	}

	private Mono<ServerResponse> delete(ServerRequest request) {
		return this.agents.delete(key(request)).then(ServerResponse.noContent().build());
	}

	private Mono<ServerResponse> switches(ServerRequest request) {
		Query query = Query.of(request);
		boolean newestFirst = query.oneOf("order", "desc", "asc").equals("desc");
		return this.agents
			.switches(key(request), newestFirst, Lists.limit(query), query.text("cursor"), includeDeleted(request))
			.flatMap(Lists::answer);
	}

	private Mono<ServerResponse> makeSwitch(ServerRequest request) {
		SessionKey key = key(request);
		String named = Preconditions.idempotencyKey(request);
		return this.bodies.json(request, (body) -> {
			Fields fields = Fields.of(body);
			NewSwitch wanted = NewSwitch.read(fields, this.limits);
			fields.end();
			return this.agents.makeSwitch(key, wanted, idempotencyKey(named, wanted));
		})
			.flatMap((made) -> Answers.created(Objects.requireNonNullElse(made.agentSwitch(), JsonText.EMPTY_OBJECT),
					made.replayed()));
	}

	private @Nullable List<NewSwitch> history(@Nullable List<Fields> each) {
		if (each != null && each.size() > MOST_SWITCHES) {
			throw Problems
				.tooLarge(InvalidInput.body("/agent_history", "must have at most " + MOST_SWITCHES + " entries"));
		}
		return (each != null) ? each.stream().map((fields) -> NewSwitch.readPast(fields, this.limits)).toList() : null;
	}

	private static @Nullable IdempotencyKey idempotencyKey(@Nullable String named, NewSwitch wanted) {
		if (named == null) {
			return null;
		}
		return IdempotencyKey.of(named, new Fingerprint("agent-switches").add(wanted));
	}

	private static SessionKey key(ServerRequest request) {
		return SessionKey.of(Tenants.of(request), PathSegments.decode(request, 2));
	}

	private static boolean includeDeleted(ServerRequest request) {
		return Query.of(request).flag("include_deleted", false);
	}

}
