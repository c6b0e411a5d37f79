package dev.agentsessions.message.page;

import java.time.Instant;
import java.util.List;
import java.util.function.Function;

import dev.agentsessions.access.Tenants;
import dev.agentsessions.message.MessageProblems;
import dev.agentsessions.message.MessageReader;
import dev.agentsessions.message.log.LogBytes;
import dev.agentsessions.message.log.MessageFilter;
import dev.agentsessions.paging.Page;
import dev.agentsessions.paging.RowIds;
import dev.agentsessions.session.LogHead;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.web.answer.Answers;
import dev.agentsessions.web.answer.JsonAnswer;
import dev.agentsessions.web.answer.Lists;
import dev.agentsessions.web.json.JsonTree;
import dev.agentsessions.web.request.PathSegments;
import dev.agentsessions.web.request.Query;
import dev.agentsessions.web.routing.Resource;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * Reading a log: numbered pages, keyset pages in both directions, newline-delimited JSON,
 * one message.
 */
@Component
public class PageRoutes {

	private static final int DEFAULT_PAGE_SIZE = 50;

	private static final int MAX_PAGE_SIZE = 1000;

	private static final int MAX_IDS = 100;

	private final MessagePages pages;

	private final RowIds rows;

	PageRoutes(MessagePages pages, RowIds rows) {
		this.pages = pages;
		this.rows = rows;
	}

	public Mono<ServerResponse> one(ServerRequest request) {
		String seq = PathSegments.decode(request, 4);
		return session(request, Query.of(request)).flatMap((session) -> this.pages.one(session, seq(seq)))
			.map((message) -> JsonAnswer.ok(message.json()));
	}

	public Mono<ServerResponse> list(ServerRequest request) {
		Query query = Query.of(request);
		boolean ndjson = Resource.prefersNdjson(request);
		requireNone(query, "id", "page", "page_size", "after", "before", "limit", "role", "from", "to");
		if (query.has("id")) {
			List<String> ids = ids(query);
			return conditional(request, query, (session) -> this.pages.withIds(session, ids)
				.map((page) -> ndjson ? lines(page, null) : answer(page, null, "")));
		}
		requireNone(query, "page", "after", "before", "limit", "role", "from", "to");
		requireNone(query, "page_size", "after", "before", "limit", "role", "from", "to");
		int limit = Lists.limit(query);
		if (query.has("page") || query.has("page_size")) {
			long page = numberOr(query, "page", 1, 1);
			int size = query.integer("page_size", DEFAULT_PAGE_SIZE, 1, MAX_PAGE_SIZE);
			String more = query.flag("include_deleted", false) ? "&include_deleted=true" : "";
			return conditional(request, query, (session) -> numbered(session, page, size, ndjson, more));
		}
		requireNone(query, "after", "before");
		MessageFilter filter = filter(query);
		return ndjson ? lines(request, query, filter, limit) : keyset(request, query, filter, limit);
	}

	private Mono<ServerResponse> keyset(ServerRequest request, Query query, MessageFilter filter, int limit) {
		if (query.has("before")) {
			long before = numberOr(query, "before", Long.MAX_VALUE, 0);
			return conditional(request, query, (session) -> this.pages.before(session, before, limit, filter)
				.map((page) -> answer(page, next(page, "before", limit, query), "")));
		}
		long after = numberOr(query, "after", 0, 0);
		return conditional(request, query, (session) -> this.pages.after(session, after, limit, filter)
			.map((page) -> answer(page, next(page, "after", limit, query), "")));
	}

	/** What is asked for further goes on from page to page. */
	private Mono<ServerResponse> numbered(LogHead session, long number, int size, boolean ndjson, String further) {
		return this.pages.numbered(session, number, size).map((page) -> {
			String next = page.hasMore()
					? LogBytes.path(page.session()) + "?page=" + (number + 1) + "&page_size=" + size + further : null;
			String more = ",\"page\":" + number + ",\"page_size\":" + size + ",\"total\":"
					+ page.session().messageCount();
			return ndjson ? lines(page, next) : answer(page, next, more);
		});
	}

	private ServerResponse answer(LogPage page, @Nullable String next, String more) {
		byte[] end = LogBytes.pageEnd(page.hasMore(), next, more);
		JsonAnswer answer = (page.rest() == null) ? JsonAnswer.ok(LogBytes.page(page.messages(), end))
				: JsonAnswer.ok(MediaType.APPLICATION_JSON, LogBytes.page(page.chunks(), end));
		return answer.header(HttpHeaders.ETAG, etag(page.session(), false))
			.header(HttpHeaders.VARY, HttpHeaders.ACCEPT)
			.header(HttpHeaders.LINK, (next != null) ? Page.link(next) : null);
	}

