package dev.agentsessions.client;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import dev.agentsessions.client.agent.NewAgentContext;
import dev.agentsessions.client.agent.NewAgentSwitch;
import dev.agentsessions.client.agent.Turn;
import dev.agentsessions.client.message.Message;
import dev.agentsessions.client.message.WriteOptions;
import dev.agentsessions.client.retention.CleanUp;
import dev.agentsessions.client.retention.Purge;
import dev.agentsessions.client.retention.Retention;
import dev.agentsessions.client.search.FoundMessage;
import dev.agentsessions.client.search.SearchQuery;
import dev.agentsessions.client.session.Erasure;
import dev.agentsessions.client.session.Fork;
import dev.agentsessions.client.session.Session;
import dev.agentsessions.client.session.SessionDetails;
import dev.agentsessions.client.session.SessionQuery;
import dev.agentsessions.client.session.SessionUpdate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SessionsTest extends StoreTest {

	@Test
	void aSessionHasWhatWasSaidOfItAndChangesByName() {
		Instant expiry = Instant.parse("2099-01-31T12:00:00Z");
		Session made = this.store
			.create(this.id,
					SessionDetails.NONE.owner("ann")
						.title("A parcel")
						.labels(Map.of("env", "prod", "lang", "en"))
						.expiresAt(expiry)
						.metadata(Map.of("customer", 4711)))
			.block();
		assertThat(made).isEqualTo(this.session.get().block());
		assertThat(made.expiresAt()).isEqualTo(expiry);
		assertThat(made.metadata()).containsEntry("customer", 4711);
		Session changed = this.session
			.update(SessionUpdate.NONE.title("Late").label("env", null).label("lang", "ru").expiresAt(null).owner(null))
			.block();
		assertThat(changed.title()).isEqualTo("Late");
		assertThat(changed.labels()).isEqualTo(Map.of("lang", "ru"));
		assertThat(changed.expiresAt()).isNull();
		assertThat(changed.owner()).isNull();
		assertThat(this.session.update(SessionUpdate.NONE.noLabels()).block().labels()).isEmpty();
	}

	@Test
	void aSessionThatIsThereIsAConflict() {
		this.store.create(this.id, SessionDetails.NONE)
			.then(this.store.create(this.id, SessionDetails.NONE))
			.as(StepVerifier::create)
			.verifyErrorSatisfies((error) -> {
				assertThat(error).isInstanceOf(StoreException.Conflict.class);
				assertThat(((StoreException) error).is("session-exists")).isTrue();
				assertThat(((StoreException) error).status()).isEqualTo(409);
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "café #1?", "50% & more + ; =", "東京 😀", "~a:b@c" })
	void anyIdGoesIntoAPath(String name) {
		String id = name + this.id;
		this.store.session(id).append(Message.user("Hi").withId(name)).block();
		assertThat(this.store.session(id).get().block().sessionId()).isEqualTo(id);
		assertThat(this.store.session(id).messagesById(List.of(name)).blockFirst().text()).isEqualTo("Hi");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", ".", "..", "\ud83d", "\ude00\ud83d" })
	void whatNoPathCanHaveIsNoId(String name) {
		assertThatThrownBy(() -> this.store.session(name).deleteForGood()).isInstanceOf(IllegalArgumentException.class);
		assertThatThrownBy(() -> this.session.draft(name, Flux.just("Hi")))
			.isInstanceOf(IllegalArgumentException.class);
	}

	@Test
	void halfOfASurrogatePairIsNoText() {
		String half = "a\ud83d";
		assertThatThrownBy(() -> this.store.sessions(SessionQuery.ALL.owner(half)))
			.isInstanceOf(IllegalArgumentException.class);
		this.store.create(half, SessionDetails.NONE)
			.as(StepVerifier::create)
			.verifyError(StoreException.InvalidRequest.class);
		this.session.append(Message.user(half))
			.as(StepVerifier::create)
			.verifyError(StoreException.InvalidRequest.class);
	}

	@Test
	void whatIsIdleOrWasDeletedLongAgoLeavesWhenItIsTold() {
		Retention retention = this.store.retention().block();
		assertThat(retention.settings().maxIdle()).isEqualTo(Duration.ofHours(24));
		assertThat(retention.settings().purgeAfter()).isEqualTo(Duration.ofDays(30));
		assertThat(retention.nextRun()).isNull(); // the tests' service has none
		this.store.create(this.id, SessionDetails.NONE.expiresAt(Instant.EPOCH)).block();
		assertThat(this.store.cleanUp(CleanUp.DEFAULT.maxAgeHours(1000).countOnly()).block()).isPositive();
		assertThat(this.session.get().block().isActive()).isTrue();
		assertThat(this.store.cleanUp(CleanUp.DEFAULT.maxAgeHours(1000)).block()).isPositive();
		this.session.get().as(StepVerifier::create).verifyError(StoreException.Deleted.class);
		assertThat(this.store.purge(Purge.DEFAULT).block().deleted()).isZero();
		assertThat(this.store.purge(Purge.DEFAULT.daysOld(0).countOnly()).block().deleted()).isPositive();
		this.store.cleanUp(CleanUp.DEFAULT.maxAgeHours(0))
			.as(StepVerifier::create)
			.verifyError(StoreException.InvalidRequest.class);
	}

	@Test
	void aSoftDeletedSessionIsGoneUntilItIsRestored() {
		this.session.append(Message.user("Hi")).then(this.session.delete()).block();
		this.session.get().as(StepVerifier::create).verifyError(StoreException.Deleted.class);
		this.session.delete().as(StepVerifier::create).verifyError(StoreException.Deleted.class);
		assertThat(this.session.withDeleted().get().block().deletedAt()).isNotNull();
		assertThat(this.session.withDeleted().messages().count().block()).isEqualTo(1);
		assertThat(this.session.restore().block().isActive()).isTrue();
		this.session.restore().as(StepVerifier::create).verifyError(StoreException.Conflict.class);
		this.session.deleteForGood().block();
		this.session.get().as(StepVerifier::create).verifyError(StoreException.NotFound.class);
	}

	@Test
	void aListIsWalkedInPartsThatAreReadAsTheyAreTaken() {
		int many = 102; // a part has 100
		Flux.range(0, many)
			.flatMap((i) -> this.store.create(this.id + i,
					SessionDetails.NONE.owner(this.id).labels(Map.of("n", "" + i % 2))), 8)
			.blockLast();
		SessionQuery own = SessionQuery.ALL.owner(this.id).order(SessionQuery.Order.CREATED);
		assertThat(this.store.sessions(own).map(Session::sessionId).distinct().count().block()).isEqualTo(many);
		assertThat(this.store.sessions(own.label("n", "1")).count().block()).isEqualTo(many / 2);
		try (Proxy proxy = new Proxy(Service.url())) {
			through(proxy).sessions(own)
				.as((sessions) -> StepVerifier.create(sessions, 10))
				.expectNextCount(10)
				.thenCancel()
				.verify();
			assertThat(proxy.requests()).hasSizeLessThan(3);
		}
	}

	@Test
	void aForkBeginsAsTheOther() {
		this.session.append(Message.user("one").withId("m1"), Message.user("two")).block();
		Session fork = this.session.fork(Fork.through(1).details(SessionDetails.NONE.title("Another try"))).block();
		assertThat(fork.forkedFrom()).isEqualTo(new Session.ForkedFrom(this.id, 1));
		assertThat(fork.title()).isEqualTo("Another try");
		assertThat(this.store.session(fork.sessionId()).messages().map(Message::text).collectList().block())
			.containsExactly("one");
		this.session.fork(Fork.ALL.as(this.id)).as(StepVerifier::create).verifyError(StoreException.Conflict.class);
	}

	@Test
	void agentsTakeTurns() {
		this.session.agentContext().as(StepVerifier::create).verifyError(StoreException.NotFound.class);
		var turn = this.session
			.turn(Turn.of(Message.user("Mend it"), Message.assistant("I will"))
				.then(NewAgentSwitch.to("coder").reason("code is needed"))
				.contextMetadata(Map.of("attempt", 2))
				.session(SessionDetails.NONE.owner("bob")))
			.block();
		assertThat(turn.firstSeq()).isEqualTo(1);
		assertThat(turn.agentSwitch().toAgent()).isEqualTo("coder");
		assertThat(this.session.get().block().owner()).isEqualTo("bob");
		assertThat(this.session.agentContext().block().metadata()).isEqualTo(Map.of("attempt", 2));
		var second = this.session.switchAgent(NewAgentSwitch.to("tester").ifCurrent("coder")).block();
		assertThat(second.atSeq()).isEqualTo(2);
		this.session.switchAgent(NewAgentSwitch.to("planner").ifCurrent("coder"))
			.as(StepVerifier::create)
			.verifyErrorSatisfies((error) -> assertThat(((StoreException) error).problem().members())
				.containsEntry("current_agent", "tester"));
		assertThat(this.session.agentSwitches().map((each) -> each.toAgent()).collectList().block())
			.containsExactly("tester", "coder");
		assertThat(this.store.agentContexts().filter((context) -> context.sessionId().equals(this.id)).count().block())
			.isEqualTo(1);
		var saved = this.session
			.saveAgentContext(NewAgentContext.of("planner")
				.history(List.of(new NewAgentContext.Entry(null, "planner", "anew", null, null))))
			.block();
		assertThat(saved.switchCount()).isEqualTo(1);
		this.session.deleteAgentContext().block();
		this.session.turn(Turn.of(), WriteOptions.NONE.ifLastSeq(2))
			.as(StepVerifier::create)
			.verifyError(StoreException.InvalidRequest.class);
	}

	@Test
	void messagesAreFoundByTheirWords() {
		this.session.append(Message.user("Why does it fail?"), Message.assistant("😀 A Semicolon is missing")).block();
		FoundMessage found = this.store.search(SearchQuery.of("semicolon").in(this.id).role("assistant")).blockFirst();
		assertThat(found.seq()).isEqualTo(2);
		assertThat(found.found()).containsExactly("Semicolon");
		assertThat(this.store.searchParts(SearchQuery.of("semicolon").in(this.id)).blockFirst().indexedThrough())
			.isNotNull();
		this.store.search(SearchQuery.of("-fail"))
			.as(StepVerifier::create)
			.verifyError(StoreException.InvalidRequest.class);
	}

	@Test
	void aPersonIsForgotten() {
		this.store.create(SessionDetails.NONE.owner(this.id)).block();
		this.session.append(Message.user("Hi")).block();
		Erasure erasure = this.store.eraseOwner(this.id).block();
		assertThat(erasure.sessions()).isEqualTo(1);
		assertThat(this.store.eraseSessions(List.of(this.id, "never there")).block().messages()).isEqualTo(1);
		this.session.get().as(StepVerifier::create).verifyError(StoreException.NotFound.class);
		assertThat(this.store.erasure(erasure.erasureId()).block().requestedAt()).isEqualTo(erasure.requestedAt());
		this.store.erasure("01a228d4-75a0-7b43-8e1a-2d7daa6fb967")
			.as(StepVerifier::create)
			.verifyErrorSatisfies((error) -> assertThat(((StoreException) error).is("erasure-not-found")).isTrue());
	}

}
