package dev.agentsessions.agent;

import java.util.List;

import dev.agentsessions.database.DatabaseCalls;
import reactor.core.publisher.Mono;

import org.springframework.stereotype.Component;

/**
 * The switches of a session in the order of their numbers. Errors of all: 503.
 */
@Component
public final class SwitchLog {

	private final SwitchRepository switches;

	private final DatabaseCalls database;

	SwitchLog(SwitchRepository switches, DatabaseCalls database) {
		this.switches = switches;
		this.database = database;
	}

	/**
	 * The first switches behind a number, ascending. Numbers that are missing belong to
	 * contexts that were removed or replaced.
	 */
	public Mono<List<LoggedSwitch>> after(long sessionDbId, long no, int limit) {
		return oldestFirst(sessionDbId, no, limit)
			.map((switches) -> switches.stream().map(AgentSwitch::logged).toList());
	}

	/** The first switches behind a number, ascending. */
	public Mono<List<AgentSwitch>> oldestFirst(long sessionDbId, long after, int limit) {
		return this.database.findAll(this.switches.oldestFirst(sessionDbId, after, limit));
	}

	/**
	 * The number of the first switch that happened when this message, or a later one, was
	 * the last; empty if there is none.
	 */
	public Mono<Long> firstFrom(long sessionDbId, long seq) {
		return this.database.find(this.switches.firstFrom(sessionDbId, seq));
	}

}
