package dev.agentsessions.agent;

import java.util.List;

import dev.agentsessions.database.lane.Lanes;
import dev.agentsessions.database.lane.operation.BatchedSelect;
import dev.agentsessions.database.rows.RowArrays;
import dev.agentsessions.paging.PagePieces;
import dev.agentsessions.session.SessionKey;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Component;

/**
 * The switches of a session in the order of their numbers, along the unique index on
 * (context, number), through a lane. A session that was removed since its row was read
 * has none any more, though its rows may not be gone yet. Errors of all: 503.
 */
@Component
public final class SwitchLog {

	private static final String BEHIND = " from agent_switches where switch_no > :at and context_db_id = ("
			+ "select c.id from agent_contexts c join sessions s on s.id = c.session_db_id"
			+ " where c.session_db_id = :session and s.tenant <> '" + SessionKey.PURGED + "')"
			+ " order by switch_no limit :most";

	private static final BatchedSelect<SwitchPlace, AgentSwitch> NEXT = new BatchedSelect<SwitchPlace, AgentSwitch>(
			places().number("most", SwitchPlace::most),
			PagePieces.atMostBytes("select " + AgentSwitch.COLUMNS + ", " + AgentSwitch.BYTES + BEHIND, "switch_no"),
			(place, row) -> AgentSwitch.of(row))
		.heavy((place) -> PagePieces.WEIGHT);

	/**
	 * From the last one backwards, however many there are: who asks is told of all that
	 * are behind it anyway, and not of those before.
	 */
	private static final BatchedSelect<SwitchPlace, Long> FIRST_FROM = new BatchedSelect<SwitchPlace, Long>(places(),
			"""
					select switch_no from agent_switches
					where context_db_id = (select id from agent_contexts where session_db_id = :session)
					    and switch_no > coalesce((
					        select b.switch_no from agent_switches b where b.at_seq < :at
					            and b.context_db_id = (select id from agent_contexts where session_db_id = :session)
					        order by b.switch_no desc limit 1), 0)
					order by switch_no limit 1
					""", (place, row) -> row.number())
		.heavy((place) -> PagePieces.WEIGHT);

	private final Lanes lanes;

	SwitchLog(Lanes lanes) {
		this.lanes = lanes;
	}

	/** The same as {@link #next}, as tails send them. */
	public Mono<List<LoggedSwitch>> after(long sessionDbId, long no, int limit) {
		return next(sessionDbId, no, limit).map((switches) -> switches.stream().map(AgentSwitch::logged).toList());
	}

	/**
	 * The first switches behind a number, ascending; fewer than there are if they are
	 * {@link PagePieces#MOST_BYTES}. Numbers that are missing belong to contexts that
	 * were removed or replaced.
	 */
	public Mono<List<AgentSwitch>> next(long sessionDbId, long no, int limit) {
		return this.lanes.readOf(sessionDbId, NEXT, new SwitchPlace(sessionDbId, no, limit));
	}

	/**
	 * The number of the first switch that happened when this message, or a later one, was
	 * the last; empty if there is none.
	 */
	public Mono<Long> firstFrom(long sessionDbId, long seq) {
		return this.lanes.readOf(sessionDbId, FIRST_FROM, new SwitchPlace(sessionDbId, seq, 1))
			.flatMap((found) -> Mono.justOrEmpty(found.stream().findFirst()));
	}

	private static RowArrays<SwitchPlace> places() {
		return new RowArrays<SwitchPlace>("t").number("session", SwitchPlace::session).number("at", SwitchPlace::at);
	}

	/** A number in the history of a session, and how many are wanted from there. */
	private record SwitchPlace(long session, long at, long most) {
	}

}
