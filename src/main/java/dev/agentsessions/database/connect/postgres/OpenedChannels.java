package dev.agentsessions.database.connect.postgres;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

/**
 * Event loops that remember which channels were opened on them: those of one connection,
 * more than one where a first try was refused and another one made.
 */
final class OpenedChannels implements LoopResources {

	private final LoopResources loops;

	private final List<Channel> channels = new CopyOnWriteArrayList<>();

	OpenedChannels(LoopResources loops) {
		this.loops = loops;
	}

	/** Closes them underneath whoever uses them, without waiting. */
	void close() {
		this.channels.forEach((channel) -> {
			if (channel.isRegistered()) {
				channel.close();
			}
		});
	}

	@Override
	public <C extends Channel> C onChannel(Class<C> type, EventLoopGroup group) {
		C channel = this.loops.onChannel(type, group);
		this.channels.add(channel);
		return channel;
	}

	@Override
	public <C extends Channel> Class<? extends C> onChannelClass(Class<C> type, EventLoopGroup group) {
		return this.loops.onChannelClass(type, group);
	}

	@Override
	public EventLoopGroup onClient(boolean useNative) {
		return this.loops.onClient(useNative);
	}

	@Override
	public EventLoopGroup onServer(boolean useNative) {
		return this.loops.onServer(useNative);
	}

	@Override
	public EventLoopGroup onServerSelect(boolean useNative) {
		return this.loops.onServerSelect(useNative);
	}

	@Override
	public boolean daemon() {
		return this.loops.daemon();
	}

	@Override
	public Mono<Void> disposeLater(Duration quietPeriod, Duration timeout) {
		return this.loops.disposeLater(quietPeriod, timeout);
	}

}
