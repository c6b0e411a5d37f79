package dev.agentsessions.message.log;

import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A value of a sequence in which each leads to the next: that one is read while this one
 * is used.
 */
final class ReadAhead<T> {

	private final T value;

	/**
	 * Given away once: the first of a sequence would else hold all that come after it.
	 */
	private @Nullable Mono<ReadAhead<T>> next;

	private ReadAhead(T value, Function<T, Mono<T>> next) {
		this.value = value;
		this.next = next.apply(value).map((following) -> new ReadAhead<>(following, next)).cache();
	}

	/**
	 * The sequence. One value is read ahead of what was asked for, and that is not
	 * cancelled.
	 * @param next what follows a value; empty after the last. Its error ends the sequence
	 * when what is before it was asked for
	 */
	static <T> Flux<T> from(T first, Function<T, Mono<T>> next) {
		return Flux.defer(() -> Mono.just(new ReadAhead<>(first, next)).expand(ReadAhead::takeNext))
			.doOnNext(ReadAhead::begin)
			.map((each) -> each.value);
	}

	private void begin() {
		if (this.next != null) {
			this.next.subscribe((read) -> {
			}, (error) -> {
				// the sequence ends with it
			});
		}
	}

	private Mono<ReadAhead<T>> takeNext() {
		Mono<ReadAhead<T>> taken = this.next;
		this.next = null;
		return (taken != null) ? taken : Mono.empty();
	}

}
