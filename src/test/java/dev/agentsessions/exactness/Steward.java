package dev.agentsessions.exactness;

import java.io.IOException;
import java.net.ConnectException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

import dev.agentsessions.exactness.StoreClient.Answer;
import tools.jackson.databind.JsonNode;

/**
 * A client that creates sessions of its own, gives them metadata and messages, deletes
 * and restores them, removes them for good, and erases them. When the outcome of one of
 * these is unknown it goes on with a new session: the old one ends as it was before or as
 * it was to be.
 */
final class Steward implements Runnable {

	private static final String ERASURES = "/v1/erasures";

	/** Far longer than anything is away in a run. */
	private static final long PATIENCE_NANOS = 60_000_000_000L;

	private final Arena arena;

	private final String name;

	private final Random random;

	private final BooleanSupplier goOn;

	private int session;

	/** Of whatever was sent last: it is the only one that has it. */
	private int number;

	Steward(Arena arena, String name, long seed, BooleanSupplier goOn) {
		this.arena = arena;
		this.name = name;
		this.random = new Random(seed);
		this.goOn = goOn;
	}

	@Override
	public void run() {
		String path = newSession();
		State state = State.NONE;
		while (this.goOn.getAsBoolean()) {
			Change change = next(path, state);
			this.arena.ledger().states(path, List.of(state, change.after));
			try {
				if (carriedOut(path, state, change)) {
					state = change.after;
					readBack(path, state);
				}
				else {
					LockSupport.parkNanos(this.random.nextInt(100_000_000));
				}
				this.arena.ledger().states(path, List.of(state));
			}
			catch (IOException ex) {
				this.arena.ledger().count("change of unknown outcome");
				path = newSession();
				state = State.NONE;
			}
			if (state.deleted && this.random.nextInt(8) == 0) {
				path = newSession();
				state = State.NONE;
			}
		}
	}

	private String newSession() {
		return "/v1/sessions/kept-" + this.name + "-" + ++this.session;
	}

	/** Sometimes one that has to be refused. */
	private Change next(String path, State state) {
		Map<String, Object> metadata = Map.of("n", ++this.number);
		int pick = (state.deleted && this.random.nextBoolean()) ? 14 : this.random.nextInt(15);
		if (!state.exists || pick == 0) {
			return new Change("POST", "/v1/sessions", Map.of("session_id", id(path), "metadata", metadata),
					state.deleted ? 410 : state.exists ? 409 : 201,
					state.exists ? state : new State(true, false, this.number, 0));
		}
		if (pick < 4) {
			return new Change("PATCH", path, Map.of("metadata", metadata), state.deleted ? 410 : 200,
					state.deleted ? state : new State(true, false, this.number, state.messages));
		}
		if (pick < 7) {
			return new Change("DELETE", path, null, state.deleted ? 410 : 204,
					new State(true, true, state.metadata, state.messages));
		}
		if (pick == 7) {
			return new Change("DELETE", path + "?soft=false", null, 204, State.NONE);
		}
		if (pick < 11) {
			return append(path, state);
		}
		if (pick < 14) {
			return new Change("POST", ERASURES, Map.of("session_ids", List.of("absent", id(path))), 202, State.NONE);
		}
		return new Change("POST", path + "/restore", Map.of(), state.deleted ? 200 : 409,
				new State(true, false, state.metadata, state.messages));
	}

	private Change append(String path, State state) {
		int messages = 1 + this.random.nextInt(5);
		return new Change("POST", path + "/messages",
				IntStream.range(0, messages)
					.mapToObj((i) -> Map.of("role", "user", "content", String.valueOf(++this.number)))
					.toList(),
				state.deleted ? 410 : 201,
				state.deleted ? state : new State(true, false, state.metadata, state.messages + messages));
	}

	private static String id(String path) {
		return path.substring("/v1/sessions/".length());
	}

	/**
	 * Sends a change once.
	 * @return false if the store said that it did nothing
	 * @throws IOException if nobody knows
	 */
	private boolean carriedOut(String path, State state, Change change) throws IOException {
		Answer answer;
		try {
			answer = this.arena.client()
				.send(this.arena.anyReplica(this.random), change.method, change.path, change.body);
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
		if (answer.status() != change.status) {
			this.arena.ledger().violation(path + ", " + state + ": " + change + " was answered " + answer);
		}
		else if (change.status == 202) {
			awaitOutOfReach(answer.json());
			this.arena.ledger()
				.erased(new Erased(answer.json().path("erasure_id").asString(), path, this.number, state.messages));
		}
		this.arena.ledger().count(change.method + " answered " + change.status);
		return true;
	}

	/**
	 * The store goes on by itself, whatever breaks. From then on nobody may see what was
	 * erased.
	 */
	private void awaitOutOfReach(JsonNode receipt) {
		String path = ERASURES + "/" + receipt.path("erasure_id").asString();
		String state = receipt.path("state").asString();
		long start = System.nanoTime();
		while (state.equals("marking")) {
			if (System.nanoTime() - start > PATIENCE_NANOS) {
				this.arena.ledger().violation(path + " is still marking");
				return;
			}
			this.arena.ledger().count("erasures waited for");
			LockSupport.parkNanos(this.random.nextInt(100_000_000));
			try {
				Answer answer = this.arena.client().get(this.arena.anyReplica(this.random), path);
				state = (answer.status() != 503) ? answer.json().path("state").asString("") : state;
			}
			catch (IOException ex) {
				// says nothing
			}
		}
	}

	private void readBack(String path, State state) {
		try {
			Answer answer = this.arena.client().get(this.arena.anyReplica(this.random), path + "?include_deleted=true");
			if (answer.status() != 503 && !state.isShownBy(answer)) {
				this.arena.ledger().violation(path + " is not " + state + ": " + answer);
			}
		}
		catch (IOException ex) {
			// says nothing
		}
	}

	/** What is known of a session. */
	record State(boolean exists, boolean deleted, int metadata, long messages) {

		static final State NONE = new State(false, false, 0, 0);

		/**
		 * Whether a session that is asked for with <code>include_deleted</code> is so.
		 */
		boolean isShownBy(Answer answer) {
			return this.exists
					? answer.status() == 200 && answer.json().path("metadata").path("n").asInt(0) == this.metadata
							&& answer.json().path("is_active").asBoolean(this.deleted) != this.deleted
							&& answer.json().path("last_seq").asLong(-1) == this.messages
					: answer.status() == 404;
		}

	}

	/**
	 * What is asked for.
	 *
	 * @param status of the answer
	 * @param after the state after it
	 */
	private record Change(String method, String path, Object body, int status, State after) {
	}

}
