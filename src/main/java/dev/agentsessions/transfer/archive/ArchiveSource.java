package dev.agentsessions.transfer.archive;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;

import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.transfer.SessionSink;
import dev.agentsessions.transfer.SessionSource;
import dev.agentsessions.transfer.TransferFailure;
import dev.agentsessions.transfer.legacy.value.OldText;
import org.jspecify.annotations.Nullable;

/**
 * An archive that {@link ArchiveWriter} wrote. It is read three times: for the checksum,
 * for whether each line is what it must be, and to be handed over; so of a file that is
 * refused nothing is.
 */
public final class ArchiveSource implements SessionSource {

	private final Path file;

	private final boolean temporary;

	private final ArchiveSeal seal;

	private long position;

	/**
	 * Opens an archive and checks its checksum.
	 * @param temporary whether the file is to be deleted at the end
	 */
	public ArchiveSource(Path file, boolean temporary) throws IOException {
		this.file = file;
		this.temporary = temporary;
		try {
			this.seal = ArchiveSeal.verify(file);
		}
		catch (IOException | RuntimeException ex) {
			close();
			throw ex;
		}
	}

	/** Checks every line, and the number of records. */
	public void verify() throws SQLException, IOException {
		readAll(SessionSink.NOWHERE);
	}

	@Override
	public void readAll(SessionSink sink) throws SQLException, IOException {
		this.position = 0;
		long number = 1;
		try (InputStream in = new BufferedInputStream(Files.newInputStream(this.file), 1 << 16)) {
			if (!ArchiveWriter.FIRST_LINE.equals(line(in))) {
				throw new TransferFailure(
						"The file is not an export of a version that this one can read." + " Nothing was imported.");
			}
			ArchiveRecords records = new ArchiveRecords(sink);
			for (String line = line(in); line != null; line = line(in)) {
				number++;
				records.add(new ArchiveLine(line));
			}
			records.end(this.seal);
		}
		catch (ProblemException ex) {
			throw new TransferFailure(
					"Line " + number + " of the file is not what an export writes: " + ex.problem().detail());
		}
	}

	/** The next line before the last one. */
	private @Nullable String line(InputStream in) throws IOException {
		if (this.position >= this.seal.start()) {
			return null;
		}
		ByteArrayOutputStream line = new ByteArrayOutputStream(512);
		int next = in.read();
		for (; next >= 0 && next != '\n'; next = in.read()) {
			line.write(next);
		}
		this.position += line.size() + 1;
		return OldText.decode(line.toByteArray());
	}

	@Override
	public double fraction() {
		return (double) this.position / Math.max(1, this.seal.start());
	}

	@Override
	public void close() throws IOException {
		if (this.temporary) {
			Files.deleteIfExists(this.file);
		}
	}

}
