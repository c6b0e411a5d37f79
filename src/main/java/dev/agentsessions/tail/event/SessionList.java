package dev.agentsessions.tail.event;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import dev.agentsessions.paging.RowIds;
import dev.agentsessions.write.Fingerprint;

/**
 * The sessions of one tail, each once, and the form of their positions:
 * <code>&lt;list&gt;:&lt;position&gt;,&lt;position&gt;…</code> in the order of the list,
 * whose own name tells it from another list.
 *
 * @param name what depends on the sessions only, not on the order they were asked for in
 * @param sessionIds sorted
 */
public record SessionList(String name, List<String> sessionIds) {

	private static final Pattern POSITION = Pattern
		.compile("([0-9a-z]{1,11})-([0-9a-z]{1,11})-([0-9a-z]{1,11})(?:-([0-9a-z]{1,11}))?");

	public static SessionList of(List<String> sessionIds) {
		List<String> sorted = sessionIds.stream().distinct().sorted().toList();
		Fingerprint fingerprint = new Fingerprint("tail").add((long) sorted.size());
		sorted.forEach(fingerprint::add);
		return new SessionList(fingerprint.firstVersion().substring(0, 12), sorted);
	}

	/** All positions as one id. */
	public String id(List<Position> positions, RowIds rows) {
		return positions.stream()
			.map((position) -> Long.toString(position.seq(), 36) + "-" + Long.toString(position.switchNo(), 36) + "-"
					+ Long.toString(rows.seal(position.incarnation()), 36)
					+ ((position.viewNo() > 0) ? "-" + Long.toString(position.viewNo(), 36) : ""))
			.collect(Collectors.joining(",", this.name + ":", ""));
	}

	/** The positions of an id; empty if it is none, or one of another list. */
	public Optional<List<Position>> positions(String id, RowIds rows) {
		if (!id.startsWith(this.name + ":")) {
			return Optional.empty();
		}
		String[] parts = id.substring(this.name.length() + 1).split(",", -1);
		List<Position> positions = new ArrayList<>();
		for (String part : parts) {
			var matcher = POSITION.matcher(part);
			if (matcher.matches()) {
				positions.add(Position.of(Long.parseLong(matcher.group(1), 36), Long.parseLong(matcher.group(2), 36),
						rows.open(Long.parseLong(matcher.group(3), 36)),
						(matcher.group(4) != null) ? Long.parseLong(matcher.group(4), 36) : 0));
			}
		}
		return (positions.size() == parts.length && parts.length == this.sessionIds.size()) ? Optional.of(positions)
				: Optional.empty();
	}

}
