package dev.agentsessions.client;

import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

import dev.agentsessions.client.agent.AgentContext;
import dev.agentsessions.client.retention.CleanUp;
import dev.agentsessions.client.retention.Purge;
import dev.agentsessions.client.retention.Purged;
import dev.agentsessions.client.retention.Retention;
import dev.agentsessions.client.search.FoundMessage;
import dev.agentsessions.client.search.SearchPart;
import dev.agentsessions.client.search.SearchQuery;
import dev.agentsessions.client.session.Erasure;
import dev.agentsessions.client.session.Session;
import dev.agentsessions.client.session.SessionDetails;
import dev.agentsessions.client.session.SessionQuery;
import dev.agentsessions.client.tail.TailEvent;
import dev.agentsessions.client.tail.TailStart;
import io.netty.channel.ChannelOption;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * One Agent Session Store. One of these is enough for a whole program, and safe for any
 * number of threads.
 * <p>
 * Nothing is sent before a {@code Mono} or {@code Flux} is subscribed to. What a store
 * refuses, and what could not be asked of it, is a {@link StoreException}. Cancelling
 * gives up the answer; a write that is under way may be carried out nevertheless. Results
 * come on the threads of the connections: go to another scheduler before you block.
 * <p>
 * A request that was lost, or that a busy store sent away, is sent again within the
 * timeout, and nothing is written twice by that. The {@code Idempotency-Key} that makes
 * it so belongs to the call of the method, so that subscribing again, as {@code retry()}
 * does, writes nothing twice either. What removes for good is not sent again once it may
 * have been carried out.
 */
public final class SessionStore implements AutoCloseable {

	private final Exchange exchange;

	private final Duration giveUpAfter;

	private final List<ConnectionProvider> connections;

	private SessionStore(Exchange exchange, Duration giveUpAfter, List<ConnectionProvider> connections) {
		this.exchange = exchange;
		this.giveUpAfter = giveUpAfter;
		this.connections = connections;
	}

	/** The store at this address, such as {@code http://127.0.0.1:8080}. */
	public static SessionStore of(String url) {
		return builder(url).build();
	}

	/**
	 * A store of which more is to be said.
	 * @param url where it is, {@code http://} or {@code https://}, with a path before
	 * {@code /v1} if it has one
	 */
	public static Builder builder(String url) {
		return new Builder(url);
	}

	/** One session, which need not be there yet. */
	public SessionClient session(String sessionId) {
		return new SessionClient(this.exchange, this.giveUpAfter, sessionId, false);
	}

	/** Creates a session, with an id that the client makes. */
	public Mono<Session> create(SessionDetails details) {
		String id = UUID.randomUUID().toString();
		return create(this.exchange, Path.of("sessions"), id, true, Json.convert(details, Map.class));
	}

	/**
	 * Creates a session without messages. Errors: {@link StoreException.Conflict} if it
	 * is there, {@link StoreException.Deleted} if it is soft-deleted.
	 */
	public Mono<Session> create(String sessionId, SessionDetails details) {
		return create(this.exchange, Path.of("sessions"), sessionId, false, Json.convert(details, Map.class));
	}

	/** If only this client knows the id, an earlier try has made what is there. */
	static Mono<Session> create(Exchange exchange, Path path, String sessionId, boolean ownId, Map<?, ?> said) {
		Map<Object, Object> body = new LinkedHashMap<>(said);
		body.put("session_id", sessionId);
		return exchange.call(Request.post(path, body))
			.onErrorResume(StoreException.Conflict.class,
					(conflict) -> (ownId && conflict.outcomeUnknown() && conflict.is("session-exists"))
							? exchange.call(Request.get(Path.of("sessions", sessionId))) : Mono.error(conflict))
			.map((answer) -> answer.as(Session.class));
	}

	/** Sessions that pass everything that is given, read in parts as they are taken. */
	public Flux<Session> sessions(SessionQuery query) {
		Path path = Path.of("sessions")
			.with("order", query.order().name().toLowerCase(Locale.ROOT))
			.with("owner", query.owner())
			.with("title", query.title())
			.with("from", query.from())
			.with("to", query.to())
			.with("include_deleted", query.includeDeleted() ? true : null);
		for (Map.Entry<String, String> label : query.labels().entrySet()) {
			path = path.with("label", label.getKey() + ":" + label.getValue());
		}
		return this.exchange.parts(path, Sessions.class, Sessions::next).concatMapIterable(Sessions::data, 1);
	}

