package dev.agentsessions.tail.draft;

import dev.agentsessions.message.MessageReader;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.web.json.JsonTree;
import dev.agentsessions.web.request.Fields;
import dev.agentsessions.web.request.LimitSettings;
import dev.agentsessions.web.request.NdjsonLine;
import dev.agentsessions.web.request.RequestMemory;

import org.springframework.stereotype.Component;

/**
 * Reads what a writer says. Errors: 400, 413.
 */
@Component
class DraftLines {

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

	private NewMessage read(String messageId, Fields sent) {
		NewMessage message = this.messages.read(sent);
		if (message.id() != null && !messageId.equals(message.id())) {
			sent.wrong("id", "must be that of the draft, or absent");
		}
		sent.noMore();
		return message.withId(messageId);
	}

}
