package dev.agentsessions.exactness;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;

import dev.agentsessions.exactness.StoreClient.Answer;
import dev.agentsessions.exactness.Write.Kind;

/**
 * Many requests at once when all is over, of all kinds: each has to succeed. They also
 * come after everything that may still have been waiting in a lane of its session.
 */
final class AfterAll {

	private static final int REQUESTS = 300;

	private static final List<String> READS = List.of("/v1/sessions?limit=5", "/v1/agent-contexts?limit=5",
			"/v1/sessions/%s", "/v1/sessions/%s/messages?before&limit=20", "/v1/sessions/%s/messages?page=1",
			"/v1/sessions/%s/agent-switches?limit=5", "/v1/sessions/%s/stats");

	private AfterAll() {
	}

	static void succeed(Arena arena, Replica replica) {
		List<SessionLedger> sessions = arena.ledger()
			.sessions()
			.stream()
			.filter((session) -> session.acknowledgedLast() > 0 && !session.id().startsWith(Faults.PROBE))
			.toList();
		List<Runnable> answers = new ArrayList<>();
		IntStream.range(0, Math.max(REQUESTS, sessions.size())).forEach((i) -> {
			SessionLedger session = sessions.get(i % sessions.size());
			answers.add(write(arena, replica, session.id(), i));
			answers.add(read(arena, replica, READS.get(i % READS.size()).formatted(session.id())));
		});
		answers.forEach(Runnable::run);
	}

	private static Runnable write(Arena arena, Replica replica, String session, int i) {
		String id = "after all " + replica + " " + i;
		Write write = new Write(id, Kind.APPEND, session, List.of(new Sent(id)), null, null, null, null, false);
		Attempts attempts = new Attempts(write, arena.ledger());
		CompletableFuture<Answer> answer = arena.client().postLater(replica, write);
		return () -> {
			try {
				attempts.answered(answer.join(), 0);
			}
			catch (CompletionException ex) {
				attempts.unanswered();
			}
			if (!attempts.isDone()) {
				arena.ledger().violation(id + " did not succeed: " + describe(answer));
			}
			attempts.close();
		};
	}

	private static Runnable read(Arena arena, Replica replica, String path) {
		CompletableFuture<Answer> answer = arena.client().getLater(replica, path);
		return () -> {
			if (answer.handle((found, error) -> error != null || found.status() != 200).join()) {
				arena.ledger().violation(path + " on " + replica + " did not succeed: " + describe(answer));
			}
		};
	}

	private static String describe(CompletableFuture<Answer> answer) {
		return answer.handle((found, error) -> (error != null) ? error.toString() : found.toString()).join();
	}

}
