package dev.agentsessions.agent.context;

import java.util.List;
import java.util.Objects;

import dev.agentsessions.agent.AgentSwitch;
import dev.agentsessions.agent.NewSwitch;
import dev.agentsessions.paging.PagePieces;
import dev.agentsessions.web.json.JsonValues;

/**
 * How far the switches of a history have been compared with those that are stored. These
 * may be large, so they are read in pieces, and not beyond the first that differs.
 *
 * @param same how many at their beginning are the same
 * @param lastNo the number of the last of these; 0 for none
 * @param differs whether the next one that is stored is another, or was not sent
 * @param most how many are to be read next; 0 if there is nothing more to compare
 */
record SwitchComparison(int same, long lastNo, boolean differs, int most) {

	/** The database measures all that it may read. */
	private static final int FIRST = 32;

	/** When nothing is compared yet. */
	static SwitchComparison begin(List<NewSwitch> sent) {
		return new SwitchComparison(0, 0, false, Math.min(FIRST, sent.size() + 1));
	}

	boolean isOver() {
		return this.most == 0;
	}

	/**
	 * Goes on with what is stored next.
	 * @param stored as many as were to be read; fewer if there are no more, or if they
	 * are as many bytes as a page has
	 * @param sent the whole history
	 */
	SwitchComparison next(List<AgentSwitch> stored, List<NewSwitch> sent) {
		int count = this.same;
		for (AgentSwitch each : stored) {
			if (count == sent.size() || !matches(each, sent.get(count))) {
				return new SwitchComparison(count, each.switchNo(), true, 0);
			}
			count++;
		}
		boolean isCut = PagePieces.isCut(stored, AgentSwitch::bytes);
		if (stored.size() < this.most && !isCut) {
			return new SwitchComparison(count, this.lastNo, false, 0);
		}
		int most = isCut ? stored.size() : 4 * this.most;
		return new SwitchComparison(count, stored.get(stored.size() - 1).switchNo(), false,
				Math.min(most, sent.size() + 1 - count));
	}

	/**
	 * Time and metadata count where they are sent. A switch without metadata is answered
	 * with an empty object, so one that comes back with it is the same.
	 */
	private static boolean matches(AgentSwitch stored, NewSwitch sent) {
		return Objects.equals(stored.fromAgent(), sent.fromAgent()) && stored.toAgent().equals(sent.toAgent())
				&& Objects.equals(stored.reason(), sent.reason())
				&& (sent.switchedAt() == null || sent.switchedAt().equals(stored.switchedAt()))
				&& (sent.metadata() == null || JsonValues.equal(stored.metadata(), sent.metadata()));
	}

}
