package dev.agentsessions.robustness;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;

import dev.agentsessions.Answer;
import dev.agentsessions.Api;
import dev.agentsessions.Json;
import tools.jackson.databind.JsonNode;

/**
 * A session that gets writes only, and what the answers to them said: in the end it holds
 * what was acknowledged and nothing else, each turn with its messages and its switch.
 */
final class WrittenLog {

	private final String session = Api.newId();

	/** The last message of each write that was acknowledged, by its first. */
	private final TreeMap<Long, Long> written = new TreeMap<>();

	/** At which message each switch happened, by its number. */
	private final TreeMap<Long, Long> switches = new TreeMap<>();

	/** Whether an answer said that nobody knows what was done. */
	private boolean unsure;

	String session() {
		return this.session;
	}

	/** How many switches it has; so few that one page shows all of them. */
	int size() {
		return this.switches.size();
	}

	void answered(RawAnswer answer) {
		if (answer.headers().getFirst("Idempotency-Replayed") != null || answer.headers().getContentType() == null) {
			return;
		}
		if (answer.status() == 201) {
			JsonNode receipt = Json.parse(answer.text());
			if (receipt.has("first_seq")) {
				this.written.put(receipt.path("first_seq").asLong(), receipt.path("last_seq").asLong());
			}
			JsonNode made = receipt.has("switch_no") ? receipt : receipt.path("agent_switch");
			if (made.has("switch_no")) {
				this.switches.put(made.path("switch_no").asLong(),
						receipt.path("last_seq").asLong(made.path("at_seq").asLong()));
			}
		}
		else if (answer.status() >= 400) {
			JsonNode problem = Json.parse(answer.text());
			this.unsure |= problem.path("type").asString("").equals("/problems/outcome-unknown");
			if (problem.path("committed").asLong(0) > 0) {
				this.unsure = true;
			}
		}
	}

	/** What is wrong with the session as it is now. */
	List<String> faults(Api api) {
		List<String> faults = new ArrayList<>();
		Answer found = api.get(Api.SESSION, this.session);
		if (found.status() == 404 && this.written.isEmpty() && this.switches.isEmpty()) {
			return faults;
		}
		List<Long> seqs = api.log(this.session).stream().map((message) -> message.path("seq").asLong()).toList();
		List<Long> whole = LongStream.rangeClosed(1, seqs.size()).boxed().toList();
		if (!seqs.equals(whole) || found.json().path("last_seq").asLong(-1) != seqs.size()) {
			faults.add(this.session + " has gaps: " + seqs);
		}
		List<Long> told = new ArrayList<>();
		this.written.forEach((first, last) -> LongStream.rangeClosed(first, last).forEach(told::add));
		if (this.unsure ? !seqs.containsAll(told) : !told.equals(seqs)) {
			faults.add(this.session + " has " + seqs.size() + " messages, and was told to have " + this.written);
		}
		Map<Long, Long> made = new TreeMap<>();
		api.switches(this.session)
			.forEach((each) -> made.put(each.path("switch_no").asLong(), each.path("at_seq").asLong()));
		if (this.unsure ? !made.entrySet().containsAll(this.switches.entrySet()) : !made.equals(this.switches)) {
			faults.add(this.session + " has switches " + made + ", and was told to have " + this.switches);
		}
		return faults;
	}

}
