package dev.agentsessions.tail;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

import dev.agentsessions.agent.LoggedSwitch;
import dev.agentsessions.agent.SwitchLog;
import dev.agentsessions.paging.RowIds;
import dev.agentsessions.session.SessionKey;
import dev.agentsessions.session.SessionProblems;
import dev.agentsessions.session.SessionReads;
import dev.agentsessions.session.SessionState;
import dev.agentsessions.tail.event.OpenTail;
import dev.agentsessions.tail.event.Position;
import dev.agentsessions.tail.event.SessionList;
import dev.agentsessions.tail.event.TailEvent;
import dev.agentsessions.web.json.JsonWriter;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Service;

/**
 * Opening tails. The states are read after the request came in, so a tail that starts at
 * the end starts behind everything acknowledged before. Errors of all: 404, 410, 503, 400
 * for a position ahead of its log.
 */
@Service
class Tails {

	private final SessionReads sessions;

	private final SwitchLog switches;

	private final RowIds rows;

	Tails(SessionReads sessions, SwitchLog switches, RowIds rows) {
		this.sessions = sessions;
		this.switches = switches;
		this.rows = rows;
	}

	/**
	 * A tail of one session.
	 * @param position where the follower was, null if it says nothing
	 * @param after the last message it has, if there is no position; null for the end
	 * @param waits whether a session that is not there is followed from its creation
	 * @param drafts whether it tells of drafts
	 */
	Mono<OpenTail> open(SessionKey key, @Nullable Position position, @Nullable Long after, boolean waits,
			boolean drafts) {
		return this.sessions.state(key).flatMap((state) -> {
			if (waits && !state.exists()) {
				if (position == null && after != null && after > 0) {
					throw TailProblems.positionAhead();
				}
				Position from = (position != null) ? toldNothing(position) : Position.NONE;
				return Mono.just(new OpenTail(null, List.of(new OpenTail.Start(state, from)), drafts,
						from.id(this.rows), TailEvent.utf8(ready(state))));
			}
			requireVisible(state);
			Mono<Position> start = (position != null) ? Mono.just(position)
					: (after != null) ? after(state, after) : Mono.just(Position.endOf(state));
			return start.map((from) -> {
				requireNotAhead(from, state);
				return new OpenTail(null, List.of(new OpenTail.Start(state, from)), drafts, from.id(this.rows),
						TailEvent.utf8(ready(state)));
			});
		});
	}

	/**
	 * A tail of several sessions, of which some may be missing.
	 * @param positions where the follower was, in the order of the list; null to start at
	 * the end
	 * @param drafts whether it tells of drafts
	 */
	Mono<OpenTail> open(String tenant, SessionList list, @Nullable List<Position> positions, boolean drafts) {
		return Flux.fromIterable(list.sessionIds())
			.flatMapSequential((id) -> this.sessions.state(new SessionKey(tenant, id)))
			.collectList()
			.map((states) -> open(list, states, positions, drafts));
	}

	private OpenTail open(SessionList list, List<SessionState> states, @Nullable List<Position> positions,
			boolean drafts) {
		if (states.stream().noneMatch(SessionState::exists)) {
			throw SessionProblems.notFound();
		}
		if (states.stream().allMatch((state) -> !state.exists() || state.deleted())) {
			throw SessionProblems.deleted();
		}
		List<OpenTail.Start> starts = new ArrayList<>();
		for (int i = 0; i < states.size(); i++) {
			SessionState state = states.get(i);
			// a session that is deleted already is told of once more: nobody can know
			// whether it had been
			Position position = (positions != null) ? positions.get(i) : Position.endOf(state).startIn(state);
			requireNotAhead(position, state);
			starts.add(new OpenTail.Start(state, state.exists() ? position : toldNothing(position)));
		}
		String ready = states.stream().map(Tails::ready).collect(Collectors.joining(",", "{\"sessions\":[", "]}"));
		return new OpenTail(list, starts, drafts,
				list.id(starts.stream().map(OpenTail.Start::position).toList(), this.rows), TailEvent.utf8(ready));
	}

	private static Position toldNothing(Position position) {
		return (position.incarnation() != 0) ? position : Position.NONE;
	}

	/** Switches count from the one that happened when this message was the last. */
	private Mono<Position> after(SessionState state, long seq) {
		if (seq > state.lastSeq()) {
			return Mono.error(TailProblems.positionAhead());
		}
		return firstSwitchFrom(state, seq).map((no) -> Math.min(no - 1, state.lastSwitchNo()))
			.defaultIfEmpty(state.lastSwitchNo())
			.map((no) -> Position.of(seq, no, state.id(), state.view().no()));
	}

	private Mono<Long> firstSwitchFrom(SessionState state, long seq) {
		if (state.lastSwitchNo() == 0) {
			return Mono.empty();
		}
		// at the beginning it is the first of all, and nobody has to look for it
		return (seq > 0) ? this.switches.firstFrom(state.id(), seq)
				: this.switches.after(state.id(), 0, 1).flatMapIterable((first) -> first).next().map(LoggedSwitch::no);
	}

	private static void requireVisible(SessionState state) {
		if (!state.exists()) {
			throw SessionProblems.notFound();
		}
		if (state.deleted()) {
			throw SessionProblems.deleted();
		}
	}

	private static void requireNotAhead(Position position, SessionState state) {
		if (position.isAheadOf(state)) {
			throw TailProblems.positionAhead();
		}
	}

	private static String ready(SessionState state) {
		return "{\"session_id\":" + JsonWriter.quoted(state.key().sessionId()) + ",\"last_seq\":" + state.lastSeq()
				+ ",\"switch_count\":" + state.switchCount() + ",\"ranges\":" + state.view().rangesAsJson()
				+ ",\"view_no\":" + state.view().no() + (state.deleted() ? ",\"deleted\":true" : "") + "}";
	}

}
