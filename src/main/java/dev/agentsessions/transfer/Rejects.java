package dev.agentsessions.transfer;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

/**
 * What cannot be stored: one JSON object a line. The file is made, in place of an older
 * one, when there is something to write.
 */
public final class Rejects implements AutoCloseable {

	private final @Nullable Path file;

	private @Nullable BufferedWriter writer;

	private long count;

	/**
	 * Begins without any.
	 * @param file null to count only
	 * @throws TransferFailure if no file can be written there
	 */
	public Rejects(@Nullable Path file) {
		this.file = file;
		if (file != null) {
			Path directory = file.toAbsolutePath().getParent();
			if (directory == null || !Files.isDirectory(directory) || (Files.exists(file)
					? Files.isDirectory(file) || !Files.isWritable(file) : !Files.isWritable(directory))) {
				throw new TransferFailure("The file for rejects, " + file + ", can't be written.");
			}
		}
	}

	/**
	 * Writes one down.
	 * @param session the id of the session, as the source has it
	 * @param place what of it, as a path; empty for all of it
	 * @param original the text that is not stored
	 */
	public void add(String session, String place, String reason, String original) {
		this.count++;
		if (this.file == null) {
			return;
		}
		try {
			BufferedWriter out = (this.writer != null) ? this.writer
					: Files.newBufferedWriter(this.file, StandardCharsets.UTF_8);
			this.writer = out;
			out.write(new JsonLine().text("session", session)
				.text("place", place)
				.text("reason", reason)
				.text("original", original)
				.toString());
			out.write('\n');
		}
		catch (IOException ex) {
			throw new UncheckedIOException("The file for rejects can't be written: " + ex.getMessage(), ex);
		}
	}

	public long count() {
		return this.count;
	}

	/** Where they are; null if there is no file. */
	public @Nullable Path file() {
		return (this.writer != null) ? this.file : null;
	}

	@Override
	public void close() throws IOException {
		if (this.writer != null) {
			this.writer.close();
		}
	}

}
