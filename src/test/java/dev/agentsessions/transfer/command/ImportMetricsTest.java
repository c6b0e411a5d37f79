package dev.agentsessions.transfer.command;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.agentsessions.transfer.Command;
import dev.agentsessions.transfer.OldFile;
import dev.agentsessions.transfer.Rejects;
import dev.agentsessions.transfer.RetentionOutlook;
import dev.agentsessions.transfer.TransferTally;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an import tells Prometheus.
 */
class ImportMetricsTest {

	private static final String WRITTEN = "store_import_sessions_total{outcome=\"written\"}";

	private static final String ALREADY_THERE = "store_import_sessions_total{outcome=\"already_there\"}";

	@TempDir
	private Path directory;

	private final String store = "h2:mem:" + UUID.randomUUID();

	@Test
	void theFileSaysWhatTheSummarySays() throws IOException {
		double start = now();
		OldFile old = OldFile.sample(OldFile.V2, this.directory);
		importFrom(old.url()).expect(0);
		assertThat(value(WRITTEN)).isEqualTo(40);
		assertThat(value(ALREADY_THERE)).isZero();
		assertThat(value("store_import_messages_total")).isEqualTo(3632);
		assertThat(value("store_import_contexts_total")).isEqualTo(35);
		assertThat(value("store_import_switches_total")).isEqualTo(113);
		assertThat(value("store_import_rejects_total")).isZero();
		assertThat(value("store_import_progress_ratio")).isEqualTo(1);
		assertThat(value("store_import_status")).isZero();
		assertThat(value("store_import_start_seconds")).isBetween(start - 1, now());
		assertThat(value("store_import_end_seconds")).isBetween(value("store_import_start_seconds"), now());
		assertThat(this.directory.resolve("import.prom.part")).doesNotExist();
	}

	@Test
	void anImportThatRejectsSomethingOrFailsSaysSo() throws Exception {
		OldFile old = OldFile.sample(OldFile.V2, this.directory);
		old.execute("update messages set content = 'a' || char(0) where id = 1");
		importFrom(old.url()).expect(3);
		assertThat(value("store_import_rejects_total")).isEqualTo(1);
		assertThat(value("store_import_status")).isEqualTo(3);

		importFrom("no-such-file.ndjson").expect(1);
		assertThat(value("store_import_status")).isEqualTo(1);
		assertThat(value("store_import_end_seconds")).isPositive();
		assertThat(value("store_import_progress_ratio")).isZero();
	}

	@Test
	void whileItGoesOnItHasNotEnded() throws IOException {
		TransferTally tally = new TransferTally(
				new RetentionOutlook(false, Duration.ofHours(1), Duration.ofHours(1), Clock.systemUTC().instant()));
		try (Rejects rejects = new Rejects(null);
				ImportMetrics metrics = new ImportMetrics(file(), tally, rejects, System.err, Clock.systemUTC(),
						Duration.ZERO)) {
			assertThat(value("store_import_messages_total")).isZero();
			tally.messages = 7;
			metrics.progress(0.25);
			assertThat(value("store_import_messages_total")).isEqualTo(7);
			assertThat(value("store_import_progress_ratio")).isEqualTo(0.25);
			assertThat(value("store_import_end_seconds")).isZero();
			assertThat(value("store_import_status")).isEqualTo(1);
		}
	}

	@Test
	void aFileThatCannotBeWrittenIsSaidBeforeAnythingIsImported() throws IOException {
		OldFile old = OldFile.sample(OldFile.V2, this.directory);
		String missing = this.directory.resolve("missing/import.prom").toString();
		assertThat(run("import", "--from", old.url(), "--metrics", missing).expect(1).err())
			.contains("The file for metrics, " + missing + ", can't be written.");
		assertThat(run("import", "--from", old.url()).expect(0).count("sessions")).isEqualTo(40);
	}

	@Test
	void aDirectoryIsNoFile() throws IOException {
		Path directory = Files.createDirectory(this.directory.resolve("directory"));
		assertThat(run("import", "--from", "nothing.ndjson", "--metrics", directory.toString()).expect(1).err())
			.contains("The file for metrics, " + directory + ", can't be written.");
		assertThat(directory).isEmptyDirectory();
	}

	@Test
	void aFileThatCannotBeWrittenAnyMoreStopsNothingAndIsSaidOnce() throws IOException {
		ByteArrayOutputStream err = new ByteArrayOutputStream();
		TransferTally tally = new TransferTally(
				new RetentionOutlook(false, Duration.ofHours(1), Duration.ofHours(1), Clock.systemUTC().instant()));
		Path gone = Files.createDirectory(this.directory.resolve("gone"));
		try (Rejects rejects = new Rejects(null);
				ImportMetrics metrics = new ImportMetrics(gone.resolve("import.prom"), tally, rejects,
						new PrintStream(err), Clock.systemUTC(), Duration.ZERO)) {
			Files.delete(gone.resolve("import.prom"));
			Files.delete(gone);
			metrics.progress(0.5);
			metrics.progress(0.6);
		}
		assertThat(err.toString()).containsOnlyOnce("can't be written any more");
	}

	private Command importFrom(String source) {
		return run("import", "--from", source, "--metrics", file().toString(), "--rejects",
				this.directory.resolve("rejects").toString());
	}

	private Command run(String... arguments) {
		return Command.run(this.store, arguments);
	}

	private Path file() {
		return this.directory.resolve("import.prom");
	}

	private double value(String series) throws IOException {
		Matcher line = Pattern.compile("(?m)^" + Pattern.quote(series) + " (\\S+)$").matcher(Files.readString(file()));
		assertThat(line.find()).as(series).isTrue();
		return Double.parseDouble(line.group(1));
	}

	private static double now() {
		return Instant.now().toEpochMilli() / 1000.0;
	}

}
