package dev.agentsessions.springai.session;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.agentsessions.client.message.Message;
import dev.agentsessions.springai.Messages;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.session.SessionEvent;

/**
 * An event as the store has it: a message with its id in the form of OpenAI, or several,
 * where it has the results of several tools. What only Spring AI Session knows is in a
 * field of its own.
 *
 * @param seqs the numbers of its messages
 * @param before the event in front of which compaction has put it; null: where it stands
 * @param replaces the events that compaction dropped when it put this one there
 */
record StoredEvent(SessionEvent event, List<Long> seqs, @Nullable String before, List<String> replaces) {

	private static final String FIELD = "spring_ai_event";

	String id() {
		return this.event.getId();
	}

	StoredEvent asArchived() {
		return new StoredEvent(this.event.asArchived(), this.seqs, this.before, this.replaces);
	}

	/** The messages of an event that stands where it is appended. */
	static List<Message> sent(SessionEvent event) {
		return sent(event, null, List.of());
	}

	static List<Message> sent(SessionEvent event, @Nullable String before, List<String> replaces) {
		List<Message> messages = Messages.sent(List.of(event.getMessage()));
		if (messages.isEmpty()) {
			throw new IllegalArgumentException("A message without results of tools is none");
		}
		Map<String, Object> fields = new LinkedHashMap<>();
		fields.put("timestamp", event.getTimestamp().toString());
		if (!event.getMetadata().isEmpty()) {
			fields.put("metadata", event.getMetadata());
		}
		if (event.getBranch() != null) {
			fields.put("branch", event.getBranch());
		}
		if (before != null) {
			fields.put("before", before);
		}
		if (!replaces.isEmpty()) {
			fields.put("replaces", replaces);
		}
		List<Message> sent = new ArrayList<>();
		sent.add(messages.get(0).withId(event.getId()).with(FIELD, fields));
		for (int part = 2; part <= messages.size(); part++) {
			sent.add(messages.get(part - 1)
				.withId(event.getId() + "/" + part)
				.with(FIELD, Map.of("part_of", event.getId())));
		}
		return sent;
	}

	/** The events of stored messages; what other programs wrote are events, too. */
	static List<StoredEvent> read(String sessionId, List<Message> messages) {
		List<StoredEvent> events = new ArrayList<>();
		for (int at = 0; at < messages.size();) {
			int end = at + 1;
			while (end < messages.size()
					&& Objects.equals(fields(messages.get(end)).get("part_of"), messages.get(at).id())
					&& messages.get(at).id() != null) {
				end++;
			}
			StoredEvent event = read(sessionId, messages.get(at), messages.subList(at, end));
			if (event != null) {
				events.add(event);
			}
			at = end;
		}
		return events;
	}

	private static @Nullable StoredEvent read(String sessionId, Message first, List<Message> messages) {
		List<org.springframework.ai.chat.messages.Message> read = Messages.read(messages);
		if (read.isEmpty()) {
			return null; // an item that Spring AI has no word for
		}
		Map<?, ?> fields = fields(first);
		List<Long> seqs = messages.stream().map((message) -> Objects.requireNonNull(message.seq())).toList();
		SessionEvent.Builder event = SessionEvent.builder()
			.id((first.id() != null) ? first.id() : "seq-" + first.seq())
			.sessionId(sessionId)
			.timestamp((fields.get("timestamp") instanceof String time) ? Instant.parse(time)
					: Objects.requireNonNull(first.timestamp()))
			.message(read.get(0));
		if (fields.get("branch") instanceof String branch) {
			event.branch(branch);
		}
		if (fields.get("metadata") instanceof Map<?, ?> metadata) {
			metadata.forEach((name, value) -> event.metadata((String) name, value));
		}
		List<String> replaces = (fields.get("replaces") instanceof List<?> ids)
				? ids.stream().map(String.class::cast).toList() : List.of();
		return new StoredEvent(event.build(), seqs, (fields.get("before") instanceof String id) ? id : null, replaces);
	}

	private static Map<?, ?> fields(Message message) {
		return (message.fields().get(FIELD) instanceof Map<?, ?> fields) ? fields : Map.of();
	}

}
