package dev.agentsessions.client;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

import dev.agentsessions.client.message.Appended;
import dev.agentsessions.client.message.Message;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.util.retry.Retry;
import reactor.util.retry.Retry.RetrySignal;

/**
 * A message on its way into the store while a model is saying it: one long request, and
 * another one after a break, which goes on where the store has come to.
 */
final class DraftWriter {

	/** The store discards a draft after 60 s in which nobody wrote to it. */
	private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(20);

	private final Exchange exchange;

	private final Path path;

	private final Function<Message, Mono<Appended>> append;

	private final Transcript transcript = new Transcript();

	private Transcript.Reader reader = this.transcript.from(0);

	/** How many code points the store has, as far as is known. */
	private int offset;

	/** Whether what the store has may be from here. */
	private boolean mayHaveWritten;

	/** Whether the message may be there, of a try whose end the store may have read. */
	private boolean outcomeUnknown;

	/** Whether a busy store was asked once more behind the end. */
	private boolean askedAgain;

	private DraftWriter(Exchange exchange, Path path, Function<Message, Mono<Appended>> append) {
		this.exchange = exchange;
		this.path = path;
		this.append = append;
	}

	/**
	 * @param append takes the message where the store can't hold the draft
	 */
	static Mono<Appended> write(Exchange exchange, Path path, String messageId, Publisher<String> pieces,
			Function<String, Message> message, Function<Message, Mono<Appended>> append) {
		return Mono.deferContextual((context) -> {
			DraftWriter writer = new DraftWriter(exchange, path, append);
			Flux<String> said = Flux.from(pieces).contextWrite(context);
			return Mono.using(
					() -> said.subscribe(writer.transcript::say, writer.transcript::fail,
							() -> writer.transcript.end((text) -> message.apply(text).withId(messageId))),
					(model) -> writer.untilAnswered(), Disposable::dispose);
		});
	}

	private Mono<Appended> untilAnswered() {
		return Mono.defer(this::attempt)
			.onErrorMap(StoreException.class, this::remember)
			.retryWhen(Retry.from((failures) -> failures.concatMap(this::pause)))
			.flatMap((answer) -> {
				Throwable failure = this.transcript.failure();
				return (failure != null) ? Mono.error(failure) : Mono.just(answer.asReplayable(Appended.class));
			})
			.onErrorResume(DraftWriter::isNoDraftHeld,
					(refusal) -> this.transcript.end().then(appendedInstead(refusal)))
			.timeout(afterTheEnd(this.exchange.timeout()))
			.onErrorMap(TimeoutException.class, DraftWriter::late)
			.onErrorMap((error) -> (this.transcript.failure() != null) ? this.transcript.failure() : error);
	}

	/** Whether the store may take a message, though it does not hold its draft. */
	private static boolean isNoDraftHeld(Throwable failure) {
		return failure instanceof StoreException refusal
				&& (refusal.status() == 413 || refusal.status() == 429 || refusal.status() >= 500);
	}

	private Mono<Appended> appendedInstead(Throwable refusal) {
		return Mono.defer(() -> {
			Message message = this.transcript.message();
			return (message != null) ? this.append.apply(message).onErrorMap(StoreException.class, this::mayBeThere)
					: Mono.error(refusal);
		});
	}

	private StoreException remember(StoreException failure) {
		this.outcomeUnknown |= failure.outcomeUnknown() && this.reader.hasEnded();
		return mayBeThere(failure);
	}

	private StoreException mayBeThere(StoreException failure) {
		return failure.outcomeUnknown(failure.outcomeUnknown() || this.outcomeUnknown);
	}

	private Mono<Answer> attempt() {
		Sinks.Empty<Void> over = Sinks.empty();
		this.reader = this.transcript.from(this.offset);
		return this.exchange.send(Request.post(this.path.with("offset", this.offset)), body(this.reader, over.asMono()))
			.timeout(afterTheEnd(this.exchange.timeout().dividedBy(3)))
			.onErrorMap(TimeoutException.class, DraftWriter::late)
			.doFinally((signal) -> over.tryEmitEmpty());
	}

	/** What is said, a line as soon as the connection takes one; and signs of life. */
	private Flux<byte[]> body(Transcript.Reader reader, Mono<Void> over) {
		Flux<Boolean> signsOfLife = Flux.interval(SIGN_OF_LIFE).map((tick) -> true).onBackpressureDrop();
		Flux<Boolean> changes = this.transcript.changes().map((change) -> false);
		return Flux.merge(changes, signsOfLife)
			.onBackpressureLatest()
			.concatMapIterable((alive) -> lines(reader, alive), 1)
			.takeUntil((line) -> reader.hasEnded() && !line.containsKey("text"))
			.map(SessionClient::line)
			.takeUntilOther(over);
	}

	private static List<Map<String, Object>> lines(Transcript.Reader reader, boolean alive) {
		List<Map<String, Object>> lines = reader.next();
		return (lines.isEmpty() && alive) ? List.of(Map.of("text", "")) : lines;
	}

	/** Fires when the model has ended, and then some time has passed. */
	private Mono<Long> afterTheEnd(Duration time) {
		return this.transcript.end().then(Mono.delay(time));
	}

	private static StoreException late(Throwable timeout) {
		return new StoreException.Unavailable("No answer to the end of the draft in time", timeout)
			.outcomeUnknown(true);
	}

	/** When to go on, and where, if at all. */
	private Mono<Long> pause(RetrySignal signal) {
		int failures = (int) Math.min(signal.totalRetriesInARow() + 1, 100);
		Integer told = toldOffset(signal.failure());
		if (told != null && this.mayHaveWritten && told <= this.transcript.length()) {
			this.offset = told;
			return Mono.delay((failures == 1) ? Duration.ZERO : Pauses.after(failures));
		}
		if (signal.failure() instanceof StoreException.Unavailable lost) {
			this.mayHaveWritten |= this.reader.offset() > 0;
			this.offset = this.reader.offset();
			Mono<Long> pause = Mono.delay(lost.retryAfter().plus(Pauses.after(failures)));
			return isNoDraftHeld(lost)
					? Mono.firstWithSignal(pause, this.transcript.end().then(pauseAtTheEnd(lost, failures))) : pause;
		}
		return Mono.error(signal.failure());
	}

	/**
	 * The message need not wait for a draft, but another try may tell that somebody else
	 * writes to it.
	 */
	private Mono<Long> pauseAtTheEnd(StoreException refusal, int failures) {
		return Mono.defer(() -> {
			if (this.askedAgain || refusal.is("too-many-drafts")) {
				return Mono.error(refusal);
			}
			this.askedAgain = true;
			return Mono.delay(Pauses.after(failures));
		});
	}

	private static @Nullable Integer toldOffset(Throwable failure) {
		if (failure instanceof StoreException.Conflict conflict && conflict.is("draft-offset")) {
			Long told = conflict.problem().number("offset");
			return (told != null) ? told.intValue() : null;
		}
		return null;
	}

}
