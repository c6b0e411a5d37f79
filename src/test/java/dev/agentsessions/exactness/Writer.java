package dev.agentsessions.exactness;

import java.io.IOException;
import java.net.ConnectException;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

import dev.agentsessions.exactness.StoreClient.Answer;

/**
 * A client that writes to the shared sessions, one write after the other, in all the ways
 * in which clients do: with and without a key, conditionally, impatiently, twice at once,
 * again after the answer, and gone before it. Without a key it never tries again.
 */
final class Writer implements Runnable {

	/** Far longer than anything is away in a run. */
	private static final long PATIENCE_NANOS = 60_000_000_000L;

	private final Arena arena;

	private final WriteMaker maker;

	private final Random random;

	private final BooleanSupplier goOn;

	Writer(Arena arena, String name, long seed, BooleanSupplier goOn) {
		this.arena = arena;
		this.random = new Random(seed);
		this.maker = new WriteMaker(name, arena, this.random);
		this.goOn = goOn;
	}

	@Override
	public void run() {
		while (this.goOn.getAsBoolean()) {
			Write write = this.maker.next();
			Attempts attempts = new Attempts(write, this.arena.ledger());
			firstAttempt(write, attempts);
			if (write.isRepeatable() && this.random.nextInt(10) > 0) {
				retry(write, attempts);
			}
			else if (!attempts.isSettled()) {
				pause();
			}
			attempts.close();
		}
	}

	private void firstAttempt(Write write, Attempts attempts) {
		int manner = this.random.nextInt(100);
		if (manner < 12 && write.kind() != Write.Kind.SWITCH) {
			cut(write, attempts);
		}
		else if (manner < 25 && write.isRepeatable()) {
			twice(write, attempts);
		}
		else {
			once(write, attempts);
		}
	}

	/**
	 * Until it is settled, and sometimes once more after that. At the end of the load
	 * nobody makes a session any more that is not there.
	 */
	private void retry(Write write, Attempts attempts) {
		long start = System.nanoTime();
		while (!attempts.isSettled() && !isInVain(attempts) && System.nanoTime() - start < PATIENCE_NANOS) {
			pause();
			this.arena.ledger().count("retries");
			firstAttempt(write, attempts);
		}
		if (!attempts.isSettled() && !isInVain(attempts)) {
			this.arena.ledger().violation(write + " was not answered for " + PATIENCE_NANOS / 1_000_000_000 + " s");
		}
		if (attempts.isDone() && this.random.nextInt(6) == 0) {
			this.arena.ledger().count("asked again after the answer");
			firstAttempt(write, attempts);
		}
		else if (attempts.isDone() && !write.messages().isEmpty() && this.random.nextInt(8) == 0) {
			reuse(write);
		}
	}

	private boolean isInVain(Attempts attempts) {
		return attempts.isSessionMissing() && !this.goOn.getAsBoolean();
	}

	private void pause() {
		LockSupport.parkNanos(this.random.nextInt(100_000_000));
	}

	private void once(Write write, Attempts attempts) {
		long lastBefore = lastBefore(write);
		try {
			attempts.answered(this.arena.client().post(this.arena.anyReplica(this.random), write), lastBefore);
		}
		catch (IOException ex) {
			failed(ex, attempts);
		}
	}

	/** The same request to all replicas at the same time. */
	private void twice(Write write, Attempts attempts) {
		long lastBefore = lastBefore(write);
		this.arena.ledger().count("at once on both replicas");
		IntStream.range(0, this.arena.replicas().size())
			.mapToObj((i) -> this.arena.client().postLater(this.arena.replicas().get(i), write))
			.toList()
			.forEach((answer) -> join(answer, attempts, lastBefore));
	}

	private static void join(CompletableFuture<Answer> answer, Attempts attempts, long lastBefore) {
		try {
			attempts.answered(answer.join(), lastBefore);
		}
		catch (CompletionException ex) {
			failed(ex.getCause(), attempts);
		}
	}

	private void cut(Write write, Attempts attempts) {
		try {
			if (CutRequests.send(this.arena.anyReplica(this.random), write, this.random)) {
				this.arena.ledger().count("reset after everything was sent");
				attempts.unanswered();
			}
			else {
				this.arena.ledger().count("reset after a part was sent");
				attempts.notDone();
			}
		}
		catch (IOException ex) {
			failed(ex, attempts);
		}
	}

	/**
	 * The same key, or ids, with other messages are refused, whatever replica is asked.
	 */
	private void reuse(Write write) {
		Write other = write.withOtherMessages(this.maker.messages());
		try {
			Answer answer = this.arena.client().post(this.arena.anyReplica(this.random), other);
			if (write.hasIds() ? answer.isProblem(409, "message-exists")
					: answer.isProblem(422, "idempotency-key-reused")) {
				this.arena.ledger().count(write.hasIds() ? "refused by an id" : "refused 422");
			}
			else if (answer.status() != 503) {
				this.arena.ledger().violation(write.id() + " reused its key and was answered " + answer);
			}
		}
		catch (IOException ex) {
			// says nothing
		}
	}

	private long lastBefore(Write write) {
		return this.arena.ledger().session(write.session()).acknowledgedLast();
	}

	private static void failed(Throwable error, Attempts attempts) {
		if (error instanceof ConnectException) {
			attempts.notDone();
		}
		else {
			attempts.unanswered();
		}
	}

}
