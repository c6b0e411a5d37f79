package dev.agentsessions.springai;

import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import dev.agentsessions.client.ReadmeLines;
import dev.agentsessions.client.Service;
import dev.agentsessions.client.SessionStore;
import dev.agentsessions.springai.session.SessionStoreSessionRepository;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.AssistantMessage.ToolCall;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage.ToolResponse;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.session.CreateSessionRequest;
import org.springframework.ai.session.DefaultSessionService;
import org.springframework.ai.session.EventFilter;
import org.springframework.ai.session.Session;
import org.springframework.ai.session.SessionEvent;
import org.springframework.ai.session.SessionRepository;
import org.springframework.ai.session.SessionService;
import org.springframework.ai.session.compaction.SlidingWindowCompactionStrategy;
import org.springframework.ai.session.compaction.TurnCountTrigger;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SessionStoreSessionRepositoryTest {

	private final SessionStore store = SessionStore.of(Service.url());

	private final SessionRepository repository = new SessionStoreSessionRepository(this.store);

	private final String id = "session-" + UUID.randomUUID();

	@AfterEach
	void close() {
		this.store.close();
	}

	@Test
	void aSessionIsChangedAndStaysTheSame() {
		Instant created = Instant.parse("2026-01-01T00:00:00Z");
		Instant expiry = Instant.parse("2099-01-01T00:00:00Z");
		this.repository.save(Session.builder().id(this.id).userId("ann").createdAt(created).expiresAt(expiry).build());
		append(new UserMessage("Hi"));
		Session saved = this.repository
			.save(Session.builder().id(this.id).userId("bob").expiresAt(null).metadata(Map.of("model", "m1")).build());
		for (Session session : List.of(saved, this.repository.findById(this.id))) {
			assertThat(session.userId()).isEqualTo("bob");
			assertThat(session.createdAt()).isEqualTo(created);
			assertThat(session.expiresAt()).isNull();
			assertThat(session.metadata()).isEqualTo(Map.of("model", "m1"));
		}
		assertThat(texts(EventFilter.all())).containsExactly("Hi");
		assertThat(this.store.session(this.id).get().block().owner()).isEqualTo("bob");
	}

	@Test
	void eventsComeBackAsTheyWere() {
		create();
		List<Message> messages = List.of(new UserMessage("How warm is it? 😀"),
				AssistantMessage.builder()
					.content("")
					.toolCalls(List.of(new ToolCall("c1", "function", "weather", "{}"),
							new ToolCall("c2", "function", "clock", "{}")))
					.build(),
				ToolResponseMessage.builder()
					.responses(
							List.of(new ToolResponse("c1", "weather", "31"), new ToolResponse("c2", "clock", "noon")))
					.build(),
				ToolResponseMessage.builder().responses(List.of(new ToolResponse("c3", "clock", "one"))).build());
		Instant time = Instant.parse("2026-03-01T10:00:00.123456789Z");
		for (Message message : messages) {
			SessionEvent event = SessionEvent.builder()
				.sessionId(this.id)
				.message(message)
				.timestamp(time)
				.branch("a.b")
				.metadata("synthetic", true)
				.metadata("n", 1)
				.build();
			this.repository.appendEvent(event);
			this.repository.appendEvent(event);
		}
		List<SessionEvent> found = this.repository.findEvents(this.id, EventFilter.all());
		assertThat(found).extracting(SessionEvent::getMessage).isEqualTo(messages);
		assertThat(found).extracting(SessionEvent::getTimestamp).containsOnly(time);
		assertThat(found).extracting(SessionEvent::getBranch).containsOnly("a.b");
		assertThat(found.get(0).getMetadata()).isEqualTo(Map.of("synthetic", true, "n", 1));
		assertThat(this.store.session(this.id).messages().count().block()).isEqualTo(5);
	}

	@Test
	void whatOtherProgramsWroteAreEvents() {
		create();
		this.store.session(this.id)
			.append(dev.agentsessions.client.message.Message.user("From afar").withId("m1"),
					dev.agentsessions.client.message.Message.assistant("Hello"))
			.block();
		assertThat(texts(EventFilter.active())).containsExactly("From afar", "Hello");
		assertThat(this.repository.findEvents(this.id, EventFilter.all())).extracting(SessionEvent::getId)
			.containsExactly("m1", "seq-2");
	}

	@Test
	void compactionChangesWhatAModelSeesAndTheLogKeepsIt() {
		create();
		List<SessionEvent> events = new ArrayList<>();
		for (int i = 1; i <= 4; i++) {
			events.add(append(new UserMessage("u" + i)));
		}
		SessionEvent first = summary("Σ1");
		assertThat(compact(events.subList(0, 2), List.of(first, events.get(2), events.get(3)))).isTrue();
		assertThat(this.store.session(this.id).history().block().messages()).extracting((message) -> message.text())
			.containsExactly("Σ1", "u3", "u4");
		append(new UserMessage("u5"));
		SessionEvent second = summary("Σ2");
		assertThat(compact(events.subList(2, 3), List.of(second, events.get(3), last()))).isTrue();
		assertThat(texts(EventFilter.active())).containsExactly("Σ2", "u4", "u5");
		assertThat(texts(EventFilter.all())).containsExactly("u1", "u2", "u3", "Σ2", "u4", "u5");
		assertThat(this.repository.findEvents(this.id, EventFilter.all())).extracting(SessionEvent::isArchived)
			.containsExactly(true, true, true, false, false, false);
		assertThat(this.store.session(this.id).messages().map((message) -> message.text()).collectList().block())
			.containsExactly("u1", "u2", "u3", "u4", "Σ1", "u5", "Σ2");
		assertThat(texts(EventFilter.builder().lastN(2).build())).containsExactly("u4", "u5");
		assertThat(texts(EventFilter.builder().page(1).pageSize(4).build())).containsExactly("u4", "u5");
		assertThat(texts(EventFilter.builder().page(Integer.MAX_VALUE).pageSize(4).build())).isEmpty();
		SessionEvent archived = events.get(0);
		assertThatThrownBy(() -> compact(List.of(archived), List.of())).isInstanceOf(IllegalArgumentException.class);
	}

	@Test
	void ofThoseWhoCompactAtOnceOneDoes() throws Exception {
		create();
		SessionEvent first = append(new UserMessage("u1"));
		SessionEvent second = append(new UserMessage("u2"));
		long version = this.repository.getEventVersion(this.id);
		List<Callable<Boolean>> all = new ArrayList<>();
		for (int i = 0; i < 6; i++) {
			List<SessionEvent> retained = List.of(summary("Σ" + i), second);
			all.add(() -> this.repository.compactEvents(this.id, List.of(first), retained, version));
		}
		assertThat(atOnce(all)).containsOnlyOnce(true);
		assertThat(texts(EventFilter.active())).hasSize(2).endsWith("u2");
		assertThat(this.store.session(this.id).messages().count().block()).isEqualTo(3);
		assertThat(this.repository.compactEvents(this.id, List.of(), List.of(), version)).isFalse();
	}

	@Test
	void whatIsAppendedWhileOthersCompactIsActive() throws Exception {
		create();
		append(new UserMessage("u0"));
		List<Callable<Boolean>> all = new ArrayList<>();
		for (int writer = 0; writer < 2; writer++) {
			int own = writer;
			all.add(() -> {
				for (int i = 0; i < 20; i++) {
					append(new UserMessage(own + "-" + i));
				}
				return true;
			});
		}
		all.add(() -> {
			for (int i = 0; i < 10; i++) {
				long version = this.repository.getEventVersion(this.id);
				List<SessionEvent> active = this.repository.findEvents(this.id, EventFilter.active());
				SessionEvent oldest = active.get(0);
				List<SessionEvent> retained = new ArrayList<>(List.of(summary("Σ")));
				retained.addAll(active.subList(1, active.size()));
				this.repository.compactEvents(this.id, List.of(oldest), retained, version);
			}
			return true;
		});
		assertThat(atOnce(all)).containsOnly(true);
		append(new UserMessage("the end"));
		List<String> real = texts(EventFilter.realOnly());
		assertThat(real).hasSize(42).doesNotHaveDuplicates().startsWith("u0").endsWith("the end");
		List<SessionEvent> log = this.repository.findEvents(this.id, EventFilter.realOnly());
		assertThat(log.stream().dropWhile(SessionEvent::isArchived)).noneMatch(SessionEvent::isArchived);
	}

	@Test
	void whatIsNotThereIsSaid() {
		assertThat(this.repository.findById(this.id)).isNull();
		assertThat(this.repository.findEvents(this.id, EventFilter.all())).isEmpty();
		assertThat(this.repository.findEvents(this.id, EventFilter.active())).isEmpty();
		assertThat(this.repository.getEventVersion(this.id)).isZero();
		this.repository.delete(this.id);
		assertThatThrownBy(() -> append(new UserMessage("Hi"))).isInstanceOf(IllegalArgumentException.class);
		assertThatThrownBy(() -> this.repository.compactEvents(this.id, List.of(), List.of(), 0))
			.isInstanceOf(IllegalArgumentException.class);
	}

	@Test
	void anExpiredSessionIsFoundUntilTheStoreHasTakenIt() {
		// as the store has it
		Instant expiry = Instant.now().plusSeconds(3600).truncatedTo(ChronoUnit.MICROS);
		this.repository.save(Session.builder().id(this.id).userId("ann").expiresAt(expiry).build());
		assertThat(this.repository.findExpiredSessionIds(expiry)).doesNotContain(this.id);
		assertThat(this.repository.findExpiredSessionIds(expiry.plusSeconds(1))).contains(this.id);
		this.store.session(this.id).delete().block(); // as the store does
		assertThat(this.repository.findExpiredSessionIds(expiry.plusSeconds(1))).doesNotContain(this.id);
		assertThat(this.repository.findById(this.id)).isNull();
		create();
		assertThat(this.repository.findById(this.id).expiresAt()).isAfter(expiry);
	}

	@Test
	void theReadmesLinesWork() {
		String url = Service.url();
		String sessionId = this.id;
		// tag::readme[]
		SessionStore store = SessionStore.of(url); // one for the whole program
		SessionService sessions = DefaultSessionService.builder()
			.sessionRepository(new SessionStoreSessionRepository(store))
			.build();
		sessions.create(CreateSessionRequest.builder().id(sessionId).userId("ann").build());
		for (int turn = 1; turn <= 3; turn++) {
			sessions.appendMessage(sessionId, new UserMessage("Question " + turn));
			sessions.appendMessage(sessionId, new AssistantMessage("Answer " + turn));
		}
		sessions.compact(sessionId, new TurnCountTrigger(2),
				SlidingWindowCompactionStrategy.builder().maxEvents(2).build());
		sessions.getEvents(sessionId, EventFilter.active())
			.forEach((event) -> System.out.println(event.getMessage().getText()));
		// end::readme[]
		assertThat(texts(EventFilter.active())).containsExactly("Question 3", "Answer 3");
		assertThat(texts(EventFilter.all())).hasSize(6);
		store.close();
	}

	@Test
	void theReadmeHasTheseLines() throws IOException {
		ReadmeLines.of(SessionStoreSessionRepositoryTest.class)
			.areIn("clients/java/spring-ai-session/README.md", "SessionStore store");
	}

	@Test
	void oneDependencyAndOneUrlAreEnough() throws ClassNotFoundException {
		String name = "dev.agentsessions.springai.session.SessionStoreSessionAutoConfiguration";
		assertThat(ImportCandidates.load(org.springframework.boot.autoconfigure.AutoConfiguration.class, null))
			.contains(name);
		ApplicationContextRunner runner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(SessionStoreAutoConfiguration.class, Class.forName(name)));
		runner.withPropertyValues("agent-session-store.url=" + Service.url())
			.run((context) -> assertThat(context).hasSingleBean(SessionStoreSessionRepository.class));
		runner.run((context) -> assertThat(context).doesNotHaveBean(SessionRepository.class));
	}

	private void create() {
		this.repository.save(Session.builder().id(this.id).userId("ann").build());
	}

	private SessionEvent append(Message message) {
		SessionEvent event = SessionEvent.builder().sessionId(this.id).message(message).build();
		this.repository.appendEvent(event);
		return event;
	}

	private SessionEvent summary(String text) {
		return SessionEvent.builder()
			.sessionId(this.id)
			.message(new AssistantMessage(text))
			.metadata(SessionEvent.METADATA_SYNTHETIC, true)
			.build();
	}

	private boolean compact(List<SessionEvent> archived, List<SessionEvent> retained) {
		return this.repository.compactEvents(this.id, archived, retained, this.repository.getEventVersion(this.id));
	}

	private SessionEvent last() {
		return this.repository.findEvents(this.id, EventFilter.lastN(1)).get(0);
	}

	private List<String> texts(EventFilter filter) {
		return this.repository.findEvents(this.id, filter)
			.stream()
			.map((event) -> event.getMessage().getText())
			.toList();
	}

	private static List<Boolean> atOnce(List<Callable<Boolean>> all) throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(all.size());
		try {
			List<Boolean> answers = new ArrayList<>();
			for (Future<Boolean> each : threads.invokeAll(all)) {
				answers.add(each.get());
			}
			return answers;
		}
		finally {
			threads.shutdownNow();
		}
	}

}
