package dev.agentsessions.message.log;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BiConsumer;

import dev.agentsessions.message.AnswerParts;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.paging.RowIds;
import dev.agentsessions.session.LogHead;
import dev.agentsessions.session.SessionRow;
import dev.agentsessions.web.json.JsonWriter;
import dev.agentsessions.web.json.Times;
import dev.agentsessions.web.request.PathSegments;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * The answers that logs are given as, put together from encoded messages.
 */
public final class LogBytes {

	private static final byte[] PAGE_START = utf8("{\"data\":[");

	private static final byte[] HISTORY_END = utf8("]}");

	private static final byte[] MESSAGES = utf8(",\"messages\":[");

	private LogBytes() {
	}

	/**
	 * A list answer.
	 * @param end see {@link #pageEnd}
	 */
	public static byte[] page(List<EncodedMessage> messages, byte[] end) {
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

	/** A page of messages as JSON, in parts, as the messages come. */
	public static Flux<ByteBuffer> page(Flux<List<EncodedMessage>> messages, byte[] end) {
		return list(PAGE_START, messages, EncodedMessage::write, end);
	}

	/**
	 * What follows the messages.
	 * @param next path and query of what follows, null at the end
	 * @param more further members of the answer as they stand in JSON, empty for none
	 */
	public static byte[] pageEnd(boolean hasMore, @Nullable String next, String more) {
		return utf8("],\"has_more\":" + hasMore + ((next != null) ? ",\"next\":\"" + next + "\"" : "") + more + "}");
	}

	private static int put(byte[] part, byte[] whole, int at) {
		System.arraycopy(part, 0, whole, at, part.length);
		return at + part.length;
	}

	public static Flux<ByteBuffer> lines(Flux<List<EncodedMessage>> log) {
		return log.concatMapIterable((messages) -> {
			AnswerParts parts = AnswerParts.of(messages);
			for (EncodedMessage message : messages) {
				message.write(parts);
				parts.add('\n');
			}
			return parts.all();
		}, 1);
	}

	/**
	 * The whole session in the shape that a model API takes.
	 * @param full whether messages have what model APIs don't take as well
	 */
	public static Flux<ByteBuffer> history(SessionRow session, Flux<List<EncodedMessage>> log, boolean full) {
		String start = "{\"session_id\":" + JsonWriter.quoted(session.sessionId()) + ",\"created_at\":\""
				+ Times.format(session.createdAt()) + "\",\"last_activity\":\"" + Times.format(session.lastActivity())
				+ "\",\"messages\":[";
		return list(utf8(start), log, full ? EncodedMessage::writeFullHistory : EncodedMessage::writeHistory,
				HISTORY_END);
	}

	/**
	 * An object with these messages as a history has them.
	 * @param begun the object without its end
	 */
	public static byte[] withMessages(byte[] begun, List<EncodedMessage> messages) {
		ByteArrayOutputStream answer = new ByteArrayOutputStream(
				begun.length + messages.size() + (int) EncodedMessage.bytes(messages) + 16);
		answer.writeBytes(begun);
		answer.writeBytes(MESSAGES);
		for (ByteBuffer part : parts(messages, true, EncodedMessage::writeHistory)) {
			answer.write(part.array(), part.arrayOffset() + part.position(), part.remaining());
		}
		answer.writeBytes(HISTORY_END);
		return answer.toByteArray();
	}

	/**
	 * Names the state of a log: it changes with every change of it.
	 * @param more what else the answer tells, and the form it has; empty for neither
	 */
	public static String etag(LogHead session, RowIds rows, String more) {
		return "\"" + Long.toString(rows.seal(session.id()), 36) + "-" + Long.toString(session.firstSeq(), 36) + "-"
				+ Long.toString(session.lastSeq(), 36) + more + "\"";
	}

	/**
	 * Names the state of a history, which also tells the last activity, and of its view.
	 * Its two forms must not be taken for each other.
	 */
	public static String historyEtag(SessionRow session, RowIds rows, boolean full) {
		return etag(session.head(), rows,
				"-" + Long.toString(session.lastActivity().getEpochSecond(), 36) + "-"
						+ Integer.toString(session.lastActivity().getNano(), 36) + "-"
						+ Long.toString(session.view().no(), 36) + (full ? "-f" : ""));
	}

	public static String path(LogHead session) {
		return "/v1/sessions/" + PathSegments.encode(session.key().sessionId()) + "/messages";
	}

	private static Flux<ByteBuffer> list(byte[] start, Flux<List<EncodedMessage>> log,
			BiConsumer<EncodedMessage, AnswerParts> writer, byte[] end) {
		Flux<ByteBuffer> parts = log.index((i, messages) -> parts(messages, i == 0, writer))
			.concatMapIterable((each) -> each, 1);
		return Flux.concat(Flux.just(ByteBuffer.wrap(start)), parts, Flux.just(ByteBuffer.wrap(end)));
	}

	private static List<ByteBuffer> parts(List<EncodedMessage> messages, boolean first,
			BiConsumer<EncodedMessage, AnswerParts> writer) {
		AnswerParts parts = AnswerParts.of(messages);
		boolean begin = first;
		for (EncodedMessage message : messages) {
			if (!begin) {
				parts.add(',');
			}
			writer.accept(message, parts);
			begin = false;
		}
		return parts.all();
	}

	private static byte[] utf8(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