	/** The agent contexts of all sessions that have one. */
	public Flux<AgentContext> agentContexts() {
		return this.exchange.parts(Path.of("agent-contexts"), Contexts.class, Contexts::next)
			.concatMapIterable(Contexts::data, 1);
	}

	/**
	 * Messages that have all words and pass everything that is given, the newest first,
	 * read in parts as they are taken. A message is found about a second after its
	 * commit.
	 */
	public Flux<FoundMessage> search(SearchQuery query) {
		return searchParts(query).concatMapIterable(SearchPart::data, 1);
	}

	/**
	 * The same in parts, each of which tells what is found by now; one may be empty
	 * although there is more.
	 */
	public Flux<SearchPart> searchParts(SearchQuery query) {
		Path path = Path.of("search")
			.with("q", query.q())
			.with("owner", query.owner())
			.with("session_id", query.sessionId())
			.with("role", query.role())
			.with("from", query.from())
			.with("to", query.to());
		for (Map.Entry<String, String> label : query.labels().entrySet()) {
			path = path.with("label", label.getKey() + ":" + label.getValue());
		}
		return this.exchange.parts(path, SearchPart.class, SearchPart::next);
	}

	/**
	 * Follows up to 100 sessions live, as {@link SessionClient#tail(TailStart)} does one.
	 * One that is not there is followed from its creation; at least one has to be there.
	 * @param start {@code after} and {@code awaitsCreation} have no meaning here
	 */
	public Flux<TailEvent> tail(Collection<String> sessionIds, TailStart start) {
		Path path = Path.of("tail");
		for (String sessionId : sessionIds) {
			path = path.with("session_id", sessionId);
		}
		return Tail.events(this.exchange, path.with("drafts", start.drafts() ? true : null), null, start.position(),
				this.giveUpAfter);
	}

	/**
	 * Removes for good all sessions of an owner, soft-deleted ones too. Answers the
	 * receipt as far as it has come; the store goes on by itself.
	 */
	public Mono<Erasure> eraseOwner(String owner) {
		return erase(Map.of("owner", owner));
	}

	/** The same for up to 1,000 sessions; those that are not there are passed over. */
	public Mono<Erasure> eraseSessions(Collection<String> sessionIds) {
		return erase(Map.of("session_ids", List.copyOf(sessionIds)));
	}

	private Mono<Erasure> erase(Map<String, Object> whose) {
		return this.exchange.call(Request.post(Path.of("erasures"), whose), false)
			.map((answer) -> answer.as(Erasure.class));
	}

	/** The receipt of an erasure as it is now. */
	public Mono<Erasure> erasure(String erasureId) {
		return this.exchange.call(Request.get(Path.of("erasures", erasureId)))
			.map((answer) -> answer.as(Erasure.class));
	}

	/** What leaves when. */
	public Mono<Retention> retention() {
		return this.exchange.call(Request.get(Path.of("retention"))).map((answer) -> answer.as(Retention.class));
	}

	/**
	 * Soft-deletes idle and expired sessions now, and answers how many. It ends after
	 * about 20 seconds: again if it took about as long and did some.
	 */
	public Mono<Long> cleanUp(CleanUp cleanUp) {
		return this.exchange.call(Request.post(Path.of("retention", "cleanup"), cleanUp))
			.map((answer) -> answer.as(CleanedUp.class).cleaned());
	}

	/**
	 * Removes for good what was soft-deleted long ago. It ends after about 20 seconds:
	 * again if it took about as long and did some.
	 */
	public Mono<Purged> purge(Purge purge) {
		return this.exchange.call(Request.post(Path.of("retention", "purge"), purge))
			.map((answer) -> answer.as(Purged.class));
	}

	/** Closes the connections, unless they are those of a {@code WebClient} of yours. */
	@Override
	public void close() {
		this.connections.forEach(ConnectionProvider::dispose);
	}

	record Sessions(List<Session> data, @Nullable String next) {

	}

