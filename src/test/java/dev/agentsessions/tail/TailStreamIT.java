package dev.agentsessions.tail;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

import dev.agentsessions.Api;
import dev.agentsessions.Json;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import dev.agentsessions.tail.Follower.Event;
import dev.agentsessions.tail.time.TailTimes;
import io.micrometer.core.instrument.MeterRegistry;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static dev.agentsessions.Json.message;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What happens to a stream as time goes by: silence, age, slow readers, readers that
 * vanish, shutdown.
 */
class TailStreamIT {

	private static final Duration SHORT = Duration.ofMillis(800);

	private static final Duration LONG = Duration.ofHours(1);

	@Test
	void aSilentStreamIsKeptAlive() {
		try (TestStore store = start(new TailTimes(Duration.ofMillis(100), LONG, SHORT, SHORT))) {
			String session = Api.on(store).sessionOf(1);
			try (Follower follower = follow(store, session)) {
				follower.awaitComment();
				assertThat(follower.events()).isEmpty();
			}
		}
	}

	@Test
	void anOldStreamEndsWithAGoodbyeAndTheNextOneMissesNothing() {
		try (TestStore store = start(
				new TailTimes(Duration.ofMillis(40), Duration.ofMillis(200), Duration.ofMillis(300), SHORT))) {
			Api api = Api.on(store);
			String session = api.sessionOf(1);
			String last;
			try (Follower follower = follow(store, session)) {
				follower.awaitEnd();
				List<Event> events = follower.events();
				assertThat(events.get(events.size() - 1).name()).isEqualTo("bye");
				assertThat(follower.retry()).isBetween(300L, 600L);
				last = follower.lastId();
			}
			api.append(session, message("meanwhile")).expect(201);
			try (Follower next = Follower.of(store.uri(), path(session), last)) {
				assertThat(next.await(1).get(0).content()).isEqualTo("meanwhile");
			}
		}
	}

	@Test
	void aReaderThatStallsHoldsLittleAndSlowsNobodyAndGetsEverythingWhenItReadsAgain() throws IOException {
		try (TestStore store = start("store.cache.size=1MB")) {
			Api api = Api.on(store);
			String session = api.sessionOf(1);
			int count = 200;
			try (Socket stalled = new Socket("127.0.0.1", store.port()); Follower quick = follow(store, session)) {
				stalled.setReceiveBufferSize(16 * 1024);
				stalled.setSoTimeout(20_000);
				stalled.getOutputStream()
					.write(("GET " + path(session) + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
						.getBytes(StandardCharsets.US_ASCII));
				Awaitility.await("both follow").until(() -> open(store) == 2);
				String text = "x".repeat(50_000);
				for (int i = 0; i < count; i += 20) {
					List<String> messages = IntStream.range(i, i + 20)
						.mapToObj((each) -> message(each + " " + text))
						.toList();
					api.append(session, Json.array(messages)).expect(201);
				}
				assertThat(quick.await(count)).extracting(Event::seq)
					.isEqualTo(IntStream.rangeClosed(2, count + 1).mapToObj(Long::valueOf).toList());
				Awaitility.await("the other one is known to be slow")
					.until(() -> store.bean(MeterRegistry.class).get("store.tails.slow").gauge().value() == 1);
				assertThat(contents(new BufferedInputStream(stalled.getInputStream()), count))
					.isEqualTo(IntStream.range(0, count).mapToObj(Integer::toString).toList());
			}
		}
	}

	@Test
	void aReaderThatStallsDoesNotHoldUpAShutdown() throws IOException {
		TestStore store = start();
		try (Socket stalled = new Socket("127.0.0.1", store.port())) {
			Api api = Api.on(store);
			String session = api.sessionOf(1);
			stalled.setReceiveBufferSize(16 * 1024);
			stalled.getOutputStream()
				.write(("GET " + path(session) + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
					.getBytes(StandardCharsets.US_ASCII));
			Awaitility.await("it follows").until(() -> open(store) == 1);
			String messages = Json.array(Collections.nCopies(14, message("x".repeat(1_000_000))));
			api.append(session, messages).expect(201);
			Awaitility.await("it is slow")
				.until(() -> store.bean(MeterRegistry.class).get("store.tails.slow").gauge().value() == 1);
			long start = System.nanoTime();
			store.close();
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(7));
		}
		finally {
			store.close();
		}
	}

	@Test
	void aSessionThatIsTakenAwayForBeingIdleSaysSo() {
		try (TestStore store = start(new TailTimes(Duration.ofSeconds(15), LONG, SHORT, LONG))) {
			Api api = Api.on(store);
			String session = api.sessionOf(1);
			try (Follower follower = follow(store, session)) {
				api.put("{\"messages\":[" + message("1") + "],\"last_activity\":\"2020-01-01T00:00:00Z\"}", session)
					.expect(200);
				api.post("/v1/retention/cleanup").json("{}").send().expect(200);
				follower.awaitEnd();
				assertThat(follower.events()).extracting(Event::name).containsExactly("session_deleted");
			}
		}
	}

	@Test
	void aShutdownSaysGoodbyeToEverybodyAndTakesNoNewStreams() {
		TestStore store = start();
		List<Follower> followers = new ArrayList<>();
		try {
			Api api = Api.on(store);
			String session = api.sessionOf(1);
			for (int i = 0; i < 100; i++) {
				followers.add(follow(store, session));
			}
			followers.forEach(Follower::ready);
			long start = System.nanoTime();
			store.close();
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
			followers.forEach(Follower::awaitEnd);
			assertThat(followers)
				.allSatisfy((follower) -> assertThat(follower.events()).extracting(Event::name).containsExactly("bye"));
			assertThat(followers.stream().map(Follower::retry).distinct().count()).as("spread").isGreaterThan(20);
		}
		finally {
			followers.forEach(Follower::close);
			store.close();
		}
	}

	private static TestStore start(String... properties) {
		return TestStore.start(TestStore.newDatabase(Engine.POSTGRESQL), properties);
	}

	private static TestStore start(TailTimes times) {
		return TestStore.start(List.of(times), TestStore.newDatabase(Engine.POSTGRESQL));
	}

	private static double open(TestStore store) {
		return store.bean(MeterRegistry.class).get("store.tails.open").gauge().value();
	}

	private static Follower follow(TestStore store, String session) {
		return Follower.of(store.uri(), path(session), null);
	}

	private static String path(String session) {
		return "/v1/sessions/" + session + "/tail";
	}

	/** The first word of each message in the bytes of a stream. */
	private static List<String> contents(InputStream in, int count) throws IOException {
		List<String> contents = new ArrayList<>();
		StringBuilder line = new StringBuilder();
		while (contents.size() < count) {
			int next = in.read();
			assertThat(next).as("after %s", contents.size()).isNotNegative();
			line.append((char) next);
			if (next == '\n') {
				int content = line.indexOf("\"content\":\"");
				if (line.indexOf("data: {\"seq\"") >= 0 && content > 0) {
					contents.add(line.substring(content + 11, line.indexOf(" x", content)));
				}
				line.setLength(0);
			}
		}
		return contents;
	}

}
