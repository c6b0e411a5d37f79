package dev.agentsessions.tail.draft;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import dev.agentsessions.message.MessageReader;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.web.json.JsonTree;
import dev.agentsessions.web.request.Fields;
import dev.agentsessions.web.request.LimitSettings;
import dev.agentsessions.web.request.NdjsonLine;
import dev.agentsessions.web.request.RequestMemory;

import org.jspecify.annotations.Nullable;

import org.springframework.stereotype.Component;

/**
 * Reads what a writer says. Errors: 400, 413.
 */
@Component
class DraftLines {

	private static final byte[] TEXT = "{\"text\":\"".getBytes(StandardCharsets.US_ASCII);

	private static final byte[] TEXT_END = "\"}".getBytes(StandardCharsets.US_ASCII);

	private final MessageReader messages;

	private final LimitSettings limits;

	private final RequestMemory memory;

	DraftLines(MessageReader messages, LimitSettings limits, RequestMemory memory) {
		this.messages = messages;
		this.limits = limits;
		this.memory = memory;
	}

	/** How large the text of a draft may be, in bytes: as large as a message. */
	long mostBytes() {
		return this.limits.message().toBytes();
	}

	/** A line about the draft with this id, which its message has or gets. */
	DraftLine read(String messageId, NdjsonLine line) {
		if (line.tooLong()) {
			throw Problems.tooLarge("The line is longer than " + mostBytes() + " bytes.").exception();
		}
		String plain = plainText(line.bytes());
		if (plain != null) {
			return new DraftLine(plain, null, false);
		}
		Fields fields = Fields.of(JsonTree.parse(line.bytes(), this.memory.values()));
		String text = fields.text("text", Integer.MAX_VALUE);
		boolean discard = fields.flag("discard", false);
		Fields sent = fields.fields("message");
		NewMessage message = (sent != null) ? read(messageId, sent) : null;
		int parts = ((text != null) ? 1 : 0) + ((message != null) ? 1 : 0) + (discard ? 1 : 0);
		if (parts != 1) {
			fields.wrong(null, "must have text, a message, or discard as true, and only one of them");
		}
		fields.end();
		return new DraftLine(text, message, discard);
	}

	/**
	 * The text of a line that says nothing else, and has nothing escaped in it: most do,
	 * and to read it as JSON would take most of the time that a piece of text takes.
	 * @return null if it has to be read as JSON
	 */
	static @Nullable String plainText(byte[] line) {
		int end = line.length - TEXT_END.length;
		if (end < TEXT.length || !Arrays.equals(line, 0, TEXT.length, TEXT, 0, TEXT.length)
				|| !Arrays.equals(line, end, line.length, TEXT_END, 0, TEXT_END.length)) {
			return null;
		}
		boolean ascii = true;
		for (int i = TEXT.length; i < end; i++) {
			if (line[i] == '"' || line[i] == '\\' || (line[i] >= 0 && line[i] < ' ')) {
				return null;
			}
			ascii &= line[i] >= 0;
		}
		String text = new String(line, TEXT.length, end - TEXT.length, StandardCharsets.UTF_8);
		// it stands in the place of what is no UTF-8
		return (ascii || text.indexOf('\uFFFD') < 0) ? text : null;
	}

	private NewMessage read(String messageId, Fields sent) {
		NewMessage message = this.messages.read(sent);
		if (message.id() != null && !messageId.equals(message.id())) {
			sent.wrong("id", "must be that of the draft, or absent");
		}
		sent.noMore();
		return message.withId(messageId);
	}

}
