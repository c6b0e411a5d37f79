package dev.agentsessions.connection;

import java.util.concurrent.TimeUnit;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;

/**
 * Stands behind the codec of a connection that is one too many. It answers once something
 * was sent: an answer before that would be lost when the connection is reset. Who sends
 * nothing is not waited for long.
 */
public class TooManyConnections extends ChannelInboundHandlerAdapter {

	private static final int PATIENCE_SECONDS = 5;

	private static final String LIVENESS = "/livez";

	private final Refusals refusals;

	private boolean answered;

	public TooManyConnections(Refusals refusals) {
		this.refusals = refusals;
	}

	@Override
	public void handlerAdded(ChannelHandlerContext context) {
		context.executor().schedule(() -> context.close(), PATIENCE_SECONDS, TimeUnit.SECONDS);
	}

	@Override
	public void channelRead(ChannelHandlerContext context, Object message) {
		boolean asksForLife = message instanceof HttpRequest request && isLiveness(request);
		ReferenceCountUtil.release(message);
		if (!this.answered) {
			this.answered = true;
			context.writeAndFlush(asksForLife ? this.refusals.alive() : this.refusals.tooManyConnections())
				.addListener(ChannelFutureListener.CLOSE);
		}
	}

	/** A replica that is full is alive: whoever was told otherwise would restart it. */
	private static boolean isLiveness(HttpRequest request) {
		String uri = request.uri();
		return request.decoderResult().isSuccess()
				&& (request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD))
				&& (uri.equals(LIVENESS) || uri.startsWith(LIVENESS + "?"));
	}

}
