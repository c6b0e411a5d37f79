package dev.agentsessions.web.routing;

import java.util.function.Supplier;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.web.server.GracefulShutdownCallback;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.boot.web.server.WebServer;

/**
 * A server that gives way to another if the other has its port. Nothing is asked before
 * the port is taken, so that replicas which start together can't both be told it is free.
 */
class YieldingWebServer implements WebServer {

	private static final Logger log = LoggerFactory.getLogger(YieldingWebServer.class);

	private final Supplier<WebServer> onAnyPort;

	private WebServer server;

	/**
	 * Nothing is started yet.
	 * @param server the server, on the port it should have
	 * @param onAnyPort makes the same server, on whatever port is free
	 */
	YieldingWebServer(WebServer server, Supplier<WebServer> onAnyPort) {
		this.server = server;
		this.onAnyPort = onAnyPort;
	}

	@Override
	public void start() {
		try {
			this.server.start();
		}
		catch (PortInUseException ex) {
			this.server = this.onAnyPort.get();
			this.server.start();
			log.warn("Port {} is taken, so health and metrics are at port {}; set MANAGEMENT_SERVER_PORT to choose one",
					ex.getPort(), this.server.getPort());
		}
	}

	@Override
	public void stop() {
		this.server.stop();
	}

	@Override
	public void destroy() {
		this.server.destroy();
	}

	@Override
	public int getPort() {
		return this.server.getPort();
	}

	@Override
	public void shutDownGracefully(GracefulShutdownCallback callback) {
		this.server.shutDownGracefully(callback);
	}

}
