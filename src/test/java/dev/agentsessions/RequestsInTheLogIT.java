package dev.agentsessions;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import dev.agentsessions.database.Engine;
import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * No byte of a request is ever in the log, whatever it is and wherever in it, at the most
 * talkative level that docs/configuration.md names.
 */
@ParameterizedClass
@EnumSource(Engine.class)
class RequestsInTheLogIT {

	private static final String CANARY = "c4nary";

	private static final List<String> log = new CopyOnWriteArrayList<>();

	private static final Appender appender = new Appender();

	private static TestStore store;

	RequestsInTheLogIT(Engine engine) {
	}

	@BeforeParameterizedClassInvocation
	static void start(Engine engine) {
		TestStore.closeShared(); // theirs would be in the log as well
		log.clear();
		store = TestStore.start(TestStore.newDatabase(engine), "logging.level.root=debug",
				"logging.threshold.console=off");
		appender.start();
		root().addAppender(appender);
	}

	@AfterParameterizedClassInvocation
	static void stop() {
		root().detachAppender(appender);
		store.close();
		// the threshold belongs to the process: later tests would print nothing
		System.clearProperty("CONSOLE_LOG_THRESHOLD");
	}

	@Test
	void whateverItIs() {
		List<String> requests = new ArrayList<>(readable());
		requests.addAll(unreadable());
		List<String> told = new ArrayList<>();
		requests.forEach((request) -> {
			log.clear();
			exchange(request);
			log.stream()
				.filter((line) -> line.toLowerCase(Locale.ROOT).contains(CANARY))
				.map((line) -> "%.60s is in %.300s".formatted(request, line))
				.forEach(told::add);
		});
		assertThat(told).isEmpty();
	}

	@Test
	void ofManyThatAreNoHttpThereIsOneLineASecondWithTheirNumber() {
		log.clear();
		double before = counted();
		long start = System.nanoTime();
		for (int i = 0; i < 50; i++) {
			exchange("this is no HTTP\r\n\r\n");
		}
		await().until(() -> {
			exchange("nor is this\r\n\r\n");
			return lines().size() > 0;
		});
		long seconds = (System.nanoTime() - start) / 1_000_000_000 + 1;
		assertThat(lines()).hasSizeLessThanOrEqualTo((int) seconds + 1);
		// on a machine that has much else to do, connections to the database may fail,
		// which is told as well
		assertThat(log).filteredOn((line) -> line.startsWith("WARN") || line.startsWith("ERROR"))
			.filteredOn((line) -> line.contains("HTTP") || line.contains("dev.agentsessions.connection"))
			.isEqualTo(lines());
		assertThat(counted() - before).isGreaterThanOrEqualTo(51);
	}

	private static List<String> lines() {
		return log.stream().filter((line) -> line.contains("requests could not be read as HTTP")).toList();
	}

	private static double counted() {
		return store.bean(MeterRegistry.class)
			.get("store.connections.closed")
			.tag("reason", "unreadable")
			.counter()
			.count();
	}

	private static List<String> readable() {
		String everywhere = "Host: c4nary\r\nX-c4nary: c4nary\r\nCookie: c4nary=c4nary\r\nUser-Agent: c4nary\r\n"
				+ "Authorization: Bearer c4nary\r\nReferer: c4nary\r\nOrigin: http://c4nary\r\ntraceparent: c4nary\r\n"
				+ "If-None-Match: \"c4nary\"\r\nLast-Event-ID: c4nary\r\nX-Request-Id: c4nary\r\nForwarded: for=c4nary\r\n"
				+ "Range: bytes=c4nary\r\nAccept-Language: c4nary\r\nPrefer: c4nary\r\n";
		List<String> requests = new ArrayList<>();
		for (String target : List.of("/c4nary", "/v1/sessions/c4nary", "/v1/sessions/c4nary/messages?after=c4nary",
				"/v1/sessions/c4nary/messages?page_size=1&c4nary=c4nary", "/v1/sessions?cursor=c4nary", "/docs/c4nary",
				"/v1/sessions/c4nary/tail", "/v1/tail?session_id=c4nary", "/v1/sessions/c4nary/history#c4nary",
				"/actuator/c4nary", "//c4nary", "http://c4nary/c4nary")) {
			requests.add("GET " + target + " HTTP/1.1\r\n" + everywhere + "Connection: close\r\n\r\n");
		}
		requests.add("c4nary /v1/sessions HTTP/1.1\r\n" + everywhere + "Connection: close\r\n\r\n");
		requests.add("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
				+ "Sec-WebSocket-Key: c4nary\r\nSec-WebSocket-Version: 13\r\n\r\nc4nary");
		requests.add("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: h2c, c4nary\r\nConnection: upgrade, http2-settings\r\n"
				+ "HTTP2-Settings: c4nary\r\n\r\nc4nary");
		for (String body : List.of("{\"role\":\"user\",\"content\":\"c4nary\"}", "{\"role\":\"c4nary\"}", "c4nary",
				"{\"c4nary\":1}", "{\"role\":\"user\",\"content\":\"c4nary\\ud800\"}", "[\"c4nary\"]",
				"{\"role\":\"user\",\"content\":\"x\",\"metadata\":{\"c4nary\":1e999}}")) {
			requests.add(post("/v1/sessions/c4nary/messages", "application/json", body));
			requests.add(post("/v1/sessions/c4nary/messages", "application/x-ndjson", body + "\n" + body));
			requests.add(post("/v1/sessions/c4nary/turns", "application/json", "{\"messages\":[" + body + "]}"));
			requests.add(post("/v1/sessions/c4nary/agent-switches", "application/json", body));
			requests.add(post("/v1/sessions/c4nary/messages", "c4nary/json", body));
			requests.add(post("/v1/sessions/c4nary/messages", "application/json; c4nary", body).replaceFirst("Host",
					"Content-Encoding: gzip\r\nHost"));
		}
		return requests;
	}

