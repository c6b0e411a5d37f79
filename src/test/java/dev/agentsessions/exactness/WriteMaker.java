package dev.agentsessions.exactness;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

import dev.agentsessions.exactness.Receipt.Switch;
import dev.agentsessions.exactness.Write.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Makes up what one client writes: each message, agent and key of it is unique.
 */
final class WriteMaker {

	private final String client;

	private final Arena arena;

	private final Random random;

	private int number;

	private int message;

	WriteMaker(String client, Arena arena, Random random) {
		this.client = client;
		this.arena = arena;
		this.random = random;
	}

	Write next() {
		String id = this.client + "-" + ++this.number;
		int pick = this.random.nextInt(100);
		Kind kind = (pick < 65) ? Kind.APPEND : (pick < 85) ? Kind.TURN : Kind.SWITCH;
		SessionLedger session = this.arena.ledger().session(this.arena.anySession(this.random));
		boolean switches = kind == Kind.SWITCH || (kind == Kind.TURN && this.random.nextInt(3) > 0);
		boolean hasKey = this.random.nextInt(100) < 60;
		boolean hasIds = kind == Kind.APPEND && this.random.nextInt(3) == 0;
		return new Write(id, kind, session.id(), (kind != Kind.SWITCH) ? messages() : List.of(),
				switches ? "agent-" + id : null, (switches && this.random.nextInt(5) == 0) ? holder(session) : null,
				(kind != Kind.SWITCH && this.random.nextInt(5) == 0) ? session.acknowledgedLast() : null,
				(hasKey && !hasIds) ? "key of " + id : null, hasIds);
	}

	/** A message that is written piece by piece. */
	Write nextDraft() {
		String id = this.client + "-" + ++this.number;
		return new Write(id, Kind.APPEND, this.arena.anySession(this.random), messages().subList(0, 1), null, null,
				null, null, true);
	}

	List<Sent> messages() {
		return IntStream.range(0, 1 + this.random.nextInt(5))
			.mapToObj((i) -> Sent.of("message " + ++this.message + " of " + this.client, this.random))
			.toList();
	}

	/** The agent that holds the session as far as anybody was told. */
	private static @Nullable String holder(SessionLedger session) {
		Map.Entry<Long, Switch> last = session.switches().lastEntry();
		return (last != null) ? last.getValue().toAgent() : null;
	}

}
