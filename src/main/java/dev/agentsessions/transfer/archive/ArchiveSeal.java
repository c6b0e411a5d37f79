package dev.agentsessions.transfer.archive;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.transfer.TransferFailure;
import dev.agentsessions.web.json.JsonTree;
import dev.agentsessions.web.request.Fields;

/**
 * The last line of an archive.
 *
 * @param sha256 of all bytes before that line
 * @param start where that line begins
 */
record ArchiveSeal(long sessions, long messages, long contexts, long switches, String sha256, long start) {

	/** Far more than the last line can have. */
	private static final int TAIL = 4096;

	/**
	 * Reads the last line, and checks that nothing before it was changed.
	 * @throws TransferFailure if the file is cut off, altered, or no archive
	 */
	static ArchiveSeal verify(Path file) throws IOException {
		ArchiveSeal seal = read(file);
		MessageDigest digest = digest();
		try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
			byte[] bytes = new byte[1 << 16];
			long left = seal.start;
			while (left > 0) {
				int read = in.read(bytes, 0, (int) Math.min(bytes.length, left));
				if (read < 0) {
					throw cutOff();
				}
				digest.update(bytes, 0, read);
				left -= read;
			}
		}
		if (!HexFormat.of().formatHex(digest.digest()).equals(seal.sha256)) {
			throw new TransferFailure(
					"The file was altered after it was exported: its checksum is not that of its content."
							+ " Nothing was imported.");
		}
		return seal;
	}

	private static ArchiveSeal read(Path file) throws IOException {
		try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
			int length = (int) Math.min(TAIL, in.length());
			byte[] tail = new byte[length];
			in.seek(in.length() - length);
			in.readFully(tail);
			int start = length - 1;
			if (length == 0 || tail[start] != '\n') {
				throw cutOff();
			}
			while (start > 0 && tail[start - 1] != '\n') {
				start--;
			}
			Fields line = Fields
				.of(JsonTree.stored(new String(tail, start, length - 1 - start, StandardCharsets.UTF_8)));
			Fields end = line.fields("end");
			line.noMore();
			if (end == null) {
				throw cutOff();
			}
			ArchiveSeal seal = new ArchiveSeal(count(end, "sessions"), count(end, "messages"),
					count(end, "agent_contexts"), count(end, "agent_switches"), end.requiredText("sha256", 64),
					in.length() - length + start);
			end.end();
			return seal;
		}
		catch (ProblemException ex) {
			throw cutOff();
		}
	}

	private static long count(Fields end, String name) {
		Long count = end.number(name, 0, Long.MAX_VALUE);
		if (count == null) {
			end.missing(name);
		}
		return (count != null) ? count : 0;
	}

	private static TransferFailure cutOff() {
		return new TransferFailure(
				"The file is not a whole export: it does not end with the line that every export ends"
						+ " with. Nothing was imported.");
	}

	static MessageDigest digest() {
		try {
			return MessageDigest.getInstance("SHA-256");
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex); // every JVM has it
		}
	}

}