	private static List<String> unreadable() {
		String post = "POST /v1/sessions/x/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
		String chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
		String message = "{\"role\":\"user\",\"content\":\"%s c4nary\"}".formatted("Ж".repeat(40));
		return List.of("c4nary\r\n\r\n", "c4nary", "GET c4nary\r\n\r\n", "GET / HTTP/c4nary\r\n\r\n",
				"GET / c4nary/1.1\r\nHost: x\r\n\r\n", "\u0001c4nary\u0000\r\n\r\n",
				"GET /c4nary HTTP/1.1\r\nX-c4nary: c4nary\r\n\r\n",
				"GET /c4nary HTTP/1.1\r\nHost: c4nary\r\nHost: c4nary\r\n\r\n",
				"GET / HTTP/1.1\r\nHost: x\r\nc4nary\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nc4nary c4nary: x\r\n\r\n",
				"GET / HTTP/1.1\r\nHost: x\r\nX: c4nary\u0000\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n: c4nary\r\n\r\n",
				"GET /%zzc4nary HTTP/1.1\r\nHost: x\r\n\r\n", "GET /c4nary c4nary HTTP/1.1\r\nHost: x\r\n\r\n",
				"GET /" + "c4nary".repeat(100_000) + " HTTP/1.1\r\nHost: x\r\n\r\n",
				"GET / HTTP/1.1\r\nHost: x\r\nX: " + "c4nary".repeat(100_000) + "\r\n\r\n",
				"CONNECT c4nary:443 HTTP/1.1\r\nHost: c4nary\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: c4nary\r\n\r\n",
				"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nc4nary", post + "Content-Length: c4nary\r\n\r\nc4nary",
				post + "Content-Length: 9\r\nContent-Length: 8\r\n\r\nc4nary",
				post + "Content-Length: -1\r\n\r\nc4nary", post + "Transfer-Encoding: c4nary\r\n\r\nc4nary",
				post + "Expect: c4nary\r\nContent-Length: 6\r\n\r\nc4nary", chunked + "c4nary\r\nc4nary\r\n",
				chunked + "6;c4nary\r\nc4nary\r\n0\r\n\r\n", chunked + "6\r\nc4naryc4nary\r\n0\r\n\r\n",
				chunked + "6\r\nc4nary\r\n0\r\nX-c4nary: c4nary\r\n\r\n",
				chunked + "6\r\nc4nary\r\n0\r\nc4nary\r\n\r\n", chunked + "c4nary".repeat(5000),
				// counted in characters, so that the end of it is the next request line
				post + "Content-Length: " + message.length() + "\r\n\r\n" + message,
				post + "Content-Length: 500\r\n\r\n" + message);
	}

	private static String post(String path, String type, String body) {
		return "POST " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: " + type
				+ "\r\nContent-Length: " + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body;
	}

	/** Sends it, waits for the begin of an answer and hangs up. */
	private static void exchange(String request) {
		try (Socket socket = new Socket("127.0.0.1", store.port())) {
			socket.setSoTimeout(200);
			socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
			socket.getInputStream().readAllBytes();
		}
		catch (SocketException | SocketTimeoutException ex) {
			// it waits for more, or has hung up already
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static Logger root() {
		return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
	}

	/** Every line with its whole stack trace, as a file would have it. */
	private static final class Appender extends AppenderBase<ILoggingEvent> {

		@Override
		protected void append(ILoggingEvent event) {
			String trace = (event.getThrowableProxy() != null) ? ThrowableProxyUtil.asString(event.getThrowableProxy())
					: "";
			log.add(event.getLevel() + " " + event.getLoggerName() + " " + event.getFormattedMessage() + " "
					+ event.getMDCPropertyMap() + "\n" + trace);
		}

	}

}
