package dev.agentsessions.message.history;

import java.util.Objects;

import dev.agentsessions.database.rows.JsonText;
import dev.agentsessions.view.View;
import dev.agentsessions.write.Write;
import dev.agentsessions.write.Written;
import org.jspecify.annotations.Nullable;

/**
 * What saving a history did.
 *
 * @param lastSeq the session's last after it
 * @param appended how many messages were written
 * @param replaced whether what was stored before is gone
 * @param ranges of the view; null for the whole log
 */
record HistorySaved(String sessionId, long lastSeq, int appended, boolean replaced, @Nullable JsonText ranges) {

	static HistorySaved of(Write write, Written done) {
		View view = Objects.requireNonNull(done.session()).view();
		return new HistorySaved(write.session().sessionId(), done.lastSeq(), write.messages().size(),
				write.replacesLog(), view.isWhole() ? null : new JsonText(view.rangesAsJson()));
	}

}
