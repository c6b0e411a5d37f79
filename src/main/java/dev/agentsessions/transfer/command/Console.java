package dev.agentsessions.transfer.command;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Where a command reads and writes.
 *
 * @param out the result
 * @param err progress, errors and the log, so that the result can be piped
 */
public record Console(InputStream in, OutputStream out, PrintStream err) {

	/**
	 * That of this process. From here on the log goes to the error stream.
	 */
	static Console ofProcess() {
		PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
		System.setOut(err);
		return new Console(new FileInputStream(FileDescriptor.in), new FileOutputStream(FileDescriptor.out), err);
	}

	/** Writes text as the result. */
	void print(String text) throws IOException {
		this.out.write(text.getBytes(StandardCharsets.UTF_8));
		this.out.flush();
	}

}
