package dev.agentsessions.write.batch;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.agentsessions.agent.AgentSwitch;
import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.database.rows.RowReader;
import dev.agentsessions.message.NewMessage;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of what was written as it will be read: PostgreSQL stores values, and prints
 * them its own way. What is not here is read as it was written.
 */
final class PrintedJson {

	private final Map<RowPlace, MessageJson> messages = new HashMap<>();

	private final Map<RowPlace, JsonText> switches = new HashMap<>();

	/** Adds what is {@link MessageColumns#PRINTED}. */
	void addMessage(long sessionDbId, long seq, RowReader row) {
		this.messages.put(new RowPlace(sessionDbId, seq),
				new MessageJson(row.json(), row.json(), row.json(), row.json()));
	}

	void addSwitch(long contextId, long no, JsonText metadata) {
		this.switches.put(new RowPlace(contextId, no), metadata);
	}

	/** The messages of a log from this number on. */
	List<NewMessage> messages(long sessionDbId, long firstSeq, List<NewMessage> written) {
		if (this.messages.isEmpty()) {
			return written;
		}
		NewMessage[] printed = written.toArray(NewMessage[]::new);
		for (int i = 0; i < printed.length; i++) {
			MessageJson json = this.messages.get(new RowPlace(sessionDbId, firstSeq + i));
			printed[i] = (json != null) ? printed[i].withJson(json.parts, json.toolCalls, json.metadata, json.extra)
					: printed[i];
		}
		return List.of(printed);
	}

	List<AgentSwitch> switches(long contextId, List<AgentSwitch> written) {
		return this.switches.isEmpty() ? written : written.stream().map((each) -> {
			JsonText metadata = this.switches.get(new RowPlace(contextId, each.switchNo()));
			return (metadata != null) ? each.withMetadata(metadata) : each;
		}).toList();
	}

	private record RowPlace(long id, long no) {
	}

	private record MessageJson(@Nullable JsonText parts, @Nullable JsonText toolCalls, @Nullable JsonText metadata,
			@Nullable JsonText extra) {
	}

}
