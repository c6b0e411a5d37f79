package dev.agentsessions.exactness;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the operating system is asked for.
 */
final class Signals {

	private Signals() {
	}

	/**
	 * Sends a signal to processes, in this order; those that ended meanwhile are passed
	 * over.
	 */
	static void send(String signal, Stream<ProcessHandle> processes) throws IOException {
		List<String> command = new ArrayList<>(List.of("kill", "-" + signal));
		processes.forEach((process) -> command.add(Long.toString(process.pid())));
		if (command.size() > 2) {
			new ProcessBuilder(command).redirectErrorStream(true)
				.redirectOutput(ProcessBuilder.Redirect.DISCARD)
				.start()
				.onExit()
				.join();
		}
	}

	static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

}
