package dev.agentsessions.access;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;

import dev.agentsessions.Api;
import dev.agentsessions.TestStore;
import dev.agentsessions.access.key.Hash;
import dev.agentsessions.database.Engine;
import io.micrometer.core.instrument.MeterRegistry;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Keys are given and taken back while the service runs; a file that is wrong changes
 * nothing.
 */
@ExtendWith(OutputCaptureExtension.class)
class KeyRotationIT {

	@TempDir
	private Path directory;

	private TestStore store;

	private Path file;

	@BeforeEach
	void start() {
		this.store = KeysOfTests.store(Engine.H2, this.directory);
		this.file = this.directory.resolve("keys-H2");
	}

	@AfterEach
	void stop() {
		this.store.close();
	}

	@Test
	void keysAreGivenAndTakenBackWithoutARestart() throws IOException {
		assertThat(status("acme-user")).isEqualTo(200);
		assertThat(status("next-user")).isEqualTo(401);
		KeysOfTests.write(this.file, List.of("acme-user", "next-user"));
		await("next-user", 200);
		assertThat(status("acme-user")).isEqualTo(200);
		Path other = this.directory.resolve("other");
		KeysOfTests.write(other, List.of("next-user", "last-user"));
		Files.setLastModifiedTime(other, Files.getLastModifiedTime(this.file));
		Files.move(other, this.file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
		await("acme-user", 401);
		assertThat(status("last-user")).isEqualTo(200);
	}

	@Test
	void aWrongFileChangesNothingAndIsNotQuoted(CapturedOutput output) throws IOException {
		Files.writeString(this.file, "# s3cr3t comment\n\n" + Hash.of("next-user").hex() + " s3cr3t root");
		await(output, "The keys file is wrong (line 3: the role must be user or admin)");
		assertThat(metric("store.access.keys.stale")).isEqualTo(1);
		assertThat(status("acme-user")).isEqualTo(200);
		assertThat(status("next-user")).isEqualTo(401);
		Files.writeString(this.file, "");
		await(output, "The keys file is wrong (it has no key)");
		Files.delete(this.file);
		await(output, "The keys file is wrong (it can't be read: NoSuchFileException)");
		assertThat(status("acme-user")).isEqualTo(200);
		KeysOfTests.write(this.file, List.of("next-user"));
		await("next-user", 200);
		assertThat(metric("store.access.keys.stale")).isZero();
		assertThat(status("acme-user")).isEqualTo(401);
		assertThat(output.getAll()).doesNotContain("s3cr3t")
			.doesNotContain(Hash.of("next-user").hex())
			.doesNotContain(Hash.of("acme-user").hex());
	}

	@Test
	void whoIsNotLetInIsCounted() {
		Api.on(this.store).get("/v1/sessions").expect(401);
		Api.on(this.store, "guessed").get("/v1/sessions").expect(401);
		Api.on(this.store, "guessed").get("/v1/sessions").expect(401);
		Api.on(this.store, "acme-user").get("/v1/retention").expect(403);
		Api.on(this.store, "acme-user").get("/v1/sessions/none").expect(404);
		assertThat(metric("store.access.refused", "reason", "missing")).isEqualTo(1);
		assertThat(metric("store.access.refused", "reason", "invalid")).isEqualTo(2);
		assertThat(metric("store.access.refused", "reason", "forbidden")).isEqualTo(1);
		assertThat(metric("store.access.refused", "reason", "unavailable")).isZero();
	}

	private double metric(String name, String... tags) {
		return this.store.bean(MeterRegistry.class).get(name).tags(tags).meter().measure().iterator().next().getValue();
	}

	private void await(String key, int status) {
		Awaitility.await()
			.atMost(Duration.ofSeconds(10))
			.untilAsserted(() -> assertThat(status(key)).isEqualTo(status));
	}

	private static void await(CapturedOutput output, String line) {
		Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> output.getAll().contains(line));
	}

	private int status(String key) {
		return Api.on(this.store, key).get("/v1/sessions").status();
	}

}
