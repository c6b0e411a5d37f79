package dev.agentsessions.database.connect.postgres;

import java.time.Duration;
import java.util.Optional;
import java.util.TimeZone;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;

import io.netty.buffer.ByteBufAllocator;
import io.r2dbc.postgresql.client.Client;
import io.r2dbc.postgresql.client.ConnectionContext;
import io.r2dbc.postgresql.client.TransactionStatus;
import io.r2dbc.postgresql.client.Version;
import io.r2dbc.postgresql.message.backend.BackendMessage;
import io.r2dbc.postgresql.message.backend.NotificationResponse;
import io.r2dbc.postgresql.message.frontend.FrontendMessage;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The driver's side of one connection, made safe to close, and to send a statement before
 * the one before it has been answered.
 * <p>
 * The driver (1.1.3) hands out messages while it holds a guard, and what it has not
 * handed out yet waits in a buffer. Closing waits, without end and without sleeping, for
 * that buffer to be empty, which only a holder of the guard may make it. So whoever
 * closes in the middle of a signal waits for himself: an event loop turns in that circle
 * for ever, and so does the next one that sees the channel go. The driver does this to
 * itself too, when it finds while it hands out an error that the socket is dead.
 * <p>
 * Hence what comes of a conversation is handed on in a turn of its own, when nothing is
 * held, and closing is done by a thread that is no event loop, in bounded time: after
 * that the channel is closed underneath, as it is for whoever does not wait for the end.
 */
final class PostgresClient implements Client {

	/** For a goodbye that a frozen server never takes. */
	private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

	private final Client client;

	private final OpenedChannels channels;

	PostgresClient(Client client, OpenedChannels channels) {
		this.client = client;
		this.channels = channels;
	}

	@Override
	public Flux<BackendMessage> exchange(Predicate<BackendMessage> takeUntil, Publisher<FrontendMessage> requests) {
		return this.client.exchange(takeUntil, first(requests)).publishOn(this.client.getScheduler());
	}

	/**
	 * The driver keeps a statement's requests open until it has been answered, as it may
	 * have to prepare it once more, and sends nothing else meanwhile. Here they end with
	 * the first one, so that the next statement follows at once; what comes later is sent
	 * by itself.
	 */
	private Publisher<FrontendMessage> first(Publisher<FrontendMessage> requests) {
		return Mono.create((sink) -> {
			AtomicBoolean isFirst = new AtomicBoolean(true);
			Flux.from(requests).subscribe((message) -> {
				if (isFirst.compareAndSet(true, false)) {
					sink.success(message);
				}
				else {
					this.client.send(message);
				}
			}, sink::error, () -> {
				// the sink would forget a message that nobody has asked for yet
				if (isFirst.get()) {
					sink.success();
				}
			});
		});
	}

	@Override
	public Mono<Void> close() {
		return Mono.defer(this.client::close)
			.subscribeOn(Schedulers.boundedElastic())
			.timeout(CLOSE_TIMEOUT)
			.onErrorComplete()
			.doFinally((signal) -> this.channels.close());
	}

	@Override
	public Disposable addNotificationListener(Consumer<NotificationResponse> consumer) {
		return this.client.addNotificationListener(consumer);
	}

	@Override
	public void addNotificationListener(Subscriber<NotificationResponse> consumer) {
		this.client.addNotificationListener(consumer);
	}

	@Override
	public void send(FrontendMessage message) {
		this.client.send(message);
	}

	@Override
	public ByteBufAllocator getByteBufAllocator() {
		return this.client.getByteBufAllocator();
	}

	@Override
	public ConnectionContext getContext() {
		return this.client.getContext();
	}

	@Override
	public Optional<Integer> getProcessId() {
		return this.client.getProcessId();
	}

	@Override
	public Scheduler getScheduler() {
		return this.client.getScheduler();
	}

	@Override
	public Optional<byte[]> getSecretKey() {
		return this.client.getSecretKey();
	}

	@Override
	public Optional<TimeZone> getTimeZone() {
		return this.client.getTimeZone();
	}

	@Override
	public TransactionStatus getTransactionStatus() {
		return this.client.getTransactionStatus();
	}

	@Override
	public Version getVersion() {
		return this.client.getVersion();
	}

	@Override
	public boolean isConnected() {
		return this.client.isConnected();
	}

	@Override
	public Mono<Void> cancelRequest() {
		return this.client.cancelRequest();
	}

}
