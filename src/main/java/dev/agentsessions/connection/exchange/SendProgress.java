package dev.agentsessions.connection.exchange;

import java.time.Duration;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;

/**
 * Whether a client takes what is ready for it.
 */
final class SendProgress {

	private long pending;

	private long progress;

	private int current;

	private long since;

	/** Whether there was anything to be sent when it was looked at last. */
	boolean isUnderWay() {
		return this.pending > 0;
	}

	/**
	 * Looks at what is waiting to be sent.
	 * @return whether it is the same, and not nothing, since longer than this time
	 */
	boolean standsStill(Channel channel, long now, Duration longest) {
		ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
		if (buffer == null || buffer.totalPendingWriteBytes() == 0) {
			this.pending = 0;
			return false;
		}
		int head = System.identityHashCode(buffer.current());
		if (buffer.totalPendingWriteBytes() != this.pending || buffer.currentProgress() != this.progress
				|| head != this.current) {
			this.pending = buffer.totalPendingWriteBytes();
			this.progress = buffer.currentProgress();
			this.current = head;
			this.since = now;
		}
		return now - this.since > longest.toNanos();
	}

}
