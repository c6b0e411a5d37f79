package dev.agentsessions.database.lane;

import java.util.Collections;
import java.util.List;

import io.r2dbc.spi.Result;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Asks nothing of the database but an answer.
 */
enum Ping implements LaneOperation<Boolean, Boolean> {

	INSTANCE;

	@Override
	public Mono<List<Answer<Boolean>>> run(LaneConnection connection, List<Boolean> requests) {
		return Flux.from(connection.connection().createStatement("select 1").execute())
			.concatMap(Result::getRowsUpdated)
			.then(Mono.fromSupplier(() -> Collections.nCopies(requests.size(), Answer.of(true))));
	}

	@Override
	public boolean isRead() {
		return true;
	}

}
