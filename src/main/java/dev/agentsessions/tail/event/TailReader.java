package dev.agentsessions.tail.event;

import java.util.List;

import dev.agentsessions.agent.LoggedSwitch;
import dev.agentsessions.agent.SwitchLog;
import dev.agentsessions.message.EncodedMessage;
import dev.agentsessions.message.LogRange;
import dev.agentsessions.message.log.MessageLog;
import dev.agentsessions.paging.PagePieces;
import dev.agentsessions.session.SessionState;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Component;

/**
 * What lies between a position and a state of its session. Messages come from the log
 * cache where they are there.
 */
@Component
public class TailReader {

	private final MessageLog messages;

	private final SwitchLog switches;

	public TailReader(MessageLog messages, SwitchLog switches) {
		this.messages = messages;
		this.switches = switches;
	}

	/**
	 * The next events. Errors: {@link MessageLog#CHANGED} if the state is no longer what
	 * the session is, 503.
	 * @param limit the most messages, and the most switches
	 */
	public Mono<TailStep> read(Position position, SessionState state, int limit) {
		if (!state.exists()) {
			return Mono.just(TailStep.removed(position));
		}
		TailMerge merge = new TailMerge(position, state);
		Position start = merge.position();
		LogRange range = new LogRange(state.id(), start.seq() + 1, Math.min(start.seq() + limit, state.lastSeq()));
		Mono<List<EncodedMessage>> found = this.messages.begin(range);
		if (start.switchNo() >= state.lastSwitchNo()) {
			return found.map((messages) -> merge.with(messages, List.of(), state.lastSwitchNo()));
		}
		return found.zipWith(this.switches.after(state.id(), start.switchNo(), limit),
				(messages, switches) -> merge.with(messages, switches, known(switches, limit, state)));
	}

	/** Up to which number all switches that there are have been read. */
	private static long known(List<LoggedSwitch> switches, int limit, SessionState state) {
		boolean isAll = switches.size() < limit && !PagePieces.isCut(switches, LoggedSwitch::bytes);
		return isAll ? state.lastSwitchNo() : switches.get(switches.size() - 1).no();
	}

}
