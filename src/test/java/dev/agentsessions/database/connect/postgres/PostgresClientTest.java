package dev.agentsessions.database.connect.postgres;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;

import io.netty.resolver.DefaultAddressResolverGroup;
import io.r2dbc.postgresql.client.Client;
import io.r2dbc.postgresql.message.backend.BackendMessage;
import io.r2dbc.postgresql.message.frontend.Flush;
import io.r2dbc.postgresql.message.frontend.FrontendMessage;
import io.r2dbc.postgresql.message.frontend.Sync;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

import static org.assertj.core.api.Assertions.assertThat;

class PostgresClientTest {

	private final List<Publisher<FrontendMessage>> requests = new ArrayList<>();

	private final List<FrontendMessage> sent = new ArrayList<>();

	private final PostgresClient client = new PostgresClient(driver(),
			new OpenedChannels(DefaultAddressResolverGroup.INSTANCE));

	/** The driver sends the requests of one conversation after those of the other. */
	@Test
	void aStatementNeedNotBeAnsweredBeforeTheNextOneIsSent() {
		Sinks.Many<FrontendMessage> later = Sinks.many().unicast().onBackpressureBuffer();
		Flux<FrontendMessage> statement = Flux.<FrontendMessage>just(Sync.INSTANCE).concatWith(later.asFlux());
		this.client.exchange((message) -> true, statement).blockLast();
		StepVerifier.create(this.requests.get(0)).expectNext(Sync.INSTANCE).verifyComplete();
		assertThat(this.sent).isEmpty();
		later.emitNext(Flush.INSTANCE, Sinks.EmitFailureHandler.FAIL_FAST);
		assertThat(this.sent).containsExactly(Flush.INSTANCE);
	}

	/** As the one before it is large, and on its way. */
	@Test
	void aStatementThatIsSentLaterIsNotLost() {
		this.client.exchange((message) -> true, Mono.just(Sync.INSTANCE)).blockLast();
		StepVerifier.create(this.requests.get(0), 0).thenRequest(1).expectNext(Sync.INSTANCE).verifyComplete();
	}

	@Test
	void whatCanNotBeSentIsAnError() {
		this.client.exchange((message) -> true, Flux.error(new IllegalStateException("no"))).blockLast();
		StepVerifier.create(this.requests.get(0)).verifyErrorMessage("no");
		this.client.exchange((message) -> true, Flux.empty()).blockLast();
		StepVerifier.create(this.requests.get(1)).verifyComplete();
	}

	@SuppressWarnings("unchecked")
	private Client driver() {
		return (Client) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { Client.class },
				(proxy, method, arguments) -> switch (method.getName()) {
					case "exchange" -> {
						this.requests.add((Publisher<FrontendMessage>) arguments[1]);
						yield Flux.<BackendMessage>empty();
					}
					case "send" -> {
						this.sent.add((FrontendMessage) arguments[0]);
						yield null;
					}
					case "getScheduler" -> Schedulers.immediate();
					default -> throw new UnsupportedOperationException(method.getName());
				});
	}

}
