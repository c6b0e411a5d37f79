package dev.agentsessions.erasure;

import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import dev.agentsessions.access.Tenants;
import dev.agentsessions.session.SessionDetails;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.web.answer.Answers;
import dev.agentsessions.web.request.Bodies;
import dev.agentsessions.web.request.Fields;
import dev.agentsessions.web.request.PathSegments;
import dev.agentsessions.web.routing.Resource;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * <code>/v1/erasures</code>.
 */
@Configuration(proxyBeanMethods = false)
class ErasureRoutes {

	private static final int MAX_SESSIONS = 1000;

	private final Erasures erasures;

	private final Bodies bodies;

	ErasureRoutes(Erasures erasures, Bodies bodies) {
		this.erasures = erasures;
		this.bodies = bodies;
	}

	@Bean
	RouterFunction<ServerResponse> erasureResources() {
		return Resource.at("/v1/erasures")
			.post(this::erase)
			.routes()
			.and(Resource.at("/v1/erasures/{erasure_id}").get(this::find).routes());
	}

	private Mono<ServerResponse> erase(ServerRequest request) {
		String tenant = Tenants.of(request);
		return this.bodies.json(request, (body) -> this.erasures.request(tenant, target(body)))
			.flatMap((erasure) -> ServerResponse.accepted()
				.location(URI.create("/v1/erasures/" + erasure.erasureId()))
				.contentType(MediaType.APPLICATION_JSON)
				.bodyValue(ErasureReceipt.of(erasure)));
	}

	private static ErasureTarget target(JsonNode body) {
		Fields fields = Fields.of(body);
		String owner = fields.nonEmptyText("owner", SessionDetails.MAX_OWNER);
		List<String> sessionIds = sessionIds(fields);
		if ((fields.has("owner") && !fields.isNull("owner")) == (fields.node("session_ids") != null)) {
			fields.wrong(null, "must have owner or session_ids, and not both");
		}
		fields.end();
		return new ErasureTarget(owner, sessionIds);
	}

	private static @Nullable List<String> sessionIds(Fields fields) {
		JsonNode values = fields.node("session_ids");
		if (values == null) {
			return null;
		}
		if (!values.isArray() || values.isEmpty() || values.size() > MAX_SESSIONS) {
			fields.wrong("session_ids", "must be an array of 1 to " + MAX_SESSIONS + " session ids");
			return null;
		}
		List<String> ids = new ArrayList<>();
		for (int i = 0; i < values.size(); i++) {
			JsonNode value = values.get(i);
			String fault = value.isString() ? SessionKey.fault(value.stringValue()) : "must be a string";
			if (fault != null) {
				fields.wrongElement("session_ids", i, fault);
			}
			ids.add(value.asString(""));
		}
		return ids;
	}

	private Mono<ServerResponse> find(ServerRequest request) {
		return this.erasures.find(Tenants.of(request), PathSegments.decode(request, 2))
			.map(ErasureReceipt::of)
			.flatMap(Answers::ok);
	}

	/** What is answered: no names. */
	record ErasureReceipt(String erasureId, String state, long sessions, long messages, Instant requestedAt,
			@Nullable Instant finishedAt) {

		static ErasureReceipt of(Erasure erasure) {
			return new ErasureReceipt(erasure.erasureId(), erasure.state().name().toLowerCase(Locale.ROOT),
					erasure.sessions(), erasure.messages(), erasure.requestedAt(), erasure.finishedAt());
		}

	}

}
