package dev.agentsessions.connection.exchange;

import java.util.regex.Pattern;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;

import org.springframework.http.MediaType;

/**
 * A request and its answer, as far as they have come.
 */
final class Exchange {

	private static final Pattern DRAFT = Pattern.compile("/v1/sessions/[^/]+/drafts/[^/]+");

	private boolean bodyOpen;

	private boolean answerOpen;

	private boolean answerBegun;

	private boolean events;

	private boolean anyLength;

	private boolean fork;

	private boolean speaksNowAndThen;

	private boolean changesNothing;

	private boolean bodyGivenUp;

	private long begun;

	private long answerEnded;

	void begin(HttpRequest request, long now) {
		this.bodyOpen = true;
		this.answerOpen = true;
		this.answerBegun = false;
		String type = request.headers().get(HttpHeaderNames.CONTENT_TYPE);
		this.anyLength = type != null && type.regionMatches(true, 0, MediaType.APPLICATION_NDJSON_VALUE, 0,
				MediaType.APPLICATION_NDJSON_VALUE.length());
		String path = path(request.uri());
		this.fork = request.method().equals(HttpMethod.POST) && path.endsWith("/forks");
		this.speaksNowAndThen = this.anyLength && DRAFT.matcher(path).matches();
		this.changesNothing = request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
		this.begun = now;
	}

	private static String path(String uri) {
		int query = uri.indexOf('?');
		return (query < 0) ? uri : uri.substring(0, query);
	}

	/** What was sent before it is answered: from now on its own time counts. */
	void turn(long now) {
		this.begun = now;
	}

	void bodyEnds() {
		this.bodyOpen = false;
	}

	void answerBegins(HttpResponse answer) {
		this.answerBegun = true;
		String type = answer.headers().get(HttpHeaderNames.CONTENT_TYPE);
		this.events = type != null && type.startsWith(MediaType.TEXT_EVENT_STREAM_VALUE);
	}

	void answerEnds(long now) {
		this.answerOpen = false;
		this.answerEnded = now;
	}

	/** Whether there is one that has not ended. */
	boolean isOpen() {
		return this.bodyOpen || this.answerOpen;
	}

	boolean isBodyOpen() {
		return this.bodyOpen;
	}

	boolean isAnswerBegun() {
		return this.answerBegun;
	}

	/**
	 * Whether more of an answer should come before long; events come when there are any.
	 */
	boolean isAnswering() {
		return !this.bodyOpen && this.answerBegun && !this.events;
	}

	/**
	 * Whether it may take any time: a long body, an answer that goes on, or a log of any
	 * length that is copied.
	 */
	boolean isUnbounded() {
		return this.answerBegun || this.anyLength || (this.fork && !this.bodyOpen);
	}

	/**
	 * Whether its body says something now and then, as a model does while it thinks: who
	 * reads it ends it when it is silent for too long.
	 */
	boolean speaksNowAndThen() {
		return this.speaksNowAndThen;
	}

	/**
	 * Whether only the reader of its body can say what was done of it: lines that are
	 * appended are committed in chunks.
	 */
	boolean endsByItsReader() {
		return this.anyLength && !this.speaksNowAndThen && !this.answerBegun && !this.bodyGivenUp;
	}

	/** No more of the body is waited for, and its reader has been told. */
	void giveBodyUp() {
		this.bodyGivenUp = true;
	}

	boolean isBodyGivenUp() {
		return this.bodyGivenUp;
	}

	/**
	 * Whether a body goes on that is answered: nobody reads it, but closing at once could
	 * take the answer away from a client that is still sending.
	 */
	boolean isLeftover() {
		return this.bodyOpen && !this.answerOpen;
	}

	/** When the answer had ended. */
	long answerEnded() {
		return this.answerEnded;
	}

	boolean changesNothing() {
		return this.changesNothing;
	}

	/**
	 * When the head of the request was there and its turn had come, on the clock of
	 * System.nanoTime.
	 */
	long begun() {
		return this.begun;
	}

}
