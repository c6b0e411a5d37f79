package dev.agentsessions.connection.http;

import dev.agentsessions.connection.ConnectionCounts;
import dev.agentsessions.connection.ConnectionSettings;
import dev.agentsessions.connection.ConnectionTimes;
import dev.agentsessions.connection.Refusals;
import dev.agentsessions.connection.TooManyConnections;
import dev.agentsessions.connection.exchange.ConnectionRounds;
import dev.agentsessions.connection.exchange.ConnectionWatch;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import reactor.netty.NettyPipeline;
import reactor.netty.http.server.HttpServer;

import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * Puts every connection under the limits of {@link ConnectionSettings} and
 * {@link ConnectionTimes}.
 */
@Component
@Order(-1)
class ConnectionLimits implements NettyServerCustomizer {

	private final int most;

	private final ConnectionTimes times;

	private final Refusals refusals;

	private final ConnectionRounds rounds;

	private final ConnectionCounts counts;

	ConnectionLimits(ConnectionSettings settings, ConnectionTimes times, Refusals refusals, ConnectionCounts counts) {
		this.most = settings.max();
		this.times = times;
		this.refusals = refusals;
		this.counts = counts;
		this.rounds = new ConnectionRounds(times);
	}

	@Override
	public HttpServer apply(HttpServer server) {
		return withTimeout(server).doOnChannelInit((observer, channel, address) -> limit(channel));
	}

	/**
	 * A client that vanished without a word takes nothing either, though the socket still
	 * has room for what is small, such as the heartbeats of a stream: the kernel notices
	 * that nothing is acknowledged. It comes second, so that the first to notice is who
	 * counts; Linux 6.18 was seen to be done after six tenths of what it was given.
	 */
	private HttpServer withTimeout(HttpServer server) {
		int millis = (int) (this.times.answer().toMillis() * 3);
		return Epoll.isAvailable() ? server.childOption(EpollChannelOption.TCP_USER_TIMEOUT, millis) : server;
	}

	private void limit(Channel channel) {
		ChannelPipeline pipeline = channel.pipeline();
		if (pipeline.get(NettyPipeline.HttpCodec) == null) {
			return;
		}
		channel.closeFuture().addListener((closed) -> this.counts.gone());
		pipeline.addAfter(NettyPipeline.HttpCodec, "httpRules", new HttpRules(this.counts));
		if (this.counts.opened() > this.most) {
			this.counts.refused();
			pipeline.addAfter("httpRules", "tooManyConnections", new TooManyConnections(this.refusals));
			return;
		}
		ConnectionWatch watch = new ConnectionWatch(this.times, this.refusals, this.rounds, this.counts);
		pipeline.addAfter("httpRules", "connectionWatch", watch);
		pipeline.addBefore(NettyPipeline.HttpCodec, "firstBytes", watch.firstBytes());
	}

}
