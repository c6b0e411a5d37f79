package dev.agentsessions.exactness;

import java.io.IOException;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

import dev.agentsessions.exactness.StoreClient.Answer;
import tools.jackson.databind.JsonNode;

/**
 * A client that saves whole histories: longer ones, the same again, others. When the
 * outcome of one is unknown, it goes on with a new session, because the save may yet be
 * done: that session ends with the one history or the other.
 */
final class Historian implements Runnable {

	/** More than the store reads in one chunk. */
	private static final int LONG = 80;

	private final Arena arena;

	private final String name;

	private final Random random;

	private final BooleanSupplier goOn;

	private int session;

	private int message;

	private List<Sent> stored = List.of();

	/** All messages, those that are in the view no longer too. */
	private List<Sent> log = List.of();

	private long last;

	Historian(Arena arena, String name, long seed, BooleanSupplier goOn) {
		this.arena = arena;
		this.name = name;
		this.random = new Random(seed);
		this.goOn = goOn;
	}

	@Override
	public void run() {
		HistoryLedger history = newSession();
		while (this.goOn.getAsBoolean()) {
			List<Sent> messages = next();
			List<Sent> log = logAfter(messages);
			history.saving(messages, log);
			try {
				if (save(history, messages, log)) {
					history.saved();
					readBack(history, messages);
				}
				else {
					history.notSaved();
					LockSupport.parkNanos(this.random.nextInt(100_000_000));
				}
			}
			catch (IOException ex) {
				this.arena.ledger().count("history of unknown outcome");
				history = newSession();
			}
		}
	}

	/** Nothing that is in the view is written again, and the log keeps everything. */
	private List<Sent> logAfter(List<Sent> messages) {
		List<Sent> log = replaces(messages) ? new ArrayList<>() : new ArrayList<>(this.log);
		messages.stream().filter((message) -> !this.stored.contains(message)).forEach(log::add);
		return List.copyOf(log);
	}

	private boolean replaces(List<Sent> messages) {
		return !this.stored.isEmpty() && Collections.disjoint(this.stored, messages);
	}

	private HistoryLedger newSession() {
		this.stored = List.of();
		this.log = List.of();
		this.last = 0;
		return this.arena.ledger().history("history-" + this.name + "-" + ++this.session);
	}

	private List<Sent> next() {
		int pick = this.random.nextInt(10);
		if (pick == 0) {
			return this.stored;
		}
		boolean fresh = pick == 1 || this.stored.isEmpty() || this.stored.size() > LONG;
		List<Sent> next = fresh ? new ArrayList<>() : new ArrayList<>(this.stored);
		if (!fresh && pick < 4) {
			next.set(this.random.nextInt(next.size()), message());
		}
		int more = fresh ? this.random.nextInt(LONG) : (pick < 4) ? 0 : 1 + this.random.nextInt(5);
		for (int i = 0; i < more; i++) {
			next.add(message());
		}
		return List.copyOf(next);
	}

	private Sent message() {
		return Sent.of("message " + ++this.message + " of " + this.name, this.random);
	}

	/**
	 * Saves a history once.
	 * @return false if the store said that it did nothing
	 * @throws IOException if nobody knows
	 */
	private boolean save(HistoryLedger history, List<Sent> messages, List<Sent> log) throws IOException {
		Answer answer;
		try {
			answer = this.arena.client()
				.put(this.arena.anyReplica(this.random), path(history),
						Map.of("messages", messages.stream().map(Sent::json).toList()));
		}
		catch (ConnectException ex) {
			return false;
		}
		if (answer.isProblem(503, "busy")) {
			return false;
		}
		if (answer.isProblem(503, "outcome-unknown")) {
			throw new IOException(answer.body());
		}
		boolean replaces = replaces(messages);
		int appended = log.size() - (replaces ? 0 : this.log.size());
		this.last += appended + (replaces ? 1 : 0);
		this.stored = messages;
		this.log = log;
		JsonNode json = answer.json();
		if (answer.status() != 200 || json.path("appended").asInt(-1) != appended
				|| json.path("replaced").asBoolean(!replaces) != replaces
				|| json.path("last_seq").asLong(-1) != this.last) {
			this.arena.ledger()
				.violation(history.id() + ": saving " + messages.size() + " messages, " + appended
						+ " of them new, up to " + this.last + ", was answered " + answer);
		}
		this.arena.ledger().count(replaces ? "history replaced" : "history saved");
		return true;
	}

	private void readBack(HistoryLedger history, List<Sent> messages) {
		try {
			Answer answer = this.arena.client().get(this.arena.anyReplica(this.random), path(history));
			if (answer.status() == 503) {
				return;
			}
			if (answer.status() != 200 || !HistoryLedger.shows(answer.json().path("messages"), messages)) {
				this.arena.ledger().violation(history.id() + " is not what was just saved: " + answer);
			}
			this.arena.ledger().count("history read back");
		}
		catch (IOException ex) {
			// says nothing
		}
	}

	private static String path(HistoryLedger history) {
		return "/v1/sessions/" + history.id() + "/history";
	}

}
