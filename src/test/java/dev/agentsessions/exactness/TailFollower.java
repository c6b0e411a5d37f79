package dev.agentsessions.exactness;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

import dev.agentsessions.exactness.Receipt.Switch;
import dev.agentsessions.exactness.StoreClient.Answer;
import dev.agentsessions.tail.Follower;
import dev.agentsessions.tail.Follower.Event;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A client that follows sessions live, now on this replica and now on that one, and hangs
 * up in the middle of everything. It comes back with the last id it has seen; taken
 * together it must have got every event once and in order.
 */
final class TailFollower implements Runnable {

	private final Arena arena;

	private final String name;

	private final Random random;

	/** Where it is in each session it has heard of. */
	private final Map<String, Place> places = new ConcurrentHashMap<>();

	private final List<String> sessions;

	private volatile boolean over;

	private @Nullable String lastId;

	TailFollower(Arena arena, String name, long seed, List<String> sessions) {
		this.arena = arena;
		this.name = name;
		this.random = new Random(seed);
		this.sessions = sessions;
	}

	@Override
	public void run() {
		while (!this.over) {
			follow();
		}
	}

	/** Follows until it has everything that there is now; after the load. */
	void finish() {
		this.over = true;
		for (String session : this.sessions) {
			Awaitility.await(this.name + " has caught up with " + session)
				.atMost(Duration.ofSeconds(30))
				.ignoreExceptions()
				.untilAsserted(() -> followToTheEndOf(session));
		}
		this.arena.ledger().count("tails caught up");
	}

	private void followToTheEndOf(String session) throws Exception {
		Answer answer = this.arena.client().get(this.arena.anyReplica(this.random), "/v1/sessions/" + session);
		long last = answer.json().path("last_seq").asLong(-1);
		long switches = this.arena.client()
			.get(this.arena.anyReplica(this.random), "/v1/sessions/" + session + "/agent-context")
			.json()
			.path("switch_count")
			.asLong(0); // a session without switches has no context
		if (!place(session).isAt(last, switches)) {
			follow();
		}
		assertThat(place(session).isAt(last, switches))
			.as(() -> place(session) + ", where the store says " + answer + " and " + switches + " switches")
			.isTrue();
	}

	/** One connection, of any length. */
	private synchronized void follow() {
		try (Follower follower = Follower.of(this.arena.anyReplica(this.random).uri(), path(), this.lastId)) {
			long end = System.nanoTime() + (long) (this.random.nextDouble() * 1_500_000_000L);
			begin(follower.ready());
			this.places.values().forEach(Place::comesBack);
			int taken = 0;
			while (System.nanoTime() < end && !follower.hasEnded()) {
				LockSupport.parkNanos(2_000_000);
				taken = take(follower, taken);
			}
			this.arena.ledger().count(follower.hasEnded() ? "tails cut" : "tails hung up");
			if (follower.failure() != null) {
				this.arena.ledger().violation(this.name + " cannot read the stream: " + follower.failure());
			}
		}
		catch (Follower.Refused ex) {
			// nobody deletes what is followed, so that it goes on once it has begun
			if (this.lastId != null && ex.status() != 503) {
				this.arena.ledger().violation(this.name + " behind " + this.lastId + ": " + ex.getMessage());
			}
			refused();
		}
		catch (RuntimeException ex) {
			// the replica is not there
			refused();
		}
	}

	private void refused() {
		this.arena.ledger().count("tails refused");
		LockSupport.parkNanos(20_000_000);
	}

	/** A stream of several sessions begins at their ends. */
	private void begin(Event ready) {
		if (this.lastId == null) {
			this.lastId = ready.id();
			ready.data()
				.path("sessions")
				.forEach((session) -> place(session.path("session_id").asString())
					.beginAt(session.path("last_seq").asLong(), session.path("switch_count").asLong()));
		}
	}

	private String path() {
		return (this.sessions.size() == 1)
				? "/v1/sessions/" + this.sessions.get(0) + "/tail?drafts=true"
						+ ((this.lastId == null) ? "&after=0" : "")
				: "/v1/tail?drafts=true&session_id=" + String.join("&session_id=", this.sessions);
	}

