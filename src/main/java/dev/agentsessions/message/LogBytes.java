package dev.agentsessions.message;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BiConsumer;

import dev.agentsessions.session.LogHead;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionRow;
import dev.agentsessions.web.PathSegments;
import dev.agentsessions.web.Times;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * The answers that logs are given as, put together from encoded messages.
 */
final class LogBytes {

	private static final byte[] PAGE_START = utf8("{\"data\":[");

	private static final byte[] HISTORY_END = utf8("]}");

	private LogBytes() {
	}

	/**
	 * A list answer.
	 * @param end see {@link #pageEnd}
	 */
	static byte[] page(List<EncodedMessage> messages, byte[] end) {
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

	/** The same in parts. */
	static Flux<byte[]> page(Flux<List<EncodedMessage>> messages, byte[] end) {
		return list(PAGE_START, messages, (message, out) -> out.writeBytes(message.json()), end);
	}

	/**
	 * What follows the messages.
	 * @param next path and query of what follows, null at the end
	 * @param more further members of the answer as they stand in JSON, empty for none
	 */
	static byte[] pageEnd(boolean hasMore, @Nullable String next, String more) {
		return utf8("],\"has_more\":" + hasMore + ((next != null) ? ",\"next\":\"" + next + "\"" : "") + more + "}");
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

	static byte[] lines(List<EncodedMessage> messages) {
		ByteArrayOutputStream out = outputFor(messages);
		for (EncodedMessage message : messages) {
			out.writeBytes(message.json());
			out.write('\n');
		}
		return out.toByteArray();
	}

	/** The whole session in the shape that a model API takes. */
	static Flux<byte[]> history(SessionRow session, Flux<List<EncodedMessage>> log) {
		String start = "{\"session_id\":\"" + quoted(session.sessionId()) + "\",\"created_at\":\""
				+ Times.format(session.createdAt()) + "\",\"last_activity\":\"" + Times.format(session.lastActivity())
				+ "\",\"messages\":[";
		return list(utf8(start), log, EncodedMessage::writeHistory, HISTORY_END);
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

	private static Flux<byte[]> list(byte[] start, Flux<List<EncodedMessage>> log,
			BiConsumer<EncodedMessage, ByteArrayOutputStream> writer, byte[] end) {
		Flux<byte[]> parts = log.index((i, messages) -> part(messages, i == 0, writer));
		return Flux.concat(Flux.just(start), parts, Flux.just(end));
	}

	private static byte[] part(List<EncodedMessage> messages, boolean first,
			BiConsumer<EncodedMessage, ByteArrayOutputStream> writer) {
		ByteArrayOutputStream out = outputFor(messages);
		boolean begin = first;
		for (EncodedMessage message : messages) {
			if (!begin) {
				out.write(',');
			}
			writer.accept(message, out);
			begin = false;
		}
		return out.toByteArray();
	}

	private static ByteArrayOutputStream outputFor(List<EncodedMessage> messages) {
		return new ByteArrayOutputStream(messages.size() + (int) EncodedMessage.bytes(messages));
	}

	private static byte[] utf8(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
