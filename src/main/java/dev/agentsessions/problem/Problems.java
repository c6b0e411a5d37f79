package dev.agentsessions.problem;

import java.util.Collection;
import java.util.List;

/**
 * The problems that belong to no feature: those of HTTP itself, of invalid input, and of
 * a store that is too busy.
 */
public final class Problems {

	private Problems() {
	}

	/**
	 * Input that breaks the contract, with the places where it does.
	 */
	public static ProblemException invalid(List<InvalidInput> errors) {
		String detail = (errors.size() == 1) ? errors.get(0).sentence()
				: errors.size() + " places are wrong, the first: " + errors.get(0).sentence();
		return invalidRequest(detail).with("errors", errors.stream().map(InvalidInput::document).toList()).exception();
	}

	public static ProblemException invalid(InvalidInput error) {
		return invalid(List.of(error));
	}

	/**
	 * A request that is wrong as a whole, so that no single place can be named.
	 */
	public static ProblemException invalid(String detail) {
		return invalidRequest(detail).exception();
	}

	public static Problem invalidRequest(String detail) {
		return Problem.of(400, "invalid-request", "The request is not valid", detail);
	}

	public static ProblemException notFound() {
		return Problem.of(404, "not-found", "There is nothing at this path", "No resource has this path.").exception();
	}

	public static ProblemException methodNotAllowed(String method, Collection<String> allowed) {
		String allow = String.join(", ", allowed);
		return Problem
			.of(405, "method-not-allowed", "The method is not allowed here",
					method + " is not allowed here; allowed: " + allow + ".")
			.header("Allow", allow)
			.exception();
	}

	public static ProblemException notAcceptable(Collection<?> produced) {
		return Problem
			.of(406, "not-acceptable", "No acceptable form of the answer",
					"The Accept header allows none of what this resource answers with: " + produced + ".")
			.exception();
	}

	public static ProblemException unsupportedMediaType(String detail) {
		return Problem.of(415, "unsupported-media-type", "The body has an unsupported media type", detail).exception();
	}

	public static Problem tooLarge(String detail) {
		return Problem.of(413, "too-large", "The request is too large", detail);
	}

	/** What is too large is in one place of the body. */
	public static ProblemException tooLarge(InvalidInput error) {
		return tooLarge(error.sentence() + ".").with("errors", List.of(error.document())).exception();
	}

	/**
	 * Nothing was done: the queue was full, or the database was not reached in time.
	 */
	public static ProblemException busy(String detail) {
		return Problem.of(503, "busy", "The store is busy", detail).retryAfter(1).exception();
	}

	/** Nothing was done: the tenant has as much of it under way as it may have. */
	public static ProblemException tenantBusy(String detail) {
		return Problem.of(429, "tenant-busy", "The tenant is busy", detail).retryAfter(1).exception();
	}

	/**
	 * The answer did not come in time, or the connection broke with the statement under
	 * way: whether it was done is not known.
	 */
	public static ProblemException outcomeUnknown() {
		return Problem
			.of(503, "outcome-unknown", "The outcome is not known",
					"The database did not answer in time; the request may or may not have been carried out."
							+ " Retry with the same Idempotency-Key, or read before you write again.")
			.retryAfter(1)
			.exception();
	}

	/** It is a mistake of the service's. */
	public static Problem internal() {
		return Problem.of(500, "internal-error", "The service failed",
				"An unexpected error; it was logged with the request's id.");
	}

}
