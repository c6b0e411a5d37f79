package dev.agentsessions.tracing;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationFilter;
import io.micrometer.observation.ObservationHandler;

/**
 * Leaves of an error nothing but its class, before it becomes part of a span: what a
 * database says of a row that it refuses is the row.
 */
final class Redaction implements ObservationHandler<Observation.Context>, ObservationFilter {

	@Override
	public boolean supportsContext(Observation.Context context) {
		return true;
	}

	@Override
	public void onError(Observation.Context context) {
		map(context);
	}

	@Override
	public Observation.Context map(Observation.Context context) {
		Throwable error = context.getError();
		if (error != null && !(error instanceof Failure)) {
			context.setError(new Failure(error));
		}
		return context;
	}

	private static final class Failure extends RuntimeException {

		Failure(Throwable error) {
			super(error.getClass().getName(), null, false, false);
		}

	}

}
