package dev.agentsessions.tail.draft.hub;

/**
 * Hears that there is something new to tell of the drafts of a session, from any thread.
 */
@FunctionalInterface
public interface DraftListener {

	/** Returns at once; who listens asks for it in a turn of its own. */
	void draftsChanged();

}
