package dev.agentsessions.write;

import java.time.Instant;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.database.rows.RowReader;
import dev.agentsessions.view.View;
import dev.agentsessions.web.json.JsonTree;
import org.jspecify.annotations.Nullable;

/**
 * What the first request with an idempotency key was answered.
 *
 * @param fingerprint of what was asked, see {@link Fingerprint}
 * @param firstSeq null if it appended nothing
 * @param lastSeq the session's last after it
 * @param agentSwitch null if it switched nothing
 * @param createdAt when it was done
 * @param view what it has made of the session's view, with its number; null if it left it
 */
public record KeptAnswer(String fingerprint, @Nullable Long firstSeq, long lastSeq, @Nullable JsonText agentSwitch,
		Instant createdAt, @Nullable JsonText view) {

	/**
	 * The view as it is kept with an answer: it has its number where a row says where its
	 * log begins, and where that begins in place of where it ends, which the answer has.
	 */
	public static @Nullable JsonText json(@Nullable View view, long firstSeq) {
		return (view != null) ? new View(view.no(), firstSeq, view.ranges(), view.summaries()).json(view.no()) : null;
	}

	@Nullable View keptView() {
		if (this.view == null) {
			return null;
		}
		long no = JsonTree.stored(this.view.json()).path("first_seq").longValue();
		return View.of(no, no, this.view);
	}

	/** From the columns of a row; null if they are. */
	public static @Nullable KeptAnswer read(RowReader row) {
		String fingerprint = row.optionalText();
		Long firstSeq = row.optionalNumber();
		Long lastSeq = row.optionalNumber();
		JsonText agentSwitch = row.json();
		Instant createdAt = row.optionalTime();
		JsonText view = row.json();
		return (fingerprint == null || lastSeq == null || createdAt == null) ? null
				: new KeptAnswer(fingerprint, firstSeq, lastSeq, agentSwitch, createdAt, view);
	}

}
