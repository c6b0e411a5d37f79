package dev.agentsessions.exactness;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * What all clients together asked for and were told. Whatever contradicts what somebody
 * was told before is a violation.
 */
final class Ledger {

	private static final int MOST_VIOLATIONS = 50;

	private final Map<String, SessionLedger> sessions = new ConcurrentSkipListMap<>();

	private final Map<String, HistoryLedger> histories = new ConcurrentSkipListMap<>();

	private final Map<String, List<Steward.State>> states = new ConcurrentSkipListMap<>();

	private final List<Erased> erased = new CopyOnWriteArrayList<>();

	private final Map<String, String> drafts = new ConcurrentHashMap<>();

	private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

	private final Queue<String> violations = new ConcurrentLinkedQueue<>();

	private final AtomicInteger violated = new AtomicInteger();

	/** What is known of a session that many write to. */
	SessionLedger session(String id) {
		return this.sessions.computeIfAbsent(id, (key) -> new SessionLedger(key, this));
	}

	Collection<SessionLedger> sessions() {
		return this.sessions.values();
	}

	/** What is known of a session that one client saves whole histories to. */
	HistoryLedger history(String id) {
		return this.histories.computeIfAbsent(id, HistoryLedger::new);
	}

	Collection<HistoryLedger> histories() {
		return this.histories.values();
	}

	/** Which states a session that one client looks after may be in. */
	void states(String path, List<Steward.State> states) {
		this.states.put(path, states);
	}

	/** By the paths of the sessions. */
	Map<String, List<Steward.State>> states() {
		return this.states;
	}

	/** Every read that starts from now on has to show nothing of it. */
	void erased(Erased session) {
		this.erased.add(session);
	}

	List<Erased> erased() {
		return this.erased;
	}

	/** The text of the draft with this id, whoever writes it, is a prefix of this. */
	void draft(String messageId, String content) {
		this.drafts.put(messageId, content);
	}

	/** Null if nobody has begun it. */
	@Nullable String draft(String messageId) {
		return this.drafts.get(messageId);
	}

	void violation(String what) {
		if (this.violated.incrementAndGet() <= MOST_VIOLATIONS) {
			this.violations.add(what);
		}
	}

	/** The first ones. */
	List<String> violations() {
		return List.copyOf(this.violations);
	}

	/** Counts that something happened; a run in which it did not shows nothing. */
	void count(String what) {
		this.counts.computeIfAbsent(what, (key) -> new LongAdder()).increment();
	}

	SortedMap<String, Long> counts() {
		return this.counts.entrySet()
			.stream()
			.collect(Collectors.toMap(Map.Entry::getKey, (entry) -> entry.getValue().sum(), Long::sum,
					ConcurrentSkipListMap::new));
	}

}
