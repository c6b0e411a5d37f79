package dev.agentsessions.exactness;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

import dev.agentsessions.exactness.StoreClient.Answer;
import tools.jackson.databind.JsonNode;

/**
 * A client that reads on any replica, in any way, and holds what it gets against what was
 * acknowledged before it asked, on whichever replica.
 */
final class Reader implements Runnable {

	private final Arena arena;

	private final Random random;

	private final BooleanSupplier goOn;

	private final List<Read> reads;

	Reader(Arena arena, long seed, BooleanSupplier goOn) {
		this.arena = arena;
		this.random = new Random(seed);
		this.goOn = goOn;
		PageReads pages = new PageReads(this.random);
		WholeReads whole = new WholeReads(this.random);
		this.reads = List.of(pages::numbered, pages::numbered, pages::after, pages::after, pages::newest, pages::newest,
				pages::before, pages::one, pages::ofRole, pages::unchanged, whole::session, whole::stats,
				whole::history, whole::lines, whole::switches);
	}

	@Override
	public void run() {
		while (this.goOn.getAsBoolean()) {
			Replica replica = this.arena.anyReplica(this.random);
			try {
				int pick = this.random.nextInt(16);
				if (pick < 2) {
					readHistory(replica);
				}
				else if (pick == 2) {
					readList(replica);
				}
				else if (pick < 5) {
					readErased(replica);
				}
				else {
					read(replica);
				}
			}
			catch (IOException ex) {
				this.arena.ledger().count("reads without an answer");
				LockSupport.parkNanos(this.random.nextInt(100_000_000));
			}
		}
	}

	private void read(Replica replica) throws IOException {
		SessionLedger session = this.arena.anyWritten(this.random);
		long last = session.acknowledgedLast();
		if (last == 0) {
			return;
		}
		Read read = this.reads.get(this.random.nextInt(this.reads.size()));
		Known known = new Known(session, last, session.acknowledgedSwitch());
		Query query = (path, headers) -> answer(replica, "/v1/sessions/" + session.id() + path, headers);
		String fault = read.fault(known, query);
		if (!fault.isEmpty()) {
			this.arena.ledger()
				.violation(session.id() + " on " + replica + ", " + known.last() + " messages and " + known.switches()
						+ " switches acknowledged: " + fault);
		}
		this.arena.ledger().count("reads");
	}

	/** A history that is being replaced is one or the other, never a mixture. */
	private void readHistory(Replica replica) throws IOException {
		List<HistoryLedger> all = new ArrayList<>(this.arena.ledger().histories());
		if (all.isEmpty()) {
			return;
		}
		HistoryLedger history = all.get(this.random.nextInt(all.size()));
		int acknowledged = history.acknowledged();
		boolean page = this.random.nextBoolean();
		Answer answer = answer(replica, "/v1/sessions/" + history.id() + (page ? "/messages?limit=1000" : "/history"));
		List<HistoryLedger.Version> versions = history.versionsFrom(acknowledged);
		JsonNode messages = answer.json().path(page ? "data" : "messages");
		boolean missing = answer.status() == 404 && acknowledged == 0;
		if (!missing && (answer.status() != 200 || versions.stream()
			.noneMatch((version) -> HistoryLedger.shows(messages, page ? version.log() : version.view())))) {
			this.arena.ledger()
				.violation(history.id() + " on " + replica + " is none of the versions from " + acknowledged + " on, "
						+ versions.stream().map((version) -> version.view().size()).toList() + " messages: "
						+ messages.size() + " in " + answer);
		}
		this.arena.ledger().count("reads of histories");
	}

	/** The most recent sessions, at least as many as were acknowledged, up to a page. */
	private void readList(Replica replica) throws IOException {
		long known = this.arena.ledger()
			.sessions()
			.stream()
			.filter((session) -> session.acknowledgedLast() > 0)
			.limit(5)
			.count();
		Answer answer = answer(replica, "/v1/sessions?limit=5");
		if (answer.status() != 200 || answer.json().path("data").size() < known) {
			this.arena.ledger().violation("a list of " + known + " sessions or more on " + replica + ": " + answer);
		}
		this.arena.ledger().count("lists");
	}

	/** Somebody may have made a session of the same id again. */
	private void readErased(Replica replica) throws IOException {
		List<Erased> all = List.copyOf(this.arena.ledger().erased());
		if (all.isEmpty()) {
			return;
		}
		Erased erased = all.get(this.random.nextInt(all.size()));
		Answer answer = answer(replica, erased.path()
				+ (this.random.nextBoolean() ? "/messages?after=0&include_deleted=true" : "?include_deleted=true"));
		if (!erased.isNotShownBy(answer)) {
			this.arena.ledger().violation(erased + " is shown by " + replica + ": " + answer);
		}
		this.arena.ledger().count("reads of erased sessions");
	}

	/** An answer that says something. */
	private Answer answer(Replica replica, String path, String... headers) throws IOException {
		Answer answer = this.arena.client().get(replica, path, headers);
		if (answer.status() == 503) {
			throw new IOException("503");
		}
		return answer;
	}

	/** What was acknowledged before the read. */
	record Known(SessionLedger session, long last, long switches) {

		/**
		 * Takes in messages and says what is wrong with them: they must follow on from.
		 */
		String faultOf(JsonNode messages, long from) {
			for (int i = 0; i < messages.size(); i++) {
				JsonNode message = messages.get(i);
				if (message.path("seq").asLong() != from + i) {
					return "not " + (from + i) + " but " + message;
				}
				Sent sent = new Sent(message.path("content").asString(""));
				if (!sent.isShownBy(message)) {
					return "mutilated: " + message;
				}
				this.session.told(from + i, sent);
			}
			return "";
		}

		/** The messages of a range that anybody was told of. */
		Map<Long, Sent> told(long from, long to) {
			return (from <= to) ? this.session.log().subMap(from, true, to, true) : Map.of();
		}

	}

	/** Asks for something below the session. */
	interface Query {

		Answer get(String path, String... headers) throws IOException;

	}

	/** One way to read. */
	interface Read {

		/** What is wrong with what it gets; empty if nothing is. */
		String fault(Known known, Query query) throws IOException;

	}

}
