package dev.agentsessions.web.answer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

import dev.agentsessions.problem.Problems;
import dev.agentsessions.web.request.PathSegments;
import reactor.core.publisher.Mono;

import org.springframework.core.io.Resource;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.util.DigestUtils;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * Answers with files that are part of the service: pages, their scripts and styles. Each
 * is read once, at start: a missing file is found then, and no request reads a jar on an
 * event loop.
 */
public final class StaticFiles {

	public static final MediaType HTML = new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8);

	public static final MediaType SCRIPT = MediaType.parseMediaType("text/javascript;charset=UTF-8");

	public static final MediaType STYLE = MediaType.parseMediaType("text/css;charset=UTF-8");

	/**
	 * Nothing but this service; icons are data URLs, as those inside Swagger UI's styles
	 * are.
	 */
	private static final String CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self';"
			+ " img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

	private StaticFiles() {
	}

	/**
	 * Answers with a file.
	 * @throws IOException if it cannot be read
	 */
	public static HandlerFunction<ServerResponse> serve(Resource file, MediaType type) throws IOException {
		byte[] content = file.getContentAsByteArray();
		String etag = "\"" + DigestUtils.md5DigestAsHex(content) + "\"";
		return (request) -> Answers.notModified(request, etag)
			.flatMap((same) -> guarded(ServerResponse.from(same)).build())
			.switchIfEmpty(guarded(ServerResponse.ok().contentType(type).eTag(etag)).bodyValue(content));
	}

	/**
	 * With the headers that a 304 needs as well: a browser puts those in place of the
	 * ones that it got with the file, and without them it would take the policy that all
	 * other answers have, which lets no script run.
	 */
	private static ServerResponse.BodyBuilder guarded(ServerResponse.BodyBuilder answer) {
		// a path stays when its content changes, so it is asked for every time
		return answer.cacheControl(CacheControl.noCache()).header("Content-Security-Policy", CONTENT_SECURITY_POLICY);
	}

	/**
	 * Answers with the file that the second part of the path names; there are no others.
	 */
	public static HandlerFunction<ServerResponse> oneOf(Map<String, HandlerFunction<ServerResponse>> files) {
		return (request) -> files.getOrDefault(PathSegments.decode(request, 1), StaticFiles::notFound).handle(request);
	}

	private static Mono<ServerResponse> notFound(ServerRequest request) {
		return Mono.error(Problems.notFound());
	}

}
