package dev.agentsessions.tail.wakeup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;

import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.tail.wakeup.WakeUpConnection.Channel;
import dev.agentsessions.tail.wakeup.WakeUpConnection.Hint;
import dev.agentsessions.tail.wakeup.WakeUpConnection.Pulse;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.test.StepVerifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * One connection to NATS: who hears what, and what it takes for the server.
 */
class NatsConnectionIT {

	private static final Duration PATIENCE = Duration.ofSeconds(5);

	private static final char[] SECRET = "sekret".toCharArray();

	@TempDir
	private Path directory;

	@Test
	void whatOneSendsTheOthersOfItsStoreHear() throws Exception {
		try (NatsServer nats = NatsServer.start()) {
			WakeUpConnection one = open(nats.url(), "a");
			WakeUpConnection other = open(nats.url(), "a");
			WakeUpConnection stranger = open(nats.url(), "b");
			StepVerifier.create(other.hints()).then(() -> {
				stranger.send(Channel.SESSIONS, "strange").block();
				one.send(Channel.SESSIONS, "1,2").block();
				one.send(Channel.DRAFTS, "*").block();
			})
				.expectNext(new Hint(Channel.SESSIONS, "1,2"), new Hint(Channel.DRAFTS, "*"))
				.thenCancel()
				.verify(PATIENCE);
			StepVerifier.create(one.hints())
				.then(() -> one.send(Channel.SESSIONS, "own").block())
				.then(() -> other.send(Channel.SESSIONS, "foreign").block())
				.expectNext(new Hint(Channel.SESSIONS, "foreign"))
				.then(() -> one.close().block())
				.expectComplete()
				.verify(PATIENCE);
			other.close().block();
			stranger.close().block();
		}
	}

	@Test
	void itIsKnownWhetherAnotherReplicaHasTails() throws Exception {
		try (NatsServer nats = NatsServer.start()) {
			WakeUpConnection one = open(nats.url(), "a");
			WakeUpConnection other = open(nats.url(), "a");
			assertThat(one.heartbeat(true).block()).as("its own tails").isEqualTo(new Pulse(false, null));
			Awaitility.await("it is heard of")
				.until(() -> new Pulse(true, null).equals(other.heartbeat(false).block()));
			other.heartbeat(false).block();
			other.heartbeat(false).block();
			assertThat(other.heartbeat(false).block()).as("heard of no longer").isEqualTo(new Pulse(false, null));
			one.close().block();
			other.close().block();
		}
	}

	/** Each heartbeat finds it out; nothing else would. */
	@Test
	void aServerThatSaysNothingIsAnError() throws Exception {
		try (NatsServer nats = NatsServer.start()) {
			WakeUpConnection one = open(nats.url(), "a");
			nats.freeze();
			StepVerifier.create(one.heartbeat(true)).expectError(IOException.class).verify(PATIENCE.multipliedBy(2));
			nats.thaw();
			one.close().block();
		}
	}

	@Test
	void aServerMustHaveTheNameThatItsCertificateIsFor() throws Exception {
		SSLContext before = SSLContext.getDefault();
		Path key = this.directory.resolve("key.pem");
		Path certificate = this.directory.resolve("certificate.pem");
		SSLContext.setDefault(trustInNew(key, certificate));
		try (NatsServer nats = NatsServer.start("--tls", "--tlscert", certificate.toString(), "--tlskey",
				key.toString(), "--user", "ann", "--pass", "sekret")) {
			WakeUpConnection one = open("tls://ann:sekret@localhost:" + nats.port(), "a");
			one.heartbeat(true).block();
			one.close().block();
			assertThatExceptionOfType(ProblemException.class)
				.isThrownBy(() -> open("tls://ann:sekret@127.0.0.1:" + nats.port(), "a"))
				.withMessageEndingWith("NATS did not answer");
		}
		finally {
			SSLContext.setDefault(before);
		}
	}

	private static WakeUpConnection open(String url, String store) {
		WakeUpConnection connection = NatsConnection.open(NatsUrl.valueOf(url), store, PATIENCE).block();
		assertThat(connection).isNotNull();
		connection.listen().block();
		// the server has read what came before
		connection.heartbeat(false).block();
		return connection;
	}

	/** Writes a key and a certificate for localhost, and trusts that alone. */
	private SSLContext trustInNew(Path key, Path certificate)
			throws IOException, InterruptedException, GeneralSecurityException {
		Path file = this.directory.resolve("store.p12");
		int code = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
				"-genkeypair", "-alias", "nats", "-keyalg", "EC", "-dname", "CN=nats", "-ext", "san=dns:localhost",
				"-keystore", file.toString(), "-storetype", "PKCS12", "-storepass", new String(SECRET))
			.redirectErrorStream(true)
			.redirectOutput(this.directory.resolve("keytool.log").toFile())
			.start()
			.waitFor();
		assertThat(code).isZero();
		KeyStore store = KeyStore.getInstance(file.toFile(), SECRET);
		Files.writeString(key, pem("PRIVATE KEY", store.getKey("nats", SECRET).getEncoded()));
		Files.writeString(certificate, pem("CERTIFICATE", store.getCertificate("nats").getEncoded()));
		KeyStore trusted = KeyStore.getInstance("PKCS12");
		trusted.load(null, null);
		trusted.setCertificateEntry("nats", store.getCertificate("nats"));
		TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
		factory.init(trusted);
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(null, factory.getTrustManagers(), null);
		return context;
	}

	private static String pem(String what, byte[] bytes) {
		return "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder(64, new byte[] { '\n' }).encodeToString(bytes)
				+ "\n-----END " + what + "-----\n";
	}

}
