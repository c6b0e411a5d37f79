package dev.agentsessions.robustness;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

import dev.agentsessions.robustness.RawRequest.Framing;

import static dev.agentsessions.Json.json;

/**
 * Makes up requests: each begins as a good one for some operation, most are then changed
 * in one place or several.
 */
final class RequestMaker {

	/** What a good body is, by operation; %s is unique. */
	private static final Map<String, String> BODIES = Map.ofEntries(
			Map.entry("POST /v1/sessions", "{'session_id':'%s','metadata':{'a':1}}"),
			Map.entry("PATCH /v1/sessions/{session_id}", "{'metadata':{'b':[true]}}"),
			Map.entry("PUT /v1/sessions/{session_id}/history",
					"{'messages':[{'role':'user','content':'%s'},{'role':'assistant','content':'b','token_count':2}]}"),
			Map.entry("POST /v1/sessions/{session_id}/messages",
					"[{'role':'user','content':'%s','metadata':{'c':1}},{'role':'assistant','content':'d','name':'e'}]"),
			Map.entry("PUT /v1/sessions/{session_id}/view", "{'ranges':[[1,1],[2]]}"),
			Map.entry("POST /v1/sessions/{session_id}/compactions",
					"{'summary':{'role':'user','content':'%s'},'through_seq':1}"),
			Map.entry("POST /v1/sessions/{session_id}/forks", "{'session_id':'%s'}"),
			Map.entry("POST /v1/sessions/{session_id}/drafts/{message_id}",
					"{'text':'%1$s'}\n{'message':{'role':'assistant','content':'%1$s'}}\n"),
			Map.entry("PUT /v1/sessions/{session_id}/agent-context",
					"{'current_agent':'a','agent_history':[{'from':'b','to':'a','timestamp':'2026-01-01T00:00:00Z'}]}"),
			Map.entry("POST /v1/sessions/{session_id}/agent-switches", "{'to_agent':'%s','reason':'r','metadata':{}}"),
			Map.entry("POST /v1/sessions/{session_id}/turns",
					"{'messages':[{'role':'user','content':'%1$s'},{'role':'tool','tool_call_id':'t','content':'%1$s'}],"
							+ "'agent_switch':{'to_agent':'%1$s'},'agent_context':{'metadata':{'d':1}}}"),
			Map.entry("POST /v1/retention/cleanup", "{'max_age_hours':438000,'dry_run':true}"),
			Map.entry("POST /v1/retention/purge", "{'days_old':18250,'dry_run':true}"),
			Map.entry("POST /v1/erasures", "{'session_ids':['%s']}"));

	/** What leads to the log of a session and cannot take anything from it. */
	private static final List<String> WRITES = List.of("POST /v1/sessions/{session_id}/messages",
			"POST /v1/sessions/{session_id}/turns", "POST /v1/sessions/{session_id}/turns",
			"POST /v1/sessions/{session_id}/agent-switches");

