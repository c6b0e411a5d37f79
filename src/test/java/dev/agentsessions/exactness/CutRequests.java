package dev.agentsessions.exactness;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * Requests whose client goes away in the middle: it sends a part or all of them and then
 * resets the connection.
 */
final class CutRequests {

	private static final int CONNECT_MILLIS = 2000;

	private CutRequests() {
	}

	/**
	 * Sends the first bytes of a request and resets the connection at once or a little
	 * later.
	 * @return whether everything was sent, so that the store may carry it out
	 */
	static boolean send(Replica replica, Write write, Random random) throws IOException {
		byte[] request = bytes(replica, write);
		boolean whole = random.nextInt(3) > 0;
		int length = whole ? request.length : random.nextInt(request.length);
		try (Socket socket = new Socket()) {
			socket.connect(new InetSocketAddress("127.0.0.1", replica.port()), CONNECT_MILLIS);
			socket.setSoLinger(true, 0); // close() sends RST
			socket.getOutputStream().write(request, 0, length);
			// the reset is to hit it anywhere on its way, up to the answer
			LockSupport.parkNanos(random.nextInt(4) * random.nextInt(3_000_000));
		}
		return whole;
	}

	private static byte[] bytes(Replica replica, Write write) {
		byte[] body = write.body();
		StringBuilder head = new StringBuilder("POST " + write.path() + " HTTP/1.1\r\nHost: 127.0.0.1:" + replica.port()
				+ "\r\nContent-Type: application/json\r\nContent-Length: " + body.length + "\r\n");
		write.headers().forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
		ByteArrayOutputStream request = new ByteArrayOutputStream();
		request.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
		request.writeBytes(body);
		return request.toByteArray();
	}

}
