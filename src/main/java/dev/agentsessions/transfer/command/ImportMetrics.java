package dev.agentsessions.transfer.command;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.function.ToDoubleFunction;

import dev.agentsessions.transfer.Rejects;
import dev.agentsessions.transfer.TransferTally;
import dev.agentsessions.transfer.TransferFailure;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.jspecify.annotations.Nullable;

/**
 * How far an import is, and how it ended, as a file in the text format of Prometheus: for
 * the collector of text files of its node exporter, since a command that ends is not
 * there to be asked. The file is replaced as a whole, now and then and at the end.
 */
final class ImportMetrics implements AutoCloseable {

	static final Duration EVERY = Duration.ofSeconds(5);

	private static final int FAILED = 1;

	private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

	private final @Nullable Path file;

	private final PrintStream err;

	private final Clock clock;

	private final long every;

	private long written = System.nanoTime();

	private double fraction;

	private double end;

	private int status = FAILED;

	private boolean broken;

	/**
	 * Begins, and writes the file for the first time.
	 * @param file null for none
	 * @param every how often it is written while the import goes on
	 * @throws TransferFailure if no file can be written there
	 */
	ImportMetrics(@Nullable Path file, TransferTally tally, Rejects rejects, PrintStream err, Clock clock,
			Duration every) {
		this.clock = clock;
		this.file = file;
		this.every = every.toNanos();
		this.err = err;
		double start = now();
		sessions("written", tally, (sum) -> sum.sessions);
		sessions("already_there", tally, (sum) -> sum.alreadyThere);
		sessions("continued", tally, (sum) -> sum.continued);
		sessions("left_alone", tally, (sum) -> sum.leftAlone);
		count("store.import.messages", "Messages that were written", tally, (sum) -> sum.messages);
		count("store.import.contexts", "Contexts of agents that were written", tally, (sum) -> sum.contexts);
		count("store.import.switches", "Switches of agents that were written", tally, (sum) -> sum.switches);
		count("store.import.rejects", "What could not be stored", rejects, Rejects::count);
		gauge("store.import.progress.ratio", "How much of the source was read, from 0 to 1", (all) -> all.fraction);
		gauge("store.import.start.seconds", "When it began, in seconds since 1970", (all) -> start);
		gauge("store.import.end.seconds", "When it ended, in seconds since 1970; 0 before", (all) -> all.end);
		gauge("store.import.status", "Its exit status; 1 before its end", (all) -> all.status);
		try {
			if (file != null && Files.isDirectory(file)) {
				// an empty one would be replaced
				throw new FileAlreadyExistsException(file.toString());
			}
			write();
		}
		catch (IOException ex) {
			throw new TransferFailure("The file for metrics, " + file + ", can't be written.");
		}
	}

	/**
	 * Writes it if that was some time ago.
	 * @param fraction how much of the source was read, from 0 to 1
	 */
	void progress(double fraction) {
		this.fraction = fraction;
		if (System.nanoTime() - this.written >= this.every) {
			writeIfPossible();
		}
	}

	/** Notes how it ended; without that, it failed. */
	void ended(int status) {
		this.status = status;
		this.fraction = 1;
	}

	@Override
	public void close() {
		this.end = now();
		writeIfPossible();
		this.registry.close();
	}

	/** An import does not fail for want of its metrics. */
	private void writeIfPossible() {
		try {
			write();
		}
		catch (IOException | UncheckedIOException ex) {
			if (!this.broken) {
				this.broken = true;
				this.err.println("The file for metrics, " + this.file + ", can't be written any more.");
			}
		}
	}

	private void write() throws IOException {
		this.written = System.nanoTime();
		if (this.file != null) {
			Path unfinished = this.file.resolveSibling(this.file.getFileName() + ".part");
			Files.writeString(unfinished, this.registry.scrape());
			Files.move(unfinished, this.file, StandardCopyOption.REPLACE_EXISTING);
		}
	}

	private void sessions(String outcome, TransferTally tally, ToDoubleFunction<TransferTally> value) {
		FunctionCounter.builder("store.import.sessions", tally, value)
			.description("Sessions, by what became of them")
			.tag("outcome", outcome)
			.register(this.registry);
	}

	private <T> void count(String name, String description, T of, ToDoubleFunction<T> value) {
		FunctionCounter.builder(name, of, value).description(description).register(this.registry);
	}

	private void gauge(String name, String description, ToDoubleFunction<ImportMetrics> value) {
		Gauge.builder(name, this, value).description(description).register(this.registry);
	}

	private double now() {
		return this.clock.millis() / 1000.0;
	}

}
