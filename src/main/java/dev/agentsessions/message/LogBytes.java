package dev.agentsessions.message;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

import dev.agentsessions.session.LogHead;
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

	private LogBytes() {
	}

	/**
	 * A list answer.
	 * @param next path and query of what follows, null at the end
	 * @param more further members of the answer as they stand in JSON, empty for none
	 */
	static byte[] page(List<EncodedMessage> messages, boolean hasMore, @Nullable String next, String more) {
		int size = messages.stream().mapToInt(EncodedMessage::size).sum() + messages.size();
		ByteArrayOutputStream out = new ByteArrayOutputStream(size + 512);
		out.writeBytes(ascii("{\"data\":["));
		for (int i = 0; i < messages.size(); i++) {
			if (i > 0) {
				out.write(',');
			}
			out.writeBytes(messages.get(i).json());
		}
		out.writeBytes(
				ascii("],\"has_more\":" + hasMore + ((next != null) ? ",\"next\":\"" + next + "\"" : "") + more + "}"));
		return out.toByteArray();
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
		String id = new String(JsonStringEncoder.getInstance().quoteAsUTF8(session.sessionId()),
				StandardCharsets.UTF_8);
		String start = "{\"session_id\":\"" + id + "\",\"created_at\":\"" + Times.format(session.createdAt())
				+ "\",\"last_activity\":\"" + Times.format(session.lastActivity()) + "\",\"messages\":[";
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

	private static byte[] ascii(String text) {
		return text.getBytes(StandardCharsets.US_ASCII);
	}

}
