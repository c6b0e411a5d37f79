package dev.agentsessions.access.key;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

import dev.agentsessions.access.AccessProblems;
import dev.agentsessions.access.Authenticator;
import dev.agentsessions.access.Caller;
import dev.agentsessions.access.Credentials;
import dev.agentsessions.schedule.Lifecycle;
import dev.agentsessions.schedule.RecurringJob;
import dev.agentsessions.schedule.Timing;
import dev.agentsessions.settings.SetupException;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.http.HttpHeaders;

/**
 * Callers with a key out of a file. The file is read again every few seconds, so that
 * keys are given and taken back without a restart. Once it was right, a file that is
 * wrong or gone changes nothing: the last good keys stay.
 */
public final class ApiKeys extends Lifecycle implements Authenticator {

	private static final Logger log = LoggerFactory.getLogger(ApiKeys.class);

	/** The largest file: far more keys than one should have in a file. */
	private static final int MAX_BYTES = 4 << 20;

	private final Path file;

	private byte[] text;

	private volatile @Nullable String fault = "";

	private volatile Map<Hash, Caller> callers;

	/**
	 * Reads the keys, and goes on doing so once it is started.
	 * @param interval how often the file is read again
	 * @throws SetupException if the file can't be read now, or is wrong
	 */
	public ApiKeys(Path file, Duration interval, MeterRegistry meters) {
		super(Phase.DATABASE);
		this.file = file;
		try {
			this.text = read(file);
			this.callers = ApiKeyFile.parse(this.text);
		}
		catch (IOException ex) {
			throw refusal("can't be read (" + ex.getClass().getSimpleName() + ")");
		}
		catch (IllegalArgumentException ex) {
			throw refusal("is wrong: " + ex.getMessage());
		}
		log.info("{} keys were read", this.callers.size());
		Gauge.builder("store.access.keys.stale", this, (keys) -> "".equals(keys.fault) ? 0 : 1)
			.description("1 while the keys file is wrong, or can't be read, and the last good keys are used")
			.register(meters);
		runs(new RecurringJob("the reading of the keys file", Timing.steady(interval), Mono.fromRunnable(this::reload),
				Schedulers.boundedElastic()));
	}

	private static SetupException refusal(String what) {
		return new SetupException("The file of STORE_ACCESS_KEYS_FILE " + what + ".",
				"Give a file with a line for each key; java -jar agent-session-store.jar new-key --tenant T --role R"
						+ " prints a key and its line.");
	}

	@Override
	public Mono<Caller> caller(HttpHeaders request) {
		String key = Credentials.key(request);
		if (key == null) {
			throw AccessProblems.missing("Send a key, as Authorization: Bearer, or as X-API-Key.");
		}
		// the map finds candidates by 32 bits of the hash and compares them in constant
		// time
		Hash hash = Hash.of(key);
		Caller caller = this.callers.get(hash);
		if (caller == null) {
			throw AccessProblems.invalid("This key is not known.");
		}
		return Mono.just(caller.asLongAs(() -> caller.equals(this.callers.get(hash))));
	}

	/**
	 * Compares the content rather than times and sizes: those stay the same when a file
	 * is replaced by another of the same length within a tick of the clock.
	 */
	private void reload() {
		try {
			byte[] now = read(this.file);
			if (!Arrays.equals(now, this.text)) {
				this.callers = ApiKeyFile.parse(now);
				this.text = now;
				log.info("{} keys were read, the file has changed", this.callers.size());
			}
			this.fault = "";
		}
		catch (IOException ex) {
			keep("it can't be read: " + ex.getClass().getSimpleName());
		}
		catch (IllegalArgumentException ex) {
			keep(ex.getMessage());
		}
	}

	/** Says it once, not every few seconds. */
	private void keep(@Nullable String now) {
		if (!Objects.equals(now, this.fault)) {
			this.fault = now;
			log.warn("The keys file is wrong ({}); the last good keys stay", now);
		}
	}

	private static byte[] read(Path file) throws IOException {
		try (InputStream input = Files.newInputStream(file)) {
			byte[] text = input.readNBytes(MAX_BYTES + 1);
			if (text.length > MAX_BYTES) {
				throw new IllegalArgumentException("it has more than " + MAX_BYTES + " bytes");
			}
			return text;
		}
	}

}
