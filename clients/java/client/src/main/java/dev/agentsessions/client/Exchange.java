package dev.agentsessions.client;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.IntStream;

import javax.net.ssl.SSLHandshakeException;

import io.netty.handler.codec.CodecException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.util.retry.Retry;
import reactor.util.retry.Retry.RetrySignal;
import tools.jackson.core.JacksonException;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.web.reactive.function.BodyInserter;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClient.RequestBodySpec;
import org.springframework.web.reactive.function.client.WebClientRequestException;

/**
 * Requests to one store, and which of their failures are tried again.
 */
final class Exchange {

	private static final Duration LONGEST_WAIT = Duration.ofDays(10_000);

	/** Bytes of a body that the connection takes at once. */
	private static final int SLICE = 64 << 10;

	private final WebClient calls;

	private final WebClient streams;

	private final String url;

	private final Duration timeout;

	private final int mostTries;

	/**
	 * @param streams what long streams go through, so that they don't take the
	 * connections of calls
	 */
	Exchange(WebClient calls, WebClient streams, String url, Duration timeout, int mostTries) {
		this.calls = calls;
		this.streams = streams;
		this.url = url;
		this.timeout = timeout;
		this.mostTries = mostTries;
	}

	Duration timeout() {
		return this.timeout;
	}

	/**
	 * Sends a request that may be carried out twice without harm, again where it was lost
	 * or the store is busy. Errors: {@link StoreException}.
	 */
	Mono<Answer> call(Request request) {
		return call(request, true);
	}

	/**
	 * Sends a request, again where it was lost or the store is busy. Errors:
	 * {@link StoreException}.
	 * @param repeatable false for what would undo what others do in between, if it were
	 * carried out twice: it is not sent again once it may have been carried out
	 */
	Mono<Answer> call(Request request, boolean repeatable) {
		return Mono.defer(() -> {
			Tries tries = new Tries(repeatable);
			return Mono.defer(() -> once(request, tries.left()))
				.onErrorMap(StoreException.class, tries::remember)
				.retryWhen(tries.again());
		});
	}

	private Mono<Answer> once(Request request, Duration limit) {
		RequestBodySpec spec = spec(this.calls, request, MediaType.APPLICATION_JSON);
		if (request.body() != null) {
			spec.bodyValue(request.body());
		}
		return answer(spec).timeout(limit).onErrorMap(this::unanswered);
	}

	/**
	 * Sends a body as it comes, in one try; each part goes out at once. When the answer
	 * comes the rest of the body is not asked for any more. Behind the body it is waited
	 * for as long as the answer of a call, and as long while the connection takes nothing
	 * of what is there.
	 */
	Mono<Answer> send(Request request, Flux<byte[]> body) {
		return Mono.defer(() -> {
			Silence stalled = new Silence();
			RequestBodySpec spec = spec(this.streams, request, MediaType.APPLICATION_JSON);
			spec.contentType(MediaType.APPLICATION_NDJSON).body(flushed(body, stalled));
			return answer(spec).timeout(stalled.tooLong(this.timeout)).onErrorMap(this::unanswered);
		});
	}

	private static BodyInserter<Object, ClientHttpRequest> flushed(Flux<byte[]> body, Silence stalled) {
		Flux<Mono<DataBuffer>> parts = body.concatMapIterable(Exchange::slices, 1)
			.doOnNext((slice) -> stalled.asked(1))
			.doFinally((signal) -> stalled.asked(1)) // for the answer
			.map((slice) -> Mono.fromSupplier(() -> {
				stalled.came();
				return DefaultDataBufferFactory.sharedInstance.wrap(slice);
			}));
		return (message, context) -> message.writeAndFlushWith(parts);
	}

	/** Each of which a slow connection takes soon. */
	private static List<ByteBuffer> slices(byte[] part) {
		return IntStream.iterate(0, (begin) -> begin < part.length, (begin) -> begin + SLICE)
			.mapToObj((begin) -> ByteBuffer.wrap(part, begin, Math.min(SLICE, part.length - begin)).slice())
			.toList();
	}

	private static Mono<Answer> answer(RequestBodySpec spec) {
		return spec
			.exchangeToMono((response) -> body(response).flatMap((body) -> response.statusCode().is2xxSuccessful()
					? Mono.just(new Answer(response.headers().asHttpHeaders(), body))
					: Mono.error(refusal(response, body))));
	}

	/**
	 * The lines of an answer as it comes, in one try. Asks for no more than is taken.
	 * @param silence how long nothing may come that was asked for
	 */
	Flux<byte[]> lines(Request request, MediaType type, Duration silence) {
		Flux<DataBuffer> buffers = spec(this.streams, request, type).exchangeToFlux((response) -> {
			if (!response.statusCode().is2xxSuccessful()) {
				return body(response).flatMapMany((body) -> Flux.error(refusal(response, body)));
			}
			return type.isCompatibleWith(response.headers().contentType().orElse(null))
					? response.bodyToFlux(DataBuffer.class) : Flux.error(Answer.notTheStores(null));
		});
		return Lines.of(Silence.watch(buffers, silence)).onErrorMap(this::unanswered);
	}

