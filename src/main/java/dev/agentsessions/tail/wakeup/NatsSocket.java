package dev.agentsessions.tail.wakeup;

import java.io.IOException;

import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

import io.nats.client.Connection;
import io.nats.client.impl.SocketDataPort;

/**
 * The client of NATS takes any certificate that is trusted, whatever host it is for. This
 * also compares the names. Public because the client makes one by its name.
 */
public final class NatsSocket extends SocketDataPort {

	@Override
	public void upgradeToSecure() throws IOException {
		Connection client = this.connection;
		SSLSocket secured = (SSLSocket) client.getOptions()
			.getSslContext()
			.getSocketFactory()
			.createSocket(this.socket, this.host, this.port, true);
		SSLParameters parameters = secured.getSSLParameters();
		parameters.setEndpointIdentificationAlgorithm("HTTPS");
		secured.setSSLParameters(parameters);
		secured.startHandshake();
		this.socket = secured;
		this.in = secured.getInputStream();
		this.out = secured.getOutputStream();
		this.isSecure = true;
	}

}
