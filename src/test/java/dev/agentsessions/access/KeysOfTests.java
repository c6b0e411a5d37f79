package dev.agentsessions.access;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.agentsessions.TestStore;
import dev.agentsessions.access.key.Hash;
import dev.agentsessions.access.key.KeyFileTimes;
import dev.agentsessions.database.Engine;

/**
 * A store that asks for keys, and keys to it: each is its tenant and role, as in
 * <code>acme-user</code>.
 */
public final class KeysOfTests {

	static final List<String> ALL = List.of("acme-user", "acme-admin", "rival-user", "rival-admin");

	private KeysOfTests() {
	}

	public static TestStore store(Engine engine, Path directory, String... properties) {
		return store(List.of(), engine, directory, properties);
	}

	/** With other times and limits than the service's own. */
	public static TestStore store(List<? extends Record> instead, Engine engine, Path directory, String... properties) {
		Path file = directory.resolve("keys-" + engine);
		write(file, ALL);
		List<Record> all = new ArrayList<>(instead);
		all.add(new KeyFileTimes(Duration.ofMillis(100)));
		return TestStore.start(all, TestStore.newDatabase(engine),
				Stream
					.concat(Stream.of("store.access.mode=api-key", "store.access.keys-file=" + file,
							"management.server.port=0"), Stream.of(properties))
					.toArray(String[]::new));
	}

	static void write(Path file, List<String> keys) {
		try {
			Files.writeString(file,
					keys.stream()
						.map((key) -> Hash.of(key).hex() + " " + key.replace('-', ' '))
						.collect(Collectors.joining("\n")));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
