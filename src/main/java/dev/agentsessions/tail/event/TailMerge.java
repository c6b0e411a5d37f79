package dev.agentsessions.tail.event;

import java.util.ArrayList;
import java.util.List;

import dev.agentsessions.agent.LoggedSwitch;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.session.SessionState;
import dev.agentsessions.view.View;

/**
 * Puts messages, switches and views into the one order that every follower sees: by the
 * message at which something happened, messages first. Of views only the newest is told.
 * Used once.
 */
public final class TailMerge {

	private final SessionState state;

	private final boolean wasGone;

	private final List<TailEvent> events = new ArrayList<>();

	private Position position;

	public TailMerge(Position from, SessionState state) {
		this.state = state;
		this.wasGone = from.gone() && from.incarnation() == state.id();
		this.position = from.startIn(state);
		if (this.position.isReplacedIn(state)) {
			boolean sameRow = from.incarnation() == state.id();
			// one who hears of a new log takes its view to be the whole log
			long viewNo = state.view().no() - (state.view().isWhole() ? 0 : 1);
			this.position = new Position(state.firstSeq() - 1, sameRow ? from.switchNo() : 0, state.id(), viewNo,
					false);
			TailEvent replaced = TailEvent.historyReplaced(state, this.position);
			// its agents went with it
			this.events.add((!sameRow && from.switchNo() > 0)
					? TailEvent.agentHistoryReplaced(this.position).behind(replaced) : replaced);
		}
	}

	/** From where messages and switches have to be read. */
	public Position position() {
		return this.position;
	}

	/**
	 * All that can be said with these.
	 * @param messages the next ones, ascending
	 * @param switches the next ones, ascending
	 * @param knownNo up to this number there are no others
	 */
	public TailStep with(List<EncodedMessage> messages, List<LoggedSwitch> switches, long knownNo) {
		long known = Math.min(knownNo, this.state.lastSwitchNo());
		int nextSwitch = 0;
		int nextMessage = 0;
		while (true) {
			tellView();
			LoggedSwitch made = (nextSwitch < switches.size()
					&& switches.get(nextSwitch).no() <= this.state.lastSwitchNo()) ? switches.get(nextSwitch) : null;
			if (this.position.switchNo() < known && (made == null || made.no() > this.position.switchNo() + 1)) {
				agentHistoryReplaced((made != null) ? made.no() - 1 : known);
			}
			else if (made != null && (made.atSeq() <= this.position.seq() || hasAllMessages())) {
				this.position = this.position.withSwitchNo(made.no());
				this.events.add(TailEvent.agentSwitch(made, this.position));
				nextSwitch++;
			}
			else if (nextMessage < messages.size() && (made != null || known == this.state.lastSwitchNo())) {
				this.position = this.position.withSeq(messages.get(nextMessage).seq());
				this.events.add(TailEvent.message(messages.get(nextMessage), this.position));
				nextMessage++;
			}
			else {
				return end();
			}
		}
	}

	private void tellView() {
		View view = this.state.view();
		if (this.position.viewNo() < view.no() && this.position.seq() >= view.atSeq()) {
			this.position = this.position.withViewNo(view.no());
			this.events.add(TailEvent.view(view, this.position));
		}
	}

	/** Numbers without a switch: a context was removed or replaced. */
	private void agentHistoryReplaced(long no) {
		this.position = this.position.withSwitchNo(no);
		this.events.add(TailEvent.agentHistoryReplaced(this.position));
	}

	private boolean hasAllMessages() {
		return this.position.seq() >= this.state.lastSeq();
	}

	private TailStep end() {
		if (this.state.deleted() && hasAllMessages() && this.position.switchNo() >= this.state.lastSwitchNo()) {
			this.position = this.position.asGone();
			if (!this.wasGone || !this.events.isEmpty()) {
				this.events.add(TailEvent.sessionDeleted(this.position));
			}
		}
		return new TailStep(List.copyOf(this.events), this.position);
	}

}
