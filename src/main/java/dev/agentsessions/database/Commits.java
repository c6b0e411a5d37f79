package dev.agentsessions.database;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.agentsessions.problem.Mishaps;
import org.jspecify.annotations.Nullable;

import org.springframework.stereotype.Component;

/**
 * Where everything that was committed on this replica is told to whoever follows it.
 * Telling is cheap and never fails, whatever a listener does: it is done by the thread
 * that everybody else waits for.
 */
@Component
public final class Commits {

	private final List<Listener> listeners = new CopyOnWriteArrayList<>();

	/** Has this called after every commit, also of what nobody waits for any longer. */
	public void listen(Listener listener) {
		this.listeners.add(listener);
	}

	/**
	 * Tells of a commit.
	 * @param session whose row was written: what a lane was chosen by
	 * @param answer what the writer was told, null if that says nothing
	 */
	public void committed(Object session, @Nullable Object answer) {
		for (Listener listener : this.listeners) {
			try {
				listener.committed(session, answer);
			}
			catch (Throwable ex) {
				Mishaps.report("what hears of commits", ex);
			}
		}
	}

	/** Hears of commits, on any thread, for one session in the order of its lane. */
	@FunctionalInterface
	public interface Listener {

		void committed(Object session, @Nullable Object answer);

	}

}
