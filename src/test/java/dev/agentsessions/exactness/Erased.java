package dev.agentsessions.exactness;

import dev.agentsessions.exactness.StoreClient.Answer;
import tools.jackson.databind.JsonNode;

/**
 * A session that was erased: its client was told that nobody sees it any more.
 *
 * @param erasureId under which the receipt is
 * @param path of the session, and of any that has its id later
 * @param number the last that its client gave to anything before
 * @param messages that were in it
 */
record Erased(String erasureId, String path, int number, long messages) {

	/** Whether it shows nothing that was there before: the session, or its messages. */
	boolean isNotShownBy(Answer answer) {
		if (answer.status() != 200) {
			return answer.status() == 404;
		}
		JsonNode json = answer.json();
		return json.has("data")
				? json.path("data").valueStream().allMatch((message) -> isNew(message.path("content").asString("0")))
				: isNew(json.path("metadata").path("n").asString("0"));
	}

	private boolean isNew(String number) {
		return Integer.parseInt(number) > this.number;
	}

	/** Whether it says that nothing is left of what was there. */
	boolean isReceiptedBy(Answer answer) {
		return answer.status() == 200 && answer.json().path("state").asString("").equals("done")
				&& answer.json().path("sessions").asLong(-1) == 1
				&& answer.json().path("messages").asLong(-1) == this.messages && answer.json().has("finished_at");
	}

}