	/** The parts of a list, each read when those before it have been taken. */
	<T> Flux<T> parts(Path first, Class<T> type, Function<T, @Nullable String> next) {
		return part(first, type).expand((part) -> {
			String path = next.apply(part);
			return (path != null) ? part(new Path(path), type) : Mono.empty();
		});
	}

	private <T> Mono<T> part(Path path, Class<T> type) {
		return call(Request.get(path)).map((answer) -> answer.as(type));
	}

	private RequestBodySpec spec(WebClient client, Request request, MediaType accept) {
		RequestBodySpec spec = client.method(request.method()).uri(URI.create(this.url + request.path()));
		spec.accept(accept);
		request.headers().forEach(spec::header);
		return spec;
	}

	private static Mono<byte[]> body(ClientResponse response) {
		return response.bodyToMono(byte[].class).defaultIfEmpty(new byte[0]);
	}

	private static StoreException refusal(ClientResponse response, byte[] body) {
		Problem problem;
		try {
			problem = Json.read(body, Problem.class);
		}
		catch (JacksonException | IllegalArgumentException ex) {
			// from something on the way, a proxy for instance
			problem = new Problem(Map.of());
		}
		return StoreException.of(response.statusCode().value(), problem,
				retryAfter(response.headers().asHttpHeaders()));
	}

	/**
	 * A number of seconds or, from something on the way, a date; 0 for what is neither.
	 */
	private static Duration retryAfter(HttpHeaders headers) {
		String asked = headers.getFirst(HttpHeaders.RETRY_AFTER);
		if (asked == null) {
			return Duration.ZERO;
		}
		if (asked.matches("[0-9]+")) {
			return (asked.length() < 10) ? Duration.ofSeconds(Long.parseLong(asked)) : LONGEST_WAIT;
		}
		try {
			Duration left = Duration.ofMillis(headers.getFirstDate(HttpHeaders.RETRY_AFTER))
				.minusMillis(System.currentTimeMillis());
			return left.isNegative() ? Duration.ZERO : left;
		}
		catch (IllegalArgumentException ex) {
			return Duration.ZERO;
		}
	}

	/**
	 * What a connection that failed means: before a request was sent over it, or after.
	 */
	private Throwable unanswered(Throwable failure) {
		if (failure instanceof StoreException) {
			return failure;
		}
		if (failure instanceof WebClientRequestException
				&& failure.getCause() instanceof IllegalArgumentException wrong) {
			return wrong; // there is no such request, so that none was sent
		}
		Throwable cause = cause(failure);
		if (cause instanceof SSLHandshakeException && !(cause instanceof SslHandshakeTimeoutException)) {
			// will not be better the next time
			return new StoreException("Cannot trust " + this.url + ": " + cause.getMessage(), failure);
		}
		if (cause == null) {
			return failure;
		}
		boolean sent = !isUnsent(cause);
		return new StoreException.Unavailable(
				(sent ? "No answer from " : "Cannot reach ") + this.url + ": " + cause.getMessage(), failure)
			.outcomeUnknown(sent);
	}

	/** What broke on the way; null if it was something else. */
	private static @Nullable Throwable cause(Throwable failure) {
		Throwable cause = failure;
		while (cause != null && !(cause instanceof IOException || cause instanceof TimeoutException
				|| cause instanceof CodecException || isUnsent(cause))) {
			cause = cause.getCause();
		}
		return (cause == null && failure instanceof WebClientRequestException) ? failure : cause;
	}

	private static boolean isUnsent(Throwable cause) {
		// the last are not public
		return cause instanceof ConnectException || cause instanceof UnknownHostException
				|| cause instanceof SslHandshakeTimeoutException
				|| cause.getClass().getSimpleName().startsWith("PoolAcquire");
	}

	/**
	 * The tries of something that goes on where it was lost, for as long as it gets on.
	 */
	Tries tries() {
		return new Tries(true);
	}

	/** The tries of one call. */
	final class Tries {

		private final boolean repeatable;

		private long deadline = now() + Exchange.this.timeout.toMillis();

		private int failures;

		private volatile boolean gotOn;

		private boolean outcomeUnknown;

		Tries(boolean repeatable) {
			this.repeatable = repeatable;
		}

		Duration left() {
			return Duration.ofMillis(Math.max(1, this.deadline - now()));
		}

		StoreException remember(StoreException failure) {
			this.outcomeUnknown |= failure.outcomeUnknown();
			return failure.outcomeUnknown(this.outcomeUnknown);
		}

		/** The next failure counts as the first one. */
		void gotOn() {
			this.gotOn = true;
		}

		Retry again() {
			return Retry.from((failures) -> failures.concatMap(this::pause));
		}

		private Mono<Long> pause(RetrySignal signal) {
			if (this.gotOn) {
				this.gotOn = false;
				this.failures = 0;
				this.deadline = now() + Exchange.this.timeout.toMillis();
			}
			this.failures++;
			if (!(signal.failure() instanceof StoreException.Unavailable failure)
					|| this.failures >= Exchange.this.mostTries || (this.outcomeUnknown && !this.repeatable)) {
				return Mono.error(signal.failure());
			}
			Duration pause = failure.retryAfter().plus(Pauses.after(this.failures));
			return (pause.compareTo(left()) < 0) ? Mono.delay(pause) : Mono.error(failure);
		}

		private long now() {
			return Schedulers.parallel().now(TimeUnit.MILLISECONDS);
		}

	}

}
