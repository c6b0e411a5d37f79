package dev.agentsessions.transfer.archive;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.message.MessageReader;
import dev.agentsessions.message.NewMessage;
import dev.agentsessions.problem.Problems;
import dev.agentsessions.session.DetailsChange;
import dev.agentsessions.session.SessionDetails;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.transfer.ContextRecord;
import dev.agentsessions.transfer.MessageRecord;
import dev.agentsessions.transfer.OldLimits;
import dev.agentsessions.transfer.SessionRecord;
import dev.agentsessions.transfer.SwitchRecord;
import dev.agentsessions.view.View;
import dev.agentsessions.web.json.JsonTree;
import dev.agentsessions.web.request.Fields;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One line of an archive: what kind of record it is, and its fields. JSON in it is taken
 * over as it is written, not as it would be written here. All methods: 400 for what an
 * export does not write.
 */
final class ArchiveLine {

	private static final MessageReader messages = new MessageReader(OldLimits.NONE);

	private final String kind;

	private final ObjectNode record;

	private final Map<String, JsonText> json;

	private final Fields fields;

	ArchiveLine(String text) {
		JsonNode line = JsonTree.stored(text);
		if (line.size() != 1 || !(line.iterator().next() instanceof ObjectNode object)) {
			throw Problems.invalid("it is not a record");
		}
		this.kind = line.propertyNames().iterator().next();
		this.record = object;
		this.json = jsonIn(text);
		this.fields = Fields.of(object);
	}

	String kind() {
		return this.kind;
	}

	/** A number, which is taken out of the record. */
	long take(String name) {
		long number = number(name);
		this.record.remove(name);
		return number;
	}

	SessionRecord session() {
		this.fields.flag("is_active", true);
		long firstSeq = number("first_seq");
		Long viewNo = this.fields.number("view_no", 0, Long.MAX_VALUE);
		View view = View.of((viewNo != null) ? viewNo : 0, firstSeq, json("view"));
		if (!view.isSoundFrom(firstSeq)) {
			this.fields.wrong("view", "is no view of this log");
		}
		SessionRecord session = new SessionRecord(
				new SessionKey(this.fields.requiredText("tenant", 255), this.fields.requiredText("session_id", 255)),
				time("created_at"), time("last_activity"), this.fields.time("deleted_at"), details(), firstSeq,
				number("last_switch_no"), view, json("forked_from"));
		this.fields.end();
		return session;
	}

	private SessionDetails details() {
		DetailsChange details = DetailsChange.read(this.fields, OldLimits.NONE.message(), false);
		this.fields.requireNoErrors();
		return details.apply(SessionDetails.NONE).withMetadata(json("metadata"));
	}

	ContextRecord context() {
		ContextRecord context = new ContextRecord(this.fields.requiredText("current_agent", 255), time("created_at"),
				time("updated_at"), number("switch_count"), json("metadata"));
		this.fields.end();
		return context;
	}

	SwitchRecord agentSwitch() {
		SwitchRecord made = new SwitchRecord(number("switch_no"), number("at_seq"), this.fields.text("from_agent", 255),
				this.fields.requiredText("to_agent", 255), time("switched_at"),
				this.fields.text("reason", Integer.MAX_VALUE), json("metadata"));
		this.fields.end();
		return made;
	}

	/** A message, whose number must have been taken. */
	MessageRecord message() {
		Instant timestamp = time("timestamp");
		JsonText extra = json("extra");
		this.fields.requireNoErrors();
		this.record.remove(List.of("timestamp", "extra"));
		if (extra != null) {
			this.record.setAll((ObjectNode) JsonTree.stored(extra.json()));
		}
		Fields rest = Fields.of(this.record);
		NewMessage read = messages.read(rest);
		rest.end();
		return new MessageRecord(timestamp, read.withJson((read.parts() != null) ? this.json.get("content") : null,
				this.json.get("tool_calls"), this.json.get("metadata"), extra));
	}

	private long number(String name) {
		Long number = this.fields.number(name, 0, Long.MAX_VALUE);
		if (number == null) {
			this.fields.missing(name);
		}
		return (number != null) ? number : 0;
	}

	private Instant time(String name) {
		Instant time = this.fields.time(name);
		if (time == null) {
			this.fields.missing(name);
		}
		return (time != null) ? time : Instant.EPOCH;
	}

	private @Nullable JsonText json(String name) {
		return (this.fields.object(name) != null) ? this.json.get(name) : null;
	}

	/** The objects and arrays among the record's fields, as they are written. */
	private static Map<String, JsonText> jsonIn(String text) {
		Map<String, JsonText> found = new HashMap<>();
		try (JsonParser parser = JsonTree.parser(text)) {
			parser.nextToken();
			parser.nextToken();
			parser.nextToken();
			while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
				String name = parser.currentName();
				if (parser.nextToken().isStructStart()) {
					int start = (int) parser.currentTokenLocation().getCharOffset();
					parser.skipChildren();
					found.put(name,
							new JsonText(text.substring(start, (int) parser.currentLocation().getCharOffset())));
				}
			}
		}
		return found;
	}

}
