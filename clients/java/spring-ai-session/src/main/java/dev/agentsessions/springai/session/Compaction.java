package dev.agentsessions.springai.session;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

import dev.agentsessions.client.message.Message;
import dev.agentsessions.client.message.Range;
import org.springframework.ai.session.SessionEvent;

import org.springframework.util.Assert;

/**
 * What becomes of the active events.
 *
 * @param inserted the messages of the new ones
 * @param seqs the numbers of what is active then, and in the place of each new message
 * minus its own place among them
 */
record Compaction(List<Message> inserted, List<Long> seqs) {

	static Compaction of(List<StoredEvent> active, List<SessionEvent> archived, List<SessionEvent> retained) {
		Map<String, StoredEvent> byId = new LinkedHashMap<>();
		active.forEach((event) -> byId.put(event.id(), event));
		for (SessionEvent event : archived) {
			Assert.isTrue(byId.containsKey(event.getId()), () -> "Not an active event: " + event.getId());
		}
		Set<String> mentioned = archived.stream().map(SessionEvent::getId).collect(Collectors.toSet());
		retained.forEach((event) -> mentioned.add(event.getId()));
		List<String> dropped = byId.keySet().stream().filter((id) -> !mentioned.contains(id)).toList();
		List<Message> inserted = new ArrayList<>();
		List<Long> seqs = new ArrayList<>();
		for (int at = 0; at < retained.size(); at++) {
			StoredEvent stored = byId.get(retained.get(at).getId());
			if (stored != null) {
				seqs.addAll(stored.seqs());
				continue;
			}
			String before = retained.subList(at, retained.size())
				.stream()
				.map(SessionEvent::getId)
				.filter(byId::containsKey)
				.findFirst()
				.orElse(null);
			for (Message message : StoredEvent.sent(retained.get(at), before,
					inserted.isEmpty() ? dropped : List.of())) {
				inserted.add(message);
				seqs.add((long) -inserted.size());
			}
		}
		return new Compaction(inserted, seqs);
	}

	/** The view, if the new messages stand behind this number. */
	List<Range> ranges(long lastSeq) {
		List<Range> ranges = new ArrayList<>();
		long last = lastSeq + this.inserted.size();
		this.seqs.stream().map((seq) -> (seq < 0) ? lastSeq - seq : seq).forEach((seq) -> {
			Range end = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
			if (end != null && Objects.equals(end.through(), seq - 1)) {
				ranges.set(ranges.size() - 1, Range.of(end.from(), seq));
			}
			else {
				ranges.add(Range.of(seq, seq));
			}
		});
		ranges.add(Range.from(last + 1));
		return ranges;
	}

}
