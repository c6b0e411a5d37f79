package dev.agentsessions.web.request;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

import dev.agentsessions.problem.Problems;
import dev.agentsessions.web.json.JsonTree;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.BodyExtractors;
import org.springframework.web.reactive.function.server.ServerRequest;

/**
 * Request bodies: their media type, their size, their bytes.
 */
@Component
public final class Bodies {

	private final LimitSettings limits;

	private final RequestMemory memory;

	private final InFlightBodies inFlight;

	Bodies(LimitSettings limits, RequestMemory memory, InFlightBodies inFlight) {
		this.limits = limits;
		this.memory = memory;
		this.inFlight = inFlight;
	}

	/**
	 * What becomes of the JSON value that is the body, which takes room until then.
	 * Errors: 415, 413, 400, 503.
	 */
	public <T> Mono<T> json(ServerRequest request, Function<JsonNode, Mono<T>> use) {
		requireType(request, MediaType.APPLICATION_JSON);
		return withBytes(request, (bytes) -> use.apply(parse(bytes)));
	}

	/**
	 * What becomes of the JSON value that is the body, or of an empty object when there
	 * is no body, whether or not a media type is named. Errors: 415, 413, 400, 503.
	 */
	public <T> Mono<T> jsonOrNothing(ServerRequest request, Function<JsonNode, Mono<T>> use) {
		if (request.headers().firstHeader(HttpHeaders.CONTENT_TYPE) != null) {
			requireType(request, MediaType.APPLICATION_JSON);
		}
		return withBytes(request, (bytes) -> {
			if (bytes.length == 0) {
				return use.apply(JsonNodeFactory.instance.objectNode());
			}
			requireType(request, MediaType.APPLICATION_JSON);
			return use.apply(parse(bytes));
		});
	}

	private JsonNode parse(byte[] bytes) {
		return JsonTree.parse(bytes, this.memory.values());
	}

	/** Whether the body is newline-delimited JSON. */
	public boolean isNdjson(ServerRequest request) {
		return contentType(request).filter(MediaType.APPLICATION_NDJSON::equalsTypeAndSubtype).isPresent();
	}

	/**
	 * The lines of a newline-delimited body of any length, one at a time as they are
	 * asked for.
	 */
	public Flux<NdjsonLine> lines(ServerRequest request) {
		requireType(request, MediaType.APPLICATION_NDJSON);
		return Flux.using(this.inFlight::share, (share) -> lines(request, share), InFlightBodies.Share::leave);
	}

	/**
	 * The same for who keeps lines for a while.
	 * @param share what has come of a line takes room there
	 */
	public Flux<NdjsonLine> lines(ServerRequest request, InFlightBodies.Share share) {
		requireType(request, MediaType.APPLICATION_NDJSON);
		return NdjsonLines.split(buffers(request), (int) this.limits.message().toBytes(), share);
	}

	private <T> Mono<T> withBytes(ServerRequest request, Function<byte[], Mono<T>> use) {
		if (request.headers().contentLength().orElse(0) > this.limits.body().toBytes()) {
			return Mono.error(tooLarge());
		}
		return Mono.using(this.inFlight::share, (share) -> bytes(request, share).flatMap(use),
				InFlightBodies.Share::leave);
	}

	private Mono<byte[]> bytes(ServerRequest request, InFlightBodies.Share share) {
		return DataBufferUtils.join(buffers(request).map(share::add), (int) this.limits.body().toBytes())
			.map(Bodies::read)
			.defaultIfEmpty(new byte[0])
			.onErrorMap(DataBufferLimitException.class, (error) -> tooLarge());
	}

	/** As they were before they were compressed, so that limits count what is read. */
	private static Flux<DataBuffer> buffers(ServerRequest request) {
		Flux<DataBuffer> sent = request.body(BodyExtractors.toDataBuffers());
		return request.headers().header(HttpHeaders.CONTENT_ENCODING).stream().anyMatch(Bodies::isGzip)
				? Gunzip.unpack(sent) : sent;
	}

	private static boolean isGzip(String encoding) {
		return encoding.equalsIgnoreCase("gzip") || encoding.equalsIgnoreCase("x-gzip");
	}

	private Throwable tooLarge() {
		return Problems.tooLarge("The body is larger than " + this.limits.body().toBytes() + " bytes.").exception();
	}

	private static byte[] read(DataBuffer buffer) {
		byte[] bytes = new byte[buffer.readableByteCount()];
		buffer.read(bytes);
		DataBufferUtils.release(buffer);
		return bytes;
	}

	private static void requireType(ServerRequest request, MediaType required) {
		MediaType type = contentType(request)
			.orElseThrow(() -> Problems.unsupportedMediaType("Content-Type is missing; it must be " + required + "."));
		if (!required.equalsTypeAndSubtype(type)
				|| (type.getCharset() != null && !type.getCharset().equals(StandardCharsets.UTF_8))) {
			throw Problems.unsupportedMediaType("Content-Type must be " + required + ", in UTF-8.");
		}
		List<String> encodings = request.headers().header(HttpHeaders.CONTENT_ENCODING);
		if (encodings.size() > 1
				|| !encodings.stream().allMatch((one) -> isGzip(one) || one.equalsIgnoreCase("identity"))) {
			throw Problems.unsupportedMediaType("Content-Encoding must be gzip or identity.");
		}
	}

	private static Optional<MediaType> contentType(ServerRequest request) {
		try {
			return request.headers().contentType();
		}
		catch (InvalidMediaTypeException ex) {
			throw Problems.unsupportedMediaType("Content-Type is not a media type.");
		}
	}

}