	private static @Nullable String next(LogPage page, String direction, int limit, Query query) {
		if (!page.hasMore()) {
			return null;
		}
		long seq = direction.equals("after") ? page.range().to() : page.range().from();
		StringBuilder next = new StringBuilder(LogBytes.path(page.session())).append('?')
			.append(direction)
			.append('=')
			.append(seq)
			.append("&limit=")
			.append(limit);
		for (String name : List.of("role", "from", "to", "include_deleted")) {
			String value = query.text(name);
			if (value != null) {
				next.append('&').append(name).append('=').append(PathSegments.encode(value));
			}
		}
		return next.toString();
	}

	/** Everything that matches, or as much of it as an explicit limit allows. */
	private Mono<ServerResponse> lines(ServerRequest request, Query query, MessageFilter filter, int limit) {
		long after = numberOr(query, "after", 0, 0);
		long before = query.has("before") ? numberOr(query, "before", Long.MAX_VALUE, 0) : Long.MAX_VALUE;
		boolean backwards = query.has("before");
		return conditional(request, query, (session) -> {
			Mono<LogPage> page = !query.has("limit") ? this.pages.all(session, after, before, filter)
					: backwards ? this.pages.before(session, before, limit, filter)
							: this.pages.after(session, after, limit, filter);
			return page.map((lines) -> lines(lines, next(lines, backwards ? "before" : "after", limit, query)));
		});
	}

	private ServerResponse lines(LogPage page, @Nullable String next) {
		return JsonAnswer.ok(MediaType.APPLICATION_NDJSON, LogBytes.lines(page.chunks()))
			.header(HttpHeaders.ETAG, etag(page.session(), true))
			.header(HttpHeaders.VARY, HttpHeaders.ACCEPT)
			.header(HttpHeaders.LINK, (next != null) ? Page.link(next) : null);
	}

	/** Answers 304 if the caller has what the log is now. */
	private Mono<ServerResponse> conditional(ServerRequest request, Query query,
			Function<LogHead, Mono<ServerResponse>> answer) {
		if (request.headers().firstHeader(HttpHeaders.IF_NONE_MATCH) == null) {
			return session(request, query).flatMap(answer);
		}
		boolean ndjson = Resource.prefersNdjson(request);
		return session(request, query)
			.flatMap((session) -> Answers.notModified(request, etag(session, ndjson), HttpHeaders.ACCEPT)
				.switchIfEmpty(Mono.defer(() -> answer.apply(session))));
	}

	private Mono<LogHead> session(ServerRequest request, Query query) {
		SessionKey key = SessionKey.of(Tenants.of(request), PathSegments.decode(request, 2));
		return this.rows.whenReady(this.pages.session(key, query.flag("include_deleted", false)));
	}

	private static List<String> ids(Query query) {
		List<String> ids = query.texts("id").stream().distinct().toList();
		if (ids.size() > MAX_IDS) {
			throw Query.wrong("id", "is given more than " + MAX_IDS + " times");
		}
		for (String id : ids) {
			if (id.isEmpty() || id.codePointCount(0, id.length()) > MessageReader.MAX_NAME
					|| JsonTree.fault(id) != null) {
				throw Query.wrong("id", "must be an id: 1 to " + MessageReader.MAX_NAME + " characters");
			}
		}
		return ids;
	}

	private static MessageFilter filter(Query query) {
		String role = query.text("role");
		if (role != null && !MessageReader.ROLES.contains(role)) {
			throw Query.wrong("role", MessageReader.NO_ROLE);
		}
		Instant from = query.time("from");
		Instant to = query.time("to");
		return new MessageFilter(role, from, to);
	}

	private static void requireNone(Query query, String name, String... others) {
		if (!query.has(name)) {
			return;
		}
		for (String other : others) {
			if (query.has(other)) {
				throw Query.wrong(other, "can't be used together with " + name);
			}
		}
	}

	private static long numberOr(Query query, String name, long absent, long min) {
		Long value = query.number(name, min, Long.MAX_VALUE);
		return (value != null) ? value : absent;
	}

	private static long seq(String text) {
		if (!text.matches("\\d{1,18}")) {
			throw MessageProblems.notFound();
		}
		return Long.parseLong(text);
	}

	/**
	 * The two forms of one log are two representations, and must not be taken for each
	 * other.
	 */
	private String etag(LogHead session, boolean ndjson) {
		return LogBytes.etag(session, this.rows, ndjson ? "-n" : "");
	}

}
