package dev.agentsessions.database.lane;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

import dev.agentsessions.database.lane.Fault.Stage;

/**
 * A server that speaks as much of PostgreSQL's protocol (3.0) as it takes to write in
 * transactions, and that breaks every connection: at some stage it answers with an error
 * and more messages behind it, all in one packet, and hangs up, or does not. What it has
 * committed it remembers.
 */
final class FakePostgres implements AutoCloseable {

	/** Asks for row locks. */
	static final String LOCK = "select lock";

	/** Writes the numbers that its one parameter lists. */
	static final String WRITE = "insert $1";

	/** All numbers of committed transactions, in any order. */
	final List<String> committed = new CopyOnWriteArrayList<>();

	/** How many connections were broken. */
	final AtomicInteger broken = new AtomicInteger();

	/** After as many steps a connection is broken that never gets to its stage. */
	private static final int MANY = 10;

	private final ServerSocket server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());

	private final ExecutorService threads = Executors.newCachedThreadPool((task) -> {
		Thread thread = new Thread(task, "fake-postgres");
		thread.setDaemon(true);
		return thread;
	});

	private final List<Socket> sockets = new CopyOnWriteArrayList<>();

	private volatile boolean healed;

	/** Open unless nothing is read. */
	private volatile CountDownLatch reading = new CountDownLatch(0);

	private final Random random;

	FakePostgres(long seed) throws IOException {
		this.random = new Random(seed);
		this.threads.execute(this::accept);
	}

	int port() {
		return this.server.getLocalPort();
	}

	/** Hangs up on everybody; connections that are opened from now on hold. */
	void heal() throws IOException {
		this.healed = true;
		hangUp();
	}

	/** From now on nothing that is sent is taken. */
	void stopReading() {
		this.reading = new CountDownLatch(1);
	}

	@Override
	public void close() throws IOException {
		this.reading.countDown();
		this.server.close();
		hangUp();
		this.threads.shutdownNow();
	}

	private void hangUp() throws IOException {
		for (Socket socket : this.sockets) {
			socket.close();
		}
	}

	private void accept() {
		while (!this.server.isClosed()) {
			try {
				Socket socket = this.server.accept();
				this.sockets.add(socket);
				Fault fault = this.healed ? Fault.NONE : Fault.any(this.random);
				this.threads.execute(() -> new Session(socket, fault).serve());
			}
			catch (IOException ex) {
				// closed
			}
		}
	}

	/** One connection. */
	private final class Session {

		private final Socket socket;

		private final Fault fault;

		private final Random random = new Random();

		private int passed;

		private int steps;

		private final List<String> written = new ArrayList<>();

		private String statement = "";

		private String parameter = "";

		private boolean inTransaction;

		private boolean gone;

		private ByteArrayOutputStream packet = new ByteArrayOutputStream();

		Session(Socket socket, Fault fault) {
			this.socket = socket;
			this.fault = fault;
		}

		void serve() {
			try (this.socket) {
				this.socket.setTcpNoDelay(true);
				DataInputStream in = new DataInputStream(this.socket.getInputStream());
				startUp(in);
				while (!this.gone) {
					int type = in.read();
					FakePostgres.this.reading.await();
					if (type < 0 || type == 'X') {
						return;
					}
					byte[] body = in.readNBytes(in.readInt() - 4);
					take((char) type, body);
				}
			}
			catch (IOException | InterruptedException ex) {
				// the other end has gone, or this one
			}
			finally {
				FakePostgres.this.sockets.remove(this.socket);
			}
		}

		private void startUp(DataInputStream in) throws IOException {
			while (true) {
				byte[] body = in.readNBytes(in.readInt() - 4);
				int code = new DataInputStream(new ByteArrayInputStream(body)).readInt();
				if (code != 80877103) {
					break;
				}
				this.socket.getOutputStream().write('N');
			}
			if (isDue(Stage.START_UP)) {
				breakOff();
				return;
			}
			message('R', 0);
			message('S', "server_version", "18.0");
			message('S', "TimeZone", "UTC");
			message('S', "client_encoding", "UTF8");
			message('K', 1, 2);
			ready();
		}

		private void take(char type, byte[] body) throws IOException {
			switch (type) {
				case 'Q' -> query(ProtocolMessage.text(body, 0));
				case 'P' -> {
					this.statement = ProtocolMessage.text(body, ProtocolMessage.text(body, 0).length() + 1);
					message('1');
				}
				case 'B' -> {
					this.parameter = ProtocolMessage.parameter(body);
					message('2');
				}
				case 'D' -> {
					if (body[0] == 'S') {
						message('t', (short) 0);
					}
					message('n');
				}
				case 'E' -> execute(this.statement);
				case 'C' -> message('3');
				case 'S' -> ready();
				default -> {
				}
			}
		}

		private void query(String sql) throws IOException {
			if (sql.startsWith("SHOW")) {
				rowDescription("transaction_isolation");
				dataRow("read committed");
				message('C', "SHOW");
				ready();
				return;
			}
			for (String one : sql.split(";")) {
				if (!execute(one.strip())) {
					return;
				}
			}
			ready();
		}

		/** Returns whether it goes on. */
		private boolean execute(String sql) throws IOException {
			Stage stage = stage(sql);
			if (stage == Stage.COMMIT && isDue(Stage.COMMIT)) {
				breakOff();
				return false;
			}
			if (stage == Stage.COMMIT) {
				FakePostgres.this.committed.addAll(this.written);
				this.written.clear();
				this.inTransaction = false;
			}
			if (isDue((stage == Stage.COMMIT) ? Stage.COMMITTED : stage)) {
				breakOff();
				return false;
			}
			switch (stage) {
				case BEGIN -> this.inTransaction = true;
				case WRITE -> this.written.addAll(Arrays.asList(this.parameter.split(",")));
				default -> {
				}
			}
			if (sql.startsWith("ROLLBACK")) {
				this.written.clear();
				this.inTransaction = false;
			}
			message('C', switch (stage) {
				case LOCK -> "SELECT 0";
				case WRITE -> "INSERT 0 1";
				default -> sql.split(" ")[0].toUpperCase(Locale.ROOT);
			});
			return true;
		}

		private static Stage stage(String sql) {
			return switch (sql.split(" ")[0]) {
				case "BEGIN" -> Stage.BEGIN;
				case "COMMIT" -> Stage.COMMIT;
				case "insert" -> Stage.WRITE;
				case "select" -> Stage.LOCK;
				case "set" -> Stage.PREPARE;
				case "listen" -> Stage.LISTEN;
				default -> Stage.NEVER;
			};
		}

		private boolean isDue(Stage stage) {
			if (this.fault == Fault.NONE) {
				return false;
			}
			boolean meant = stage == this.fault.stage() && this.passed++ >= this.fault.after();
			return meant || (stage == Stage.IDLE && ++this.steps > MANY);
		}

		/** Everything that is behind the error in one packet. */
		private void breakOff() throws IOException {
			for (char type : this.fault.packet().toCharArray()) {
				switch (type) {
					case 'E' -> error();
					case 'N' -> message('N', ProtocolMessage.error("WARNING", "01000"));
					case 'S' -> message('S', "application_name", "fake");
					case 'D' -> dataRow("1");
					case 'C' -> message('C', "SELECT 1");
					case 'A' -> notification();
					default -> message('Z', new byte[] { (byte) (this.inTransaction ? 'E' : 'I') });
				}
			}
			flush();
			this.gone = true;
			switch (this.fault.end()) {
				case RESET -> this.socket.setSoLinger(true, 0);
				case LATER -> pause(this.random.nextInt(20));
				case NOT -> pause(500);
				default -> {
				}
			}
			FakePostgres.this.broken.incrementAndGet();
		}

		/** Waits for the client to go, at most that long. */
		private void pause(int milliseconds) throws IOException {
			this.socket.setSoTimeout(milliseconds + 1);
			try {
				this.socket.getInputStream().readAllBytes();
			}
			catch (SocketTimeoutException ex) {
				// it stays
			}
		}

		private void error() {
			message('E', ProtocolMessage.error(this.fault.severity(), this.fault.code()));
		}

		private void notification() {
			message('A', 1, "channel", "payload");
		}

		private void ready() throws IOException {
			message('Z', new byte[] { (byte) (this.inTransaction ? 'T' : 'I') });
			flush();
			if (isDue(Stage.IDLE)) {
				breakOff();
			}
		}

		private void rowDescription(String column) {
			message('T', (short) 1, column, 0, (short) 0, 25, (short) -1, -1, (short) 0);
		}

		private void dataRow(String value) {
			message('D', (short) 1, value.length(), value.getBytes(StandardCharsets.UTF_8));
		}

		private void message(char type, Object... fields) {
			this.packet.writeBytes(ProtocolMessage.bytes(type, fields));
		}

		private void flush() throws IOException {
			byte[] all = this.packet.toByteArray();
			this.packet = new ByteArrayOutputStream();
			this.socket.getOutputStream().write(all);
		}

	}

}
