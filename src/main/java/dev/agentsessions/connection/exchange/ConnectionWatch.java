package dev.agentsessions.connection.exchange;

import java.nio.channels.ClosedChannelException;
import java.time.Duration;

import dev.agentsessions.connection.Closing;
import dev.agentsessions.connection.ConnectionCounts;
import dev.agentsessions.connection.ConnectionTimes;
import dev.agentsessions.connection.Refusals;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.unix.Errors;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches one connection, behind its codec. A request only sets fields here; what is
 * overdue is found by {@link ConnectionRounds} that look at them, which cost nothing per
 * request where a timer for each would. Everything happens on the connection's event
 * loop.
 */
public class ConnectionWatch extends ChannelDuplexHandler {

	private static final Logger log = LoggerFactory.getLogger(ConnectionWatch.class);

	/** ETIMEDOUT on Linux. */
	private static final int TIMED_OUT = -110;

	private final ConnectionTimes times;

	private final Refusals refusals;

	private final ConnectionRounds rounds;

	private final ConnectionCounts counts;

	private final Exchanges exchanges = new Exchanges();

	private final SendProgress sending = new SendProgress();

	/** When the wait began that is under way: for a request, a head, more of a body. */
	private long since = System.nanoTime();

	private boolean headBegun;

	private boolean readWanted;

	private boolean closing;

	private @Nullable ChannelHandlerContext context;

	public ConnectionWatch(ConnectionTimes times, Refusals refusals, ConnectionRounds rounds, ConnectionCounts counts) {
		this.times = times;
		this.refusals = refusals;
		this.rounds = rounds;
		this.counts = counts;
	}

	/** Stands before the codec, and sees the first byte of a request. */
	public ChannelInboundHandlerAdapter firstBytes() {
		return new ChannelInboundHandlerAdapter() {

			@Override
			public void channelRead(ChannelHandlerContext context, Object bytes) {
				if (!ConnectionWatch.this.headBegun && !ConnectionWatch.this.exchanges.isOpen()) {
					ConnectionWatch.this.headBegun = true;
					ConnectionWatch.this.since = System.nanoTime();
				}
				context.fireChannelRead(bytes);
			}

		};
	}

	@Override
	public void handlerAdded(ChannelHandlerContext context) {
		this.context = context;
		this.rounds.join(context.executor(), this);
	}

	@Override
	public void handlerRemoved(ChannelHandlerContext context) {
		this.rounds.leave(context.executor(), this);
	}

	@Override
	public void channelRead(ChannelHandlerContext context, Object message) {
		this.since = System.nanoTime();
		this.readWanted = false;
		if (message instanceof HttpRequest request) {
			this.headBegun = false;
			this.exchanges.begin(request, this.since);
		}
		if (message instanceof LastHttpContent) {
			this.exchanges.bodyEnds(this.since);
		}
		context.fireChannelRead(message);
	}

	@Override
	public void read(ChannelHandlerContext context) {
		if (!this.readWanted) {
			this.readWanted = true;
			this.since = System.nanoTime();
		}
		context.read();
	}

	@Override
	public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
		if (this.closing) {
			ReferenceCountUtil.release(message);
			promise.tryFailure(new ClosedChannelException());
			return;
		}
		if (message instanceof FullHttpResponse bare && isWithoutProblem(bare)) {
			bare.release();
			write(context, this.refusals.unreadable(bare.status().code()), promise);
			return;
		}
		boolean interim = message instanceof HttpResponse response && response.status().code() < 200;
		if (message instanceof HttpResponse response && !interim) {
			this.exchanges.answerBegins(response);
		}
		if (message instanceof LastHttpContent && !interim) {
			this.exchanges.answerEnds(System.nanoTime());
		}
		if (!interim) {
			this.since = System.nanoTime();
		}
		context.write(message, promise);
	}

	/**
	 * The server itself answers what it can't read as HTTP, with a status and nothing
	 * else, and hangs up.
	 */
	private static boolean isWithoutProblem(FullHttpResponse response) {
		return response.status().code() >= 400 && !response.headers().contains(HttpHeaderNames.CONTENT_TYPE);
	}

	/** Closes the connection if its client takes longer than it may. */
	void check() {
		ChannelHandlerContext context = this.context;
		if (context != null && context.channel().isActive() && !this.closing) {
			check(context);
		}
	}

	private void check(ChannelHandlerContext context) {
		long now = System.nanoTime();
		Exchange exchange = this.exchanges.first();
		if (this.sending.standsStill(context.channel(), now, this.times.answer())) {
			forget(context.channel());
			close(context.channel(), Closing.ANSWER);
		}
		else if (!exchange.isOpen()) {
			if (isOver(this.since, now, this.headBegun ? this.times.head() : this.times.idle())) {
				close(context.channel(), this.headBegun ? Closing.HEAD : Closing.IDLE);
			}
		}
		else if (exchange.isLeftover()) {
			if (isOver(exchange.answerEnded(), now, this.times.leftover())) {
				close(context.channel(), Closing.LEFTOVER);
			}
		}
		else if (exchange.isAnswering() && !this.sending.isUnderWay()
				&& isOver(this.since, now, this.times.request())) {
			close(context.channel(), Closing.REQUEST);
		}
		else if (exchange.isBodyOpen() && this.readWanted
				&& isOver(this.since, now, exchange.speaksNowAndThen() ? this.times.draftBody() : this.times.body())) {
			if (exchange.endsByItsReader()) {
				endBody(context, exchange, now);
			}
			else {
				refuse(context, exchange.isBodyGivenUp() ? Closing.REQUEST : Closing.BODY);
			}
		}
		else if (!exchange.isUnbounded() && isOver(exchange.begun(), now, this.times.request())) {
			refuse(context, exchange.isBodyOpen() ? Closing.BODY : Closing.REQUEST);
		}
	}

	/**
	 * Ends the body with an error, so that its reader answers; should it take as long as
	 * the body might, nobody knows what was done.
	 */
	private void endBody(ChannelHandlerContext context, Exchange exchange, long now) {
		exchange.giveBodyUp();
		this.since = now;
		this.counts.closed(Closing.BODY);
		context.fireExceptionCaught(this.refusals.slowLines());
	}

	private void refuse(ChannelHandlerContext context, Closing closing) {
		if (this.exchanges.first().isAnswerBegun()) {
			close(context.channel(), closing);
		}
		else {
			this.closing = true;
			if (!this.exchanges.first().isBodyGivenUp()) {
				this.counts.closed(closing);
			}
			context
				.writeAndFlush((closing == Closing.BODY) ? this.refusals.slowBody()
						: this.refusals.slowAnswer(this.exchanges.first().changesNothing()))
				.addListener(ChannelFutureListener.CLOSE);
		}
	}

	/** Not even the kernel shall keep what this client does not take. */
	private static void forget(Channel channel) {
		channel.config().setOption(ChannelOption.SO_LINGER, 0);
	}

	private void close(Channel channel, Closing closing) {
		this.closing = true;
		this.counts.closed(closing);
		log.debug("a connection is closed: {}", closing.reason());
		channel.close();
	}

	/** The kernel has noticed that nothing is taken. */
	@Override
	public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
		if (cause instanceof Errors.NativeIoException error && error.expectedErr() == TIMED_OUT && !this.closing) {
			close(context.channel(), Closing.ANSWER);
		}
		context.fireExceptionCaught(cause);
	}

	private static boolean isOver(long since, long now, Duration time) {
		return now - since > time.toNanos();
	}

}