	private static final List<String> METHODS = List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS",
			"TRACE", "CONNECT", "get", "BREW", "X".repeat(300), "G(T");

	private static final List<String> SEGMENTS = List.of("%00", "%2F", "%2f..%2f", "..", ".", "%2e%2e", "//", ";a=b",
			"%", "%zz", "%C0%80", "%ED%A0%80", "%F0%9F%A7%B5", "é", "\\", "|", "%25", "%0d%0aX-A:%20b", "+", " ", "a:b",
			"?", "#", "%E2%80%AE", "x".repeat(300), "%41".repeat(256), "y".repeat(70_000));

	private static final List<String> PARAMETERS = List.of("limit", "after", "before", "page", "page_size", "order",
			"cursor", "role", "from", "to", "include_deleted", "create", "soft", "session_id", "q", "owner", "label",
			"surprise", "");

	private static final List<String> VALUES = List.of("0", "1", "5", "-1", "1001", "99999999999999999999", "1.5",
			"true", "false", "x", "", "%00", "%zz", "%FF", "asc", "created", "user", "2026-01-01T00:00:00Z",
			"2026-13-01", "+10000-01-01T00:00:00Z", "1-1-1", "AAAA", "%F0%9F%A7%B5", "a%20OR%20%22b", "-c*", "a&limit=",
			"[]", "v".repeat(9000));

	private static final List<String> HEADERS = List.of("Accept", "Content-Type", "If-Match", "If-None-Match",
			"Idempotency-Key", "Last-Event-ID", "Content-Encoding", "Expect", "Range", "Accept-Encoding", "X-Surprise",
			"Authorization", "If-Modified-Since", "Cookie", "Upgrade", "X-Request-Id", "traceparent", "Forwarded",
			"X-Forwarded-Prefix", "X-HTTP-Method-Override", "Bad Name", "Transfer-Encoding");

	private static final List<String> HEADER_VALUES = List.of("", "*", "*/*", "application/json",
			"application/x-ndjson", "text/event-stream", "application/json;charset=utf-16", "a/b;;q", "*/*;q=x",
			"application/json;q=0", "\"1\"", "W/\"1\"", "\"x\"", "\"99999999999999999999\"", "1", "1-1-1", "0-0-0",
			"5-5-999999999", "-1-1-1", "a,b", "gzip", "100-continue", "bytes=9-1", "k", "é", "\u0001", "\t",
			"h".repeat(256), "h".repeat(20_000), "Bearer x", "=;=", "h2c", "chunked, gzip");

	private final Random random;

	private final List<String> operations;

	RequestMaker(Random random, List<String> operations) {
		this.random = random;
		this.operations = operations;
	}

	/** For any operation, on this session or one that may not exist. */
	RawRequest anything(String session) {
		String operation = pick(this.operations);
		String id = (this.random.nextInt(10) > 0) ? session : "sweep-" + this.random.nextInt(1000);
		return make(operation, id, true);
	}

	/** A write to this session and no other, as good as its body and headers are. */
	RawRequest write(String session) {
		return make(pick(WRITES), session, false);
	}

	private RawRequest make(String operation, String session, boolean everywhere) {
		String method = operation.substring(0, operation.indexOf(' '));
		String path = operation.substring(operation.indexOf(' ') + 1)
			.replace("{session_id}", session)
			.replace("{seq}", Integer.toString(this.random.nextInt(20)))
			.replaceAll("\\{\\w+\\}", "init.js");
		byte[] body = body(operation);
		List<String> headers = new ArrayList<>();
		Framing framing = (body.length > 0) ? Framing.LENGTH : Framing.NONE;
		boolean ndjson = operation.endsWith("/{message_id}")
				|| (operation.endsWith("/messages") && this.random.nextInt(4) == 0);
		boolean tame = true;
		if (BODIES.containsKey(operation)) {
			headers.add("Content-Type: " + (ndjson ? "application/x-ndjson" : "application/json"));
			if (this.random.nextInt(3) == 0 && !ndjson) {
				headers.add("Idempotency-Key: key-" + this.random.nextInt(50));
			}
			framing = this.random.nextInt(5) == 0 ? Framing.CHUNKED : Framing.LENGTH;
		}
		StringBuilder target = new StringBuilder(path);
		if (path.equals("/v1/tail") || this.random.nextInt(4) == 0) {
			target.append('?').append(parameters(session));
		}
		if (this.random.nextInt(4) == 0) {
			tame = false;
			headers.add(pick(HEADERS) + ": " + pick(HEADER_VALUES));
		}
		if (everywhere && this.random.nextInt(12) == 0) {
			tame = false;
			method = pick(METHODS);
		}
		if (everywhere && this.random.nextInt(6) == 0) {
			tame = false;
			target.insert(this.random.nextInt(path.length() + 1), pick(SEGMENTS));
		}
		if (everywhere && body.length > 1 && this.random.nextInt(15) == 0) {
			tame = false;
			framing = pick(List.of(Framing.BAD_CHUNK, Framing.TOO_LONG, Framing.TOO_SHORT));
		}
		return new RawRequest(method, target.toString(), headers, body, framing, tame);
	}

	private String parameters(String session) {
		StringBuilder query = new StringBuilder("session_id=" + session);
		for (int i = this.random.nextInt(4); i > 0; i--) {
			query.append('&').append(pick(PARAMETERS)).append(this.random.nextInt(8) == 0 ? "" : "=" + pick(VALUES));
		}
		return query.toString();
	}

	private byte[] body(String operation) {
		String body = BODIES.get(operation);
		if (body == null) {
			return new byte[0];
		}
		String good = json(body.formatted("sweep-" + new UUID(this.random.nextLong(), this.random.nextLong())));
		return (this.random.nextInt(3) == 0) ? good.getBytes(StandardCharsets.UTF_8)
				: JsonMutation.of(good, this.random);
	}

	private <T> T pick(List<T> list) {
		return list.get(this.random.nextInt(list.size()));
	}

}