	private int take(Follower follower, int taken) {
		List<Event> events = follower.events();
		for (Event event : events.subList(taken, events.size())) {
			String session = (this.sessions.size() == 1) ? this.sessions.get(0)
					: event.data().path("session_id").asString();
			String fault = event.name().equals("bye") ? "" : place(session).faultOf(event, this.arena.ledger());
			if (!fault.isEmpty()) {
				this.arena.ledger().violation(this.name + " in " + session + ": " + fault);
			}
			this.lastId = (event.id() != null) ? event.id() : this.lastId;
			this.arena.ledger().count("tailed " + event.name());
		}
		return events.size();
	}

	private Place place(String session) {
		return this.places.computeIfAbsent(session, Place::new);
	}

	/** How far this follower has come in one session. */
	private static final class Place {

		private final String session;

		private volatile long seq;

		private volatile long switchNo;

		private long viewNo;

		/** What this connection has been told of drafts. */
		private final Map<String, String> drafts = new HashMap<>();

		/** The ids of the messages that this connection has been told. */
		private final Set<String> messages = new HashSet<>();

		Place(String session) {
			this.session = session;
		}

		void beginAt(long seq, long switchNo) {
			this.seq = seq;
			this.switchNo = switchNo;
		}

		boolean isAt(long seq, long switchNo) {
			return this.seq == seq && this.switchNo == switchNo;
		}

		/** Whether many append to it, so that nobody saves it, or sets its view. */
		private boolean isShared() {
			return this.session.startsWith("shared-");
		}

		String faultOf(Event event, Ledger ledger) {
			JsonNode data = event.data();
			switch (event.name()) {
				case "message" -> {
					return faultOfMessage(data, ledger);
				}
				case "agent_switch" -> {
					return faultOfSwitch(data, ledger);
				}
				case "history_replaced" -> {
					this.seq = data.path("first_seq").asLong() - 1;
					return isShared() ? "nobody replaces it: " + event : "";
				}
				case "draft" -> {
					return faultOfDraft(data, ledger);
				}
				case "draft_discarded" -> {
					return (this.drafts.remove(data.path("message_id").asString()) != null) ? ""
							: "the end of a draft that was not told of, or is a message: " + data;
				}
				case "view" -> {
					return faultOfView(data);
				}
				default -> {
					return "an event that nothing caused: " + event;
				}
			}
		}

		private String faultOfView(JsonNode view) {
			long before = this.viewNo;
			this.viewNo = view.path("view_no").asLong();
			return (this.viewNo > before && view.path("at_seq").asLong() <= this.seq && !isShared()) ? ""
					: "behind message " + this.seq + " and view " + before + " not " + view;
		}

		/** Drafts are told anew. */
		void comesBack() {
			this.drafts.clear();
			this.messages.clear();
		}

		/** It goes on at its end or before it, and is not a message yet. */
		private String faultOfDraft(JsonNode draft, Ledger ledger) {
			String id = draft.path("message_id").asString();
			String before = this.drafts.getOrDefault(id, "");
			int offset = draft.path("offset").asInt();
			if (this.messages.contains(id) || offset > before.codePointCount(0, before.length())) {
				return "behind " + before + " of the draft, or behind its message, not " + draft;
			}
			String text = before.substring(0, before.offsetByCodePoints(0, offset)) + draft.path("text").asString();
			this.drafts.put(id, text);
			String whole = ledger.draft(id);
			return (whole != null && whole.startsWith(text)) ? "" : "a draft is " + text + ", of " + whole;
		}

		private String faultOfMessage(JsonNode message, Ledger ledger) {
			long expected = this.seq + 1;
			this.seq = message.path("seq").asLong();
			String id = message.path("id").asString("");
			this.drafts.remove(id);
			this.messages.add(id);
			if (isShared()) {
				Sent sent = new Sent(message.path("content").asString(""));
				if (!sent.isShownBy(message)) {
					return "mutilated: " + message;
				}
				ledger.session(this.session).told(this.seq, sent);
			}
			return (this.seq == expected) ? "" : "not message " + expected + " but " + message;
		}

		private String faultOfSwitch(JsonNode made, Ledger ledger) {
			long expected = this.switchNo + 1;
			this.switchNo = made.path("switch_no").asLong();
			ledger.session(this.session).told(Switch.of(made));
			return (this.switchNo == expected && made.path("at_seq").asLong() == this.seq) ? ""
					: "behind message " + this.seq + " not switch " + expected + " but " + made;
		}

		@Override
		public String toString() {
			return this.session + " is at message " + this.seq + " and switch " + this.switchNo;
		}

	}

}
