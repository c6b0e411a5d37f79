package dev.agentsessions.exactness;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/**
 * A way to the database on which connections end as they do on networks: reset, closed on
 * one side only, cut in the middle of a message, or slow.
 */
final class FaultyProxy implements AutoCloseable {

	private final InetSocketAddress target;

	private final ServerSocket server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());

	private final List<Link> links = new CopyOnWriteArrayList<>();

	private final ExecutorService threads = Executors.newCachedThreadPool((task) -> {
		Thread thread = new Thread(task, "faulty-proxy");
		thread.setDaemon(true);
		return thread;
	});

	private volatile long delayNanos;

	private FaultyProxy(InetSocketAddress target) throws IOException {
		this.target = target;
		this.threads.execute(this::accept);
	}

	static FaultyProxy to(String host, int port) throws IOException {
		return new FaultyProxy(new InetSocketAddress(host, port));
	}

	int port() {
		return this.server.getLocalPort();
	}

	/** Both ends of all connections see a reset. */
	void reset() {
		this.links.forEach(Link::reset);
	}

	/**
	 * The store's end sees that nothing more will come, while what it sends still
	 * arrives; only then is the connection closed.
	 */
	void halfClose(Duration meanwhile) {
		List<Link> now = List.copyOf(this.links);
		now.forEach(Link::halfClose);
		LockSupport.parkNanos(meanwhile.toNanos());
		now.forEach(Link::reset);
	}

	/** Each connection carries a part of the next answer, and is reset then. */
	void cut(Random random) {
		this.links.forEach((link) -> link.cutAfter = 1 + random.nextInt(200));
	}

	/** For a while everything takes longer by that much. */
	void delay(Duration each, Duration meanwhile) {
		this.delayNanos = each.toNanos();
		LockSupport.parkNanos(meanwhile.toNanos());
		this.delayNanos = 0;
	}

	@Override
	public void close() throws IOException {
		this.server.close();
		reset();
		this.threads.shutdownNow();
	}

	private void accept() {
		while (!this.server.isClosed()) {
			try {
				Socket store = this.server.accept();
				this.threads.execute(() -> connect(store));
			}
			catch (IOException ex) {
				// closed
			}
		}
	}

	private void connect(Socket store) {
		Link link = new Link(store, new Socket());
		try {
			store.setTcpNoDelay(true);
			link.database.setTcpNoDelay(true);
			link.database.connect(this.target);
			this.links.add(link);
			this.threads.execute(() -> link.carry(link.store, link.database, false));
			link.carry(link.database, link.store, true);
		}
		catch (IOException ex) {
			link.reset();
		}
	}

	/** One connection and its continuation. */
	private final class Link {

		private final Socket store;

		private final Socket database;

		/** How many more bytes of answers go through; negative for all. */
		private volatile int cutAfter = -1;

		Link(Socket store, Socket database) {
			this.store = store;
			this.database = database;
		}

		void carry(Socket from, Socket to, boolean answers) {
			byte[] bytes = new byte[8192];
			try {
				InputStream in = from.getInputStream();
				for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
					LockSupport.parkNanos(FaultyProxy.this.delayNanos);
					int left = answers ? this.cutAfter : -1;
					to.getOutputStream().write(bytes, 0, (left < 0) ? read : Math.min(left, read));
					if (left >= 0 && left < read) {
						reset();
						return;
					}
				}
				to.shutdownOutput();
			}
			catch (IOException ex) {
				reset();
			}
			finally {
				if (answers || from.isClosed()) {
					FaultyProxy.this.links.remove(this);
				}
			}
		}

		void halfClose() {
			try {
				this.store.shutdownOutput();
			}
			catch (IOException ex) {
				// it has gone by itself
			}
		}

		void reset() {
			for (Socket each : List.of(this.store, this.database)) {
				try {
					each.setSoLinger(true, 0);
					each.close();
				}
				catch (IOException ex) {
					// it has gone by itself
				}
			}
			FaultyProxy.this.links.remove(this);
		}

	}

}
