package dev.agentsessions.database.migration;

import java.util.List;

import liquibase.change.Change;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.database.core.PostgresDatabase;
import liquibase.exception.DatabaseException;
import liquibase.exception.LiquibaseException;
import liquibase.sql.visitor.SqlVisitor;

/**
 * PostgreSQL, where a change of the tables and the note in <code>databasechangelog</code>
 * that it was made are one transaction. Liquibase commits the change and then writes the
 * note: killed in between, it would make the change a second time and fail at every start
 * from then on. Here the first of the two commits is left out, and the second one is for
 * both. A change with <code>runInTransaction:false</code> is not helped by this: it has
 * to be written so that it can be run again. Liquibase finds this class by
 * <code>META-INF/services</code>.
 */
public final class AtomicChanges extends PostgresDatabase {

	/** Whether there is a change that waits to be noted. */
	private boolean changed;

	@Override
	public int getPriority() {
		return PRIORITY_DATABASE;
	}

	@Override
	public void executeStatements(Change change, DatabaseChangeLog changeLog, List<SqlVisitor> visitors)
			throws LiquibaseException {
		super.executeStatements(change, changeLog, visitors);
		this.changed = !isAutoCommit();
	}

	@Override
	public void commit() throws DatabaseException {
		if (this.changed) {
			this.changed = false;
			return;
		}
		super.commit();
	}

	@Override
	public void rollback() throws DatabaseException {
		this.changed = false;
		super.rollback();
	}

}