	record CleanedUp(long cleaned) {

	}

	record Contexts(List<AgentContext> data, @Nullable String next) {

	}

	/** What there is to say of a store. */
	public static final class Builder {

		private final String url;

		private Duration timeout = Duration.ofSeconds(30);

		private int mostTries = 12;

		private Duration giveUpAfter = Duration.ofMinutes(5);

		private @Nullable String apiKey;

		private @Nullable WebClient webClient;

		private Builder(String url) {
			URI uri = URI.create(url);
			if (!List.of("http", "https").contains(String.valueOf(uri.getScheme())) || uri.getHost() == null) {
				throw new IllegalArgumentException("The address is http://host:port or https://host:port");
			}
			if (uri.getRawQuery() != null || uri.getRawFragment() != null || uri.getRawUserInfo() != null) {
				throw new IllegalArgumentException(
						"The address has no user, query or fragment; a key goes into apiKey");
			}
			this.url = url.replaceAll("/+$", "");
		}

		/** Sent as {@code Authorization: Bearer …}; none unless it is given. */
		public Builder apiKey(String apiKey) {
			// which an error further down would print
			if (!apiKey.chars().allMatch((each) -> each > ' ' && each < 127)) {
				throw new IllegalArgumentException("The key has characters that no key has");
			}
			this.apiKey = apiKey;
			return this;
		}

		/**
		 * How long a request may take in all, its repeated tries included; 30 s. For
		 * {@code messages()} it is the time without progress, for {@code appendAll} the
		 * time behind its last message, or while nothing of a message is taken.
		 */
		public Builder timeout(Duration timeout) {
			if (timeout.isZero() || timeout.isNegative()) {
				throw new IllegalArgumentException("The timeout must be more than 0");
			}
			this.timeout = timeout;
			return this;
		}

		/**
		 * How often a request is sent at most, 12 times; with the pauses between them
		 * that is over ten seconds, in which a store that is alone can start again.
		 */
		public Builder mostTries(int mostTries) {
			if (mostTries < 1) {
				throw new IllegalArgumentException("There must be a first try");
			}
			this.mostTries = mostTries;
			return this;
		}

		/** After which time without a connection a tail gives up; 5 minutes. */
		public Builder giveUpAfter(Duration giveUpAfter) {
			this.giveUpAfter = giveUpAfter;
			return this;
		}

		/**
		 * What requests are sent with, for TLS, tokens that change, observation, and the
		 * like. Its base URL is not used. Tails and drafts hold a connection as long as
		 * they last, so its pool has to have room for them.
		 */
		public Builder webClient(WebClient webClient) {
			this.webClient = webClient;
			return this;
		}

		public SessionStore build() {
			if (this.webClient != null) {
				WebClient client = with(this.webClient.mutate());
				return store(client, client, List.of());
			}
			ConnectionProvider calls = ConnectionProvider.builder("agent-session-store")
				.maxConnections(200)
				.pendingAcquireMaxCount(-1)
				.pendingAcquireTimeout(this.timeout)
				// what stands between drops idle connections after minutes, some of it
				// silently
				.maxIdleTime(Duration.ofSeconds(50))
				.build();
			ConnectionProvider streams = ConnectionProvider.newConnection();
			return store(with(WebClient.builder(), calls), with(WebClient.builder(), streams), List.of(calls));
		}

		private SessionStore store(WebClient calls, WebClient streams, List<ConnectionProvider> connections) {
			return new SessionStore(new Exchange(calls, streams, this.url, this.timeout, this.mostTries),
					this.giveUpAfter, connections);
		}

		private WebClient with(WebClient.Builder builder, ConnectionProvider connections) {
			HttpClient http = HttpClient.create(connections)
				.option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.min(10_000, this.timeout.toMillis()))
				.disableRetry(true); // tries are counted here
			return with(builder.clientConnector(new ReactorClientHttpConnector(http)));
		}

		private WebClient with(WebClient.Builder builder) {
			if (this.apiKey != null) {
				builder.defaultHeader("Authorization", "Bearer " + this.apiKey);
			}
			// a page may be large
			return builder.codecs((codecs) -> codecs.defaultCodecs().maxInMemorySize(-1)).build();
		}

	}

}
