package dev.agentsessions.adk;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

import com.google.adk.agents.LlmAgent;
import com.google.adk.artifacts.InMemoryArtifactService;
import com.google.adk.events.Event;
import com.google.adk.events.EventActions;
import com.google.adk.models.BaseLlm;
import com.google.adk.models.BaseLlmConnection;
import com.google.adk.models.LlmRequest;
import com.google.adk.models.LlmResponse;
import com.google.adk.runner.Runner;
import com.google.adk.sessions.BaseSessionService;
import com.google.adk.sessions.GetSessionConfig;
import com.google.adk.sessions.Session;
import com.google.adk.sessions.SessionException;
import com.google.adk.sessions.SessionNotFoundException;
import com.google.adk.sessions.State;
import com.google.genai.types.Content;
import com.google.genai.types.FunctionCall;
import com.google.genai.types.FunctionResponse;
import com.google.genai.types.Part;
import dev.agentsessions.client.ReadmeLines;
import dev.agentsessions.client.Service;
import dev.agentsessions.client.SessionClient;
import dev.agentsessions.client.SessionStore;
import dev.agentsessions.client.message.ContextLimits;
import dev.agentsessions.client.message.Message;
import dev.agentsessions.client.session.SessionQuery;
import io.reactivex.rxjava3.core.Flowable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class StoreSessionServiceTest {

	private final SessionStore store = SessionStore.of(Service.url());

	private final BaseSessionService sessions = new StoreSessionService(this.store);

	private final String app = "app: " + UUID.randomUUID();

	private final String user = "ann/" + UUID.randomUUID();

	@AfterEach
	void close() {
		this.store.close();
	}

	@Test
	void eventsComeBackAsTheyWere() {
		Session session = create("s");
		List<Event> events = List
			.of(said("user", "How warm is it? 😀"),
					event("weather", Part.builder()
						.functionCall(FunctionCall.builder().id("c1").name("degrees").args(Map.of("in", "東京")).build())
						.build(),
							Part.builder()
								.functionCall(FunctionCall.builder().id("c2").name("clock").args(Map.of()).build())
								.build()),
					event("weather", result("c1", "degrees", Map.of("degrees", 31.0)), result("c2", "clock", Map.of())),
					said("weather", "Warm"), said("user", "Thanks"));
		events.forEach((event) -> append(session, event));
		assertThat(session.events()).isEqualTo(events);
		assertThat(get("s").events()).isEqualTo(events);
		assertThat(this.sessions.listEvents(this.app, this.user, "s").blockingGet().events()).isEqualTo(events);
		assertThat(get("s").lastUpdateTime()).isEqualTo(Instant.ofEpochMilli(events.get(4).timestamp()));
	}

	@Test
	void othersUnderstandThem() {
		Session session = create("s");
		append(session, said("user", "How warm is it?"));
		append(session, event("weather",
				Part.builder()
					.functionCall(FunctionCall.builder().id("c1").name("degrees").args(Map.of("in", "東京")).build())
					.build()));
		append(session, event("weather", result("c1", "degrees", Map.of("degrees", 31))));
		append(session, said("weather", "Warm"));
		var context = log("s").context(ContextLimits.messages(10)).block();
		assertThat(context.messages()).extracting(Message::role)
			.containsExactly("user", "assistant", "tool", "assistant");
		assertThat(context.pendingToolCalls()).isEmpty();
		assertThat(context.messages()).extracting(Message::text)
			.containsExactly("How warm is it?", "", "{\"degrees\":31}", "Warm");
		assertThat(context.messages().get(3).name()).isEqualTo("weather");
		assertThat(log("s").get().block().owner()).isEqualTo(this.user);
	}

	@Test
	void callsAreTogetherWithTheResultsThatOneEventHas() {
		Session session = create("s");
		append(session, said("user", "How warm is it, and when?"));
		append(session,
				event("weather",
						Part.builder().functionCall(FunctionCall.builder().id("c1").name("degrees").build()).build(),
						Part.builder().functionCall(FunctionCall.builder().id("c2").name("clock").build()).build()));
		append(session,
				event("weather", result("c1", "degrees", Map.of("is", 1)), result("c2", "clock", Map.of("is", 2))));
		append(session, said("weather", "Warm"));
		assertThat(log("s").context(ContextLimits.messages(10)).block().messages()).hasSize(4);
	}

	@Test
	void aStateIsOfTheSessionTheUserOrTheApplication() {
		Session first = this.sessions
			.createSession(this.app, this.user, Map.of("a", 1, "app:b", 1.5, "user:c", List.of("x")), "first")
			.blockingGet();
		assertThat(first.state())
			.containsExactlyInAnyOrderEntriesOf(Map.of("a", 1, "app:b", 1.5, "user:c", List.of("x")));
		Session second = create("second");
		assertThat(second.state()).containsExactlyInAnyOrderEntriesOf(Map.of("app:b", 1.5, "user:c", List.of("x")));
		assertThat(this.sessions.createSession(this.app, "bob").blockingGet().state())
			.containsExactlyInAnyOrderEntriesOf(Map.of("app:b", 1.5));
		append(second, changing(Map.of("a", 2, "app:b", State.REMOVED, "user:c", "y", "temp:d", true)));
		assertThat(second.state()).containsExactlyInAnyOrderEntriesOf(Map.of("a", 2, "user:c", "y", "temp:d", true));
		assertThat(get("second").state()).isEqualTo(second.state());
		assertThat(get("first").state()).containsExactlyInAnyOrderEntriesOf(Map.of("a", 1, "user:c", "y"));
		assertThat(get("second").events().get(0).actions().stateDelta()).containsEntry("app:b", State.REMOVED);
	}

	@Test
	void twoWhoChangeAStateLoseNothingOfIt() {
		Session one = create("s");
		Session other = get("s");
		append(one, changing(Map.of("a", 1, "user:a", 1)));
		append(other, changing(Map.of("b", 2, "user:b", 2)));
		assertThat(get("s").state())
			.containsExactlyInAnyOrderEntriesOf(Map.of("a", 1, "b", 2, "user:a", 1, "user:b", 2));
		assertThat(get("s").events()).hasSize(2);
	}

	@Test
	void theNewestEventsAreReadWithoutThoseBeforeAndTheStateIsWhole() {
		Session session = create("s");
		log("s")
			.append(java.util.stream.IntStream.range(0, 150)
				.mapToObj((i) -> Events.sent(changing(Map.of("n" + i, i))))
				.toArray(Message[]::new))
			.block();
		assertThat(get("s").state()).hasSize(150);
		// so that the first 100 need not be read again
		assertThat(log("s").get().block().metadata()).containsKey("adk_state");
		append(session, changing(Map.of("n0", State.REMOVED)));
		Session newest = this.sessions
			.getSession(this.app, this.user, "s", Optional.of(GetSessionConfig.builder().numRecentEvents(2).build()))
			.blockingGet();
		assertThat(newest.events()).extracting((event) -> event.actions().stateDelta())
			.containsExactly(Map.of("n149", 149), Map.of("n0", State.REMOVED));
		assertThat(newest.state()).hasSize(149).containsEntry("n149", 149).doesNotContainKey("n0");
	}

	@Test
	void sessionsAreListedWithTheirStatesAndNothingElseIs() {
		create("a: b%c/d");
		append(create("second"), changing(Map.of("a", 1, "user:b", 2, "app:c", 3)));
		this.sessions.createSession(this.app, "somebody else").blockingGet();
		var listed = this.sessions.listSessions(this.app, this.user).blockingGet();
		assertThat(listed.sessionIds()).containsExactly("a: b%c/d", "second");
		assertThat(listed.sessions().get(1).state())
			.containsExactlyInAnyOrderEntriesOf(Map.of("a", 1, "user:b", 2, "app:c", 3));
		assertThat(listed.sessions().get(1).events()).isEmpty();
		this.sessions.deleteSession(this.app, this.user, "second").blockingAwait();
		this.sessions.deleteSession(this.app, this.user, "second").blockingAwait();
		assertThat(this.sessions.listSessions(this.app, this.user).blockingGet().sessionIds()).hasSize(1);
	}

	@Test
	void aSessionThatGoesWhileItIsListedIsLeftOut() {
		append(create("first"), said("user", "Hi"));
		append(create("second"), said("user", "Ho"));
		SessionClient first = log("first");
		BaseSessionService far = far((request, next) -> next.exchange(request)
			.flatMap((answer) -> request.url().getPath().equals("/v1/sessions")
					? first.deleteForGood().thenReturn(answer) : Mono.just(answer)));
		assertThat(far.listSessions(this.app, this.user).blockingGet().sessionIds()).containsExactly("second");
	}

	@Test
	void aSessionWhoseAnswerWasLostIsMadeOnce() {
		AtomicBoolean lost = new AtomicBoolean();
		BaseSessionService far = far((request, next) -> next.exchange(request)
			.flatMap((answer) -> (request.method() == HttpMethod.POST && lost.compareAndSet(false, true))
					? answer.releaseBody().then(Mono.error(new IOException("lost"))) : Mono.just(answer)));
		Session session = far.createSession(this.app, this.user).blockingGet();
		assertThat(get(session.id())).isNotNull();
		lost.set(false);
		assertThatThrownBy(() -> far.createSession(this.app, this.user, Map.of(), "given").blockingGet())
			.isInstanceOf(SessionException.class);
	}

	private static BaseSessionService far(ExchangeFilterFunction way) {
		return new StoreSessionService(
				SessionStore.builder(Service.url()).webClient(WebClient.builder().filter(way).build()).build());
	}

	@Test
	void whatIsNotThereOrIsThereIsSaid() {
		assertThat(this.sessions.getSession(this.app, this.user, "s", Optional.empty()).blockingGet()).isNull();
		assertThat(this.sessions.listEvents(this.app, this.user, "s").blockingGet().events()).isEmpty();
		Session session = create("s");
		assertThatThrownBy(() -> create("s")).isInstanceOf(SessionException.class);
		Event partial = Event.builder()
			.author("a")
			.partial(true)
			.content(Content.fromParts(Part.fromText("h")))
			.build();
		append(session, partial);
		assertThat(get("s").events()).isEmpty();
		this.sessions.deleteSession(this.app, this.user, "s").blockingAwait();
		assertThatThrownBy(() -> append(session, said("user", "Hi"))).isInstanceOf(SessionNotFoundException.class);
		assertThat(session.events()).isEmpty();
	}

	@Test
	void anEventThatIsAppendedAgainIsThereOnce() {
		Session session = create("s");
		Event event = said("user", "Hi");
		append(session, event);
		append(get("s"), event);
		var again = this.sessions.appendEvent(session, said("user", "more"));
		again.blockingGet();
		again.blockingGet();
		assertThat(get("s").events()).hasSize(2);
		assertThat(session.events()).hasSize(2);
	}

	@Test
	void aSessionThatWasIdleForLongGoesOn() {
		append(create("s"), changing(Map.of("a", 1)));
		log("s").delete().block();
		Session session = get("s");
		assertThat(session.state()).containsExactlyInAnyOrderEntriesOf(Map.of("a", 1));
		append(session, said("user", "Still there?"));
		assertThat(get("s").events()).hasSize(2);
	}

	@Test
	void aPersonIsForgottenWithTheirState() {
		append(create("s"), changing(Map.of("user:a", 1)));
		assertThat(this.store.eraseOwner(this.user).block().sessions()).isEqualTo(2);
		assertThat(this.store.sessions(SessionQuery.ALL.owner(this.user).withDeleted()).collectList().block())
			.isEmpty();
	}

	@Test
	void theReadmesLinesWork() {
		List<String> printed = new ArrayList<>();
		String url = Service.url();
		LlmAgent agent = LlmAgent.builder().name("helper").model(new MadeUp("Oslo.", "700,000.")).build();
		// tag::readme[]
		SessionStore store = SessionStore.of(url); // one for the whole program
		BaseSessionService sessions = new StoreSessionService(store);
		Runner runner = Runner.builder()
			.agent(agent)
			.appName("travel")
			.sessionService(sessions)
			.artifactService(new InMemoryArtifactService())
			.build();
		Session session = sessions.createSession("travel", "ann", Map.of("user:name", "Ann"), null).blockingGet();
		Content question = Content.fromParts(Part.fromText("What is the capital of Norway?"));
		runner.runAsync(session.userId(), session.id(), question)
			.blockingForEach((event) -> System.out.println(event.stringifyContent()));
		// end::readme[]
		runner.runAsync(session.userId(), session.id(), Content.fromParts(Part.fromText("How many live there?")))
			.blockingForEach((event) -> printed.add(event.stringifyContent()));
		Session found = sessions.getSession("travel", "ann", session.id(), Optional.empty()).blockingGet();
		assertThat(found.events()).extracting(Event::stringifyContent)
			.containsExactly("What is the capital of Norway?", "Oslo.", "How many live there?", "700,000.");
		assertThat(printed).containsExactly("700,000.");
		assertThat(((MadeUp) agent.model().get().model().get()).seen).hasSize(3);
		store.close();
	}

	@Test
	void theReadmeHasTheseLines() throws IOException {
		ReadmeLines.of(StoreSessionServiceTest.class).areIn("clients/java/google-adk/README.md", "SessionStore store");
	}

	private Session create(String id) {
		return this.sessions.createSession(this.app, this.user, Map.of(), id).blockingGet();
	}

	private Session get(String id) {
		return this.sessions.getSession(this.app, this.user, id, Optional.empty()).blockingGet();
	}

	private void append(Session session, Event event) {
		assertThat(this.sessions.appendEvent(session, event).blockingGet()).isSameAs(event);
	}

	/** The session as the store has it. */
	private SessionClient log(String id) {
		String found = this.store.sessions(SessionQuery.ALL.owner(this.user).withDeleted())
			.map((session) -> session.sessionId())
			.filter((name) -> name.endsWith(":" + id))
			.blockFirst();
		return this.store.session(found);
	}

	private static Event said(String author, String text) {
		return event(author, Part.fromText(text));
	}

	private static Event event(String author, Part... parts) {
		return Event.builder()
			.id(Event.generateEventId())
			.invocationId("i1")
			.author(author)
			.content(Content.builder().role("user".equals(author) ? "user" : "model").parts(parts).build())
			.build();
	}

	private static Part result(String id, String name, Map<String, Object> response) {
		return Part.builder()
			.functionResponse(FunctionResponse.builder().id(id).name(name).response(response).build())
			.build();
	}

	private static Event changing(Map<String, Object> state) {
		return Event.builder()
			.id(Event.generateEventId())
			.author("weather")
			.actions(EventActions.builder().stateDelta(new ConcurrentHashMap<>(state)).build())
			.build();
	}

	/** A model that says what it was told to, and keeps what it was asked last. */
	private static final class MadeUp extends BaseLlm {

		private final List<String> answers;

		private List<Content> seen = List.of();

		MadeUp(String... answers) {
			super("made-up");
			this.answers = new ArrayList<>(List.of(answers));
		}

		@Override
		public Flowable<LlmResponse> generateContent(LlmRequest request, boolean stream) {
			this.seen = request.contents();
			Content answer = Content.builder().role("model").parts(Part.fromText(this.answers.remove(0))).build();
			return Flowable.just(LlmResponse.builder().content(answer).build());
		}

		@Override
		public BaseLlmConnection connect(LlmRequest request) {
			throw new UnsupportedOperationException();
		}

	}

}
