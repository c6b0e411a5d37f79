package dev.agentsessions.tail.wakeup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import dev.agentsessions.problem.Problems;
import io.nats.client.AuthenticationException;
import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.Dispatcher;
import io.nats.client.ErrorListener;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Options;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/**
 * Hints by NATS, where no single node of the database has to pass them on. Replicas that
 * have tails say so with each heartbeat, for NATS does not know who listens. The client's
 * calls may block; they are made on threads that may.
 */
final class NatsConnection implements WakeUpConnection {

	/** Enough for what is sent in a moment; beyond it hints are dropped. */
	private static final int MAX_OUTGOING = 64;

	/** After so many heartbeats in which no other replica had tails none has. */
	private static final int MAX_SILENT = 3;

	private static final byte[] NOTHING = {};

	private static final Logger log = LoggerFactory.getLogger(NatsConnection.class);

	/** What all subjects of this store begin with. */
	private final String subjects;

	/** While nobody takes them they are dropped. */
	private final Sinks.Many<Hint> hints = Sinks.many().multicast().directBestEffort();

	private final Sinks.Empty<Void> lost = Sinks.empty();

	/** Heartbeats since another replica said that it has tails. */
	private final AtomicInteger silent = new AtomicInteger(MAX_SILENT);

	private final Connection connection;

	private NatsConnection(NatsUrl url, String store, Duration patience) throws IOException, InterruptedException {
		this.subjects = "agent_session_store." + store + ".";
		this.connection = Nats.connect(options(url, patience));
	}

	/**
	 * Opens one connection to one of the servers.
	 * @param store what tells this store's replicas from others on the same servers
	 * @param patience for each server
	 */
	static Mono<WakeUpConnection> open(NatsUrl url, String store, Duration patience) {
		return NatsConnection.<WakeUpConnection>elsewhere(() -> new NatsConnection(url, store, patience))
			.onErrorMap(AuthenticationException.class, (error) -> Problems.busy("NATS refuses user and password"))
			// its message has the URLs, passwords included
			.onErrorMap(IOException.class, (error) -> Problems.busy("NATS did not answer"));
	}

	private Options options(NatsUrl url, Duration patience) {
		return Options.builder()
			.servers(url.servers())
			.connectionName("agent-session-store")
			.connectionTimeout(patience)
			// whoever uses this opens another one
			.noReconnect()
			.ignoreDiscoveredServers()
			.noEcho()
			// a certificate is for a name, not for an address
			.noResolveHostnames()
			.dataPortType(NatsSocket.class.getName())
			.maxMessagesInOutgoingQueue(MAX_OUTGOING)
			.discardMessagesWhenOutgoingQueueFull()
			.connectionListener(this::happened)
			.errorListener(new Complaints())
			.build();
	}

	private void happened(Connection connection, ConnectionListener.Events event) {
		if (event == ConnectionListener.Events.CLOSED || event == ConnectionListener.Events.DISCONNECTED) {
			this.lost.tryEmitEmpty();
		}
	}

	@Override
	public Mono<Void> listen() {
		return elsewhere(() -> {
			Dispatcher dispatcher = this.connection.createDispatcher();
			dispatcher.subscribe(subject(Channel.SESSIONS), (message) -> heard(Channel.SESSIONS, message));
			dispatcher.subscribe(subject(Channel.DRAFTS), (message) -> heard(Channel.DRAFTS, message));
			return dispatcher.subscribe(following(), (message) -> this.silent.set(0));
		}).then();
	}

	private void heard(Channel channel, Message message) {
		this.hints.tryEmitNext(new Hint(channel, new String(message.getData(), StandardCharsets.US_ASCII)));
	}

	@Override
	public Flux<Hint> hints() {
		return this.hints.asFlux().takeUntilOther(this.lost.asMono());
	}

	@Override
	public Mono<Void> send(Channel channel, String payload) {
		return publish(subject(channel), payload.getBytes(StandardCharsets.US_ASCII));
	}

	@Override
	public Mono<Pulse> heartbeat(boolean following) {
		Mono<Void> saying = following ? publish(following(), NOTHING) : Mono.empty();
		return saying.then(elsewhere(this.connection::RTT))
			.map((answered) -> new Pulse(this.silent.getAndIncrement() < MAX_SILENT, null));
	}

	@Override
	public Mono<Void> close() {
		return elsewhere(() -> {
			this.connection.close();
			return true;
		}).then();
	}

	private Mono<Void> publish(String subject, byte[] payload) {
		return elsewhere(() -> {
			this.connection.publish(subject, payload);
			return true;
		}).then();
	}

	private String subject(Channel channel) {
		return this.subjects + channel.name().toLowerCase(Locale.ROOT);
	}

	private String following() {
		return this.subjects + "following";
	}

	private static <T> Mono<T> elsewhere(Callable<T> blocking) {
		return Mono.fromCallable(blocking).subscribeOn(Schedulers.boundedElastic());
	}

	/**
	 * Tells of a subject that the server refuses, once: it may do so with each message.
	 */
	private static final class Complaints implements ErrorListener {

		private final AtomicBoolean told = new AtomicBoolean();

		@Override
		public void errorOccurred(Connection connection, String error) {
			if (error.startsWith("Permissions Violation") && this.told.compareAndSet(false, true)) {
				log.warn("NATS refuses what replicas need to tell each other of changes: {}", error);
			}
		}

	}

}
