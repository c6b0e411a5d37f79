package dev.agentsessions.message;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

import dev.agentsessions.session.LogHead;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionRow;
import dev.agentsessions.web.PathSegments;
import dev.agentsessions.web.Times;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import tools.jackson.core.io.JsonStringEncoder;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;

/**
 * The answers that logs are given as, put together from encoded messages.
 */
final class LogBytes {

	private static final byte[] PAGE_START = utf8("{\"data\":[");

	private LogBytes() {
	}

	/**
	 * A list answer.
	 * @param next path and query of what follows, null at the end
	 * @param more further members of the answer as they stand in JSON, empty for none
	 */
	static byte[] page(List<EncodedMessage> messages, boolean hasMore, @Nullable String next, String more) {
		byte[] end = utf8(
				"],\"has_more\":" + hasMore + ((next != null) ? ",\"next\":\"" + next + "\"" : "") + more + "}");
		int size = PAGE_START.length + end.length + Math.max(0, messages.size() - 1);
		for (EncodedMessage message : messages) {
			size += message.size();
		}
		byte[] page = new byte[size];
		int at = put(PAGE_START, page, 0);
		for (int i = 0; i < messages.size(); i++) {
			if (i > 0) {
				page[at++] = ',';
			}
			at = put(messages.get(i).json(), page, at);
		}
		put(end, page, at);
		return page;
	}

	private static int put(byte[] part, byte[] whole, int at) {
		System.arraycopy(part, 0, whole, at, part.length);
		return at + part.length;
	}

	/** What an append answers. */
	static byte[] appended(SessionKey session, Appended done) {
		return utf8("{\"session_id\":\"" + quoted(session.sessionId()) + "\",\"first_seq\":" + done.firstSeq()
				+ ",\"last_seq\":" + done.lastSeq() + ",\"timestamp\":\"" + Times.format(done.timestamp()) + "\"}");
	}

	static DataBuffer lines(List<EncodedMessage> messages) {
		ByteArrayOutputStream out = new ByteArrayOutputStream(
				messages.stream().mapToInt((message) -> message.size() + 1).sum());
		for (EncodedMessage message : messages) {
			out.writeBytes(message.json());
			out.write('\n');
		}
		return wrap(out);
	}

	/** The whole session in the shape that a model API takes. */
	static Flux<DataBuffer> history(SessionRow session, Flux<List<EncodedMessage>> log) {
		String start = "{\"session_id\":\"" + quoted(session.sessionId()) + "\",\"created_at\":\""
				+ Times.format(session.createdAt()) + "\",\"last_activity\":\"" + Times.format(session.lastActivity())
				+ "\",\"messages\":[";
		return Flux.concat(Flux.just(wrap(start)), log.index((i, messages) -> historyPart(messages, i == 0)),
				Flux.just(wrap("]}")));
	}

	/** Names the state of a log: it changes with every change of it. */
	static String etag(LogHead session) {
		return "\"" + Long.toString(session.id(), 36) + "-" + Long.toString(session.firstSeq(), 36) + "-"
				+ Long.toString(session.lastSeq(), 36) + "\"";
	}

	/** Names the state of a history, which also tells the last activity. */
	static String historyEtag(SessionRow session) {
		return etag(session.head()).replaceAll("\"$", "-" + Long.toString(session.lastActivity().getEpochSecond(), 36)
				+ "-" + Integer.toString(session.lastActivity().getNano(), 36) + "\"");
	}

	static String path(LogHead session) {
		return "/v1/sessions/" + PathSegments.encode(session.key().sessionId()) + "/messages";
	}

	private static String quoted(String text) {
		return new String(JsonStringEncoder.getInstance().quoteAsUTF8(text), StandardCharsets.UTF_8);
	}

	private static DataBuffer historyPart(List<EncodedMessage> messages, boolean first) {
		ByteArrayOutputStream out = new ByteArrayOutputStream(
				messages.stream().mapToInt((message) -> message.size() + 1).sum());
		boolean begin = first;
		for (EncodedMessage message : messages) {
			if (!begin) {
				out.write(',');
			}
			message.writeHistory(out);
			begin = false;
		}
		return wrap(out);
	}

	private static DataBuffer wrap(ByteArrayOutputStream out) {
		return DefaultDataBufferFactory.sharedInstance.wrap(out.toByteArray());
	}

	private static DataBuffer wrap(String text) {
		return DefaultDataBufferFactory.sharedInstance.wrap(text.getBytes(StandardCharsets.UTF_8));
	}

	private static byte[] utf8(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
