package dev.agentsessions.write;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import dev.agentsessions.problem.UnexpectedErrors;
import dev.agentsessions.session.SessionKey;

import org.springframework.stereotype.Component;

/**
 * Where everything that was committed on this replica is told to whoever follows it,
 * once, whether or not the caller still waits for it. Telling is cheap and never fails,
 * whatever a listener does: it is done by the thread that everybody else waits for.
 */
@Component
public final class Commits {

	private final List<Consumer<Commit>> listeners = new CopyOnWriteArrayList<>();

	/**
	 * Has this called after every commit, on any thread; on PostgreSQL for one session in
	 * the order in which they were made.
	 */
	public void listen(Consumer<Commit> listener) {
		this.listeners.add(listener);
	}

	/** Tells of what was written past the lanes. */
	public void changed(SessionKey session) {
		tell(Commit.of(session));
	}

	public void tell(Commit commit) {
		for (Consumer<Commit> listener : this.listeners) {
			try {
				listener.accept(commit);
			}
			catch (Throwable ex) {
				UnexpectedErrors.report("what hears of commits", ex);
			}
		}
	}

}
