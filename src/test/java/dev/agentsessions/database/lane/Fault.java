package dev.agentsessions.database.lane;

import java.util.List;
import java.util.Random;

/**
 * How one connection breaks.
 *
 * @param after how many times its stage passes unharmed
 * @param packet what is sent: one letter a message, as in the protocol
 */
record Fault(Stage stage, int after, String severity, String code, String packet, End end) {

	static final Fault NONE = new Fault(Stage.NEVER, 0, "", "", "", End.NOT);

	/** With which no server refuses a statement that it has carried out. */
	private static final List<String> REFUSALS = List.of("40001", "55P03", "23505", "25P02");

	private static final List<String> LOSSES = List.of("57P01", "08P01", "XX000", "08006");

	static Fault any(Random random) {
		StringBuilder packet = new StringBuilder("E");
		for (int more = random.nextInt(5); more > 0; more--) {
			packet.append("EZNSCAE".charAt(random.nextInt(7)));
		}
		Stage stage = Stage.values()[random.nextInt(Stage.NEVER.ordinal())];
		List<String> codes = (stage == Stage.COMMITTED || random.nextBoolean()) ? LOSSES : REFUSALS;
		return new Fault(stage, random.nextInt(3), random.nextBoolean() ? "FATAL" : "ERROR",
				codes.get(random.nextInt(codes.size())), packet.toString(),
				End.values()[random.nextInt(End.values().length)]);
	}

	/** When a connection is broken. */
	enum Stage {

		START_UP, PREPARE, IDLE, BEGIN, LOCK, WRITE, COMMIT, COMMITTED, LISTEN, NEVER

	}

	/** How its end comes. */
	enum End {

		CLOSE, RESET, LATER, NOT

	}

}
