package dev.agentsessions.access.filter;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

import dev.agentsessions.Api;
import dev.agentsessions.TestStore;
import dev.agentsessions.database.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A service that anybody could reach starts only with a mode that was set on purpose, and
 * with all that the mode needs.
 */
@ExtendWith(OutputCaptureExtension.class)
class AccessModeIT {

	@ParameterizedTest
	@ValueSource(strings = { "127.0.0.1", "127.1.2.3", "::1" })
	void onALoopbackAddressAccessIsOpenUnlessSaidOtherwise(String address) throws UnknownHostException {
		assertThat(AccessMode.choose(null, InetAddress.getByName(address))).isEqualTo(AccessMode.OPEN);
		assertThat(AccessMode.choose(AccessMode.JWT, InetAddress.getByName(address))).isEqualTo(AccessMode.JWT);
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "server.address=0.0.0.0", "server.address=::", "server.address=", "server.address=192.0.2.1" })
	void onAnyOtherAddressItRefusesToStart(String address, CapturedOutput output) {
		assertRefused(output, "STORE_ACCESS_MODE to api-key", address);
		assertRefused(output, "STORE_ACCESS_MODE to api-key", address, "store.access.mode=");
		assertThat(output).as("refused before anything was touched").doesNotContain("The database is");
	}

	@Test
	void openOnPurposeIsWarnedOf(CapturedOutput output) {
		try (TestStore store = start("server.address=0.0.0.0", "store.access.mode=open")) {
			Api.on(store).newSession();
		}
		assertThat(output.getAll().split("whoever reaches this service reads and writes every session")).hasSize(2);
	}

	@Test
	void theLastLineSaysWhereTheServiceIsAndWhoMayCall(CapturedOutput output) {
		try (TestStore store = start()) {
			assertThat(output).contains("Ready at " + store.uri() + "; access is open (whoever reaches it may do all);"
					+ " the console is at " + store.uri() + "/console; the documentation is at " + store.uri()
					+ "/docs; health and metrics are at port " + store.managementPort());
		}
	}

	@Test
	void theLastLineNamesNoConsoleThatIsSwitchedOff(CapturedOutput output) {
		try (TestStore store = start("store.console.enabled=false")) {
			assertThat(output).contains("may do all); the documentation is at " + store.uri() + "/docs;");
		}
	}

	@Test
	void aModeThatDoesNotExistIsRefused(CapturedOutput output) {
		assertRefused(output, "store.access.mode", "store.access.mode=apikeys");
	}

	@Test
	void apiKeyNeedsAFile(CapturedOutput output) {
		assertRefused(output, "STORE_ACCESS_KEYS_FILE is not set", "store.access.mode=api-key");
	}

	@Test
	void theFileMustBeThereAndRight(@TempDir Path directory, CapturedOutput output) throws Exception {
		Path file = directory.resolve("keys");
		String[] keys = { "store.access.mode=api-key", "store.access.keys-file=" + file };
		assertRefused(output, "can't be read (NoSuchFileException)", keys);
		Files.writeString(file, "# none");
		assertRefused(output, "is wrong: it has no key", keys);
		Files.writeString(file, "not-a-hash s3cr3t user");
		assertRefused(output, "is wrong: line 1: the hash must have 64", keys);
		assertThat(output).doesNotContain("s3cr3t");
	}

	@Test
	void jwtNeedsAnIdentityProvider(CapturedOutput output) {
		assertRefused(output, "STORE_ACCESS_JWT_ISSUER", "store.access.mode=jwt");
	}

	@Test
	void jwtNeedsAnAudienceUnlessAnyIsMeant(CapturedOutput output) {
		String issuer = "store.access.jwt.issuer=http://127.0.0.1:1";
		assertRefused(output, "STORE_ACCESS_JWT_AUDIENCE", "store.access.mode=jwt", issuer);
		assertRefused(output, "STORE_ACCESS_JWT_AUDIENCE", "store.access.mode=jwt",
				"store.access.jwt.jwk-set-uri=http://127.0.0.1:1/keys");
		start("store.access.mode=jwt", issuer, "store.access.jwt.audience=*").close();
	}

	@Test
	void anOriginIsNoPattern(CapturedOutput output) {
		assertRefused(output, "(store.access.origins) must be origins", "store.access.origins=*");
	}

	private static void assertRefused(CapturedOutput output, String reason, String... properties) {
		assertThatExceptionOfType(Exception.class).isThrownBy(() -> start(properties).close());
		assertThat(output).contains("APPLICATION FAILED TO START", reason);
	}

	private static TestStore start(String... properties) {
		return TestStore.start(TestStore.newDatabase(Engine.H2),
				Stream.concat(Stream.of("management.server.port=0"), Arrays.stream(properties)).toArray(String[]::new));
	}

}
