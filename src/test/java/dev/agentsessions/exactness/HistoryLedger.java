package dev.agentsessions.exactness;

import java.util.ArrayList;
import java.util.List;

import tools.jackson.databind.JsonNode;

/**
 * The histories that one client has saved to a session of its own, one after the other.
 */
final class HistoryLedger {

	private final String id;

	/** Before the first is saved, the history is empty. */
	private final List<Version> versions = new ArrayList<>(List.of(new Version(List.of(), List.of())));

	private int acknowledged;

	HistoryLedger(String id) {
		this.id = id;
	}

	String id() {
		return this.id;
	}

	/** A reader may see this version from now on, or still the one before. */
	synchronized void saving(List<Sent> messages, List<Sent> log) {
		this.versions.add(new Version(messages, log));
	}

	/** A read that starts from now on must see the newest version. */
	synchronized void saved() {
		this.acknowledged = this.versions.size() - 1;
	}

	/** The newest one came to nothing. */
	synchronized void notSaved() {
		this.versions.remove(this.versions.size() - 1);
	}

	synchronized int acknowledged() {
		return this.acknowledged;
	}

	/** From the version with this number on, up to the newest one. */
	synchronized List<Version> versionsFrom(int first) {
		return List.copyOf(this.versions.subList(first, this.versions.size()));
	}

	/**
	 * What is stored after a save.
	 *
	 * @param view what was saved
	 * @param log that, and what was saved before and is in the view no longer
	 */
	record Version(List<Sent> view, List<Sent> log) {
	}

	/** Whether these messages of an answer are exactly that version. */
	static boolean shows(JsonNode messages, List<Sent> version) {
		if (messages.size() != version.size()) {
			return false;
		}
		for (int i = 0; i < version.size(); i++) {
			if (!version.get(i).isShownInHistoryBy(messages.get(i))) {
				return false;
			}
		}
		return true;
	}

}
