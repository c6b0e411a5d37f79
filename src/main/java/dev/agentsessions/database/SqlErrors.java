package dev.agentsessions.database;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.TimeoutException;

import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.problem.Problems;
import io.r2dbc.spi.R2dbcException;
import org.jspecify.annotations.Nullable;
import reactor.pool.PoolAcquirePendingLimitException;
import reactor.pool.PoolShutdownException;

/**
 * What an error from the database proves.
 */
public final class SqlErrors {

	/** Lost, shut down, never made: the server said nothing about the statement. */
	private static final Set<String> LOST = Set.of("08", "53", "57P", "58", "XX");

	/**
	 * A statement took longer than any may, and was undone: one with less to do may
	 * succeed. Not for what waited too long for a lock or a connection.
	 */
	public static final ProblemException TOO_SLOW = Problems
		.busy("The database was too busy with this session; nothing was done.");

	private static final String STATEMENT_TIME_OUT = "57014";

	/** Out of time waiting for a lock; the second is H2's. */
	private static final Set<String> LOCK_TIME_OUT = Set.of("55P03", "HYT00");

	/** Deadlock and serialization failure: the same again may succeed. */
	private static final Set<String> TRANSIENT = Set.of("40001", "40P01");

	private static final String READ_ONLY = "25006";

	/**
	 * The server does not know a statement that this connection has prepared, or would
	 * answer it in another shape; and the transaction that this has ended. Or it has
	 * become one that takes no writes, such as a standby.
	 */
	private static final Set<String> OUT_OF_STEP = Set.of("26000", "0A000", "25P02", READ_ONLY);

	/** No such table or column; all but the first two are H2's. */
	private static final Set<String> WITHOUT_TABLES = Set.of("42P01", "42703", "42S02", "42S03", "42S04", "42S22");

	private SqlErrors() {
	}

	/**
	 * The error with which the database refused a statement and undid it; null if it
	 * proves nothing of the kind, so that the outcome is unknown.
	 */
	public static @Nullable R2dbcException refusal(Throwable error) {
		for (Throwable cause = error; cause != null; cause = cause.getCause()) {
			if (cause instanceof R2dbcException sql && sql.getSqlState() != null) {
				return LOST.stream().anyMatch(sql.getSqlState()::startsWith) ? null : sql;
			}
		}
		return null;
	}

	public static boolean isTransient(R2dbcException error) {
		return TRANSIENT.contains(String.valueOf(error.getSqlState()));
	}

	/** Whether another connection may do it, and this one not. */
	public static boolean isOutOfStep(R2dbcException error) {
		return OUT_OF_STEP.contains(String.valueOf(error.getSqlState()));
	}

	/** Whether it waited for a lock of somebody else as long as it may. */
	public static boolean isLockTimeout(R2dbcException error) {
		return LOCK_TIME_OUT.contains(String.valueOf(error.getSqlState()));
	}

	/** Whether a unique constraint refused the statement. */
	public static boolean isUniqueViolation(Throwable error) {
		R2dbcException refusal = refusal(error);
		return refusal != null && "23505".equals(refusal.getSqlState());
	}

	/**
	 * Whether tables, or columns of them, are missing: the database was not brought up to
	 * date yet.
	 */
	public static boolean isWithoutTables(Throwable error) {
		R2dbcException refusal = refusal(error);
		return refusal != null && WITHOUT_TABLES.contains(String.valueOf(refusal.getSqlState()));
	}

	/**
	 * What the caller of a refused statement is told; an unexpected refusal stays what it
	 * is.
	 */
	public static Throwable answer(R2dbcException refusal) {
		if (isWithoutTables(refusal)) {
			return Problems.busy("The tables of the database are not there yet, or not up to date; nothing was done.");
		}
		if (READ_ONLY.equals(refusal.getSqlState())) {
			return Problems.busy("The database takes no writes at the moment; nothing was done.");
		}
		if (STATEMENT_TIME_OUT.equals(refusal.getSqlState())) {
			return TOO_SLOW;
		}
		return (isLockTimeout(refusal) || isTransient(refusal))
				? Problems.busy("The database was too busy with this session; nothing was done.") : refusal;
	}

	/**
	 * What the caller of a statement on a pooled connection is told.
	 * @param withoutAnswer for an error that does not say whether the statement was
	 * carried out
	 */
	static Throwable translate(Throwable error, ProblemException withoutAnswer) {
		if (error instanceof ProblemException) {
			return error;
		}
		R2dbcException refusal = refusal(error);
		if (refusal != null) {
			return answer(refusal);
		}
		return isUnavailable(error) ? withoutAnswer : error;
	}

	public static boolean isUnavailable(Throwable error) {
		for (Throwable cause = error; cause != null; cause = cause.getCause()) {
			if (cause instanceof R2dbcException || cause instanceof TimeoutException || cause instanceof IOException
					|| cause instanceof PoolAcquirePendingLimitException || cause instanceof PoolShutdownException) {
				return true;
			}
		}
		return false;
	}

}
