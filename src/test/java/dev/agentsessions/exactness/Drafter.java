package dev.agentsessions.exactness;

import java.io.UncheckedIOException;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

import dev.agentsessions.exactness.StoreClient.Answer;
import dev.agentsessions.tail.DraftRequest;
import org.jspecify.annotations.Nullable;

/**
 * A client that writes messages piece by piece, while others watch: now on this replica
 * and now on that one, hanging up in the middle, taken over by itself, and with a last
 * line whose answer it does not wait for. It goes on where the store says that the draft
 * is, until it is a message or discarded.
 */
final class Drafter implements Runnable {

	/** Far longer than anything is away in a run. */
	private static final long PATIENCE_NANOS = 60_000_000_000L;

	private static final int LONGEST_PIECE = 40;

	private final Arena arena;

	private final Random random;

	private final WriteMaker maker;

	private final BooleanSupplier goOn;

	/** Code points that the draft of now should have. */
	private int offset;

	Drafter(Arena arena, String name, long seed, BooleanSupplier goOn) {
		this.arena = arena;
		this.random = new Random(seed);
		this.maker = new WriteMaker(name, arena, this.random);
		this.goOn = goOn;
	}

	@Override
	public void run() {
		while (this.goOn.getAsBoolean()) {
			Write write = this.maker.nextDraft();
			Attempts attempts = new Attempts(write, this.arena.ledger());
			boolean discards = this.random.nextInt(4) == 0;
			this.arena.ledger().draft(write.messageId(0), write.messages().get(0).content());
			this.offset = 0;
			long start = System.nanoTime();
			boolean over = false;
			while (!over && System.nanoTime() - start < PATIENCE_NANOS) {
				over = attempt(write, attempts, discards);
			}
			if (!over) {
				this.arena.ledger().violation("the draft of " + write + " did not end");
			}
			attempts.close();
		}
	}

	/** One request; answers whether the draft is over. */
	private boolean attempt(Write write, Attempts attempts, boolean discards) {
		int before = this.offset;
		try (DraftRequest request = open(write)) {
			say(request, write.messages().get(0).content());
			int manner = this.random.nextInt(10);
			if (manner == 0) {
				this.arena.ledger().count("drafts left");
				return false;
			}
			if (manner == 1) {
				return takeOver(request, write, attempts, discards, before);
			}
			return end(request, write, attempts, discards, before);
		}
		catch (UncheckedIOException ex) {
			LockSupport.parkNanos(this.random.nextInt(100_000_000));
			return false;
		}
	}

	/**
	 * Another request goes on while this one is open: the first may be told that its
	 * replica has less of the text.
	 */
	private boolean takeOver(DraftRequest request, Write write, Attempts attempts, boolean discards, int before) {
		boolean over = false;
		for (int i = 0; i < 2 && !over; i++) {
			try (DraftRequest other = open(write)) {
				over = end(other, write, attempts, discards, before);
			}
		}
		DraftRequest.@Nullable Reply reply = over ? request.replyIfAny() : null;
		if (reply != null && reply.status() == 409) {
			this.arena.ledger().count("drafts taken over");
		}
		return over;
	}

	private DraftRequest open(Write write) {
		return DraftRequest.to(this.arena.anyReplica(this.random).uri(), write.session(),
				write.messageId(0).replace("/", "%2F"), "?offset=" + this.offset);
	}

	/** Says some of what is left, or all of it. */
	private void say(DraftRequest request, String content) {
		int length = content.codePointCount(0, content.length());
		while (this.offset < length && !request.isAnswered() && this.random.nextInt(30) > 0) {
			int piece = Math.min(length - this.offset,
					1 + this.random.nextInt((content.length() > 1000) ? 20 * LONGEST_PIECE : LONGEST_PIECE));
			int from = content.offsetByCodePoints(0, this.offset);
			request.say(content.substring(from, content.offsetByCodePoints(from, piece)));
			this.offset += piece;
			LockSupport.parkNanos(this.random.nextInt(10_000_000));
		}
	}

	private boolean end(DraftRequest request, Write write, Attempts attempts, boolean discards, int before) {
		request.line(discards ? "{\"discard\":true}"
				: StoreClient.JSON.writeValueAsString(Map.of("message", write.messages().get(0).json())));
		if (!discards && this.random.nextInt(15) == 0) {
			this.arena.ledger().count("drafts whose last line was not waited for");
			attempts.unanswered();
			return false;
		}
		DraftRequest.@Nullable Reply reply = request.replyIfAny();
		if (reply == null) {
			if (!discards) {
				attempts.unanswered();
			}
			return false;
		}
		return isOver(reply, attempts, discards, before);
	}

	private boolean isOver(DraftRequest.Reply reply, Attempts attempts, boolean discards, int before) {
		Answer answer = new Answer(reply.status(), headers(reply), reply.body());
		if (answer.isProblem(409, "draft-offset")) {
			this.arena.ledger().count("drafts gone on with");
			this.offset = answer.json().path("offset").asInt();
			// it is gone: what was to be discarded is
			return discards && this.offset == 0 && before > 0;
		}
		if (answer.isProblem(409, "draft-taken")) {
			// by a request that it has given up, and that a paused replica came to later
			this.arena.ledger().count("drafts taken by an older request");
			return false;
		}
		if (answer.status() == 503 && discards) {
			LockSupport.parkNanos(this.random.nextInt(100_000_000));
			return false;
		}
		if (discards) {
			this.arena.ledger().count("drafts discarded");
			if (answer.status() != 200) {
				this.arena.ledger().violation("a discarded draft was answered " + answer);
			}
			return true;
		}
		attempts.answered(answer, 0);
		this.arena.ledger().count(attempts.isDone() ? "drafts committed" : "drafts of unknown outcome");
		return attempts.isSettled();
	}

	private static HttpHeaders headers(DraftRequest.Reply reply) {
		boolean replayed = reply.head().toLowerCase(Locale.ROOT).contains("idempotency-replayed: true");
		return HttpHeaders.of(replayed ? Map.of("Idempotency-Replayed", List.of("true")) : Map.of(),
				(name, value) -> true);
	}

}
