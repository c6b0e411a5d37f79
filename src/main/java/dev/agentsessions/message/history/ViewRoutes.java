package dev.agentsessions.message.history;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import dev.agentsessions.access.Tenants;
import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.message.MessageReader;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.view.View;
import dev.agentsessions.view.View.Range;
import dev.agentsessions.view.ViewChange.ViewTag;
import dev.agentsessions.web.answer.Answers;
import dev.agentsessions.web.request.Bodies;
import dev.agentsessions.web.request.Fields;
import dev.agentsessions.web.request.PathSegments;
import dev.agentsessions.web.request.Preconditions;
import dev.agentsessions.web.request.Query;
import dev.agentsessions.web.routing.Resource;
import dev.agentsessions.write.Fingerprint;
import dev.agentsessions.write.IdempotencyKey;
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
 * <code>/v1/sessions/{session_id}/view</code> and <code>…/compactions</code>.
 */
@Configuration(proxyBeanMethods = false)
class ViewRoutes {

	private static final long LARGEST_SEQ = 999_999_999_999_999_999L;

	private final Views views;

	private final MessageReader reader;

	private final Bodies bodies;

	ViewRoutes(Views views, MessageReader reader, Bodies bodies) {
		this.views = views;
		this.reader = reader;
		this.bodies = bodies;
	}

	@Bean
	RouterFunction<ServerResponse> viewResources() {
		return Resource.at("/v1/sessions/{session_id}/view")
			.get(this::load)
			.put(this::set)
			.parameters(HttpMethod.GET, "include_deleted")
			.routes()
			.and(Resource.at("/v1/sessions/{session_id}/compactions").post(this::compact).routes());
	}

	private Mono<ServerResponse> load(ServerRequest request) {
		boolean includeDeleted = Query.of(request).flag("include_deleted", false);
		return this.views.load(key(request), includeDeleted).flatMap((session) -> {
			View view = session.view();
			// not as one that a 304 is answered by: another session of the same name
			// could have it
			request.exchange().getResponse().getHeaders().setETag(etag(session.lastSeq(), view));
			return Answers.ok(new ViewAnswer(session.sessionId(), ranges(view), view.no(), session.lastSeq(),
					view.messageCount(session.firstSeq(), session.lastSeq())));
		});
	}

	private Mono<ServerResponse> set(ServerRequest request) {
		SessionKey key = key(request);
		String name = Preconditions.idempotencyKey(request);
		ViewTag expected = expected(request);
		return this.bodies.json(request, (body) -> {
			Fields fields = Fields.of(body);
			List<Range> ranges = ranges(fields);
			fields.end();
			IdempotencyKey named = (name != null) ? IdempotencyKey.of(name, fingerprint(ranges)) : null;
			return this.views.set(key, ranges, expected, named);
		}).flatMap((done) -> {
			View view = view(done);
			String session = Objects.requireNonNull(done.session()).sessionId();
			return Answers.ok(new ViewAnswer(session, ranges(view), view.no(), done.lastSeq(), done.viewedMessages()),
					done.replayed(), etag(done.lastSeq(), view));
		});
	}

	private static List<Range> ranges(Fields fields) {
		List<Range> ranges = new ArrayList<>();
		JsonNode given = fields.node("ranges");
		if (given == null || !given.isArray()) {
			fields.wrong("ranges", (given == null) ? "is missing" : "must be an array");
			return ranges;
		}
		if (given.size() > View.MAX_RANGES) {
			fields.wrong("ranges", "has more than " + View.MAX_RANGES + " ranges");
			return ranges;
		}
		for (int i = 0; i < given.size() && !fields.hopeless(); i++) {
			Range range = range(given.get(i));
			if (range == null) {
				fields.wrongElement("ranges", i, "must be an array of one or two seqs");
			}
			else {
				ranges.add(range);
			}
		}
		return ranges;
	}

	private static @Nullable Range range(JsonNode given) {
		if (!given.isArray() || given.isEmpty() || given.size() > 2
				|| !given.valueStream().allMatch(ViewRoutes::isSeq)) {
			return null;
		}
		long from = given.get(0).decimalValue().longValue();
		return (given.size() == 1) ? Range.from(from) : new Range(from, given.get(1).decimalValue().longValue());
	}

	private static boolean isSeq(JsonNode value) {
		return Fields.isWhole(value, 1, LARGEST_SEQ);
	}

	private Mono<ServerResponse> compact(ServerRequest request) {
		SessionKey key = key(request);
		String name = Preconditions.idempotencyKey(request);
		ViewTag expected = expected(request);
		return this.bodies.json(request, (body) -> {
			Fields fields = Fields.of(body);
			Fields summaryFields = fields.fields("summary");
			if (summaryFields == null) {
				fields.missing("summary");
			}
			NewMessage summary = (summaryFields != null) ? this.reader.read(summaryFields) : null;
			Long from = fields.number("from_seq", 1, Long.MAX_VALUE - 1);
			Long through = fields.number("through_seq", 1, Long.MAX_VALUE - 1);
			if (through == null) {
				fields.missing("through_seq");
			}
			fields.end();
			IdempotencyKey named = (name != null) ? IdempotencyKey.of(name, fingerprint(summary, from, through)) : null;
			return this.views.compact(key, summary, from, through, expected, named);
		}).flatMap((done) -> {
			View view = view(done);
			return Answers.created(new Compacted(done.firstSeq(), ranges(view), done.lastSeq()), done.replayed(),
					etag(done.lastSeq(), view));
		});
	}

	private static Fingerprint fingerprint(List<Range> ranges) {
		return new Fingerprint("view").add(new View(0, 0, ranges, List.of()).rangesAsJson());
	}

	private static Fingerprint fingerprint(NewMessage summary, @Nullable Long from, Long through) {
		return new Fingerprint("compactions").add(from).add(through).add(summary);
	}

	private static View view(Written done) {
		View view = done.view();
		if (view == null) {
			throw new IllegalStateException("a change of a view without a view");
		}
		return view;
	}

	private static JsonText ranges(View view) {
		return new JsonText(view.rangesAsJson());
	}

	private static String etag(long lastSeq, View view) {
		return "\"" + lastSeq + "-" + view.no() + "\"";
	}

	private static @Nullable ViewTag expected(ServerRequest request) {
		long[] tag = Preconditions.expectedView(request);
		return (tag != null) ? new ViewTag(tag[0], tag[1]) : null;
	}

	private static SessionKey key(ServerRequest request) {
		return SessionKey.of(Tenants.of(request), PathSegments.decode(request, 2));
	}

	/**
	 * A view as it is answered.
	 *
	 * @param messageCount how many messages there are in it
	 */
	record ViewAnswer(String sessionId, JsonText ranges, long viewNo, long lastSeq, long messageCount) {
	}

	/** What a compaction answers. */
	record Compacted(@Nullable Long seq, JsonText ranges, long lastSeq) {
	}

}
