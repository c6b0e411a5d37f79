package dev.agentsessions.database.connect.postgres;

import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.EpollSocketChannelConfig;
import io.netty.resolver.AddressResolverGroup;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.ConnectionObserver;
import reactor.netty.ConnectionObserver.State;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.transport.TransportConfig;

/**
 * Opens the channels of one connection and remembers them: more than one where a first
 * try was refused and another one made.
 */
final class OpenedChannels implements ConnectionProvider {

	private static final ConnectionProvider NEW = ConnectionProvider.newConnection();

	private final AddressResolverGroup<?> names;

	private final List<Channel> channels = new CopyOnWriteArrayList<>();

	private volatile boolean closed;

	/**
	 * None is open yet.
	 * @param names looks up hosts, for all connections: the driver would make a resolver
	 * for each, which its event loop remembers for ever
	 */
	OpenedChannels(AddressResolverGroup<?> names) {
		this.names = names;
	}

	/**
	 * Closes them underneath whoever uses them, without waiting, and each that is only
	 * being opened as soon as it is.
	 */
	void close() {
		this.closed = true;
		this.channels.forEach(Channel::close);
	}

	@Override
	public Mono<? extends Connection> acquire(TransportConfig config, @Nullable ConnectionObserver observer,
			@Nullable Supplier<? extends SocketAddress> remote, @Nullable AddressResolverGroup<?> names) {
		ConnectionObserver remember = (connection, state) -> {
			if (state == State.CONNECTED) {
				opened(connection.channel());
			}
		};
		return NEW.acquire(config, (observer != null) ? remember.then(observer) : remember, remote, this.names);
	}

	/**
	 * Has the system ask now and then whether the other side is there, so that who waits
	 * for nothing learns when it is not, and what forgets idle connections on the way
	 * does not take them for idle.
	 */
	private void opened(Channel channel) {
		this.channels.add(channel);
		if (this.closed) {
			channel.close();
		}
		if (channel instanceof EpollSocketChannel epoll) {
			EpollSocketChannelConfig socket = epoll.config();
			socket.setTcpKeepIdle(30).setTcpKeepIntvl(10).setTcpKeepCnt(3);
		}
	}

	@Override
	public boolean isDisposed() {
		return false;
	}

}
