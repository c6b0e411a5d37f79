package dev.agentsessions.agent;

import java.util.List;

import dev.agentsessions.database.DatabaseCalls;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.stereotype.Component;

/**
 * The switches of a session in the order of their numbers, for those who follow it.
 * Errors of all: 503.
 */
@Component
public final class SwitchLog {

	private final SwitchRepository switches;

	private final DatabaseCalls database;

	private final JsonMapper json;

	SwitchLog(SwitchRepository switches, DatabaseCalls database, JsonMapper json) {
		this.switches = switches;
		this.database = database;
		this.json = json;
	}

	/**
	 * The first switches behind a number, ascending. Numbers that are missing belong to
	 * contexts that were removed or replaced.
	 */
	public Mono<List<LoggedSwitch>> after(long sessionDbId, long no, int limit) {
		return this.database.findAll(this.switches.oldestFirst(sessionDbId, no, limit)
			.map((each) -> new LoggedSwitch(each.switchNo(), each.atSeq(), this.json.writeValueAsBytes(each))));
	}

	/**
	 * The number of the first switch that happened when this message, or a later one, was
	 * the last; empty if there is none.
	 */
	public Mono<Long> firstFrom(long sessionDbId, long seq) {
		return this.database.find(this.switches.firstFrom(sessionDbId, seq));
	}

}
