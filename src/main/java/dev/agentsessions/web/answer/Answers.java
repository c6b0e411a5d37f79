package dev.agentsessions.web.answer;

import reactor.core.publisher.Mono;

import org.springframework.http.ETag;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * Answers of one JSON document.
 */
public final class Answers {

	/** Tells a retry that what is answered was done by an earlier request. */
	private static final String REPLAYED = "Idempotency-Replayed";

	private Answers() {
	}

	public static Mono<ServerResponse> ok(Object body) {
		return ServerResponse.ok().contentType(MediaType.APPLICATION_JSON).bodyValue(body);
	}

	/**
	 * Answers 200 to a write that has an ETag.
	 * @param replayed whether this repeats the answer to an earlier request with the same
	 * idempotency key
	 */
	public static Mono<ServerResponse> ok(Object body, boolean replayed, String etag) {
		return write(ServerResponse.ok().eTag(etag), body, replayed);
	}

	/**
	 * Answers 201.
	 * @param replayed whether this repeats the answer to an earlier request with the same
	 * idempotency key
	 */
	public static Mono<ServerResponse> created(Object body, boolean replayed) {
		return write(ServerResponse.status(HttpStatus.CREATED), body, replayed);
	}

	/**
	 * Answers 201 to a write that has an ETag.
	 * @param replayed whether this repeats the answer to an earlier request with the same
	 * idempotency key
	 */
	public static Mono<ServerResponse> created(Object body, boolean replayed, String etag) {
		return write(ServerResponse.status(HttpStatus.CREATED).eTag(etag), body, replayed);
	}

	private static Mono<ServerResponse> write(ServerResponse.BodyBuilder answer, Object body, boolean replayed) {
		return (replayed ? answer.header(REPLAYED, "true") : answer).contentType(MediaType.APPLICATION_JSON)
			.bodyValue(body);
	}

	/**
	 * Answers 304 if <code>If-None-Match</code> names what is there now, as
	 * <code>*</code> always does; empty if the caller needs the answer itself. Spring's
	 * own check knows no <code>*</code>.
	 * @param vary the headers on which the answer depends
	 */
	public static Mono<ServerResponse> notModified(ServerRequest request, String etag, String... vary) {
		ETag current = ETag.create(etag);
		for (String header : request.headers().header(HttpHeaders.IF_NONE_MATCH)) {
			if (ETag.parse(header).stream().anyMatch((tag) -> tag.isWildcard() || tag.compare(current, false))) {
				return ServerResponse.status(HttpStatus.NOT_MODIFIED).eTag(etag).varyBy(vary).build();
			}
		}
		return Mono.empty();
	}

	/**
	 * Answers 201 with JSON that is there as bytes.
	 * @param replayed whether it is the answer to an earlier request with the same key
	 */
	public static Mono<ServerResponse> created(byte[] body, boolean replayed) {
		return Mono.just(JsonAnswer.created(body).header(REPLAYED, replayed ? "true" : null));
	}

}
