package dev.agentsessions.web.answer;

import dev.agentsessions.paging.Page;
import dev.agentsessions.web.json.JsonWriter;
import dev.agentsessions.web.request.Query;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * What all list resources have in common.
 */
public final class Lists {

	private static final int DEFAULT_LIMIT = 100;

	private static final int MAX_LIMIT = 1000;

	private Lists() {
	}

	/** How many rows are asked for: 1 to 1000, 100 if nothing is said. */
	public static int limit(Query query) {
		return query.integer("limit", DEFAULT_LIMIT, 1, MAX_LIMIT);
	}

	/** A page of what is JSON already. */
	public static ServerResponse encoded(Page<byte[]> page) {
		JsonWriter answer = new JsonWriter().raw("{\"data\":[");
		for (int i = 0; i < page.data().size(); i++) {
			answer.raw((i > 0) ? "," : "").writeBytes(page.data().get(i));
		}
		String next = page.next();
		answer.raw("],\"has_more\":" + page.hasMore())
			.raw((next != null) ? ",\"next\":" + JsonWriter.quoted(next) + "}" : "}");
		return JsonAnswer.ok(answer.toByteArray()).header(HttpHeaders.LINK, (next != null) ? Page.link(next) : null);
	}

	public static Mono<ServerResponse> answer(Page<?> page) {
		return answer(page, page.next());
	}

	/**
	 * A page with more than all have.
	 * @param next path and query of what follows, null at the end
	 */
	public static Mono<ServerResponse> answer(Object page, @Nullable String next) {
		ServerResponse.BodyBuilder answer = ServerResponse.ok().contentType(MediaType.APPLICATION_JSON);
		if (next != null) {
			answer.header(HttpHeaders.LINK, Page.link(next));
		}
		return answer.bodyValue(page);
	}

}
