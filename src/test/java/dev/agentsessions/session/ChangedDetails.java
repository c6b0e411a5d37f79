package dev.agentsessions.session;

import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.session.DetailsChange.Field;
import org.jspecify.annotations.Nullable;

/**
 * Changes of a session's details.
 */
public final class ChangedDetails {

	private ChangedDetails() {
	}

	public static DetailsChange metadata(@Nullable JsonText metadata) {
		return new DetailsChange(EnumSet.of(Field.METADATA), metadata, null, null, null, null, "", false);
	}

	public static DetailsChange owner(String owner) {
		return new DetailsChange(EnumSet.of(Field.OWNER), null, owner, null, null, null, "", false);
	}

	/** Any that can be read from a request. */
	public static DetailsChange random(Random random, boolean onlyMissing) {
		Set<Field> named = EnumSet.noneOf(Field.class);
		for (Field field : Field.values()) {
			if (random.nextInt(3) > 0) {
				named.add(field);
			}
		}
		Map<String, @Nullable String> labels = new LinkedHashMap<>();
		for (int i = random.nextInt(4); i > 0; i--) {
			labels.put("l" + random.nextInt(3), text(random, onlyMissing));
		}
		return new DetailsChange(named,
				has(random, onlyMissing) ? new JsonText("{\"m\":" + random.nextInt(9) + "}") : null,
				text(random, onlyMissing), text(random, onlyMissing), has(random, onlyMissing) ? labels : null,
				has(random, onlyMissing) ? Instant.ofEpochSecond(random.nextInt(2_000_000_000)) : null, "",
				onlyMissing);
	}

	private static @Nullable String text(Random random, boolean always) {
		return has(random, always) ? "t" + random.nextInt(5) : null;
	}

	private static boolean has(Random random, boolean always) {
		return always || random.nextInt(4) > 0;
	}

}
